"""The reference lists that a city begins with: regions with their tiles, sectors with the bureaus in charge."""

import uuid
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from accounts.models import Office
from common import tables
from common.actors import Actor
from common.recording import recording
from projects.models import Region, Sector

DATA = Path(__file__).resolve().parent.parent / "data"
Row = Mapping[str, str]


def load_regions(rows: Iterable[Row], *, actor: Actor) -> int:
    """Add the regions (code, name, kind, province_managed) whose codes are missing; the city stands above all others."""
    known = {region.code: region for region in Region.objects.all()}
    fresh = [_region(row) for row in rows if row["code"] not in known]
    city = next(region for region in [*known.values(), *fresh] if region.code.endswith("00"))  # GB/T 2260: the prefecture
    for region in fresh:
        region.parent = None if region is city else city
    with recording(actor):
        Region.objects.bulk_create(fresh)
    return len(fresh)


def load_sectors(*, actor: Actor) -> int:
    """Add the sectors whose codes are missing. A second level without an authority has that of the first."""
    known = {sector.code: sector for sector in Sector.objects.all()}
    offices = dict(Office.objects.values_list("code", "id"))
    fresh: list[Sector] = []
    for row in tables.rows(DATA / "sectors.csv"):
        if row["code"] not in known:
            parent = known[row["parent"]] if row["parent"] else None
            authority = _authority(row, parent, offices)
            sector = Sector(code=row["code"], name=row["name"], position=int(row["position"]), parent=parent, authority_id=authority)
            known[sector.code] = sector
            fresh.append(sector)
    with recording(actor):
        Sector.objects.bulk_create(fresh)
    return len(fresh)


def _authority(row: Row, parent: Sector | None, offices: Mapping[str, uuid.UUID]) -> uuid.UUID | None:
    if row["authority"]:
        return offices[row["authority"]]
    return parent.authority_id if parent else None


def sector_codes() -> set[str]:
    return {row["code"] for row in tables.rows(DATA / "sectors.csv")} | set(Sector.objects.values_list("code", flat=True))


def regions_named(text: str) -> list[str]:
    """The codes of the regions below the city that a text names, in any of their spoken forms."""
    return [code for code, row in _tiles().items() if any(word and word in text for word in row["spoken"].split("|"))]


def _region(row: Row) -> Region:
    tile = _tiles().get(row["code"], {})
    return Region(
        code=row["code"],
        name=row["name"],
        short_name=tile.get("short_name") or row["name"],
        kind=row["kind"],
        province_managed=row["province_managed"] == "true",
        tile_row=_number(tile.get("tile_row")),
        tile_column=_number(tile.get("tile_column")),
    )


def _number(text: str | None) -> int | None:
    return int(text) if text else None


@cache
def _tiles() -> dict[str, Row]:
    return {row["code"]: row for row in tables.rows(DATA / "regions.csv")}
