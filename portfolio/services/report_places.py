"""Where a promised project stands: what its name says, else its own clause of the quote, else the note."""

import re
from collections.abc import Mapping

from projects.models import Region
from projects.services.reference import regions_named


def region_of(row: Mapping[str, str], regions: Mapping[str, Region]) -> Region:
    """The one county or zone that is named, else the city (none named, or several)."""
    for text in (row["name"], _own_clause(row["quote"], row["name"]), row["note"]):
        if named := [code for code in regions_named(text) if code in regions]:
            return regions[named[0]] if len(named) == 1 else _city(regions)
    return _city(regions)


def _own_clause(quote: str, name: str) -> str:
    """The part of a list that speaks of this project: a quote often names several, each in its own place."""
    clauses = re.split(r"[、，和]", quote)
    return max(clauses, key=lambda clause: len(set(clause) & set(name)) if len(clauses) > 1 else 1)


def _city(regions: Mapping[str, Region]) -> Region:
    return next(region for region in regions.values() if region.parent_id is None)
