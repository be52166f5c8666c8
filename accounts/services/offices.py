"""The tree of offices that the city begins with."""

from pathlib import Path

from accounts.models import Office
from common import tables
from common.actors import Actor
from common.recording import recording

CITY = Path(__file__).resolve().parent.parent / "data" / "offices.csv"


def load(*, actor: Actor, path: Path = CITY) -> int:
    """Add the offices whose codes are missing, parents before children; return how many."""
    known = {office.code: office for office in Office.objects.all()}
    fresh: list[Office] = []
    for row in tables.rows(path):
        if row["code"] not in known:
            parent = known[row["parent"]] if row["parent"] else None
            office = Office(code=row["code"], name=row["name"], kind=row["kind"], parent=parent, path=_path(row["code"], parent))
            known[office.code] = office
            fresh.append(office)
    with recording(actor):
        Office.objects.bulk_create(fresh)
    return len(fresh)


def _path(code: str, parent: Office | None) -> str:
    return f"{parent.path if parent else '/'}{code}/"
