"""Packages among the generated projects: members of one kind in one region, under one project that totals them."""

import datetime as dt
from collections import defaultdict
from random import Random

from portfolio.services.demonstration.projects import Drawn, give_dates
from projects.lifecycle import Stage
from projects.models import Project
from projects.pinyin import initials, sort_key

COUNT = 12
MEMBERS = (4, 8)


def bundle(drawn: list[Drawn], *, count: int, taken: set[str], today: dt.date, rng: Random) -> list[Drawn]:
    """Return up to `count` packages, and make their members point to them."""
    groups: dict[tuple[str, str], list[Drawn]] = defaultdict(list)
    for row in drawn:
        if row.project.stage == Stage.CONSTRUCTION and not row.late and row.work.approval_mode == "approval":
            groups[row.project.region.code, row.work.sector].append(row)
    large = [rows for _key, rows in sorted(groups.items()) if len(rows) >= MEMBERS[0]]
    return [_package(rows, taken, today, rng) for rows in rng.sample(large, min(count, len(large)))]


def _package(rows: list[Drawn], taken: set[str], today: dt.date, rng: Random) -> Drawn:
    members = [row.project for row in rows[: rng.randint(*MEMBERS)]]
    first = members[0]
    name = f"{first.region.short_name}{first.sector.name}打包项目"
    name = name if name not in taken else f"{name}({today.year}年)"
    package = Project(
        name=name,
        name_pinyin=sort_key(name),
        initials=initials(name),
        is_package=True,
        sector=first.sector,
        region=first.region,
        office_id=first.office_id,
        authority_id=first.authority_id,
        unit_name=first.unit_name,
        unit_uscc=first.unit_uscc,
        stage=Stage.CONSTRUCTION,
        nature=first.nature,
        approval_mode=first.approval_mode,
        level=first.level,
        total_investment=sum(member.total_investment or 0 for member in members),
        capital=sum(member.capital or 0 for member in members),
    )
    for member in members:
        member.package = package
    drawn = Drawn(package, rows[0].work)
    give_dates(drawn, today=today, rng=rng)
    return drawn
