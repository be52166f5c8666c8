"""Monthly reports as others read them."""

import datetime as dt
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast

from accounts.roles import Principal
from common.shapes import money, ref
from projects.models import MonthlyReport
from projects.selectors.plans import filed

COLUMNS = (
    "id", "project_id", "project__name", "project__code", "month", "invested_text", "percent_text", "narrative", "no_change", "state",
    "return_count", "due_on", "plan_reason", "correction_reason", "return_reason", "submitted_by_id", "submitted_by_name", "submitted_at",
    "decision_due_on", "decided_by_id", "decided_by_name", "decided_at", "version", "created_at", "updated_at",
)  # fmt: skip


def reports(actor: Principal) -> QuerySet:
    """The reports of the projects the actor may see."""
    return MonthlyReport.objects.visible_to(actor).annotate(
        invested_text=Cast("invested", CharField()), percent_text=Cast("physical_percent", CharField())
    )


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "month": month_text(f["month"]),
        "invested": money(f["invested_text"]),
        "physical_percent": f["percent_text"],
        "narrative": f["narrative"],
        "no_change": f["no_change"],
        "due_on": f["due_on"],
        "plan_reason": f["plan_reason"],
        "correction_reason": f["correction_reason"],
        "return_count": f["return_count"],
        **filed(f),
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def month_text(first: dt.date | None) -> str | None:
    """A month, kept as its first day, as `2025-12`."""
    return None if first is None else first.isoformat()[:7]
