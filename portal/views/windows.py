"""The days that the time axis of a project shows, as the address asks for them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy

from portal import charts
from portal.charts import Lane, Window

WINDOWS = {"year": gettext_lazy("今年"), "two": gettext_lazy("近两年"), "all": gettext_lazy("全周期")}
DATES = ("baseline_on", "due_on", "forecast_on", "achieved_on")


def window_of(chosen: str, milestones: Iterable[Any], today: dt.date) -> Window:
    if chosen == "year":
        return charts.this_year(today)
    if chosen == "two":
        return charts.two_years(today)
    return charts.whole([getattr(row, name) for row in milestones for name in DATES], today)


def lane_of(milestone: Any, window: Window, today: dt.date) -> Lane:
    """The lane of a judged milestone."""
    return charts.lane(
        baseline=milestone.baseline_on, due=milestone.due_on, forecast=milestone.forecast_on, achieved=milestone.achieved_by,
        window=window, today=today,
    )  # fmt: skip
