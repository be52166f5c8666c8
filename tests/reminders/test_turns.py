"""Whose turn it is to decide: never the one who asked, always somebody who may, and a finding where nobody may."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import Membership, Office, User
from accounts.selectors import person
from accounts.services import deputies
from common import clock
from common.recording import recording
from milestones.models import DateChange, Milestone
from milestones.services import date_changes
from projects.models import Assignment, Project
from reminders.selectors import duties, findings
from reminders.selectors.turns import Turn, turns
from tests import world
from tests.reminders.days import FRIDAY, WEDNESDAY, deliver_at, late_project, sweep_at, told

pytestmark = pytest.mark.django_db

LONG_BEFORE = WEDNESDAY - dt.timedelta(days=10)
CITY_OFFICE = "市重点项目服务中心"


def asked(people: world.People, *, by: str, on: dt.date = LONG_BEFORE) -> DateChange:
    milestone = Milestone.objects.get(project=late_project(days=1, today=on), kind="completion")
    return date_changes.ask(milestone.pk, to_on=on + dt.timedelta(days=60), reason="汛期停工", actor=people.principal(by), today=on)


def turn(change: DateChange, *, today: dt.date = WEDNESDAY) -> Turn:
    return turns("date_change", [change.pk], today=today)[change.pk]


def newcomer(people: world.People, name: str, office: str, *, role: str = "approver", email: str | None = None) -> User:
    email = f"{name}@example.invalid" if email is None else email
    with recording(world.TESTER):
        user = User.objects.create(username=name, name=name, email=email, office=people.offices[office])
        Membership.objects.create(user=user, office=people.offices[office], role=role)
    people.users[name] = user
    return user


def gone(*roles: str) -> None:
    with recording(world.TESTER):
        Membership.objects.filter(role__in=roles).delete()


def owed(people: world.People, name: str, *, today: dt.date | None = None) -> set[str]:
    actor = person(people.users[name], today=today or clock.today())
    return {duty.kind for duty in duties.duties(actor, today=today or clock.today(), limit=9)}


def heard(*audiences: str) -> set[str]:
    wanted = audiences or ("filer", "office")
    return {who for who, audience, _days in told(subject_kind="date_change") if audience in wanted}


def found(people: world.People) -> set[tuple[str, str, str]]:
    codes = {"nobody_decides", "admin_decides"}
    rows = findings.findings(people.principal("supervisor"), today=WEDNESDAY)
    return {(row.code, row.level, row.subject["name"]) for row in rows if row.code in codes}


def test_an_approver_of_the_office_decides_what_the_editor_asked(people: world.People) -> None:
    assert turn(asked(people, by="editor")) == Turn("辉县市人民政府", ("approver先生",))
    assert found(people) == set()


def test_what_one_asked_is_not_ones_own_duty_but_a_colleagues(people: world.People) -> None:
    newcomer(people, "colleague", "410782")
    change = asked(people, by="approver", on=clock.today())
    assert "date_change" not in owed(people, "approver")
    assert "date_change" in owed(people, "colleague")
    assert turn(change, today=clock.today()).people == ("colleague",)


def test_who_asked_is_not_reminded_to_decide_it(people: world.People) -> None:
    newcomer(people, "colleague", "410782")
    asked(people, by="approver")
    sweep_at(WEDNESDAY)
    assert heard() == {"colleague"}


def test_the_lead_of_a_project_is_not_reminded_to_decide_what_is_asked_for_it(people: world.People) -> None:
    change = asked(people, by="editor")
    with recording(world.TESTER):
        Assignment.objects.create(project=change.project, user=people.users["reader"], part="lead")
    sweep_at(WEDNESDAY)
    assert heard() == {"approver"}


def test_an_approver_of_the_authority_decides_where_the_branch_has_nobody(people: world.People) -> None:
    newcomer(people, "chief", "410700-JTJ")
    change = asked(people, by="approver")
    assert turn(change) == Turn("市交通运输局", ("chief",))
    assert "date_change" in owed(people, "chief", today=WEDNESDAY)
    assert found(people) == set()
    sweep_at(WEDNESDAY)
    assert heard() == {"chief"}


def test_the_authority_owes_nothing_where_the_branch_has_somebody(people: world.People) -> None:
    newcomer(people, "chief", "410700-JTJ")
    asked(people, by="editor")
    assert "date_change" not in owed(people, "chief", today=WEDNESDAY)
    assert "date_change" in owed(people, "approver", today=WEDNESDAY)


@pytest.mark.parametrize("seat", ["410700-ZDB", "410700-CZJ"])
def test_where_nobody_of_both_branches_may_decide_an_administrator_does_wherever_they_sit(people: world.People, seat: str) -> None:
    with recording(world.TESTER):
        Membership.objects.filter(role="admin").update(office=people.offices[seat])
    change = asked(people, by="approver")
    assert turn(change) == Turn(people.offices[seat].name, ("admin先生",))
    assert "date_change" in owed(people, "admin", today=WEDNESDAY)
    assert found(people) == {("admin_decides", "warn", "辉县市人民政府")}
    sweep_at(WEDNESDAY)
    assert "admin" in heard()


def test_whoever_may_decide_is_asked_to_decide_and_not_to_see_to_it(people: world.People, sink: Any) -> None:
    """It did not fall to them: it is theirs, and their message leads to the row with the buttons."""
    newcomer(people, "above", "410700")
    asked(people, by="approver")
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    body = sink.to("above")[0].get_body(("plain",)).get_content()
    assert "请办：请审批：同意，或写明原因退回。" in body and "/my/?open=date_change-" in body and "无人可办" not in body


def test_where_an_administrator_decides_supervision_sees_to_it(people: world.People, sink: Any) -> None:
    asked(people, by="approver")
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    admin, supervisor = (sink.to(name)[0].get_body(("plain",)).get_content() for name in ("admin", "supervisor"))
    assert "无人可办" not in admin and "/my/?open=date_change-" in admin
    assert "辉县市人民政府无人可办，故送您：请督促" in supervisor


def test_an_administrator_leaves_to_approvers_what_they_may_decide(people: world.People) -> None:
    newcomer(people, "above", "410700")
    newcomer(people, "near", "410782", role="admin")
    change = asked(people, by="approver")
    assert turn(change) == Turn("新乡市人民政府", ("above",))
    sweep_at(WEDNESDAY)
    assert heard() == {"above"}
    assert "date_change" not in owed(people, "near", today=WEDNESDAY) | owed(people, "admin", today=WEDNESDAY)


def test_an_approver_of_the_city_office_is_not_asked_of_what_is_out_of_reach(people: world.People) -> None:
    newcomer(people, "cityman", "410700-ZDB")
    change = asked(people, by="approver")
    assert turn(change).people == ("admin先生",)
    assert "date_change" not in owed(people, "cityman", today=WEDNESDAY)
    assert not Project.objects.visible_to(person(people.users["cityman"], today=WEDNESDAY)).exists()
    rounds = [sweep_at(WEDNESDAY, 10, minute) for minute in (0, 2, 4)]
    deliver_at(WEDNESDAY, 10, 5)
    assert rounds[0] and rounds[1:] == [0, 0] and sweep_at(WEDNESDAY, 10, 6) == 0
    assert "cityman" not in heard("filer", "office", "authority", "patron")


def test_where_nobody_at_all_may_decide_the_city_office_hears_and_it_is_a_finding(people: world.People) -> None:
    gone("admin", "approver")
    change = asked(people, by="editor")
    assert turn(change) == Turn(CITY_OFFICE, ())
    assert found(people) == {("nobody_decides", "error", "辉县市人民政府")}
    sweep_at(WEDNESDAY)
    assert heard("office") == {"supervisor"}


def test_who_cannot_be_reached_is_stood_in_for_by_somebody_else_who_may(people: world.People) -> None:
    newcomer(people, "mute", "410782", email="")
    asked(people, by="approver", on=WEDNESDAY - dt.timedelta(days=60))
    sweep_at(WEDNESDAY)
    assert heard("office") == {"admin", "supervisor"}


def test_no_rung_of_a_superior_is_lost_where_only_the_maker_would_hear_it(people: world.People) -> None:
    gone("editor")
    newcomer(people, "chief", "410700-JTJ")
    asked(people, by="chief", on=WEDNESDAY - dt.timedelta(days=60))
    sweep_at(WEDNESDAY)
    assert heard("authority") == {"supervisor"}


def test_the_patron_who_asked_is_not_told_as_patron(people: world.People) -> None:
    newcomer(people, "colleague", "410782")
    change = asked(people, by="approver", on=WEDNESDAY - dt.timedelta(days=60))
    with recording(world.TESTER):
        Assignment.objects.create(project=change.project, user=people.users["approver"], part="patron")
    sweep_at(WEDNESDAY)
    assert "approver" not in heard("filer", "office", "authority", "patron")
    assert heard("patron") == {"supervisor"}


def test_without_a_city_office_the_office_itself_is_named(people: world.People) -> None:
    gone("admin", "approver", "supervisor", "auditor")
    change = asked(people, by="editor")
    with recording(world.TESTER):
        User.objects.filter(office=people.offices["410700-ZDB"]).update(office=None)
        Office.objects.filter(kind="city_office").update(kind="bureau")
    assert turn(change) == Turn("辉县市人民政府", ())


@pytest.mark.parametrize("is_in_office", [True, False])
def test_who_stands_in_is_barred_as_long_as_the_lender_is_in_office(people: world.People, is_in_office: bool) -> None:
    newcomer(people, "colleague", "410782")
    change = asked(people, by="approver")
    lender = person(people.users["approver"], today=WEDNESDAY)
    deputies.delegate(people.users["colleague"].pk, from_on=WEDNESDAY, until_on=FRIDAY, actor=lender, today=WEDNESDAY)
    if not is_in_office:
        with recording(world.TESTER):
            User.objects.filter(username="approver").update(is_active=False)
    deputy = person(people.users["colleague"], today=WEDNESDAY)
    assert turn(change).people == (("admin先生",) if is_in_office else ("colleague",))
    assert (people.users["approver"].pk in deputy.delegators) is is_in_office
    assert ("date_change" in owed(people, "colleague", today=WEDNESDAY)) is not is_in_office


def test_what_an_administrator_decided_counts_as_done_by_them(people: world.People) -> None:
    change = asked(people, by="approver", on=clock.today())
    before = duties.tally(people.principal("admin"), today=clock.today()).done
    date_changes.reject(change.pk, note="不同意", actor=people.principal("admin"), now=clock.now())
    assert duties.tally(people.principal("admin"), today=clock.today()).done == before + 1


def test_a_decided_request_is_nobodys_turn(people: world.People) -> None:
    change = asked(people, by="editor")
    date_changes.reject(change.pk, note="不同意", actor=people.principal("approver"), now=clock.now())
    assert turns("date_change", [change.pk], today=WEDNESDAY) == {}
