"""Draws the generated projects: what is built, where, by whom, for how much, and where it stands."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from accounts.models import Office
from portfolio.services.demonstration import dates, materials, numbers
from portfolio.services.demonstration.materials import Place, Step, Work
from projects.lifecycle import Stage
from projects.models import Level, Project, Region, Sector
from projects.pinyin import initials, sort_key

STAGES = {
    Stage.CONSTRUCTION: 515,
    Stage.PREPARATION: 150,
    Stage.RESERVE: 125,
    Stage.COMPLETED: 130,
    Stage.OPERATION: 60,
    Stage.SUSPENDED: 12,
    Stage.CANCELLED: 8,
}
CAN_BE_LATE = (Stage.CONSTRUCTION, Stage.PREPARATION)
LEVELS = {Level.PROVINCE: 3, Level.CITY: 22, Level.COUNTY: 45, Level.OTHER: 30}
RURAL = ("410721", "410724", "410725", "410726", "410727", "410773", "410781", "410782", "410783")
FEWEST_STEPS = 6
DAYS_A_MONTH = 55  # works take longer than the table's months, which are those of the permit
CITY = "410700"
VALLEY = "4107A1"
INVESTORS = {
    "JTJ": "交通投资",
    "SLJ": "水利投资",
    "ZJJ": "城市建设投资",
    "FGW": "能源投资",
    "NYJ": "农业发展",
    "WJW": "",
    "JTY": "",
    "GXJ": "产业投资",
}


@dataclass
class Lists:
    """The rows that generated projects refer to, by code."""

    regions: Mapping[str, Region]
    sectors: Mapping[str, Sector]
    offices: Mapping[str, Office]

    @classmethod
    def read(cls) -> "Lists":
        return cls(
            regions={row.code: row for row in Region.objects.all()},
            sectors={row.code: row for row in Sector.objects.all()},
            offices={row.code: row for row in Office.objects.all()},
        )


@dataclass
class Drawn:
    """A project with the milestones it will have."""

    project: Project
    work: Work
    late: bool = False
    milestones: list[dict[str, Any]] = field(default_factory=list)


def draw(count: int, *, late: int, taken: set[str], lists: Lists, today: dt.date, rng: Random) -> list[Drawn]:
    """Draw `count` projects, `late` of them late; `taken` are the names already in use."""
    works, places, firms = materials.works(), materials.places(), materials.firms()
    names, drawn = set(taken), []
    for place in rng.choices(places, [place.weight for place in places], k=count):
        work = _work(works, place, rng)
        name, firm = _name(work, place, firms, names, lists, rng)
        names.add(name)
        drawn.append(Drawn(_project(name, firm, work, place, lists, rng), work))
    weights = {place.region: place.lateness for place in places}
    for row in _choose_late(drawn, late, weights, rng):
        row.late = True
    for row in drawn:
        give_dates(row, today=today, rng=rng)
    _give_codes(drawn, rng)
    return drawn


def give_dates(row: Drawn, *, today: dt.date, rng: Random) -> None:
    """Draw the milestones, and the years that follow from them."""
    project, steps = row.project, _some(row.work.steps, rng)
    days = round(rng.uniform(*row.work.months) * DAYS_A_MONTH)
    course = dates.courses(project.stage, steps, days, late=row.late, today=today, rng=rng)
    row.milestones = dates.milestones(project.stage, steps, course, late=row.late, today=today, rng=rng)
    project.starts_year = course.starts_on.year
    project.ends_year = dates.planned(course, steps[-1]).year


def _some(steps: list[Step], rng: Random) -> list[Step]:
    """Not every project plans every step."""
    spare = [step for step in steps if not step.is_key] if len(steps) > FEWEST_STEPS and rng.random() < 0.75 else []
    left_out = rng.choice(spare) if spare else None
    return [step for step in steps if step is not left_out]


def _work(works: list[Work], place: Place, rng: Random) -> Work:
    allowed = [work for work in works if _fits(work.where, place.region)]
    return rng.choices(allowed, [work.weight for work in allowed])[0]


def _fits(where: str, region: str) -> bool:
    kinds = {"city": (CITY,), "valley": (VALLEY,), "county": RURAL}
    return where == "both" or region in kinds[where]


def _name(work: Work, place: Place, firms: list[str], names: set[str], lists: Lists, rng: Random) -> tuple[str, str]:
    """A name nobody bears yet, and the firm in it."""
    prefix = "" if place.region == CITY else lists.regions[place.region].short_name
    while True:
        firm = rng.choice(firms) if "{firm}" in work.pattern else ""
        words = {"mw": rng.choice([6, 10, 20, 30, 50, 80, 100]), "kv": rng.choice([10, 35, 110, 110, 220]), "wan": rng.randint(1, 9) / 2}
        name = prefix + work.pattern.format(place=rng.choice(place.names), thing=rng.choice(work.things), firm=firm, **words)
        name = name.replace(".0万亩", "万亩")
        for suffix in ("", "(二期)", "(三期)"):
            if name + suffix not in names:
                return name + suffix, firm


def _project(name: str, firm: str, work: Work, place: Place, lists: Lists, rng: Random) -> Project:
    sector, region = lists.sectors[work.sector], lists.regions[place.region]
    stage = rng.choices(list(STAGES), list(STAGES.values()))[0]
    total = _investment(work, rng)
    unit = _unit(firm, work, region)
    return Project(
        name=name,
        name_pinyin=sort_key(name),
        initials=initials(name),
        sector=sector,
        region=region,
        office_id=_office(work, place.region, sector, lists, rng),
        authority_id=sector.authority_id,
        unit_name=unit,
        unit_uscc=numbers.uscc(_division(place.region), Random(unit)) if unit else "",  # noqa: S311
        stage=stage,
        stage_before_suspension=Stage.CONSTRUCTION if stage == Stage.SUSPENDED else None,
        nature=work.nature,
        approval_mode=work.approval_mode,
        level=rng.choices(list(LEVELS), list(LEVELS.values()))[0],
        total_investment=total,
        capital=(total * rng.choice([20, 20, 25, 30, 30, 40, 100]) / 100).quantize(Decimal("0.01")),
    )


def _investment(work: Work, rng: Random) -> Decimal:
    """Small ones are many: drawn evenly on a logarithmic scale, in tens of 万元."""
    least, most = work.investment
    return materials.yuan(round(math.exp(rng.uniform(math.log(least), math.log(most))) / 10) * 10)


def _unit(firm: str, work: Work, region: Region) -> str:
    name = "新乡市" if region.code == CITY else region.short_name
    if firm:
        return f"{name}{firm}实业有限公司"
    investor = INVESTORS.get(work.bureau)
    return f"{name}{investor}有限公司" if investor else ""


def _office(work: Work, region: str, sector: Sector, lists: Lists, rng: Random) -> Any:
    """In the city the bureau in charge; in a county mostly its own bureau, else its government."""
    bureau = lists.offices.get(f"{region}-{work.bureau}")
    if region == CITY:
        return sector.authority_id
    return bureau.pk if bureau and rng.random() < 0.75 else lists.offices[region].pk


def _division(region: str) -> str:
    return region if region.isdigit() else CITY


def _choose_late(drawn: list[Drawn], count: int, weights: dict[str, float], rng: Random) -> list[Drawn]:
    """Weighted, without putting back: the largest of random ** (1 / weight)."""
    eligible = [row for row in drawn if row.project.stage in CAN_BE_LATE]
    keys = {id(row): rng.random() ** (1 / weights[row.project.region.code]) for row in eligible}
    return sorted(eligible, key=lambda row: keys[id(row)], reverse=True)[:count]


def _give_codes(drawn: list[Drawn], rng: Random) -> None:
    """Most of those that were approved have a national code."""
    used: set[str] = set()
    for row in drawn:
        approved_on = row.milestones[0].get("achieved_on")
        if approved_on and rng.random() < 0.8:
            region = _division(row.project.region.code)
            code = numbers.project_code(region, row.work.approval_mode, approved_on, rng)
            if code not in used:
                used.add(code)
                row.project.code = code
