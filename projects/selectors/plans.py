"""Yearly plans as others read them."""

from typing import Any

from django.db.models import QuerySet

from accounts.roles import Principal
from common.shapes import money, ref
from projects.models import Plan, ReportState

COLUMNS = (
    "id", "project_id", "project__name", "project__code", "year", "revision", "investment", "monthly", "content", "state", "due_on", "return_reason",
    "submitted_by_id", "submitted_by_name", "submitted_at", "decision_due_on", "decided_by_id", "decided_by_name", "decided_at", "version",
    "created_at", "updated_at",
)  # fmt: skip


def plans(actor: Principal) -> QuerySet:
    """The plans of the projects the actor may see."""
    return Plan.objects.visible_to(actor)


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "year": f["year"],
        "revision": f["revision"],
        "investment": money(f["investment"]),
        "monthly": [money(amount) for amount in f["monthly"]],
        "content": f["content"],
        "due_on": f["due_on"],
        **filed(f),
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def filed(f: dict[str, Any]) -> dict[str, Any]:
    """What reports and plans say alike of their way: state, who submitted, who decided."""
    return {
        "state": f["state"],
        "state_display": ReportState(f["state"]).label,
        "return_reason": f["return_reason"],
        "submitted_by": named(f, "submitted_by"),
        "submitted_at": f["submitted_at"],
        "decision_due_on": f["decision_due_on"],
        "decided_by": named(f, "decided_by"),
        "decided_at": f["decided_at"],
    }


def named(f: dict[str, Any], who: str) -> dict[str, Any] | None:
    """A person or client by id and name; nobody where the system or a registration did it."""
    return None if f[f"{who}_id"] is None else {"id": f[f"{who}_id"], "name": f[f"{who}_name"]}
