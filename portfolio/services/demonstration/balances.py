"""Balance plans (融资平衡方案) of the generated projects that use bonds: most cover their debt well, some do not."""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from funding.lifecycle import BONDS
from funding.models import BalancePlan
from portfolio.services.demonstration.courses import Course

COVERS = {"1.35": 40, "1.60": 30, "2.10": 20, "1.22": 6, "1.05": 3, "6.20": 1}  # cover ratio → how many of a hundred
YEARS = 10
COST, RATE = Decimal("0.18"), Decimal("0.024")
FEN = Decimal("0.01")


def insert(drawn: Sequence[Course], *, rng: Random) -> None:
    """A plan for nine in ten of the projects with bonds: principal in equal years, interest on what is left."""
    raised: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    first: dict[uuid.UUID, int] = {}
    last: dict[uuid.UUID, int] = {}
    for course in drawn:
        if course.pot.source.kind in BONDS and course.pot.bond is not None:
            key = course.project.pk
            raised[key] += course.amount
            first[key] = min(first.get(key, 9999), course.granted_on.year + 1)
            last[key] = max(last.get(key, 0), course.pot.bond.matures_on.year)
    rows: list[BalancePlan] = []
    for key, debt in raised.items():
        if rng.random() < 0.9:
            rows += _plan(
                key, debt, first[key], max(last[key], first[key] + YEARS), Decimal(rng.choices(list(COVERS), list(COVERS.values()))[0])
            )
    BalancePlan.objects.bulk_create(rows, batch_size=2000)


def _plan(project: uuid.UUID, debt: Decimal, first: int, last: int, cover: Decimal) -> list[BalancePlan]:
    years = last - first + 1
    part = (debt / years).quantize(FEN, rounding="ROUND_DOWN")
    left, rows = debt, []
    for year in range(first, last + 1):
        principal = part if year < last else left
        interest = (left * RATE).quantize(FEN)
        net = ((principal + interest) * cover).quantize(FEN)
        cost = (net * COST).quantize(FEN)
        rows.append(BalancePlan(project_id=project, year=year, income=net + cost, cost=cost, principal=principal, interest=interest))
        left -= principal
    return rows


def of_years(
    project: uuid.UUID, years: range, *, income: Decimal, cost: Decimal, principal: Decimal, interest: Decimal
) -> list[BalancePlan]:
    """The same figures every year."""
    return [BalancePlan(project_id=project, year=year, income=income, cost=cost, principal=principal, interest=interest) for year in years]
