"""Whose turn it is to decide: never the one who asked, always somebody who may, and a finding where nobody may."""

import datetime as dt

import pytest

from accounts.models import Membership, User
from common import clock
from common.recording import recording
from milestones.models import DateChange, Milestone
from milestones.services import date_changes
from projects.models import Assignment
from reminders.selectors import duties, findings
from reminders.selectors.turns import Turn, turns
from tests import world
from tests.reminders.days import WEDNESDAY, late_project, sweep_at, told

pytestmark = pytest.mark.django_db

LONG_BEFORE = WEDNESDAY - dt.timedelta(days=10)
CITY_OFFICE = "市重点项目服务中心"


def asked(people: world.People, *, by: str, on: dt.date = LONG_BEFORE) -> DateChange:
    milestone = Milestone.objects.get(project=late_project(days=1, today=on), kind="completion")
    return date_changes.ask(milestone.pk, to_on=on + dt.timedelta(days=60), reason="汛期停工", actor=people.principal(by), today=on)


def turn(change: DateChange) -> Turn:
    return turns("date_change", [change.pk], today=WEDNESDAY)[change.pk]


def approver(people: world.People, name: str, office: str) -> User:
    with recording(world.TESTER):
        user = User.objects.create(username=name, name=name, email=f"{name}@example.invalid", office=people.offices[office])
        Membership.objects.create(user=user, office=people.offices[office], role="approver")
    return user


def gone(*roles: str) -> None:
    with recording(world.TESTER):
        Membership.objects.filter(role__in=roles).delete()


def owed(people: world.People, name: str) -> set[str]:
    return {duty.kind for duty in duties.duties(people.principal(name), today=clock.today(), limit=9)}


def found(people: world.People) -> set[tuple[str, str, str]]:
    codes = {"nobody_decides", "admin_decides"}
    rows = findings.findings(people.principal("supervisor"), today=WEDNESDAY)
    return {(row.code, row.level, row.subject["name"]) for row in rows if row.code in codes}


def test_an_approver_of_the_office_decides_what_the_editor_asked(people: world.People) -> None:
    assert turn(asked(people, by="editor")) == Turn("辉县市人民政府", ("approver先生",))
    assert found(people) == set()


def test_what_one_asked_is_not_ones_own_duty_but_a_colleagues(people: world.People) -> None:
    people.users["colleague"] = approver(people, "colleague", "410782")
    change = asked(people, by="approver", on=clock.today())
    assert "date_change" not in owed(people, "approver")
    assert "date_change" in owed(people, "colleague")
    assert turns("date_change", [change.pk], today=clock.today())[change.pk].people == ("colleague",)


def test_who_asked_is_not_reminded_to_decide_it(people: world.People) -> None:
    approver(people, "colleague", "410782")
    asked(people, by="approver")
    sweep_at(WEDNESDAY)
    assert {who for who, audience, _days in told(subject_kind="date_change") if audience in ("filer", "office")} == {"colleague"}


def test_the_lead_of_a_project_is_not_reminded_to_decide_what_is_asked_for_it(people: world.People) -> None:
    change = asked(people, by="editor")
    with recording(world.TESTER):
        Assignment.objects.create(project=change.project, user=people.users["reader"], part="lead")
    sweep_at(WEDNESDAY)
    assert {who for who, audience, _days in told(subject_kind="date_change") if audience in ("filer", "office")} == {"approver"}


def test_where_nobody_of_the_branch_may_decide_the_administrator_of_the_city_office_does(people: world.People) -> None:
    change = asked(people, by="approver", on=clock.today())
    assert turns("date_change", [change.pk], today=clock.today())[change.pk] == Turn(CITY_OFFICE, ("admin先生",))
    assert "date_change" in owed(people, "admin")
    assert found(people) == {("admin_decides", "warn", "辉县市人民政府")}


def test_the_administrator_is_reminded_of_it(people: world.People) -> None:
    asked(people, by="approver")
    sweep_at(WEDNESDAY)
    assert "admin" in {who for who, audience, _days in told(subject_kind="date_change") if audience in ("filer", "office")}


def test_where_nobody_at_all_may_decide_the_city_office_hears_and_it_is_a_finding(people: world.People) -> None:
    gone("admin", "approver")
    change = asked(people, by="editor")
    assert turn(change) == Turn(CITY_OFFICE, ())
    assert found(people) == {("nobody_decides", "error", "辉县市人民政府")}
    sweep_at(WEDNESDAY)
    assert {who for who, _audience, _days in told(subject_kind="date_change", rung__audience="office")} == {"supervisor"}


def test_a_decided_request_is_nobodys_turn(people: world.People) -> None:
    change = asked(people, by="editor")
    date_changes.reject(change.pk, note="不同意", actor=people.principal("approver"), now=clock.now())
    assert turns("date_change", [change.pk], today=WEDNESDAY) == {}
    assert turns("date_change", [], today=WEDNESDAY) == {}
