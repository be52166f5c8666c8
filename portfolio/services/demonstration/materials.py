"""The tables from which the demonstration is drawn."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from common import tables

DATA = Path(__file__).resolve().parents[2] / "data" / "demonstration"


class Step(NamedTuple):
    """A milestone of a kind of work. `share` is the part of the building time at which it falls; below zero: before the start."""

    position: int
    name: str
    kind: str
    share: float
    is_key: bool


class Work(NamedTuple):
    """A kind of work with what it costs (in 万元), how long it takes and how it is named."""

    sector: str
    steps: list[Step]
    bureau: str
    weight: int
    investment: tuple[int, int]
    months: tuple[int, int]
    approval_mode: str
    nature: str
    where: str
    pattern: str
    things: list[str]


class Place(NamedTuple):
    """A region with its share of the city, its share of what is late, and places to build at."""

    region: str
    weight: int
    lateness: float
    names: list[str]


def works() -> list[Work]:
    steps = _steps()
    return [
        Work(
            row["sector"],
            steps[row["work"]],
            row["bureau"],
            int(row["weight"]),
            (int(row["least"]), int(row["most"])),
            (int(row["months_least"]), int(row["months_most"])),
            row["approval_mode"],
            row["nature"],
            row["where"],
            row["pattern"],
            row["things"].split(";"),
        )
        for row in tables.rows(DATA / "works.csv")
    ]


def places() -> list[Place]:
    rows = tables.rows(DATA / "places.csv")
    return [Place(row["region"], int(row["weight"]), float(row["lateness"]), row["places"].split(";")) for row in rows]


def firms() -> list[str]:
    return [row["name"] for row in tables.rows(DATA / "firms.csv")]


def people() -> list[dict[str, str]]:
    return [dict(row) for row in tables.rows(DATA / "people.csv")]


def yuan(ten_thousands: int) -> Decimal:
    return Decimal(ten_thousands) * 10_000


def _steps() -> dict[str, list[Step]]:
    steps: dict[str, list[Step]] = defaultdict(list)
    for row in tables.rows(DATA / "milestones.csv"):
        steps[row["work"]].append(Step(int(row["position"]), row["name"], row["kind"], float(row["share"]), row["is_key"] == "true"))
    return steps
