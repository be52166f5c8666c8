"""Days on which the tests of reminders stand, and the two steps of the product at a moment of such a day."""

import datetime as dt
import zoneinfo

from common import clock
from milestones.models import Milestone
from milestones.services import milestones
from projects.models import Project
from reminders.models import Reminder
from reminders.services import deliveries, sweep
from tests import world

CITY = zoneinfo.ZoneInfo("Asia/Shanghai")
WEDNESDAY = dt.date(2026, 3, 18)  # no holiday near; the tests' calendar is empty, so weeks have five days
THURSDAY, FRIDAY, SATURDAY, MONDAY = (WEDNESDAY + dt.timedelta(days=n) for n in (1, 2, 3, 5))
WORKING_HOURS = "working 08:30-18:00"


def moment(day: dt.date, hour: int = 10, minute: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), CITY)


def sweep_at(day: dt.date, hour: int = 10, minute: int = 0) -> int | None:
    return sweep.sweep(now=moment(day, hour, minute))


def deliver_at(day: dt.date, hour: int = 10, minute: int = 0) -> int:
    return deliveries.deliver(clock=lambda: moment(day, hour, minute))


def late_project(days: int = 1, *, today: dt.date = WEDNESDAY, at: str = "construction", **fields: object) -> Project:
    """A project whose completion was due so many days ago."""
    project = world.project(at=at, **fields)  # type: ignore[arg-type]
    world.completion(project, today - dt.timedelta(days=days))
    return project


def another_late(project: Project, name: str, *, due_on: dt.date = WEDNESDAY - dt.timedelta(days=1)) -> Milestone:
    return milestones.create_milestone(
        project.pk, {"name": name, "due_on": due_on, "basis": "approved"}, actor=world.TESTER, today=clock.today()
    )


def told(**filters: object) -> set[tuple[str, str, int]]:
    """(who, audience, working days) of the reminders that stand."""
    rows = Reminder.objects.filter(**filters).values_list("recipient__username", "rung__audience", "rung__days")
    return set(rows)
