"""Mutes as others read them."""

from typing import Any

from django.db.models import QuerySet

from accounts.roles import Principal
from common.shapes import ref
from reminders.models import Mute


def mutes(actor: Principal) -> QuerySet:
    return Mute.objects.visible_to(actor)


COLUMNS = (
    "id", "scope_kind", "project_id", "project__name", "project__code", "office_id", "office__name", "office__code", "subject_kind", "subject_id",
    "subject_name", "reason", "from_on", "until_on", "state", "requested_by_id", "requested_by_name", "decided_by_id", "decided_by_name", "decided_at",
    "decision_note", "ended_by_name", "ended_at", "version", "created_at", "updated_at",
)  # fmt: skip


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    f = dict(zip(COLUMNS, row, strict=True))
    named = {
        "project": (f["project_id"], f["project__name"]),
        "office": (f["office_id"], f["office__name"]),
        "subject": (f["subject_id"], f["subject_name"]),
    }
    key, name = named[f["scope_kind"]]
    scope = {"kind": f["scope_kind"], "id": key, "name": name, "subject_kind": f["subject_kind"]}
    return {
        "id": f["id"],
        "scope": scope,
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "requested_by": ref(f["requested_by_id"], f["requested_by_name"], None),
        "decided_by": ref(f["decided_by_id"], f["decided_by_name"], None),
    } | {
        name: f[name]
        for name in (
            "reason", "from_on", "until_on", "state", "decided_at", "decision_note", "ended_by_name", "ended_at", "version", "created_at", "updated_at",
        )
    }  # fmt: skip
