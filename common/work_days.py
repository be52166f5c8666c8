"""Fills the work calendar: official years by the State Council's notices, the two after them by weekends."""

import datetime as dt

import chinese_calendar
from chinese_calendar.constants import holidays

from common.actors import Actor
from common.models import WorkDay
from common.recording import recording

FIRST_YEAR = 2024  # the work report's year and the one before it
GUESSED_YEARS = 2


def load(*, actor: Actor) -> int:
    """Write the days that are new or were published since; return how many rows changed.

    A day marked as official is never touched, whoever marked it; only its count may move.
    """
    known = {row.day: row for row in WorkDay.objects.all()}
    fresh: list[WorkDay] = []
    changed: list[WorkDay] = []
    nth = 0
    for day, is_working, is_official in _days(max(holidays).year):
        row = known.get(day)
        if row is not None and (row.is_official or not is_official):
            is_working, is_official = row.is_working, row.is_official
        nth += is_working
        if row is None:
            fresh.append(WorkDay(day=day, is_working=is_working, is_official=is_official, nth=nth))
        elif (row.is_working, row.is_official, row.nth) != (is_working, is_official, nth):
            row.is_working, row.is_official, row.nth = is_working, is_official, nth
            changed.append(row)
    with recording(actor):
        WorkDay.objects.bulk_create(fresh)
        WorkDay.objects.bulk_update(changed, ["is_working", "is_official", "nth"], batch_size=1000)
    return len(fresh) + len(changed)


def _days(last_official: int) -> list[tuple[dt.date, bool, bool]]:
    """Every day from the first year on: is it a working day, and does a notice say so?"""
    first = dt.date(FIRST_YEAR, 1, 1)
    count = (dt.date(last_official + GUESSED_YEARS, 12, 31) - first).days + 1
    days = [first + dt.timedelta(days=number) for number in range(count)]
    return [(day, chinese_calendar.is_workday(day), True) if day.year <= last_official else (day, day.weekday() < 5, False) for day in days]
