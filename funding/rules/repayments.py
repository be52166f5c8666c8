"""When a bond's principal and interest fall due, and how much. Plain Python; amounts are yuan, exact to the fen."""

import datetime as dt
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from typing import NamedTuple

from funding.rules.monitoring import OutsideTheCalendar, months_after

FEN = Decimal("0.01")
NOTHING = Decimal("0.00")
LONGEST_TENOR = 50  # years; the longest bonds there are


class ImpossibleTerms(ValueError):
    """The bond matures before it begins, or its days leave the calendar."""


class RepaidTooMuch(ValueError):
    """More was repaid than is borrowed."""


class NoSuchInstalment(ValueError):
    """What was paid has a number or a day that the terms do not have."""


class NoDayLeft(ValueError):
    """All days are paid, and principal is left."""


@dataclass(frozen=True)
class Terms:
    """What was agreed of a bond, as far as repayment asks.

    principal: yuan. rate_percent: a year, four decimals. interest_months, principal_months: 6 or 12, the time between two payments.
    grace_years: the years at the beginning in which no principal falls due; the day that ends them is still theirs.
    """

    principal: Decimal
    rate_percent: Decimal
    interest_from_on: dt.date
    matures_on: dt.date
    is_by_instalments: bool
    interest_months: int
    principal_months: int
    grace_years: int = 0


class Instalment(NamedTuple):
    """What falls due on one day. `number` counts from 1 in the order of the days."""

    number: int
    due_on: dt.date
    principal: Decimal
    interest: Decimal


def schedule(terms: Terms, *, kept: Sequence[Instalment] = ()) -> list[Instalment]:
    """Every instalment of a bond, by due date; nothing when there is no principal.

    Dates: every `interest_months` (and, by instalments, every `principal_months`) after the first day, each counted from that day,
    so that a clamped 28 February does not shift what follows; the last one is `matures_on`, whatever came before. A day on which
    only principal falls due has no interest: that waits for the next interest day.

    Principal: at maturity, or in equal instalments after the grace years. Each is cut to the fen (ROUND_DOWN) and the last takes
    the rest. Rounded up, many small instalments would together pass the principal and leave less than nothing for the last.

    Interest of a period: outstanding principal × rate ÷ 100 × months ÷ 12, to the fen half up, rounded once a period, with what was
    repaid inside the period counted until its day only. When the whole periods do not end on `matures_on`, the last is a broken
    one: outstanding principal × rate ÷ 100 × actual days ÷ 365 (in leap years too), from the last interest day to maturity.

    `kept` are the instalments already paid. Each stands as it is under its number. Where they differ from the plan (the issue was
    raised since, say) what they leave of the principal is spread over the other principal days; else the plan stands to the fen.

    Raises ImpossibleTerms when the bond matures before it begins, NoSuchInstalment when a kept instalment has a number or day the terms
    do not have, RepaidTooMuch when the kept ones repay more than was borrowed, NoDayLeft when all days are kept and do not repay all.
    """
    if terms.matures_on <= terms.interest_from_on:
        raise ImpossibleTerms(f"matures on {terms.matures_on}, not after {terms.interest_from_on}")
    paid = {row.number: row for row in kept}
    repaid = sum(row.principal for row in paid.values())
    if repaid > terms.principal:
        raise RepaidTooMuch(f"repaid {repaid - terms.principal} more than was borrowed")
    if terms.principal == 0:
        return sorted(paid.values())
    try:
        days = _days(terms)
    except OutsideTheCalendar as error:
        raise ImpossibleTerms(str(error)) from error
    return list(_rows(terms, days, paid))


def does_tenor_fit(interest_from_on: dt.date, matures_on: dt.date, tenor_years: int) -> bool:
    """Maturity lies at most a year off the end of the tenor; what leaves the calendar never does."""
    try:
        earliest, latest = (months_after(interest_from_on, 12 * (tenor_years + years)) for years in (-1, 1))
    except OutsideTheCalendar:
        return False
    return earliest <= matures_on <= latest


class _Day(NamedTuple):
    """A day on which something falls due; `years` is the time since the day before it, as interest counts it."""

    due_on: dt.date
    pays_interest: bool
    pays_principal: bool
    years: Fraction


def _rows(terms: Terms, days: Sequence[_Day], paid: Mapping[int, Instalment]) -> Iterator[Instalment]:
    dates = {number: day.due_on for number, day in enumerate(days, 1)}
    for row in paid.values():
        if dates.get(row.number) != row.due_on:
            raise NoSuchInstalment(f"no instalment {row.number} on {row.due_on}")
    principals = _principals(terms, days, paid)
    rate = Fraction(terms.rate_percent) / 100
    outstanding, accrued = Fraction(terms.principal), Fraction(0)
    for number, day in enumerate(days, 1):
        accrued += outstanding * rate * day.years
        row = paid.get(number) or Instalment(
            number,
            day.due_on,
            principals.get(number, NOTHING),
            _to_the_fen(accrued) if day.pays_interest else NOTHING,
        )
        yield row
        outstanding -= Fraction(row.principal)
        if day.pays_interest:
            accrued = Fraction(0)


def _days(terms: Terms) -> list[_Day]:
    """Days are counted in months after the first; maturity ends them."""
    interest = _months(terms, terms.interest_months)
    principal = [months for months in _months(terms, terms.principal_months) if months > 12 * terms.grace_years]
    if not terms.is_by_instalments:
        principal = []
    last_whole = max(interest, default=0)
    end = last_whole + terms.interest_months
    is_broken = months_after(terms.interest_from_on, end) != terms.matures_on

    days: list[_Day] = []
    before, before_on = 0, terms.interest_from_on
    for months in [*sorted({*interest, *principal}), end]:
        due_on = terms.matures_on if months == end else months_after(terms.interest_from_on, months)
        by_days = is_broken and months > last_whole
        years = Fraction((due_on - before_on).days, 365) if by_days else Fraction(months - before, 12)
        days.append(_Day(due_on, months == end or months in interest, months == end or months in principal, years))
        before, before_on = months, due_on
    return days


def _months(terms: Terms, step: int) -> list[int]:
    """The months after the first day, in whole steps, that end before maturity."""
    found: list[int] = []
    while months_after(terms.interest_from_on, step * (len(found) + 1)) < terms.matures_on:
        found.append(step * (len(found) + 1))
    return found


def _principals(terms: Terms, days: Sequence[_Day], paid: Mapping[int, Instalment]) -> dict[int, Decimal]:
    """What each principal day repays, by number: as planned, or spread anew where what was paid is not what was planned."""
    numbers = [number for number, day in enumerate(days, 1) if day.pays_principal]
    planned = dict(zip(numbers, _shares(terms.principal, len(numbers)), strict=True))
    if all(row.principal == planned.get(number, NOTHING) for number, row in paid.items()):
        return planned
    others = [number for number in numbers if number not in paid]
    left = terms.principal - sum(row.principal for row in paid.values())
    return dict(zip(others, _shares(left, len(others)), strict=True))


def _shares(left: Decimal, count: int) -> list[Decimal]:
    """`left` in `count` equal parts, cut to the fen, the last with the rest."""
    if count == 0:
        if left:
            raise NoDayLeft(f"no day is left to repay {left}")
        return []
    share = (left / count).quantize(FEN, ROUND_DOWN)
    return [share] * (count - 1) + [left - share * (count - 1)]


def _to_the_fen(amount: Fraction) -> Decimal:
    """Half up, from the exact value: no rounding came before."""
    return Decimal(math.floor(amount * 100 + Fraction(1, 2))).scaleb(-2)
