"""Baselines, and what has moved since each was taken."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.roles import Principal
from milestones.models import Baseline, BaselineDate, Milestone
from milestones.rules.network import expected_on

DATES = ("due_on", "forecast_on", "achieved_on")
KEPT = ("milestone_id", "name", "kind", "is_key", "weight", "baseline_on", *DATES)
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
    then = BaselineDate.objects.filter(baseline_id=baseline_id).order_by("position", "id").values(*KEPT)
    return list(_compare(then, now))


def _compare(then: Iterable[dict[str, Any]], now: dict[uuid.UUID, dict[str, Any]]) -> Iterable[Compared]:
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


def _day(row: dict[str, Any] | None) -> dt.date | None:
    return None if row is None else expected_on(**{name: row[name] for name in DATES})


def _dates(row: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {name: row[name] for name in DATES} | {"expected_on": _day(row)}
