"""Corrections of closed months as others read them."""

from typing import Any

from django.db.models import QuerySet

from accounts.roles import Principal
from common.decisions import RequestState
from common.shapes import money, ref
from projects.models import ReportRevision
from projects.selectors.plans import named
from projects.selectors.reports import month_text

COLUMNS = (
    "id", "project_id", "project__name", "project__code", "report_id", "report__month", "number", "from_invested", "from_physical_percent",
    "from_narrative", "invested", "physical_percent", "narrative", "reason", "state", "requested_by_id", "requested_by_name", "decision_due_on",
    "decided_by_id", "decided_by_name", "decided_at", "decision_note", "version", "created_at", "updated_at",
)  # fmt: skip


def revisions(actor: Principal) -> QuerySet:
    """The revisions of the projects the actor may see."""
    return ReportRevision.objects.visible_to(actor)


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "report": f["report_id"],
        "month": month_text(f["report__month"]),
        "number": f["number"],
        "from_invested": money(f["from_invested"]),
        "from_physical_percent": _percent(f["from_physical_percent"]),
        "from_narrative": f["from_narrative"],
        "invested": money(f["invested"]),
        "physical_percent": _percent(f["physical_percent"]),
        "narrative": f["narrative"],
        "reason": f["reason"],
        "state": f["state"],
        "state_display": RequestState(f["state"]).label,
        "requested_by": named(f, "requested_by"),
        "decision_due_on": f["decision_due_on"],
        "decided_by": named(f, "decided_by"),
        "decided_at": f["decided_at"],
        "decision_note": f["decision_note"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def _percent(value: Any) -> str | None:
    return None if value is None else f"{value:.2f}"
