"""How a milestone stands, as a lamp."""

import datetime as dt
from typing import Any

from projects.lifecycle import UNHURRIED


def standing(milestone: Any, stage: str, today: dt.date) -> tuple[str, str, int]:
    """The color of a judged milestone, the kind of its words and the days they name."""
    due, achieved, forecast = milestone.due_on, milestone.achieved_by, milestone.forecast_on
    if achieved is not None:
        if due is None:
            return ("green", "done", 0)
        late = (achieved - due).days
        return ("amber" if late > 0 else "green", "achieved", late)
    if milestone.is_overdue:
        return ("red", "overdue", milestone.overdue_days)
    if due is None:
        return ("grey", "undated", 0)
    if stage in UNHURRIED:
        return ("grey", "unhurried", 0)
    if forecast is not None and forecast > due:
        return ("amber", "forecast", (forecast - due).days)
    return ("grey", "open", (due - today).days)
