"""The dates of a generated project: what was planned, what happened and what is late, as its stage and today demand."""

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from milestones.models import Basis, Kind
from portfolio.services.demonstration.materials import Step
from projects.lifecycle import Stage

REASONS = ["征迁进度滞后", "雨季影响施工", "设计变更待批复", "资金拨付未到位", "主要设备到货延迟", "用地手续办理中", "管控期停工"]
LATENESS = [((1, 10), 40), ((11, 60), 35), ((61, 300), 25)]  # days late, out of a hundred


class Course(NamedTuple):
    """When a project starts by plan, how long it takes, which steps happened and how late they were."""

    starts_on: dt.date
    days: int
    achieved: int
    delay: int


def courses(stage: str, steps: list[Step], days: int, *, late: bool, today: dt.date, rng: Random) -> Course:
    """Draw a course; a late one has a step of yesterday or before that has not happened."""
    if late:
        return _late(stage, steps, days, today, rng)
    return COURSES[stage](steps, days, today, rng)


def milestones(stage: str, steps: list[Step], course: Course, *, late: bool, today: dt.date, rng: Random) -> list[dict[str, Any]]:
    """The columns of every milestone. A project in reserve has no dates yet."""
    rows = []
    previous = dt.date.min
    promises = None if stage == Stage.RESERVE else _slips(late, rng)
    for number, step in enumerate(steps):
        row: dict[str, Any] = {"name": step.name, "kind": step.kind, "position": step.position, "is_key": step.is_key}
        if promises is not None:
            due_on = planned(course, step)
            row |= {"baseline_on": due_on, "due_on": due_on, "basis": Basis.APPROVED if rng.random() < 0.8 else Basis.ESTIMATE}
            if number < course.achieved:
                previous = _achieved(course, step, due_on, previous, today, rng)
                row["achieved_on"] = previous
            elif promises:
                row |= _forecast(due_on, promises, today)
        rows.append(row)
    return rows


def planned(course: Course, step: Step) -> dt.date:
    return course.starts_on + dt.timedelta(days=round(step.share * course.days))


def _slips(late: bool, rng: Random) -> tuple[int, str] | tuple[()]:
    """Whether and by how much the office expects later dates. Many late offices have not said so."""
    return (rng.randint(5, 90), rng.choice(REASONS)) if rng.random() < (0.6 if late else 0.15) else ()


def _forecast(due_on: dt.date, slip: tuple[int, str], today: dt.date) -> dict[str, Any]:
    days, reason = slip
    return {"forecast_on": max(due_on, today) + dt.timedelta(days=days), "forecast_reason": reason}


def _achieved(course: Course, step: Step, due_on: dt.date, previous: dt.date, today: dt.date, rng: Random) -> dt.date:
    slip = rng.randint(-12, 6) + round(course.delay * max(step.share, 0.0))
    return min(max(due_on + dt.timedelta(days=slip), previous), today)


def _late(stage: str, steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    start = _start(steps)
    candidates = range(start + 1, len(steps)) if stage == Stage.CONSTRUCTION else range(start + 1)
    number = rng.choice(candidates)
    (least, most), *_ = rng.choices([span for span, _ in LATENESS], [weight for _, weight in LATENESS])
    due_on = today - dt.timedelta(days=rng.randint(least, most))
    return Course(due_on - dt.timedelta(days=round(steps[number].share * days)), days, number, 0)


def _reserve(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    return Course(today + dt.timedelta(days=rng.randint(180, 700)), days, 0, 0)


def _preparation(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    return _in_time(steps, today + dt.timedelta(days=rng.randint(5, 240)), days, today, at_most=_start(steps))


def _construction(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    elapsed = round(days * rng.uniform(0.1, 0.96))
    return _in_time(steps, today - dt.timedelta(days=elapsed), days, today, at_most=len(steps) - 1)


def _completed(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    return _finished(steps, days, today - dt.timedelta(days=rng.randint(8, 330)), rng)


def _operation(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    return _finished(steps, days, today - dt.timedelta(days=rng.randint(331, 1100)), rng)


def _suspended(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    return _late(Stage.CONSTRUCTION, steps, days, today - dt.timedelta(days=60), rng)


def _cancelled(steps: list[Step], days: int, today: dt.date, rng: Random) -> Course:
    return _late(Stage.PREPARATION, steps, days, today - dt.timedelta(days=120), rng)


def _in_time(steps: list[Step], starts_on: dt.date, days: int, today: dt.date, *, at_most: int) -> Course:
    course = Course(starts_on, days, 0, 0)
    return course._replace(achieved=min(sum(planned(course, step) <= today for step in steps), at_most))


def _finished(steps: list[Step], days: int, finished_on: dt.date, rng: Random) -> Course:
    delay = rng.randint(1, 120) if rng.random() < 0.35 else -rng.randint(0, 20)
    return Course(finished_on - dt.timedelta(days=delay + days), days, len(steps), delay)


def _start(steps: list[Step]) -> int:
    return next(number for number, step in enumerate(steps) if step.kind == Kind.START)


COURSES: dict[str, Callable[[list[Step], int, dt.date, Random], Course]] = {
    Stage.RESERVE: _reserve,
    Stage.PREPARATION: _preparation,
    Stage.CONSTRUCTION: _construction,
    Stage.COMPLETED: _completed,
    Stage.OPERATION: _operation,
    Stage.SUSPENDED: _suspended,
    Stage.CANCELLED: _cancelled,
}
