"""The work calendar knows holidays and make-up days, counts them, and is loaded once."""

import datetime as dt
from itertools import pairwise

import pytest

from common import work_days
from common.actors import system
from common.models import WorkDay
from common.recording import recording
from history.models import Change
from tests.databases import MADE, PLAIN, Databases

pytestmark = pytest.mark.django_db
LOADER = system("load_work_days")


MADE["work_calendar"] = (PLAIN, lambda: work_days.load(actor=LOADER))


@pytest.fixture
def work_calendar(all_databases: Databases, db: None) -> None:
    """The calendar as it is first loaded."""


@pytest.mark.parametrize(
    ("day", "is_working"),
    [
        (dt.date(2025, 10, 1), False),
        (dt.date(2025, 10, 11), True),  # a Saturday that makes up for the National Day holiday
        (dt.date(2025, 10, 12), False),
        (dt.date(2025, 10, 13), True),
    ],
)
def test_holidays_and_make_up_days(work_calendar: None, day: dt.date, is_working: bool) -> None:
    assert WorkDay.objects.get(day=day).is_working is is_working


def test_the_count_rises_by_one_on_working_days_only(work_calendar: None) -> None:
    rows = list(WorkDay.objects.order_by("day"))
    assert [after.nth - before.nth for before, after in pairwise(rows)] == [int(row.is_working) for row in rows[1:]]


def test_the_last_two_years_are_guessed(work_calendar: None) -> None:
    years = WorkDay.objects.filter(is_official=False).dates("day", "year")
    assert len(years) == work_days.GUESSED_YEARS
    assert WorkDay.objects.latest("day").day.year == years[1].year


def test_a_second_run_changes_nothing(work_calendar: None) -> None:
    before = Change.objects.count()
    assert work_days.load(actor=LOADER) == 0
    assert Change.objects.count() == before


def test_a_day_published_since_is_corrected_and_counted_again(work_calendar: None) -> None:
    holiday = dt.date(2025, 10, 1)
    later = WorkDay.objects.get(day=dt.date(2026, 1, 5)).nth
    with recording(LOADER):
        WorkDay.objects.filter(day=holiday).update(is_working=True, is_official=False)
        WorkDay.objects.filter(day__gte=holiday).update(nth=0)
    work_days.load(actor=LOADER)
    assert WorkDay.objects.get(day=holiday).is_working is False
    assert WorkDay.objects.get(day=dt.date(2026, 1, 5)).nth == later


def test_a_day_that_somebody_made_official_stays(work_calendar: None) -> None:
    guessed = WorkDay.objects.filter(is_official=False, is_working=True).earliest("day")
    with recording(LOADER):
        WorkDay.objects.filter(pk=guessed.pk).update(is_working=False, is_official=True)
    work_days.load(actor=LOADER)
    guessed.refresh_from_db()
    assert guessed.is_working is False
