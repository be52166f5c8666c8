"""How the dates of one milestone went over time, from history."""

import uuid
from typing import Any

from history import selectors as history_selectors
from history.models import Change

DATES = ("baseline_on", "due_on", "forecast_on", "achieved_on")


def trend(milestone_id: uuid.UUID) -> list[dict[str, Any]]:
    """Each change of a date, oldest first: {at, baseline_on, due_on, forecast_on, achieved_on, actor}; the first is its creation."""
    rows = Change.objects.filter(table_name="milestones_milestone", row_id=milestone_id, after__isnull=False).order_by("sequence")
    found: list[dict[str, Any]] = []
    for at, actor, name, after in rows.values_list("at", "actor", "actor_name", "after"):
        dates = {column: (after or {}).get(column) for column in DATES}
        if not found or dates != {column: found[-1][column] for column in DATES}:
            found.append({"at": at, **dates, "actor": history_selectors.actor_of(actor, name)})
    return found
