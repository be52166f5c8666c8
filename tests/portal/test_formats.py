"""Numbers, dates and lateness in words."""

import datetime as dt
from decimal import Decimal

import pytest

from portal.templatetags import words as formats

TODAY = dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("amount", "words"),
    [("10584000000", "105.84"), ("293640000000", "2,936.40"), ("0", "0.00"), ("-1740000000", "−17.40"), ("500000", "0.01"), (None, "—")],
)
def test_totals_are_yi_with_two_decimals(amount: str | None, words: str) -> None:
    assert formats.yi(None if amount is None else Decimal(amount)) == words


@pytest.mark.parametrize(
    ("amount", "words"), [("492025000", "49,202.50"), ("1234.56", "0.123456"), ("10000", "1.00"), ("12345678", "1,234.5678"), (None, "—")]
)
def test_plans_are_wan_as_exact_as_entered(amount: str | None, words: str) -> None:
    assert formats.wan(None if amount is None else Decimal(amount)) == words


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [("63", "100", "63.00%"), ("2", "3", "66.67%"), ("3", "2", "150.00%"), ("1", "0", "—"), ("-1", "8", "−12.50%")],
)
def test_rates_have_two_decimals_and_nothing_has_none(part: str, whole: str, words: str) -> None:
    assert formats.percent(Decimal(part), Decimal(whole)) == words


def test_sums_are_rounded_for_the_eye_only_where_rows_say_them_exactly() -> None:
    assert formats.yi_exact(Decimal("940005000")) == "9.4001"
    assert formats.wan_even(Decimal("3603468.75")) == "360.35"
    assert formats.wan_short(Decimal("10105000")) == "1,011"
    assert formats.in_wan("到位 5,450,000.00 元，30 元") == "到位 545.00 万元，30 元"
    assert [formats.points(Decimal(n)) for n in ("29.00", "7.34")] == ["29 点", "7.3 点"]


@pytest.mark.parametrize(
    ("due_on", "words"),
    [
        (dt.date(2026, 2, 20), "逾期 9 天"),
        (dt.date(2023, 3, 1), "逾期 1,096 天"),
        (TODAY, "今天到期"),
        (dt.date(2026, 3, 3), "剩 2 天"),
        (None, "未定日期"),
    ],
)
def test_distance_is_always_in_words(due_on: dt.date | None, words: str) -> None:
    assert formats.distance(due_on, TODAY) == words


@pytest.mark.parametrize(("days", "words"), [(27, "晚于基线 27 天"), (-1, "早于基线 1 天"), (0, "按基线"), (None, "—")])
def test_deviation_is_in_words(days: int | None, words: str) -> None:
    assert formats.slippage(days) == words


def test_instants_are_told_in_shanghai() -> None:
    instant = dt.datetime(2025, 9, 21, 17, 30, tzinfo=dt.UTC)
    assert formats.instant(instant) == "2025-09-22 01:30"
    assert formats.short_instant(instant) == "09-22 01:30"
