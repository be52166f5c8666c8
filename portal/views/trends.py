"""日期走势: how the dates of a milestone went, as step lines and as the rows that they were drawn from."""

import datetime as dt
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext

from milestones.selectors.trend import DATES, trend
from portal import charts
from portal.charts import Steps


def trend_of(milestone: Any, today: dt.date) -> dict[str, Any] | None:
    """The drawing and the rows, oldest first; None where no date has ever moved."""
    if milestone.version == 1:
        return None
    rows = [row for row in map(_read, trend(milestone.pk)) if any(row[name] for name in DATES)]
    if len(rows) < 2 or not any(row[name] for row in rows for name in ("due_on", "forecast_on")):
        return None
    lines = [
        Steps(kind, word, [(row["on"], row[name]) for row in rows])
        for kind, word, name in (
            ("plan", gettext("基线"), "baseline_on"),
            ("fact", gettext("应完成"), "due_on"),
            ("fore", gettext("预测"), "forecast_on"),
        )
    ]
    until = rows[-1]["on"] if milestone.achieved_on else today
    return {"drawing": charts.steps(lines, until=until), "rows": rows}


def _read(row: dict[str, Any]) -> dict[str, Any]:
    dates = {name: row[name] and dt.date.fromisoformat(row[name]) for name in DATES}
    return dates | {"on": timezone.localtime(row["at"]).date(), "at": row["at"], "by": row["actor"]["name"]}
