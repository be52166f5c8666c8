"""Numbered letters as others read them."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from accounts.roles import Principal
from common.shapes import ref
from reminders.lifecycle import NumberedLetter
from reminders.models import OfficialLetter

SIGNS = {NumberedLetter.REMINDER: "提", NumberedLetter.SUPERVISION: "督", NumberedLetter.ESCALATION: "报"}


def letters(actor: Principal) -> QuerySet:
    return OfficialLetter.objects.visible_to(actor)


def number(kind: str, year: int, number: int) -> str:
    """新项督〔2026〕12号"""
    return f"{settings.LETTER_PREFIX}{SIGNS[NumberedLetter(kind)]}〔{year}〕{number}号"


def titled(letter: OfficialLetter) -> str:
    """督办函 新项督〔2026〕12号"""
    return f"{letter.get_kind_display()} {number(letter.kind, letter.year, letter.number)}"


COLUMNS = (
    "id", "kind", "year", "number", "subject_kind", "subject_id", "facts", "project_id", "project__name", "project__code",
    "office_id", "office__name", "office__code", "due_on", "rung_id", "rung__kind", "rung__days", "issued_on", "version", "created_at", "updated_at",
)  # fmt: skip


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "kind": f["kind"],
        "kind_display": NumberedLetter(f["kind"]).label,
        "number": number(f["kind"], f["year"], f["number"]),
        "subject": {"kind": f["subject_kind"], "id": f["subject_id"], "name": f["facts"]["subject"]},
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "office": ref(f["office_id"], f["office__name"], f["office__code"]),
        "addressee": f["facts"]["addressee"],
        "copies": f["facts"]["copies"],
        "due_on": f["due_on"],
        "overdue_days": f["facts"]["overdue_days"],
        "rung": {"id": f["rung_id"], "kind": f["rung__kind"], "days": f["rung__days"]},
        "issued_on": f["issued_on"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }
