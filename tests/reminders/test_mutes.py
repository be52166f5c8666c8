"""Silence delays, and ends by itself; a long one needs a second person."""

import datetime as dt
import uuid

import pytest

from common.errors import Denied, RuleBroken, SamePerson
from common.recording import recording
from milestones.models import Milestone
from projects.models import Project
from projects.services import projects as project_services
from reminders.errors import MuteOver
from reminders.models import Mute, Reminder
from reminders.services import answers, mutes
from reminders.services.mutes import Scope
from tests import world
from tests.reminders.conftest import Sink
from tests.reminders.days import FRIDAY, MONDAY, THURSDAY, WEDNESDAY, deliver_at, late_project, moment, sweep_at

pytestmark = pytest.mark.django_db


def mute(people: world.People, scope: Scope, until_on: dt.date, *, by: str = "supervisor", on: dt.date = WEDNESDAY) -> Mute:
    return mutes.create(scope, reason="汛期停工", until_on=until_on, actor=people.principal(by), today=on)


def of(project: Project) -> Scope:
    return Scope("project", project.pk)


def test_a_muted_project_is_told_of_once_when_the_silence_ends_and_on_the_highest_rung_only(people: world.People, sink: Sink) -> None:
    mute(people, of(late_project(days=1)), until_on=dt.date(2026, 3, 27))
    for day in (WEDNESDAY, THURSDAY, FRIDAY, MONDAY, dt.date(2026, 3, 26), dt.date(2026, 3, 27)):  # T+7 was passed on the way
        sweep_at(day)
        assert deliver_at(day) == 0
    sweep_at(dt.date(2026, 3, 30))
    assert deliver_at(dt.date(2026, 3, 30)) == 2
    assert set(Reminder.objects.filter(state="sent").values_list("recipient__username", "rung__days")) == {("editor", 7), ("approver", 7)}
    sweep_at(dt.date(2026, 3, 31))
    deliver_at(dt.date(2026, 3, 31))
    assert len(sink.to("editor")) == 1


def test_a_mute_between_bundling_and_sending_holds_the_message_back(people: world.People, sink: Sink) -> None:
    project = late_project(days=1)
    sweep_at(WEDNESDAY)
    mute(people, of(project), until_on=FRIDAY)
    assert deliver_at(WEDNESDAY) == 0
    assert set(Reminder.objects.values_list("state", "delivery")) == {("pending", None)}
    mutes.end(Mute.objects.get().pk, actor=people.principal("supervisor"), now=moment(WEDNESDAY, 11), today=WEDNESDAY)
    sweep_at(WEDNESDAY, 12)
    assert deliver_at(WEDNESDAY, 12) == 2


def test_a_package_silences_its_members_an_office_all_below_and_a_subject_itself_alone(people: world.People, sink: Sink) -> None:
    package = world.project("打包", at="construction", is_package=True)
    member = late_project(name="子项目", package=package)
    below = late_project(name="县局项目", office="410782-JTJ")
    other = late_project(name="外县项目", office="410781", region="410781")
    sweep_at(WEDNESDAY)
    mute(people, of(package), FRIDAY)
    mute(people, Scope("office", people.offices["410782"].pk), FRIDAY)
    assert deliver_at(WEDNESDAY) == 1
    assert set(Reminder.objects.filter(state="sent").values_list("project", flat=True)) == {other.pk}
    for standing in Mute.objects.all():
        mutes.end(standing.pk, actor=people.principal("admin"), now=moment(WEDNESDAY, 11), today=WEDNESDAY)
    subject = Reminder.objects.filter(project=member).values_list("subject_id", flat=True)[0]
    mute(people, Scope("subject", subject, "milestone"), FRIDAY, on=WEDNESDAY)
    sweep_at(WEDNESDAY, 12)
    deliver_at(WEDNESDAY, 12)
    assert set(Reminder.objects.filter(state="sent").values_list("project", flat=True)) == {other.pk, below.pk}


def test_a_muted_office_keeps_its_superiors_quiet_too(people: world.People, sink: Sink) -> None:
    """The superior waits for the office's message, whatever keeps that back."""
    project = late_project(days=12)
    subject = Milestone.objects.get(project=project, kind="completion").pk
    mute(people, Scope("office", people.offices["410782"].pk), FRIDAY)
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        sweep_at(day)
        assert deliver_at(day) == 0
    sweep_at(MONDAY)
    deliver_at(MONDAY)
    assert set(Reminder.objects.filter(subject_id=subject, state="sent").values_list("rung__audience", flat=True)) == {"office"}


def test_more_than_thirty_days_need_a_second_person(people: world.People, sink: Sink) -> None:
    project = late_project(days=1)
    long = mute(people, of(project), WEDNESDAY + dt.timedelta(days=31))
    assert long.state == "requested"
    now = moment(WEDNESDAY)
    with pytest.raises(SamePerson):
        mutes.approve(long.pk, actor=people.principal("supervisor"), now=now, today=WEDNESDAY)
    with pytest.raises(Denied):
        mutes.approve(long.pk, actor=people.principal("approver"), now=now, today=WEDNESDAY)
    sweep_at(WEDNESDAY)
    assert mutes.approve(long.pk, actor=people.principal("admin"), now=now, today=WEDNESDAY).state == "in_force"
    assert deliver_at(WEDNESDAY) == 0
    with pytest.raises(MuteOver):
        mutes.reject(long.pk, note="不必", actor=people.principal("admin"), now=now, today=WEDNESDAY)


def test_short_silences_one_after_another_are_one_long_silence(people: world.People) -> None:
    scope = of(late_project(days=1))
    assert mute(people, scope, WEDNESDAY + dt.timedelta(days=30)).state == "in_force"
    follows = WEDNESDAY + dt.timedelta(days=31)
    assert mute(people, scope, follows + dt.timedelta(days=5), on=follows).state == "requested"
    assert mute(people, scope, follows + dt.timedelta(days=6), on=follows + dt.timedelta(days=5)).state == "in_force"


@pytest.mark.parametrize(("first", "then"), [("project", "office"), ("office", "project"), ("county", "project"), ("project", "subject")])
def test_a_silence_is_not_made_longer_by_a_wider_or_a_narrower_one(people: world.People, first: str, then: str) -> None:
    project = late_project(days=1, office="410782-JTJ")
    sweep_at(WEDNESDAY)
    subject = Reminder.objects.values_list("subject_id", flat=True)[0]
    scopes = {
        "project": of(project), "office": Scope("office", project.office_id), "county": Scope("office", people.offices["410782"].pk),
        "subject": Scope("subject", subject),
    }  # fmt: skip
    assert mute(people, scopes[first], WEDNESDAY + dt.timedelta(days=30)).state == "in_force"
    follows = WEDNESDAY + dt.timedelta(days=31)
    assert mute(people, scopes[then], follows + dt.timedelta(days=5), on=follows).state == "requested"
    assert mute(people, Scope("office", people.offices["410781"].pk), follows + dt.timedelta(days=5), on=follows).state == "in_force"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"until_on": WEDNESDAY - dt.timedelta(days=1)}, "until_on"),
        ({"until_on": WEDNESDAY + dt.timedelta(days=366)}, "until_on"),
        ({"scope": Scope("project", uuid.uuid4())}, "scope"),
    ],
)
def test_a_mute_has_a_scope_a_reason_and_an_end_within_a_year(people: world.People, changes: dict, field: str) -> None:
    given = {"scope": of(late_project()), "reason": "汛期", "until_on": FRIDAY} | changes
    with pytest.raises(RuleBroken) as refusal:
        mutes.create(given.pop("scope"), **given, actor=people.principal("supervisor"), today=WEDNESDAY)
    assert refusal.value.faults[0].path == (field,)
    assert not Mute.objects.exists()


def test_who_acknowledged_and_forecast_hears_the_next_rung_after_the_forecast_has_passed(people: world.People, sink: Sink) -> None:
    project = late_project(days=1)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    milestone = Milestone.objects.get(project=project, kind="completion")
    with_forecast = WEDNESDAY + dt.timedelta(days=20)
    with recording(world.TESTER):
        Milestone.objects.filter(pk=milestone.pk).update(forecast_on=with_forecast)
    next_rung = dt.date(2026, 3, 27)
    for reminder in Reminder.objects.filter(recipient=people.users["editor"]):
        answers.acknowledge(reminder.pk, actor=people.principal("editor"))
    sweep_at(next_rung)
    deliver_at(next_rung)
    assert not Reminder.objects.filter(state="sent", rung__days=7, rung__audience="office").exists()
    assert Reminder.objects.filter(state="sent", rung__days=7, rung__audience="authority").exists()  # the superior's side answered nothing
    after = with_forecast + dt.timedelta(days=3)
    sweep_at(after)
    deliver_at(after)
    assert Reminder.objects.filter(state="sent", recipient=people.users["editor"], rung__audience="office").count() == 1


def test_who_only_acknowledged_hears_the_next_rung(people: world.People, sink: Sink) -> None:
    late_project(days=1)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    for reminder in Reminder.objects.all():
        answers.acknowledge(reminder.pk, actor=people.principal(reminder.recipient.username))
    sweep_at(dt.date(2026, 3, 27))
    deliver_at(dt.date(2026, 3, 27))
    assert Reminder.objects.filter(state="sent", rung__days=7, rung__audience="office").count() == 2


def test_a_project_that_goes_takes_its_mutes_along(people: world.People) -> None:
    project = world.project("储备", at="reserve")
    mute(people, of(project), FRIDAY)
    project_services.delete_project(project.pk, version=None, actor=people.principal("admin"))
    assert not Mute.objects.exists()
