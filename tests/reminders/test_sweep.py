"""The sweep raises what has come due, once, for whoever must be told."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership, Office, User
from common import clock
from common.recording import recording
from milestones.models import Milestone
from projects.models import Project
from projects.services import assignments
from reminders.models import Reminder, SweepState
from reminders.services import answers, deliveries, sweep
from tests import world
from tests.reminders.days import WEDNESDAY, another_late, deliver_at, late_project, moment, sweep_at, told

pytestmark = pytest.mark.django_db


def stamped(**filters: Any) -> list[tuple[Any, ...]]:
    return list(Reminder.objects.filter(**filters).order_by("id").values_list("id", "state", "version"))


def test_the_day_after_a_due_date_the_office_is_told_and_nobody_else(people: world.People) -> None:
    late_project(days=1)
    assert sweep_at(WEDNESDAY) == 2
    assert told() == {("editor", "office", 1), ("approver", "office", 1)}


def test_on_the_due_date_itself_nobody_is_late(people: world.People) -> None:
    late_project(days=0)
    sweep_at(WEDNESDAY)
    assert told(rung__kind="after") == set()


def test_ahead_of_a_due_date_those_who_file_get_one_notice(people: world.People) -> None:
    late_project(days=-9)  # seven working days ahead
    sweep_at(WEDNESDAY)
    assert told(state="pending") == {("editor", "filer", 7), ("approver", "filer", 7)}
    assert told(state="superseded") == {("editor", "filer", 15), ("approver", "filer", 15)}


def test_a_date_that_has_passed_gets_no_advance_notice(people: world.People) -> None:
    late_project(days=2)
    sweep_at(WEDNESDAY)
    assert told(rung__kind="before") == set()


def test_a_second_run_inserts_and_changes_nothing(people: world.People) -> None:
    late_project(days=60)
    late_project(days=-3, name="将到期")
    assert sweep_at(WEDNESDAY) > 0
    before = stamped()
    assert sweep_at(WEDNESDAY) == 0
    assert sweep_at(WEDNESDAY, 12) == 0
    assert stamped() == before


def test_an_incremental_sweep_finds_a_milestone_dated_into_the_past(people: world.People) -> None:
    project = world.project(at="construction")
    now = clock.now()
    sweep.sweep(now=now)
    later = now + dt.timedelta(minutes=2)
    if later.date() != now.date():
        pytest.skip("midnight makes the next sweep whole")
    milestone = another_late(project, "补录的节点", due_on=clock.today() - dt.timedelta(days=200))
    sweep.sweep(now=later)
    assert told(subject_id=milestone.pk, rung__audience="patron") == {("supervisor", "patron", 15), ("supervisor", "patron", 30)}


def test_an_incremental_sweep_leaves_alone_what_nobody_touched(people: world.People) -> None:
    """Untouched means older than the margin: the row is aged behind the trigger's back, as the owner of time would."""
    late_project(days=60, today=clock.today())
    now = clock.now() + dt.timedelta(hours=1)
    sweep.sweep(now=now)
    with recording(world.TESTER):
        Reminder.objects.all().delete()
    assert sweep.sweep(now=now + dt.timedelta(minutes=2)) == 0
    assert sweep.sweep(now=now + dt.timedelta(minutes=2) + sweep.OUTAGE + dt.timedelta(seconds=1)) > 0


@pytest.mark.parametrize("is_put_off", [False, True])
def test_who_loses_every_channel_is_stood_in_for_by_the_next_sweep_though_nothing_was_touched(
    people: world.People, is_put_off: bool
) -> None:
    """Found where a message is judged, or where what was put off has none. Only a look at the whole range fills the empty place."""
    late_project(days=6, today=clock.today())  # before any superior
    now = clock.now() + dt.timedelta(hours=1)
    sweep.sweep(now=now)
    if is_put_off:
        put_off(people)
        deliveries.deliver(clock=lambda: now)  # their messages are judged, and nothing is left to say
    with recording(world.TESTER):
        User.objects.filter(username__in=["editor", "approver"]).update(email="")
    deliveries.deliver(clock=lambda: now)
    sweep.sweep(now=now + dt.timedelta(minutes=2))
    assert {who for who, _audience, _days in told(state="pending", rung__audience="office")} == {"supervisor"}


def put_off(people: world.People) -> None:
    for reminder in Reminder.objects.filter(rung__audience="office"):
        actor = people.principal(reminder.recipient.username or "")
        until_on = clock.today() + dt.timedelta(days=3)
        answers.snooze(reminder.pk, until_on=until_on, reason="", actor=actor, today=clock.today())


def test_a_new_day_and_an_outage_make_a_whole_sweep(people: world.People) -> None:
    late_project(days=1)
    sweep_at(WEDNESDAY)
    sweep_at(WEDNESDAY + dt.timedelta(days=8))
    assert SweepState.objects.get().whole_on == WEDNESDAY + dt.timedelta(days=8)
    assert ("bureau", "authority", 7) in told()


def test_an_outage_of_years_loses_no_rung(people: world.People) -> None:
    late_project(days=700)
    sweep_at(WEDNESDAY)
    steps = {(audience, days) for _who, audience, days in told()}
    assert steps == {("office", 1), ("office", 7), ("office", 30), ("authority", 7), ("authority", 30), ("patron", 15), ("patron", 30)}


def test_two_sweeps_at_once_are_one(people: world.People) -> None:
    late_project(days=1)
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [sweep.ONE_AT_A_TIME])
        assert sweep_at(WEDNESDAY) is None
    finally:
        other.close()
    assert told() == set()


def test_an_office_without_people_falls_to_its_parent(people: world.People) -> None:
    late_project(office="410782-JTJ")
    sweep_at(WEDNESDAY)
    assert told() == {("editor", "office", 1), ("approver", "office", 1)}
    assert set(Reminder.objects.values_list("recipient_office__code", flat=True)) == {"410782"}


def test_an_office_and_a_parent_without_people_fall_to_the_city_office(people: world.People) -> None:
    late_project(office="410700-SLJ", sector="water")
    sweep_at(WEDNESDAY)
    assert told() == {("supervisor", "office", 1)}


def test_as_a_last_resort_only_those_in_the_city_office_are_told_who_may_see(people: world.People) -> None:
    late_project(office="410700-SLJ", sector="water")
    with recording(world.TESTER):
        clerk = User.objects.create(name="经办", email="clerk@example.invalid", username="clerk")
        Membership.objects.create(user=clerk, office=Office.objects.get(code="410700-ZDB"), role="editor")
    for hour in (10, 11, 12):
        sweep_at(WEDNESDAY, hour)
        deliver_at(WEDNESDAY, hour)
    assert told() == {("supervisor", "office", 1)}


@pytest.mark.parametrize("lack", [{"email": ""}, {"is_active": False}])
def test_a_person_who_cannot_be_reached_counts_as_nobody(people: world.People, lack: dict[str, Any]) -> None:
    late_project()
    with recording(world.TESTER):
        User.objects.filter(username__in=["editor", "approver"]).update(**lack)
    sweep_at(WEDNESDAY)
    assert told() == {("supervisor", "office", 1)}


def test_a_membership_that_ended_counts_as_none(people: world.People) -> None:
    late_project()
    with recording(world.TESTER):
        Membership.objects.filter(user__username="editor").update(valid_until_on=WEDNESDAY - dt.timedelta(days=1))
    sweep_at(WEDNESDAY)
    assert told() == {("approver", "office", 1)}


def test_a_lead_is_told_ahead_alone_and_afterwards_with_the_office(people: world.People) -> None:
    lead = people.users["reader"]
    for days in (1, -1):
        project = late_project(days=days, name=f"有责任人{days}")
        assignments.assign({"project": project, "user": lead, "part": "lead"}, actor=world.TESTER)
    sweep_at(WEDNESDAY)
    assert told(rung__kind="before", state="pending") == {("reader", "filer", 1)}
    assert told(rung__kind="after") == {(who, "office", 1) for who in ("reader", "editor", "approver")}


def test_a_lead_spares_the_parent_of_an_office_without_people(people: world.People) -> None:
    project = late_project(office="410700-SLJ", sector="water")
    assignments.assign({"project": project, "user": people.users["reader"], "part": "lead"}, actor=world.TESTER)
    sweep_at(WEDNESDAY)
    assert told() == {("reader", "office", 1)}


def test_the_authority_gets_a_copy_after_seven_working_days(people: world.People) -> None:
    late_project(days=9)
    sweep_at(WEDNESDAY)
    assert told(rung__audience="authority") == {("bureau", "authority", 7)}


def test_without_an_authority_the_parent_office_gets_the_copy(people: world.People) -> None:
    project = late_project(days=9, office="410782-JTJ")
    with recording(world.TESTER):
        Project.objects.filter(pk=project.pk).update(authority=None)
        editor = User.objects.create(name="局填报", email="office@example.invalid", username="office")
        Membership.objects.create(user=editor, office=Office.objects.get(code="410782-JTJ"), role="editor")
    sweep_at(WEDNESDAY)
    assert told(rung__audience="office", rung__days=7) == {("office", "office", 7)}
    assert told(rung__audience="authority") == {("editor", "authority", 7), ("approver", "authority", 7)}


def test_a_patron_is_told_and_without_one_the_office_above(people: world.People) -> None:
    with_patron, without = late_project(days=22, name="有包保"), late_project(days=22, name="无包保")
    assignments.assign({"project": with_patron, "user": people.users["reader"], "part": "patron"}, actor=world.TESTER)
    sweep_at(WEDNESDAY)
    assert told(project=with_patron, rung__audience="patron") == {("reader", "patron", 15)}
    assert told(project=without, rung__audience="patron") == {("supervisor", "patron", 15)}


@pytest.mark.parametrize("stage", ["reserve", "suspended", "cancelled"])
def test_where_no_date_presses_nobody_is_told(people: world.People, stage: str) -> None:
    project = late_project(days=60)
    with recording(world.TESTER):
        remembered = "construction" if stage == "suspended" else None
        Project.objects.filter(pk=project.pk).update(stage=stage, stage_before_suspension=remembered)
    assert sweep_at(WEDNESDAY) == 0


def test_dates_before_a_project_speaks_are_silent(people: world.People) -> None:
    project = late_project(days=60)
    with recording(world.TESTER):
        Project.objects.filter(pk=project.pk).update(reminders_from_on=WEDNESDAY)
    assert sweep_at(WEDNESDAY) == 0


@pytest.mark.parametrize(
    ("hour", "due_at"),
    [(7, moment(WEDNESDAY, 8, 30)), (10, moment(WEDNESDAY, 8, 30)), (19, moment(WEDNESDAY + dt.timedelta(days=1), 8, 30))],
)
def test_a_reminder_is_due_at_the_start_of_a_window(people: world.People, settings: Any, hour: int, due_at: dt.datetime) -> None:
    settings.REMINDER_WINDOW = "working 08:30-18:00"
    late_project()
    sweep_at(WEDNESDAY, hour)
    assert set(Reminder.objects.values_list("due_at", flat=True)) == {due_at}


def test_undated_milestones_are_nobodys_duty(people: world.People) -> None:
    world.project(at="construction")
    assert Milestone.objects.filter(due_on=None).count() == 2
    assert sweep_at(WEDNESDAY) == 0
