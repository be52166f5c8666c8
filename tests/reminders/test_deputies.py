"""For some days another person stands in: holds the roles, and is told."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from accounts import selectors as account_selectors
from accounts.errors import DeputyAlready
from accounts.models import Membership, User
from accounts.services import deputies
from common.decisions import is_own
from common.errors import Denied, Missing, RuleBroken, SamePerson
from common.recording import recording
from milestones.models import DateChange, Milestone
from milestones.services import date_changes
from projects.models import Assignment, Project
from reminders.selectors import duties as selectors
from tests import world
from tests.reminders.days import FRIDAY, WEDNESDAY, late_project, moment, sweep_at, told

pytestmark = pytest.mark.django_db


def principal(people: world.People, name: str, day: dt.date = WEDNESDAY) -> account_selectors.Principal:
    return account_selectors.person(people.users[name], today=day)


def delegate(people: world.People, to: str = "reader", *, by: str = "approver", **changes: object) -> list[Membership]:
    given = {"from_on": WEDNESDAY, "until_on": FRIDAY, "reason": "出差"} | changes
    return deputies.delegate(people.users[to].pk, **given, actor=principal(people, by), today=WEDNESDAY)


def test_a_deputy_may_and_hears_what_the_other_may_and_hears_while_it_lasts(people: world.People) -> None:
    late_project(days=1)
    delegate(people)
    assert principal(people, "reader").may("decide", [people.offices["410782"].pk])
    assert not principal(people, "reader", FRIDAY + dt.timedelta(days=1)).may("decide")
    sweep_at(WEDNESDAY)
    assert {who for who, _audience, _days in told()} == {"editor", "approver", "reader"}


def test_a_deputy_hears_what_the_lead_owes_and_sees_the_project(people: world.People) -> None:
    project = late_project(days=1, office="410781", region="410781", sector="water")
    with recording(world.TESTER):
        Assignment.objects.create(project=project, user=people.users["approver"], part="lead")
    assert not Project.objects.visible_to(principal(people, "reader")).exists()
    delegate(people)
    assert Project.objects.visible_to(principal(people, "reader")).exists()
    sweep_at(WEDNESDAY)
    assert {who for who, _audience, _days in told(rung__audience="office")} >= {"approver", "reader"}
    assert selectors.overdue(principal(people, "reader"), today=WEDNESDAY) == 1


def test_a_deputy_does_not_hear_as_the_patron_for_whom_they_stand(people: world.People) -> None:
    """What is lent are roles of an office; to be a leader's eye on a project is not one."""
    project = late_project(days=30)
    with recording(world.TESTER):
        Assignment.objects.create(project=project, user=people.users["approver"], part="patron")
    delegate(people)
    sweep_at(WEDNESDAY)
    assert {who for who, _audience, _days in told(rung__audience="patron")} == {"approver"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"until_on": None}, "until_on"),
        ({"until_on": WEDNESDAY - dt.timedelta(days=1)}, "until_on"),
        ({"until_on": WEDNESDAY + dt.timedelta(days=91)}, "until_on"),
        ({"from_on": WEDNESDAY - dt.timedelta(days=1)}, "from_on"),
        ({"to": "approver"}, "user"),  # oneself
        ({"to": "outsider"}, "user"),  # another county
        ({"by": "finance", "to": "finance_approver"}, "user"),  # money is passed on by the administrator alone
    ],
)
def test_what_may_not_be_delegated(people: world.People, changes: dict, field: str) -> None:
    with pytest.raises(RuleBroken) as refusal:
        delegate(people, **changes)
    assert refusal.value.faults[0].path == (field,)
    assert not Membership.objects.filter(delegated_by__isnull=False).exists()


def test_the_same_person_is_asked_once_for_the_same_days_and_passes_nothing_on(people: world.People) -> None:
    delegate(people)
    with pytest.raises(DeputyAlready):
        delegate(people, from_on=FRIDAY, until_on=FRIDAY + dt.timedelta(days=2))
    (passed,) = delegate(people, "editor", by="reader")
    assert passed.role == "reader"  # what the reader holds himself, not what was lent to him


def test_a_delegation_ends_when_one_says_so(people: world.People) -> None:
    (row,) = delegate(people)
    with pytest.raises(Missing):
        deputies.end(row.pk, actor=principal(people, "editor"), today=WEDNESDAY)
    deputies.end(row.pk, version=row.version, actor=principal(people, "approver"), today=WEDNESDAY + dt.timedelta(days=1))
    row.refresh_from_db()
    assert row.valid_until_on == WEDNESDAY
    (again,) = delegate(people, from_on=FRIDAY)
    deputies.end(again.pk, actor=principal(people, "approver"), today=WEDNESDAY)
    assert not Membership.objects.filter(pk=again.pk).exists()


def test_a_deputy_who_was_not_asked_declines(people: world.People) -> None:
    (row,) = delegate(people)
    assert account_selectors.stood_in_for(people.users["reader"].pk, today=WEDNESDAY) == [("approver先生", FRIDAY)]
    deputies.end(row.pk, actor=principal(people, "reader"), today=WEDNESDAY)
    assert account_selectors.stood_in_for(people.users["reader"].pk, today=WEDNESDAY) == []
    assert account_selectors.declined(principal(people, "approver")) == [("reader先生", FRIDAY)]
    with pytest.raises(Missing):
        deputies.end(row.pk, actor=principal(people, "reader"), today=WEDNESDAY)
    assert not principal(people, "reader").delegators
    delegate(people)  # asked again


def test_above_only_who_works_in_the_office_is_asked_and_no_leader(people: world.People) -> None:
    with recording(world.TESTER):
        leader = User.objects.create(username="leader", name="市长", email="leader@example.invalid", office=people.offices["410700"])
        Membership.objects.create(user=leader, office=people.offices["410700"], role="supervisor")
    actor = principal(people, "approver")
    assert leader not in account_selectors.deputies_for(actor)
    with pytest.raises(RuleBroken):
        deputies.delegate(leader.pk, from_on=WEDNESDAY, until_on=FRIDAY, actor=actor, today=WEDNESDAY)
    with recording(world.TESTER):
        Membership.objects.filter(user=leader).update(role="approver")
    assert leader in account_selectors.deputies_for(actor)


@pytest.mark.parametrize("cause", ["deactivated", "ended", "another role"])
def test_what_was_lent_ends_with_the_lender(people: world.People, cause: str) -> None:
    project = late_project(days=1)
    with recording(world.TESTER):
        Assignment.objects.create(project=project, user=people.users["approver"], part="lead")
    delegate(people)
    own = Membership.objects.filter(user=people.users["approver"], delegated_by=None)
    with recording(world.TESTER):
        if cause == "deactivated":
            User.objects.filter(pk=people.users["approver"].pk).update(is_active=False)
        elif cause == "ended":
            own.update(valid_until_on=WEDNESDAY - dt.timedelta(days=1))
        else:
            own.update(role="editor")
    deputy = principal(people, "reader")
    assert not deputy.may("decide") and not deputy.delegators
    sweep_at(WEDNESDAY)
    assert "reader" not in {who for who, _audience, _days in told()}


def test_a_deputy_does_not_decide_what_the_lender_asked_for(people: world.People) -> None:
    milestone = Milestone.objects.get(project=late_project(days=1), kind="completion")
    to_on = WEDNESDAY + dt.timedelta(days=60)
    decision: dict[str, Any] = {"today": WEDNESDAY, "now": moment(WEDNESDAY)}

    def asked(by: str) -> DateChange:
        return date_changes.ask(milestone.pk, to_on=to_on, reason="汛期停工", actor=principal(people, by), today=WEDNESDAY)

    delegate(people, "editor")
    change = asked("approver")
    with pytest.raises(SamePerson):
        date_changes.approve(change.pk, actor=principal(people, "editor"), **decision)
    after = FRIDAY + dt.timedelta(days=3)
    assert not is_own(change.requested_by_id, principal(people, "editor", after))  # when it is over, two persons
    date_changes.withdraw(change.pk, actor=principal(people, "approver"), now=moment(WEDNESDAY))
    date_changes.approve(asked("editor").pk, actor=principal(people, "approver"), **decision)
    milestone.refresh_from_db()
    assert milestone.due_on == to_on


@pytest.fixture
def above(people: world.People) -> User:
    """Somebody who decides for the whole city."""
    with recording(world.TESTER):
        user = User.objects.create(username="above", name="上级", email="above@example.invalid", office=people.offices["410700"])
        Membership.objects.create(user=user, office=people.offices["410700"], role="approver")
    return user


@pytest.mark.parametrize("other", ["whose office ended", "who stands in for the one who asked"])
def test_a_request_goes_above_where_the_other_approver_may_not_decide(people: world.People, above: User, other: str) -> None:
    ended = WEDNESDAY - dt.timedelta(days=30) if other == "whose office ended" else None
    milestone = Milestone.objects.get(project=late_project(days=1), kind="completion")
    with recording(world.TESTER):
        colleague = User.objects.create(username="colleague", name="同事", email="c@example.invalid", office=people.offices["410782"])
        Membership.objects.create(user=colleague, office=people.offices["410782"], role="approver", valid_until_on=ended)
    if ended is None:
        deputies.delegate(colleague.pk, from_on=WEDNESDAY, until_on=FRIDAY, actor=principal(people, "approver"), today=WEDNESDAY)
    to_on, asked_on = WEDNESDAY + dt.timedelta(days=60), WEDNESDAY - dt.timedelta(days=10)
    date_changes.ask(milestone.pk, to_on=to_on, reason="汛期停工", actor=principal(people, "approver"), today=asked_on)
    sweep_at(WEDNESDAY)
    assert {who for who, _audience, _days in told(subject_kind="date_change")} >= {"above"}
    assert "colleague" not in {who for who, _audience, _days in told(subject_kind="date_change", rung__audience="office")}


def test_a_token_that_only_reads_lends_nothing_and_takes_nothing_back(people: world.People) -> None:
    whole = principal(people, "approver")
    reading = replace(whole, is_cut=True, grants=tuple(replace(grant, acts=grant.acts & {"read"}) for grant in whole.grants))
    days = {"from_on": WEDNESDAY, "until_on": FRIDAY, "today": WEDNESDAY}
    with pytest.raises(Denied, match="权限范围"):
        deputies.delegate(people.users["reader"].pk, actor=reading, **days)
    (row,) = deputies.delegate(people.users["reader"].pk, actor=whole, **days)
    with pytest.raises(Denied):
        deputies.end(row.pk, actor=reading, today=WEDNESDAY)


def test_a_token_that_only_reads_does_not_decline_what_is_to_begin(people: world.People) -> None:
    delegate(people, from_on=FRIDAY)
    (row,) = Membership.objects.filter(delegated_by=people.users["approver"])
    reading = replace(principal(people, "reader"), is_cut=True)
    with pytest.raises(Denied, match="权限范围"):
        deputies.end(row.pk, actor=reading, today=WEDNESDAY)
    deputies.end(row.pk, actor=principal(people, "reader"), today=WEDNESDAY)


def test_what_was_said_for_two_offices_at_once_ends_for_both(people: world.People) -> None:
    with recording(world.TESTER):
        Membership.objects.create(user=people.users["approver"], office=people.offices["410781"], role="editor")
    rows = delegate(people)
    assert len(rows) == 2
    deputies.end_whole(rows[0].pk, version=rows[0].version, actor=principal(people, "reader"), today=WEDNESDAY)
    assert not principal(people, "reader").delegators


def test_the_last_day_of_the_calendar_is_no_accident(people: world.People) -> None:
    with pytest.raises(RuleBroken):
        deputies.delegate(
            people.users["reader"].pk, from_on=WEDNESDAY, until_on=dt.date.max, actor=principal(people, "approver"), today=WEDNESDAY
        )
    last = {"from_on": dt.date.max, "until_on": dt.date.max}
    assert deputies.delegate(people.users["reader"].pk, **last, actor=principal(people, "approver"), today=WEDNESDAY)
