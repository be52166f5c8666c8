"""When a promise is kept. Plain Python."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

# What counts as keeping a promise that has no date of its own: a stage reached.
STARTED = ("construction", "completed", "operation")
PREPARED = ("preparation", *STARTED)


@dataclass(frozen=True)
class Fact:
    """What is known of one project that keeps a promise, on the day asked about."""

    stage: str
    due_on: dt.date | None
    completed_on: dt.date | None
    started_on: dt.date | None


@dataclass(frozen=True)
class Judgement:
    """promised: how many (None where the report gives no number); done: how many did; state: kept, kept_late, broken, open."""

    promised: int | None
    done: int
    state: str


def is_kept(kind: str, fact: Fact) -> bool:
    """Has this project done what the promise says?"""
    if kind == "start":
        return fact.started_on is not None or fact.stage in STARTED
    if kind == "plan":
        return fact.stage in PREPARED
    return fact.completed_on is not None


def judge(*, kind: str, year: int, promised: int | None, facts: Sequence[Fact], today: dt.date) -> Judgement:
    """A promise to complete this year is due on 31 December, or earlier if its milestone is; the others are undated.

    A due date that was moved beyond the year does not move what the report promised. An undated promise is open until it is
    kept: a deadline is never invented. Where no project is known, nothing is judged.
    """
    done = [fact for fact in facts if is_kept(kind, fact)]
    wanted = max(promised or 0, len(facts))
    if facts and len(done) >= wanted:
        late = kind == "complete_this_year" and any(_late(fact, year) for fact in done)
        return Judgement(promised, len(done), "kept_late" if late else "kept")
    passed = kind == "complete_this_year" and any(deadline(year, fact.due_on) < today for fact in facts if not is_kept(kind, fact))
    return Judgement(promised, len(done), "broken" if passed else "open")


def within_year(year: int, due_on: dt.date, today: dt.date) -> str:
    """Can a completion that is due on this day, and has not happened, keep a promise of the year? As codes of state: kept or broken."""
    return "kept" if max(due_on, today) <= dt.date(year, 12, 31) else "broken"


def deadline(year: int, due_on: dt.date | None) -> dt.date:
    """By when a promise to complete within a year is to be kept."""
    return min(due_on or dt.date.max, dt.date(year, 12, 31))


def _late(fact: Fact, year: int) -> bool:
    return fact.completed_on is not None and fact.completed_on > deadline(year, fact.due_on)
