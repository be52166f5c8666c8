"""What ends a reminder before it leaves, what brings it back, and what is never told twice."""

import datetime as dt
from typing import Any

import pytest

from milestones.models import Milestone
from milestones.services import milestones
from projects.services import projects
from reminders.models import Reminder
from tests import world
from tests.reminders.days import THURSDAY, WEDNESDAY, deliver_at, late_project, moment, sweep_at, told

pytestmark = pytest.mark.django_db


def end(project: Any) -> Milestone:
    return Milestone.objects.get(project=project, kind="completion")


def achieve(project: Any) -> None:
    milestones.achieve(end(project).pk, on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)


def reopen(project: Any) -> None:
    milestones.reopen(end(project).pk, reason="误报", actor=world.TESTER, today=WEDNESDAY)


def test_of_many_rungs_only_the_highest_is_told(people: world.People) -> None:
    late_project(days=60)
    sweep_at(WEDNESDAY)
    assert told(state="superseded", recipient__username="editor") == {("editor", "office", 1), ("editor", "office", 7)}
    assert told(state="pending", recipient__username="editor") == {("editor", "office", 30)}


def test_who_is_office_and_superior_hears_it_once_as_the_office(people: world.People) -> None:
    late_project(days=60, office="410700-JTJ")
    sweep_at(WEDNESDAY)
    assert told(state="pending", recipient__username="bureau") == {("bureau", "office", 30)}


def test_achieving_cancels_what_waits_in_the_same_transaction(people: world.People) -> None:
    project = late_project(days=60)
    sweep_at(WEDNESDAY)
    achieve(project)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled", "superseded"}
    assert deliver_at(WEDNESDAY) == 0


def test_suspending_a_project_cancels_what_waits(people: world.People) -> None:
    project = late_project(at="preparation")
    sweep_at(WEDNESDAY)
    projects.move_project(project.pk, to="suspended", on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    assert told(state="pending") == set()
    projects.move_project(project.pk, to="preparation", on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    assert sweep_at(WEDNESDAY, 11) == 2


def test_reopened_before_anybody_was_told_is_told(people: world.People, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    keys = set(Reminder.objects.values_list("pk", flat=True))
    achieve(project)
    sweep_at(WEDNESDAY, 11)
    reopen(project)
    assert sweep_at(WEDNESDAY, 12) == 2
    assert set(Reminder.objects.values_list("pk", flat=True)) == keys
    assert deliver_at(WEDNESDAY, 12) == 2


def test_reopened_after_all_were_told_is_silent_until_the_next_rung(people: world.People, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    assert deliver_at(WEDNESDAY) == 2
    achieve(project)
    reopen(project)
    assert sweep_at(THURSDAY) == 0
    assert deliver_at(THURSDAY) == 0
    assert told(state="sent") == {("editor", "office", 1), ("approver", "office", 1)}
    assert sweep_at(WEDNESDAY + dt.timedelta(days=8)) > 0


def test_what_was_sent_stays_sent_when_the_work_is_done(people: world.People, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY, 10)
    achieve(project)
    sweep_at(THURSDAY)
    assert set(Reminder.objects.values_list("state", "sent_at")) == {("sent", moment(WEDNESDAY))}
