"""The work calendar as questions. Years without one count Monday to Friday; `load_work_days` fills the table."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable

from django.db.models import Max

from common.models import WorkDay


def is_working(day: dt.date) -> bool:
    known = WorkDay.objects.filter(day=day).values_list("is_working", flat=True).first()
    return day.weekday() < 5 if known is None else known


def next_working_day(day: dt.date) -> dt.date:
    """The first working day at or after `day`."""
    found = WorkDay.objects.filter(day__gte=day, is_working=True).order_by("day").values_list("day", flat=True).first()
    if found is not None:
        return found
    while day.weekday() >= 5:
        day += dt.timedelta(days=1)
    return day


def working_days_after(day: dt.date, days: int) -> dt.date:
    """The working day that is `days` working days later: 2 after a Wednesday is Friday, after a Thursday Monday."""
    return next_working_day(last_day_counting(days - 1, today=day) + dt.timedelta(days=1))


def last_day_counting(nth_offset: int, *, today: dt.date) -> dt.date:
    """The last day whose count of working days is at most today's plus `nth_offset`.

    A date due on or before the answer for −7 is at least seven working days past; for +7, at most seven ahead.
    """
    count = WorkDay.objects.filter(day=today).values_list("nth", flat=True).first()
    found = None if count is None else WorkDay.objects.filter(nth__lte=count + nth_offset).aggregate(last=Max("day"))["last"]
    return found or _by_weekends(nth_offset, today=today)


def last_days_counting(nth_offsets: Iterable[int], days: Iterable[dt.date]) -> dict[tuple[int, dt.date], dt.date]:
    """`last_day_counting` of every offset on every day, by one look at the calendar."""
    known = list(WorkDay.objects.order_by("day").values_list("day", "nth"))
    counts, nths = dict(known), [nth for _day, nth in known]
    found = {}
    days = list(days)
    for offset in nth_offsets:
        for day in days:
            place = bisect_right(nths, counts[day] + offset) if day in counts else 0
            found[offset, day] = known[place - 1][0] if place else _by_weekends(offset, today=day)
    return found


def _by_weekends(nth_offset: int, *, today: dt.date) -> dt.date:
    """The same by Monday to Friday, outside the table."""
    day, left, step = today, abs(nth_offset), dt.timedelta(days=1)
    if nth_offset < 0:
        while left:
            left -= day.weekday() < 5
            day -= step
        return day
    while True:
        following = day + step
        if following.weekday() < 5:
            if not left:
                return day
            left -= 1
        day = following
