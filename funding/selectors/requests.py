"""Decisions about money as others read them: asked for, decided, and what came of them."""

import datetime as dt
import uuid
from typing import Any

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, TextField, Value, When

from accounts.roles import Principal
from common.days import end_of
from common.decisions import RequestState
from common.shapes import money, ref
from funding.lifecycle import EligibilityList, RequestKind
from funding.models import TransferRequest
from funding.selectors.transfers import use_label
from projects.models import Project
from reminders.sources import Awaited

COLUMNS = (
    "id", "batch", "kind", "state_by", "source_id", "source__name", "project_id", "project__name", "project__code", "use", "is_here_seen",
    "to_project_id", "to_project__name", "to_project__code", "to_use", "is_there_seen", "amount", "occurred_on", "ground", "document_no", "reason",
    "reverses_id", "eligibility_item_id", "eligibility_item__name", "eligibility_item__list", "override_reason", "checks", "transfer__id",
    "requested_by_id", "requested_by_name", "decided_by_id", "decided_by_name", "decided_at", "decision_note", "version", "created_at",
    "updated_at",
)  # fmt: skip


def requests(actor: Principal, *, as_of: dt.date | None = None) -> QuerySet[TransferRequest]:
    """The requests the actor may see, with `state_by`: as it stood at the end of a past day, when later decisions had not been made."""
    rows = TransferRequest.objects.visible_to(actor).annotate(**_sides(actor))
    if as_of is None:
        return rows.annotate(state_by=F("state"))
    end = end_of(as_of)
    undecided = When(decided_at__gte=end, then=Value(RequestState.REQUESTED.value))
    return rows.filter(created_at__lt=end).annotate(state_by=Case(undecided, default=F("state"), output_field=TextField()))


def _sides(actor: Principal) -> dict[str, Any]:
    if actor.sees_everything:
        return {"is_here_seen": Value(True), "is_there_seen": Value(True)}
    seen = Project.objects.visible_to(actor)
    return {
        name: Exists(seen.filter(pk=OuterRef(key))) for name, key in (("is_here_seen", "project_id"), ("is_there_seen", "to_project_id"))
    }


def touching_project(rows: QuerySet[TransferRequest], project_id: uuid.UUID, actor: Principal) -> QuerySet[TransferRequest]:
    """Those that ask for a project's money, on either side; none of a project out of reach."""
    if not Project.objects.visible_to(actor).filter(pk=project_id).exists():
        return rows.none()
    return rows.filter(Q(project_id=project_id) | Q(to_project_id=project_id))


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it, its checks still codes with figures. They and the grounds of eligibility speak of
    every project named, so they are told only to those who may see each."""
    f = dict(zip(COLUMNS, row, strict=True))
    is_seen = f["is_here_seen"] and (f["is_there_seen"] or f["to_project_id"] is None)
    is_decided = f["state_by"] != RequestState.REQUESTED
    return {
        "id": f["id"],
        "batch": f["batch"],
        "kind": f["kind"],
        "kind_display": RequestKind(f["kind"]).label,
        "state": f["state_by"],
        "state_display": RequestState(f["state_by"]).label,
        "source": {"id": f["source_id"], "name": f["source__name"]},
        **_side(f, "", is_seen=f["is_here_seen"]),
        **_side(f, "to_", is_seen=f["is_there_seen"]),
        "amount": money(f["amount"]),
        "occurred_on": f["occurred_on"],
        "ground": f["ground"],
        "document_no": f["document_no"],
        "reason": f["reason"],
        "reverses": f["reverses_id"],
        "eligibility_item": _item(f) if is_seen else None,
        "override_reason": f["override_reason"] if is_seen else "",
        "checks": f["checks"] if is_seen else [],
        "transfers": [f["transfer__id"]] if f["transfer__id"] and is_decided else [],
        "requested_by": {"id": f["requested_by_id"], "name": f["requested_by_name"]},
        "decided_by": {"id": f["decided_by_id"], "name": f["decided_by_name"]} if is_decided else None,
        "decided_at": f["decided_at"] if is_decided else None,
        "decision_note": f["decision_note"] if is_decided else "",
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def _side(f: dict[str, Any], prefix: str, *, is_seen: bool) -> dict[str, Any]:
    use, name = f[f"{prefix}use"] if is_seen else None, f"{prefix}project"
    return {
        name: ref(f[f"{name}_id"], f[f"{name}__name"], f[f"{name}__code"]) if is_seen else None,
        f"{prefix}use": use,
        f"{prefix}use_display": use_label(use),
    }


def _item(f: dict[str, Any]) -> dict[str, Any] | None:
    if f["eligibility_item_id"] is None:
        return None
    name, list_ = f["eligibility_item__name"], f["eligibility_item__list"]
    return {"id": f["eligibility_item_id"], "name": name, "list": list_, "list_display": EligibilityList(list_).label}


# What somebody asked for in one act is one thing that waits. Any finance bureau's checker may decide it, the source's own first.
AWAITED = Awaited(
    kind="money_request",
    requests="""
        SELECT r.batch AS subject_id, '资金申请：' || min(s.name) AS subject_name, NULL::uuid AS project_id, min(s.office_id::text)::uuid AS office_id,
               min(r.created_at) AS asked_at, r.requested_by_id AS asked_by_id
          FROM funding_transferrequest r JOIN funding_fundingsource s ON s.id = r.source_id
         WHERE r.state = 'requested' GROUP BY r.batch, r.requested_by_id""",
    page="/funding/requests/{subject}/",
)
