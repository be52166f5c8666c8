"""What the report promised stays promised: no approved date change moves its year."""

import datetime as dt
import uuid

import pytest

from portfolio.rules import Fact, judge, within_year
from portfolio.selectors.board import Promise

YEAR_END, NEXT_YEAR = dt.date(2025, 12, 31), dt.date(2027, 6, 30)
TODAY = dt.date(2026, 11, 29)


def state(due_on: dt.date | None, *, completed_on: dt.date | None = None, today: dt.date = TODAY) -> str:
    fact = Fact("completed" if completed_on else "construction", due_on, completed_on, None)
    return judge(kind="complete_this_year", year=2025, promised=1, facts=[fact], today=today).state


@pytest.mark.parametrize("due_on", [YEAR_END, NEXT_YEAR, None])
def test_a_promise_of_a_year_is_broken_when_the_year_is_over_wherever_its_date_was_moved(due_on: dt.date | None) -> None:
    assert state(due_on) == "broken"
    assert state(due_on, today=YEAR_END) == "open"
    assert state(due_on, completed_on=dt.date(2026, 3, 1)) == "kept_late"
    assert state(due_on, completed_on=YEAR_END) == "kept"


def test_an_earlier_date_of_its_own_is_what_was_promised() -> None:
    assert state(dt.date(2025, 6, 30), today=dt.date(2025, 7, 1)) == "broken"


@pytest.mark.parametrize(
    ("due_on", "today", "expected"),
    [(YEAR_END, YEAR_END, "kept"), (YEAR_END, dt.date(2026, 1, 1), "broken"), (NEXT_YEAR, dt.date(2025, 3, 1), "broken")],
)
def test_what_has_passed_unachieved_can_no_longer_be_kept(due_on: dt.date, today: dt.date, expected: str) -> None:
    assert within_year(2025, due_on, today) == expected


def promise(completion_due_on: dt.date) -> Promise:
    return Promise(2025, uuid.uuid4(), "三环线", "市交通运输局", "construction", completion_due_on, None, None, TODAY)


def test_the_board_says_how_late_it_is_and_to_when_it_was_moved() -> None:
    moved = promise(NEXT_YEAR)
    assert (moved.lamp, moved.overdue_days, moved.moved_to) == ("red", 333, NEXT_YEAR)
    assert promise(YEAR_END).moved_to is None
