"""The rules of monthly reports, in plain Python: months, sums, and what a month may say beside its neighbours."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

MOST_UNCHANGED = 2  # months in a row that may say "no change"
LONGEST_BACK = 12  # months; what is older is never opened by itself
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOVABLE = ("draft", "returned")
COUNTED = ("submitted", "approved")


@dataclass(frozen=True)
class Month:
    """One report beside others of its project. `invested` in yuan."""

    month: dt.date
    invested: Decimal
    percent: Decimal | None
    state: str
    no_change: bool = False

    @property
    def counts(self) -> bool:
        return self.state in COUNTED


def first_of_month(day: dt.date) -> dt.date:
    return day.replace(day=1)


def months_later(month: dt.date, count: int) -> dt.date:
    """The first day of the month that many after it; a negative count goes back."""
    number = month.year * 12 + month.month - 1 + count
    return dt.date(number // 12, number % 12 + 1, 1)


def closing_on(month: dt.date, *, closing_day: int) -> dt.date:
    """The last day on which a month may be filed: `closing_day` of the month after it, 1 to 28."""
    return months_later(month, 1).replace(day=closing_day)


def total_up_to(others: Iterable[Month], this: Month) -> Decimal:
    """What was invested in the year of `this` up to and with it (本年累计)."""
    return this.invested + sum(
        (m.invested for m in others if m.counts and m.month.year == this.month.year and m.month < this.month), Decimal(0)
    )


def total_of_year(others: Iterable[Month], this: Month) -> Decimal:
    """What was invested in the whole year of `this`, later months too, which a late or corrected report may have."""
    return this.invested + sum(
        (m.invested for m in others if m.counts and m.month.year == this.month.year and m.month != this.month), Decimal(0)
    )


def before(others: Iterable[Month], month: dt.date) -> Month | None:
    """The last report before `month` that counts and says how far the works have come."""
    known = [m for m in others if m.counts and m.percent is not None and m.month < month]
    return max(known, key=lambda m: m.month, default=None)


def after(others: Iterable[Month], month: dt.date) -> Month | None:
    """The first report after `month` that counts and says how far the works have come."""
    known = [m for m in others if m.counts and m.percent is not None and m.month > month]
    return min(known, key=lambda m: m.month, default=None)


def unchanged_around(others: Iterable[Month], month: dt.date) -> list[dt.date]:
    """The months without change that stand in one row with `month`, before and after it, reports that count side by side."""
    counted = sorted((m for m in others if m.counts), key=lambda m: m.month)
    earlier = _run([m for m in reversed(counted) if m.month < month])
    later = _run([m for m in counted if m.month > month])
    return [*reversed(earlier), *later]


def _run(nearest_first: Sequence[Month]) -> list[dt.date]:
    found: list[dt.date] = []
    for one in nearest_first:
        if not one.no_change:
            break
        found.append(one.month)
    return found
