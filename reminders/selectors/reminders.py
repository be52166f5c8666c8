"""Reminders as others read them: rows of the API, and what a person owes."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import BooleanField, Count, DateField, F, Func, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from accounts.roles import Principal
from common.shapes import ref
from reminders.models import Delivery, Reminder
from reminders.selectors import quiet
from reminders.selectors.duties import Duty, duties
from reminders.sources import Source, source


def reminders(actor: Principal, *, today: dt.date) -> QuerySet:
    """Those one may see, each with the day until which a mute keeps it waiting."""
    muted = RawSQL(quiet.MUTED_UNTIL, [today, today], DateField())  # noqa: S611  # a constant
    return Reminder.objects.visible_to(actor).annotate(muted_until_on=muted)


def received(actor: Principal, *, limit: int) -> QuerySet:
    """The letters that left for the actor, the latest first."""
    return (
        Reminder.objects.visible_to(actor)
        .filter(recipient_id=actor.user_id, sent_at__isnull=False)
        .annotate(letter=F("rung__letter"), rung_kind=F("rung__kind"), rung_days=F("rung__days"), project_name=F("project__name"))
        .order_by("-sent_at", "-id")[:limit]
    )


REMINDER_COLUMNS = (
    "id", "subject_kind", "subject_id", "subject_name", "project_id", "project__name", "project__code", "rung__kind", "rung__days", "rung__letter",
    "rung__audience", "due_on", "recipient__name", "recipient_office_id", "recipient_office__name", "recipient_office__code", "state", "state_reason", "due_at",
    "sent_at", "acknowledged_at", "snoozed_until_on", "muted_until_on", "official_letter_id", "delivery__channel", "delivery_id", "version", "created_at", "updated_at",
)  # fmt: skip


def shape_reminder(row: tuple[Any, ...]) -> dict[str, Any]:
    f = dict(zip(REMINDER_COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "subject": {"kind": f["subject_kind"], "id": f["subject_id"], "name": f["subject_name"]},
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "rung": {"kind": f["rung__kind"], "days": f["rung__days"], "letter": f["rung__letter"], "audience": f["rung__audience"]},
        "due_on": f["due_on"],
        "recipient": {
            "name": f["recipient__name"],
            "office": ref(f["recipient_office_id"], f["recipient_office__name"], f["recipient_office__code"]),
        },
        "state": f["state"],
        "state_reason": f["state_reason"],
        "due_at": f["due_at"],
        "sent_at": f["sent_at"],
        "acknowledged_at": f["acknowledged_at"],
        "snoozed_until_on": f["snoozed_until_on"],
        "muted_until_on": f["muted_until_on"],
        "letter": f["official_letter_id"],
        "channel": f["delivery__channel"],
        "delivery": f["delivery_id"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def deliveries(actor: Principal) -> QuerySet:
    """What a message tried to tell, also where it went on to another channel since; before it was tried, what waits in it."""
    carried = Func(OuterRef("carried"), template="(%(expressions)s)")
    is_carried = Func(F("id"), carried, template="(%(expressions)s)", arg_joiner=" = ANY ", output_field=BooleanField())
    items = Reminder.objects.visible_to(actor).filter(Q(delivery_id=OuterRef("pk")) | Q(is_carried)).order_by("id").values("id")
    return Delivery.objects.visible_to(actor).annotate(items=ArraySubquery(items))


def told_by(actor: Principal, keys: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    """What messages told, by the reminder: id, subject_name, project_id, project__name, due_on."""
    found = Reminder.objects.visible_to(actor).filter(pk__in=keys).values("id", "subject_name", "project_id", "project__name", "due_on")
    return {item["id"]: dict(item) for item in found}


def deliveries_by_state(actor: Principal) -> dict[str, int]:
    return dict(Delivery.objects.visible_to(actor).values_list("state").annotate(Count("id")).order_by())


DELIVERY_COLUMNS = (
    "id", "recipient__name", "recipient__office_id", "recipient__office__name", "recipient__office__code", "channel", "window", "state",
    "attempts", "may_have_arrived", "resends_id", "resent_by_name", "message_id", "last_error", "sent_at", "items", "version", "created_at", "updated_at",
)  # fmt: skip


def shape_delivery(row: tuple[Any, ...]) -> dict[str, Any]:
    f = dict(zip(DELIVERY_COLUMNS, row, strict=True))
    office = ref(f.pop("recipient__office_id"), f.pop("recipient__office__name"), f.pop("recipient__office__code"))
    return {"id": f.pop("id"), "recipient": {"name": f.pop("recipient__name"), "office": office}, "resends": f.pop("resends_id")} | f


def obligations(actor: Principal, *, today: dt.date, after: tuple[str, str] | None, limit: int, kind: str = "") -> list[dict[str, Any]]:
    """What the actor owes, as the API gives it; of one kind, if it is named."""
    return [_shape_obligation(duty, today=today) for duty in duties(actor, today=today, after=after, limit=limit, kind=kind)]


def offices_answering(entry: Source, subject_ids: list[uuid.UUID], *, today: dt.date) -> dict[uuid.UUID, tuple[uuid.UUID, str]]:
    """The answerable office, id and name, of each of these obligations that is still open."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERING.replace("{obligations}", entry.obligations), {"ids": subject_ids, "today": today})
        return {subject: (office, name) for subject, office, name in cursor.fetchall()}


def remarks(items: Iterable[Reminder], *, today: dt.date) -> dict[uuid.UUID, str]:
    """What the answerable offices have said already of the subjects of these reminders."""
    subjects: dict[str, set[uuid.UUID]] = {}
    for item in items:
        subjects.setdefault(item.subject_kind, set()).add(item.subject_id)
    found: dict[uuid.UUID, str] = {}
    with connection.cursor() as cursor:
        for kind, keys in subjects.items():
            if sql := source(kind).remarks:
                cursor.execute(sql, {"ids": list(keys), "today": today})
                found |= dict(cursor.fetchall())
    return found


def _shape_obligation(duty: Duty, *, today: dt.date) -> dict[str, Any]:
    told = duty.told
    return {
        "kind": duty.kind,
        "subject": {"kind": duty.kind, "id": duty.id, "name": duty.name},
        "project": duty.project_id and ref(duty.project_id, duty.project_name or "", duty.project_code),
        "due_on": duty.due_on,
        "overdue_days": max(0, (today - duty.due_on).days),
        "last_reminder": told and {"rung": {"kind": told.kind, "days": told.days, "letter": told.letter}, "sent_at": told.sent_at},
        "actions": list(source(duty.kind).actions_of(duty.facts)),
    }


ANSWERING = """
SELECT o.subject_id, f.id, f.name FROM ({obligations}) o JOIN accounts_office f ON f.id = o.office_id WHERE o.subject_id = ANY (%(ids)s)
"""
