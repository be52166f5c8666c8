"""Golden geometry: numbers in, percent out."""

import datetime as dt

import pytest

from portal import charts
from portal.charts import Box, Column, Line, Mark, Path, Series, Steps, Stock, Stream, Window, Word

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


def test_the_parts_of_a_bar_fill_it_and_nothing_is_not_drawn() -> None:
    found = charts.split([("green", 50), ("val", 0), ("pale", 25), ("track", 25)])
    assert found == (Box("green", 0, 0, 49.7, 14), Box("pale", 50, 0, 24.7, 14), Box("track", 75, 0, 24.7, 14))
    assert charts.split([("green", 0)]) == ()


def test_a_plot_begins_at_zero_and_names_its_lines_at_their_ends() -> None:
    found = charts.plot(
        [Series("plan", "应达", [0, 50, 100]), Series("fact", "支出", [0, 25, None])],
        top=100,
        step=50,
        labels=["1月", "2月", "3月"],
        unit="%",
    )
    assert found.paths == (
        Path("grid", "M0 100H100"), Path("grid", "M0 50H100"), Path("grid", "M0 0H100"),
        Path("p-plan", "M16.67 100L50 50L83.33 0"), Path("p-fact", "M16.67 100L50 75"), Path("dot", "M50 75h0"),
    )  # fmt: skip
    assert found.words == (
        Word("0", 0, 89.0, dy=-3), Word("50", 0, 46.0, dy=-3), Word("100%", 0, 3.0, dy=-3),
        Word("应达", 83.33, 3.0, "k-plan", "end", 4, -8), Word("支出", 50.0, 67.5, "k-fact", "start", 4, 18),
        Word("1月", 16.67, 99, anchor="middle"), Word("2月", 50.0, 99, anchor="middle"), Word("3月", 83.33, 99, anchor="middle"),
    )  # fmt: skip


def test_crowded_labels_are_thinned() -> None:
    found = charts.plot([Series("fact", "", [1.0] * 30)], top=1, step=1, labels=[str(n) for n in range(30)], most=6)
    assert [word.text for word in found.words if word.y == 99] == ["0", "5", "10", "15", "20", "25"]


def test_columns_stand_on_zero_and_on_one_another() -> None:
    found = charts.columns(
        [Column("2026", "3", [("col-fact", 2), ("col-due", 1)]), Column("2027", "6", [("col-fact", 6)]), Column("2028", "", [])], 6
    )
    assert found.boxes == (
        Box("col-fact", 4.0, 60.67, 25.33, 25.33), Box("col-due", 4.0, 48.0, 25.33, 12.67), Box("col-fact", 37.33, 10.0, 25.33, 76.0),
    )  # fmt: skip
    assert [(word.text, word.x, word.y) for word in found.words] == [
        ("3", 16.67, 45.0), ("2026", 16.67, 98), ("6", 50.0, 7.0), ("2027", 50.0, 98), ("2028", 83.33, 98),
    ]  # fmt: skip


def test_many_columns_are_labelled_now_and_then_and_bear_no_numbers() -> None:
    found = charts.columns([Column(str(year), "9", [("col-fact", 9)]) for year in range(2026, 2056)], 9)
    assert len(found.boxes) == 30
    assert [word.text for word in found.words] == [str(year) for year in range(2026, 2056, 3)]


def test_a_flow_keeps_the_thickness_of_what_flows() -> None:
    found = charts.flow(
        [
            [Stock("bond", "专项债券", 60, "60.00"), Stock("loan", "贷款", 40)],
            [Stock("given", "已分配", 100)],
            [Stock("paid", "支付", 30, kind="paid")],
        ],
        [Stream("bond", "given", 60), Stream("loan", "given", 40), Stream("given", "paid", 30, "paid"), Stream("given", "gone", 5)],
    )
    assert found.boxes == (
        Box("", 0.0, 0.0, 1, 55.8), Box("", 0.0, 62.8, 1, 37.2), Box("", 49.5, 3.5, 1, 93.0), Box("paid", 99.0, 36.05, 1, 27.9),
    )  # fmt: skip
    assert found.paths == (
        Path("", "M0 0.00C25 0.00 25 3.50 50 3.50V59.30C25 59.30 25 55.80 0 55.80z"),
        Path("", "M0 62.80C25 62.80 25 59.30 50 59.30V96.50C25 96.50 25 100.00 0 100.00z"),
        Path("paid", "M50 3.50C75 3.50 75 36.05 100 36.05V63.95C75 63.95 75 31.40 50 31.40z"),
    )
    assert found.words[0] == Word("专项债券", 0.0, 27.9, "", "start", 10, 4, "60.00")
    assert [(word.kind, word.anchor, word.dx) for word in found.words[2:]] == [("mid", "start", 10), ("", "end", -10)]


def test_a_flow_of_nothing_draws_nothing() -> None:
    assert charts.flow([[Stock("a", "a", 0)], [Stock("b", "b", 0)]], [Stream("a", "b", 0)]) == charts.Drawing()


def test_steps_hold_until_the_next_one_and_break_where_no_date_stood() -> None:
    due = Steps("fact", "应完成", [(D(2025, 1, 1), D(2025, 4, 1)), (D(2025, 3, 2), D(2025, 7, 1))])
    fore = Steps("fore", "预测", [(D(2025, 1, 1), None), (D(2025, 2, 10), D(2025, 7, 1)), (D(2025, 3, 2), None)])
    found = charts.steps([due, fore], until=D(2025, 4, 11))
    lines = {path.kind: path.d for path in found.paths if path.kind != "grid"}
    assert lines == {"p-fact": "M0 100H60V50.27H100", "p-fore": "M40 50.27H60"}
    assert [path.d for path in found.paths if path.kind == "grid"] == ["M0 100H100", "M0 50.27H100"]
    assert [word.text for word in found.words] == ["2025-04", "2025-07", "应完成", "2025-01-01", "2025-04-11"]


def test_words_of_steps_that_end_together_stand_one_above_the_other() -> None:
    ends = [Steps(kind, kind, [(D(2025, 1, 1), D(2025, 5, 1))]) for kind in ("plan", "fact")]
    first, second = [word for word in charts.steps(ends, until=D(2025, 1, 1)).words if word.kind]
    assert (first.y, first.dy - second.dy) == (second.y, 15)


@pytest.mark.parametrize("slip", [D(1900, 1, 1), D(2206, 12, 31), D(9999, 12, 31)])
def test_a_slip_of_the_pen_neither_breaks_an_axis_nor_stretches_it(slip: dt.date) -> None:
    assert charts.whole([slip, D(2026, 3, 1)], TODAY) == Window(D(2025, 1, 1), D(2027, 1, 1))
    edge = lane(slip, slip)
    assert slip in (edge.before, edge.after)
    drawn = charts.steps([Steps("fact", "应完成", [(D(2025, 1, 10), slip), (D(2025, 3, 1), D(2026, 3, 1))])], until=TODAY)
    assert [path.d for path in drawn.paths if path.kind == "p-fact"] == [f"M0 {0 if slip > TODAY else 100}H19.46V60.93H100"]
    assert charts.steps([Steps("fact", "应完成", [(D(2025, 1, 10), slip)])], until=TODAY).paths
