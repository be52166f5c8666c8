"""How a milestone stands, as a lamp."""

import datetime as dt
from typing import Any

from django.utils.translation import gettext

from projects.lifecycle import UNHURRIED

EARLY = 180  # days before the due date from which the year is asked after


def reported(name: str, on: dt.date, due_on: dt.date | None) -> str:
    """The sentence of an achievement; an earlier year than was meant is a common slip."""
    if due_on is None or (due_on - on).days <= EARLY:
        return gettext("已报完成：%(name)s。") % {"name": name}
    return gettext("已报完成：%(name)s，比应完成日期早 %(n)s 天；年份有误的请即撤销重报。") % {"name": name, "n": (due_on - on).days}


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
