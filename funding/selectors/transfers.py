"""Movements of money as others read them. The side of a project out of reach is not told."""

import datetime as dt
import uuid
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.utils.functional import Promise

from accounts.roles import Principal
from common.shapes import money, ref
from funding.lifecycle import Kind, Use
from funding.models import Allocation, Transfer
from history import selectors as history_selectors
from projects.models import Project

COLUMNS = (
    "id", "sequence", "kind", "sign", "source_id", "source__name", "allocation_id", "allocation__project_id", "allocation__project__name",
    "allocation__project__code", "allocation__use", "is_here_seen", "target_id", "target__project_id", "target__project__name",
    "target__project__code", "target__use", "is_there_seen", "amount", "occurred_on", "recorded_at", "document_no", "voucher_no", "payee",
    "purpose", "reason", "reverses_id", "reversal_id", "request_id", "recorded_by", "recorded_by_name", "version", "created_at", "updated_at",
)  # fmt: skip


def transfers(actor: Principal, *, as_of: dt.date | None = None) -> QuerySet[Transfer]:
    """The movements the actor may see, those that had occurred by a past day; with `reversal_id` and whether each side is in reach."""
    rows = Transfer.objects.visible_to(actor)
    if as_of is None:
        return rows.annotate(reversal_id=F("reversed_by__id"), **_sides(actor))
    reversals = Transfer.objects.filter(reverses_id=OuterRef("pk"), occurred_on__lte=as_of)
    return rows.filter(occurred_on__lte=as_of).annotate(reversal_id=Subquery(reversals.values("id")[:1]), **_sides(actor))


def _sides(actor: Principal) -> dict[str, Any]:
    if actor.sees_everything:
        return {"is_here_seen": Value(True), "is_there_seen": Value(True)}
    seen = Project.objects.visible_to(actor)
    return {
        "is_here_seen": Exists(seen.filter(pk=OuterRef("allocation__project_id"))),
        "is_there_seen": Exists(seen.filter(pk=OuterRef("target__project_id"))),
    }


def touching_project(rows: QuerySet[Transfer], project_id: uuid.UUID, actor: Principal) -> QuerySet[Transfer]:
    """Those that move a project's money, on either side. A project out of reach has none: else its part in an adjustment would show."""
    if not Project.objects.visible_to(actor).filter(pk=project_id).exists():
        return rows.none()
    return rows.filter(Q(allocation__project_id=project_id) | Q(target__project_id=project_id))


def touching_allocation(rows: QuerySet[Transfer], allocation_id: uuid.UUID, actor: Principal) -> QuerySet[Transfer]:
    if not Allocation.objects.visible_to(actor).filter(pk=allocation_id).exists():
        return rows.none()
    return rows.filter(Q(allocation_id=allocation_id) | Q(target_id=allocation_id))


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "sequence": f["sequence"],
        "kind": f["kind"],
        "kind_display": Kind(f["kind"]).label,
        "sign": f["sign"],
        "source": {"id": f["source_id"], "name": f["source__name"]},
        **_side(f, "allocation", "", is_seen=f["is_here_seen"]),
        **_side(f, "target", "to_", is_seen=f["is_there_seen"]),
        "amount": money(f["amount"]),
        "occurred_on": f["occurred_on"],
        "recorded_at": f["recorded_at"],
        "document_no": f["document_no"],
        "voucher_no": f["voucher_no"],
        "payee": f["payee"],
        "purpose": f["purpose"],
        "reason": f["reason"],
        "reverses": f["reverses_id"],
        "reversed_by": f["reversal_id"],
        "request": f["request_id"],
        "actor": history_selectors.actor_of(f["recorded_by"], f["recorded_by_name"]),
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def _side(f: dict[str, Any], end: str, prefix: str, *, is_seen: bool) -> dict[str, Any]:
    use = f[f"{end}__use"] if is_seen else None
    project = ref(f[f"{end}__project_id"], f[f"{end}__project__name"], f[f"{end}__project__code"]) if is_seen else None
    return {
        f"{prefix}allocation": f[f"{end}_id"] if is_seen else None,
        f"{prefix}project": project,
        f"{prefix}use": use,
        f"{prefix}use_display": use_label(use),
    }


def use_label(use: str | None) -> str | Promise | None:
    return None if use is None else Use(use).label
