"""Golden geometry: numbers in, percent out."""

import datetime as dt

import pytest

from portal import charts
from portal.charts import Line, Mark, Window

TODAY = dt.date(2025, 9, 24)
YEAR = Window(dt.date(2025, 1, 1), dt.date(2026, 1, 1))
D = dt.date


def lane(
    baseline: dt.date | None = None, due: dt.date | None = None, forecast: dt.date | None = None, achieved: dt.date | None = None
) -> charts.Lane:
    return charts.lane(baseline=baseline, due=due, forecast=forecast, achieved=achieved, window=YEAR, today=TODAY)


def test_a_late_milestone_is_red_up_to_today_and_dotted_up_to_its_forecast() -> None:
    found = lane(D(2025, 8, 31), D(2025, 9, 15), D(2025, 11, 10))
    assert found.lines == (Line("g-base", 66.3, 70.41), Line("g-late", 70.41, 72.88), Line("g-fore", 72.88, 85.75))
    assert found.marks == (Mark("g-b", 66.3, charts.SQUARE), Mark("g-red", 70.41, charts.DIAMOND), Mark("g-f", 85.75, charts.CIRCLE))
    assert found.now == 72.88


def test_an_achievement_before_the_due_date_is_green() -> None:
    found = lane(D(2025, 6, 30), D(2025, 8, 31), None, D(2025, 8, 20))
    assert [line.kind for line in found.lines] == ["g-base", "g-early"]
    assert [mark.kind for mark in found.marks] == ["g-b", "g-d", "g-ok"]


def test_a_late_achievement_is_amber() -> None:
    found = lane(D(2025, 6, 30), D(2025, 6, 30), None, D(2025, 7, 31))
    assert [line.kind for line in found.lines] == ["g-lateok"]
    assert [mark.kind for mark in found.marks] == ["g-b", "g-d", "g-okl"]


def test_what_lies_outside_the_window_is_named_at_its_edge() -> None:
    assert lane(D(2022, 9, 30), D(2022, 9, 30), None, D(2022, 9, 28)).before == D(2022, 9, 28)
    assert lane(D(2027, 3, 31), D(2027, 3, 31)).after == D(2027, 3, 31)
    still_late = lane(D(2024, 3, 31), D(2024, 3, 31))
    assert still_late.before == D(2024, 3, 31)
    assert still_late.lines == (Line("g-late", 0.0, 72.88),)


def test_an_undated_milestone_draws_nothing_but_today() -> None:
    assert lane() == charts.Lane(now=72.88)


@pytest.mark.parametrize("today", [D(2025, 1, 1), D(2024, 2, 29), D(2025, 12, 31), D(2026, 11, 24)])
def test_windows_hold_today_and_begin_at_a_quarter(today: dt.date) -> None:
    for window in (charts.this_year(today), charts.two_years(today), charts.whole([D(2019, 5, 1), None], today)):
        assert window.has(today)
        assert window.start == charts.quarter(window.start)
        assert 1 <= len(charts.ticks(window)) <= 16


@pytest.mark.parametrize(("value", "top", "width"), [(0, 10, 0.0), (5, 10, 50.0), (20, 10, 100.0), (1, 1000, 1.5), (3, 0, 0.0)])
def test_bars_start_at_nothing_and_show_what_is_there(value: int, top: int, width: float) -> None:
    assert charts.bar(value, top) == width


def test_tiles_are_counted_from_one() -> None:
    assert charts.tile(0, 3) == "m4 r1"
    assert charts.tile(None, 3) == ""
