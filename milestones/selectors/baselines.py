"""Baselines, and what has moved since each was taken."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, OuterRef, QuerySet, Value, When
from django.db.models.functions import JSONObject

from accounts.roles import Principal
from milestones.models import Baseline, BaselineDate, Milestone
from milestones.rules.network import expected_on

DATES = ("due_on", "forecast_on", "achieved_on")
SIDE = ("milestone_id", "name", "kind", *DATES)
NOW = ("pk", "name", "kind", *DATES)


@dataclass(frozen=True)
class Compared:
    """One milestone then and now. `moved_days` is later above zero; None where it had or has no day, or is not on both sides."""

    milestone: uuid.UUID
    name: str
    kind: str
    state: str  # kept, moved, gone, added
    then: dict[str, Any] | None
    now: dict[str, Any] | None
    moved_days: int | None

    def shape(self) -> dict[str, Any]:
        """As the API gives it."""
        return {name: getattr(self, name) for name in ("milestone", "name", "kind", "state", "then", "now", "moved_days")}


def baselines(actor: Principal) -> QuerySet[Baseline]:
    return Baseline.objects.visible_to(actor)


def comparison(baseline_id: uuid.UUID, project_id: uuid.UUID) -> list[Compared]:
    """Every milestone of the baseline against today, those that are gone among them, then those that were added."""
    now = {row["pk"]: row for row in Milestone.objects.filter(project_id=project_id).order_by("position", "id").values(*NOW)}
    then = BaselineDate.objects.filter(baseline_id=baseline_id).order_by("position", "id").values(*SIDE)
    return list(compare(then, now))


def pictures(chosen: uuid.UUID | None) -> ArraySubquery:
    """Annotation of a project: its baselines, newest first, as {id, name, note, at, by, kept}: the rows of the chosen one, else null."""
    dates = BaselineDate.objects.filter(baseline=OuterRef("pk")).order_by("position", "id")
    kept = ArraySubquery(dates.values(row=JSONObject(**{name: name for name in SIDE})))
    rows = Baseline.objects.filter(project=OuterRef("pk")).order_by("-created_at", "-id")
    columns = {"id": "pk", "name": "name", "note": "note", "at": "created_at", "by": "taken_by_name"}
    return ArraySubquery(rows.values(row=JSONObject(kept=Case(When(pk=chosen, then=kept), default=Value(None)), **columns)))


def read_pictures(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `pictures` with keys, days and instants."""
    found = [row | {"id": uuid.UUID(row["id"]), "at": dt.datetime.fromisoformat(row["at"])} for row in rows]
    for row in [row for baseline in found for row in baseline["kept"] or ()]:
        row |= {"milestone_id": uuid.UUID(row["milestone_id"])} | {name: row[name] and dt.date.fromisoformat(row[name]) for name in DATES}
    return found


def compare(then: Iterable[Mapping[str, Any]], now: Mapping[uuid.UUID, Mapping[str, Any]]) -> Iterable[Compared]:
    """Rows of a baseline against milestones of today, which hold `name`, `kind` and the three dates."""
    seen = set()
    for old in then:
        key = old["milestone_id"]
        seen.add(key)
        new = now.get(key)
        before, after = _day(old), _day(new)
        moved = None if before is None or after is None else (after - before).days
        state = "gone" if new is None else "kept" if before == after else "moved"
        yield Compared(key, old["name"], old["kind"], state, _dates(old), _dates(new), moved)
    for key, new in now.items():
        if key not in seen:
            yield Compared(key, new["name"], new["kind"], "added", None, _dates(new), None)


def _day(row: Mapping[str, Any] | None) -> dt.date | None:
    return None if row is None else expected_on(**{name: row[name] for name in DATES})


def _dates(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: row[name] for name in DATES} | {"expected_on": _day(row)}
