"""The demonstration's pots of money: bonds in batches as the province issues them, grants, loans and the city's own."""

import datetime as dt
from random import Random
from typing import NamedTuple

from accounts.models import Office
from common import tables
from funding.lifecycle import Frequency, RepaymentMethod, SourceKind
from funding.models import Bond, FundingSource, YearPlan
from funding.rules.monitoring import months_after
from portfolio.services.demonstration.materials import DATA

FINANCE = "410700-CZJ"
SETTLED = dt.timedelta(days=45)  # younger issues have not reached the city yet


class Pot(NamedTuple):
    """A source with the bond behind it, if it is one."""

    source: FundingSource
    bond: Bond | None


def draw(count: int, *, today: dt.date, rng: Random) -> list[Pot]:
    """Up to `count` bonds, and grants and loans beside them, the latest of each; nothing younger than is settled."""
    office = Office.objects.get(code=FINANCE)
    bonds = [pot for row in tables.rows(DATA / "batches.csv") for pot in _batch(dict(row), office, rng) if _is_settled(pot.source, today)]
    pots = [pot for row in tables.rows(DATA / "pots.csv") if _is_settled((pot := _plain(dict(row), office)).source, today)]
    return bonds[-count:] + pots[-max(count // 3, 3) :]


def insert(pots: list[Pot]) -> None:
    FundingSource.objects.bulk_create(pot.source for pot in pots)
    Bond.objects.bulk_create(pot.bond for pot in pots if pot.bond)
    YearPlan.objects.bulk_create(
        YearPlan(source=pot.source, year=pot.source.issued_on.year, planned=pot.source.planned) for pot in pots if pot.source.issued_on
    )


def _is_settled(source: FundingSource, today: dt.date) -> bool:
    return source.issued_on is not None and source.issued_on <= today - SETTLED


def _batch(row: dict[str, str], office: Office, rng: Random) -> list[Pot]:
    """The issues of one tender day, numbered on, each with its tenor; since 2025 without a category in the name."""
    tendered_on = dt.date.fromisoformat(row["tendered_on"])
    tenors, rates = row["tenors"].split(";"), row["rates"].split(";")
    categories = row["categories"].split(";") if row["categories"] else [""] * len(tenors)
    return [
        _bond(tendered_on, int(row["first_no"]) + place, int(tenor), rate, category, office, rng)
        for place, (tenor, rate, category) in enumerate(zip(tenors, rates, categories, strict=True))
    ]


def _bond(tendered_on: dt.date, number: int, tenor: int, rate: str, category: str, office: Office, rng: Random) -> Pot:
    year = tendered_on.year
    begins_on = tendered_on + dt.timedelta(days=1)
    is_long = tenor >= 10
    prefix = f"{year}年河南省{category}专项债券——" if category else ""
    source = FundingSource(
        kind=SourceKind.SPECIAL_BOND,
        name=f"{prefix}{year}年河南省政府专项债券（{_chinese(number)}期）",
        document_no=f"新财债〔{year}〕{number}号",
        issued_on=begins_on + dt.timedelta(days=rng.randint(5, 20)),
        office=office,
        is_demonstration=True,
    )
    bond = Bond(
        source=source,
        code=f"{year % 100}{tendered_on:%m}{number:03d}",
        short_name=f"{year % 100}河南债{number}",
        series=f"{_chinese(number)}期",
        series_year=year,
        category_name=category,
        overall_no=str(number),
        batch_no=f"{tendered_on:%Y-%m}",
        tendered_on=tendered_on,
        interest_from_on=begins_on,
        listed_on=begins_on + dt.timedelta(days=3),
        matures_on=months_after(begins_on, tenor * 12),
        tenor_years=tenor,
        rate_percent=rate,
        repayment_method=RepaymentMethod.INSTALMENTS if is_long else RepaymentMethod.AT_MATURITY,
        interest_frequency=Frequency.HALF_YEARLY if is_long else Frequency.YEARLY,
        principal_frequency=Frequency.YEARLY,
        grace_years=tenor // 5 if is_long else 0,
    )
    return Pot(source, bond)


def _plain(row: dict[str, str], office: Office) -> Pot:
    issued_on = dt.date.fromisoformat(row.pop("issued_on"))
    return Pot(FundingSource(**row, issued_on=issued_on, office=office, is_demonstration=True), None)


def _chinese(number: int) -> str:
    """1 to 99 as a Chinese numeral: 六十九."""
    digits = "零一二三四五六七八九"
    tens, ones = divmod(number, 10)
    if not tens:
        return digits[ones]
    return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
