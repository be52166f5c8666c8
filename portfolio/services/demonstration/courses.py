"""How the money of each generated allocation went: granted, arrived, paid, and how far the works have come."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from funding.lifecycle import BONDS, Use
from portfolio.services.demonstration.pots import Pot
from projects.lifecycle import Stage
from projects.models import Project

TEN_WAN = Decimal(100_000)
NEARLY = Decimal(98)  # percent: how far works are at most before their completion
# course → how many of a hundred: as planned, slow, untouched for half a year or a whole one, ahead of the works, paid for little work,
# granted only, partly arrived
COURSES = {"planned": 62, "slow": 8, "idle6": 5, "idle12": 4, "ahead": 6, "hollow": 3, "granted": 6, "partly": 6}
BUILDING = (Stage.CONSTRUCTION, Stage.COMPLETED, Stage.OPERATION)
MONTH = dt.timedelta(days=30)

Lot = tuple[dt.date, Decimal]


@dataclass
class Course:
    """One allocation with its movements, in order of time. Amounts in yuan."""

    pot: Pot
    project: Project
    use: str
    kind: str
    amount: Decimal
    granted_on: dt.date
    receipts: list[Lot] = field(default_factory=list)
    payments: list[Lot] = field(default_factory=list)

    @property
    def paid(self) -> Decimal:
        return sum((amount for _day, amount in self.payments), Decimal(0))


def draw(count: int, pots: Sequence[Pot], projects: Sequence[Project], *, today: dt.date, rng: Random) -> list[Course]:
    """Up to `count` allocations, one a source, project and use; larger works get more than one issue."""
    able = [project for project in projects if _is_able(project)]
    weights = [float(project.total_investment or 0) ** 0.5 for project in able]
    left = {project.pk: (project.total_investment or Decimal(0)) * Decimal("0.85") for project in able}
    capital = {project.pk: (project.capital or Decimal(0)) * Decimal("0.9") for project in able}
    drawn: dict[tuple[object, ...], Course] = {}
    for project in rng.choices(able, weights, k=count * 8) if able else []:
        pot = rng.choice(pots)
        use = Use.CAPITAL if pot.source.kind in BONDS and rng.random() < 0.3 else Use.CONSTRUCTION
        amount = _amount(project, rng)
        if len(drawn) == count:
            break
        if amount > left[project.pk] or (use == Use.CAPITAL and amount > capital[project.pk]):
            continue
        key = (pot.source.pk, project.pk, use)
        if key not in drawn:
            drawn[key] = _course(pot, project, use, amount, today, rng)
            left[project.pk] -= amount
            capital[project.pk] -= amount if use == Use.CAPITAL else 0
    return list(drawn.values())


def physical_percent(courses: Sequence[Course], rng: Random) -> Decimal:
    """How far the works of one project have come, to fit what was paid for them."""
    granted = sum((course.amount for course in courses), Decimal(0))
    share = sum((course.paid for course in courses), Decimal(0)) * 100 / granted
    kinds = {course.kind for course in courses}
    if "hollow" in kinds:
        return Decimal(rng.randint(30, 58))
    behind = rng.randint(16, 35) if "ahead" in kinds else rng.randint(-8, 6)
    return min(max((share - behind).quantize(Decimal("0.01")), Decimal(0)), Decimal(100))


def _is_able(project: Project) -> bool:
    return not project.is_package and project.stage in (*BUILDING, Stage.PREPARATION, Stage.SUSPENDED) and bool(project.total_investment)


def _amount(project: Project, rng: Random) -> Decimal:
    """5 to 22 % of the investment, in tens of 万元."""
    share = Decimal(str(round(rng.uniform(0.05, 0.22), 3)))
    return max(((project.total_investment or Decimal(0)) * share / TEN_WAN).to_integral_value() * TEN_WAN, TEN_WAN)


def _course(pot: Pot, project: Project, use: str, amount: Decimal, today: dt.date, rng: Random) -> Course:
    issued_on = pot.source.issued_on or today
    kind = rng.choices(list(COURSES), list(COURSES.values()))[0] if project.stage in BUILDING else "granted"
    course = Course(pot, project, use, kind, amount, min(issued_on + dt.timedelta(days=rng.randint(3, 25)), today))
    if kind != "granted":
        course.receipts = _receipts(course, today, rng)
        course.payments = _payments(course, today, rng)
    return course


def _receipts(course: Course, today: dt.date, rng: Random) -> list[Lot]:
    arrives = (Decimal("0.6") if course.kind == "partly" else Decimal(1)) * course.amount
    first = course.granted_on + dt.timedelta(days=rng.randint(5, 30))
    days = [first] if rng.random() < 0.6 else [first, first + MONTH * rng.randint(1, 3)]
    return [(day, share) for day, share in zip(days, _split(arrives, len(days)), strict=True) if day <= today]


def _payments(course: Course, today: dt.date, rng: Random) -> list[Lot]:
    """Monthly, never more than has arrived. What stands idle was not touched since."""
    arrived = sum((amount for _day, amount in course.receipts), Decimal(0))
    months = max(((today - course.granted_on).days // 30) - 1, 0)
    pace = {"slow": 30, "idle6": 16, "idle12": 24, "ahead": 7, "hollow": 6, "partly": 12, "planned": rng.choice([9, 10, 11])}[course.kind]
    steps = min(months, pace)
    if course.kind in ("idle6", "idle12"):
        steps = max(min(steps, months - {"idle6": 7, "idle12": 13}[course.kind]), 0)
    paid: list[Lot] = []
    begins_on = max((day for day, _amount in course.receipts), default=course.granted_on)
    for step, share in enumerate(_split(arrived, pace)[:steps]):
        day = begins_on + MONTH * step + dt.timedelta(days=rng.randint(1, 20))
        if day <= today and share > 0:
            paid.append((day, share))
    return paid


def _split(amount: Decimal, parts: int) -> list[Decimal]:
    """Equal parts in whole yuan, the last takes the rest."""
    part = (amount / parts).to_integral_value(rounding="ROUND_DOWN") if parts else Decimal(0)
    return [part] * (parts - 1) + [amount - part * (parts - 1)] if parts else []
