"""Working days are counted with holidays and make-up days, and by weekends beyond the table."""

import datetime as dt

import pytest

from common import calendar
from common.models import WorkDay
from common.recording import recording
from tests.world import TESTER

pytestmark = pytest.mark.django_db
MADE_UP = (dt.date(2025, 9, 28), dt.date(2025, 10, 11))
FREE = [dt.date(2025, 10, n) for n in range(1, 9)]


@pytest.fixture
def table() -> None:
    """Two months as the State Council's notice has them."""
    nth, rows = 0, []
    for number in range(61):
        day = dt.date(2025, 9, 1) + dt.timedelta(days=number)
        works = day in MADE_UP or (day.weekday() < 5 and day not in FREE)
        nth += works
        rows.append(WorkDay(day=day, is_working=works, is_official=True, nth=nth))
    with recording(TESTER):
        WorkDay.objects.bulk_create(rows)


@pytest.mark.parametrize(
    ("today", "offset", "last"),
    [
        (dt.date(2025, 10, 9), -1, dt.date(2025, 10, 8)),  # the first working day after: the holiday counts with the day before it
        (dt.date(2025, 10, 9), -2, dt.date(2025, 9, 29)),
        (dt.date(2025, 10, 9), -4, dt.date(2025, 9, 27)),  # over the Sunday that was a working day
        (dt.date(2025, 10, 13), -1, dt.date(2025, 10, 12)),  # over the Saturday that was one
        (dt.date(2025, 10, 13), -2, dt.date(2025, 10, 10)),
        (dt.date(2025, 9, 30), 1, dt.date(2025, 10, 9)),
        (dt.date(2025, 9, 30), 0, dt.date(2025, 10, 8)),
    ],
)
def test_days_are_counted_with_make_up_days(table: None, today: dt.date, offset: int, last: dt.date) -> None:
    assert calendar.last_day_counting(offset, today=today) == last


def test_make_up_saturday_works_and_the_holiday_does_not(table: None) -> None:
    assert calendar.is_working(dt.date(2025, 10, 11))
    assert not calendar.is_working(dt.date(2025, 10, 1))
    assert calendar.next_working_day(dt.date(2025, 10, 1)) == dt.date(2025, 10, 9)


@pytest.mark.parametrize("today", [dt.date(2035, 3, 16) + dt.timedelta(days=n) for n in range(10)])
@pytest.mark.parametrize("offset", [-30, -7, -1, 0, 1, 7, 15])
def test_beyond_the_table_days_are_counted_by_weekends(today: dt.date, offset: int) -> None:
    def count(day: dt.date) -> int:
        first = dt.date(2034, 1, 1)
        return sum((first + dt.timedelta(days=n)).weekday() < 5 for n in range((day - first).days + 1))

    last = calendar.last_day_counting(offset, today=today)
    assert count(last) <= count(today) + offset < count(last + dt.timedelta(days=1))


def test_beyond_the_table_a_weekend_waits_for_monday() -> None:
    assert calendar.next_working_day(dt.date(2035, 3, 17)) == dt.date(2035, 3, 19)
    assert not calendar.is_working(dt.date(2035, 3, 17))


def test_many_offsets_at_one_look_are_the_same(table: None) -> None:
    days = [dt.date(2025, 8, 30), dt.date(2025, 9, 28), dt.date(2025, 10, 9), dt.date(2025, 11, 3)]
    found = calendar.last_days_counting(range(-30, 31), days)
    assert found == {(n, day): calendar.last_day_counting(n, today=day) for n in range(-30, 31) for day in days}
