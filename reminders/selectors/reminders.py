"""Reminders as others read them: rows of the API, and what a person owes."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import OuterRef, QuerySet

from accounts.roles import Act, Principal
from common.shapes import ref
from reminders.models import Delivery, Reminder
from reminders.sources import FILERS, Source, source, sources

AHEAD = dt.timedelta(days=30)  # how far ahead a date counts as owed


def reminders(actor: Principal) -> QuerySet:
    return Reminder.objects.visible_to(actor)


REMINDER_COLUMNS = (
    "id", "subject_kind", "subject_id", "subject_name", "project_id", "project__name", "project__code", "rung__kind", "rung__days", "rung__letter",
    "rung__audience", "due_on", "recipient__name", "recipient_office_id", "recipient_office__name", "recipient_office__code", "state", "state_reason", "due_at",
    "sent_at", "snoozed_until_on", "delivery__channel", "delivery_id", "version", "created_at", "updated_at",
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
        "snoozed_until_on": f["snoozed_until_on"],
        "channel": f["delivery__channel"],
        "delivery": f["delivery_id"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def deliveries(actor: Principal) -> QuerySet:
    items = Reminder.objects.visible_to(actor).filter(delivery_id=OuterRef("pk")).order_by("id").values("id")
    return Delivery.objects.visible_to(actor).annotate(items=ArraySubquery(items))


DELIVERY_COLUMNS = (
    "id", "recipient__name", "recipient__office_id", "recipient__office__name", "recipient__office__code", "channel", "window", "state",
    "attempts", "message_id", "last_error", "sent_at", "items", "version", "created_at", "updated_at",
)  # fmt: skip


def shape_delivery(row: tuple[Any, ...]) -> dict[str, Any]:
    f = dict(zip(DELIVERY_COLUMNS, row, strict=True))
    office = ref(f.pop("recipient__office_id"), f.pop("recipient__office__name"), f.pop("recipient__office__code"))
    return {"id": f.pop("id"), "recipient": {"name": f.pop("recipient__name"), "office": office}} | f


def obligations(actor: Principal, *, today: dt.date, after: tuple[str, str] | None, limit: int) -> list[dict[str, Any]]:
    """What the actor owes, the most overdue first: as lead, or as one of those who are told for the answerable office."""
    branches = [OWED_OF_KIND.format(kind=entry.kind, obligations=entry.obligations, leads_answer=entry.leads_answer) for entry in sources()]
    if not branches or not actor.sees_own:
        return []
    values = {
        "user": actor.user_id, "today": today, "until": today + AHEAD, "limit": limit,
        "after_on": after and after[0], "after_id": after and after[1],
    } | {f"offices_{entry.kind}": _offices_answered_for(actor, entry) for entry in sources()}  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(OWED.replace("{branches}", " UNION ALL ".join(branches)), values)
        return [_shape_obligation(row, today=today) for row in cursor.fetchall()]


def _offices_answered_for(actor: Principal, entry: Source) -> list[uuid.UUID]:
    """The offices for which the actor owes this kind: where they file, or where they hold one of its roles."""
    if entry.roles == FILERS:
        grants = [grant for grant in actor.grants if Act.EDIT in grant.acts and not grant.everywhere]
    else:
        grants = [grant for grant in actor.grants if grant.role in entry.roles]
    return [office for grant in grants for office in grant.office_ids]


def offices_answering(entry: Source, subject_ids: list[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The name of the answerable office of each of these obligations that is still open."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERING.replace("{obligations}", entry.obligations), {"ids": subject_ids})
        return dict(cursor.fetchall())


def _shape_obligation(row: tuple[Any, ...], *, today: dt.date) -> dict[str, Any]:
    kind, subject, name, project, project_name, project_code, due_on, rung_kind, rung_days, letter, sent_at = row
    told = None if sent_at is None else {"rung": {"kind": rung_kind, "days": rung_days, "letter": letter}, "sent_at": sent_at}
    return {
        "kind": kind,
        "subject": {"kind": kind, "id": subject, "name": name},
        "project": ref(project, project_name, project_code),
        "due_on": due_on,
        "overdue_days": max(0, (today - due_on).days),
        "last_reminder": told,
        "actions": list(source(kind).actions),
    }


ANSWERING = """
SELECT o.subject_id, f.name FROM ({obligations}) o JOIN accounts_office f ON f.id = o.office_id WHERE o.subject_id = ANY (%(ids)s)
"""

OWED_OF_KIND = """
SELECT '{kind}' AS kind, o.subject_id, o.subject_name, o.project_id, o.due_on, o.office_id = ANY (%(offices_{kind})s::uuid[]) AS is_of_office,
       {leads_answer} AS leads_answer
  FROM ({obligations}) o
"""

OWED = """
WITH owed AS (
    SELECT o.kind, o.subject_id, o.subject_name, o.project_id, o.due_on FROM ({branches}) o
     WHERE o.due_on <= %(until)s
       AND (o.is_of_office
            OR o.leads_answer AND o.project_id IN (SELECT a.project_id FROM projects_assignment a
                                 WHERE a.user_id = %(user)s AND a.part = 'lead'
                                   AND (a.valid_from_on IS NULL OR a.valid_from_on <= %(today)s)
                                   AND (a.valid_until_on IS NULL OR a.valid_until_on >= %(today)s)))
       AND (%(after_on)s::date IS NULL OR (o.due_on, o.subject_id) > (%(after_on)s::date, %(after_id)s::uuid))
     ORDER BY o.due_on, o.subject_id LIMIT %(limit)s)
SELECT w.kind, w.subject_id, w.subject_name, p.id, p.name, p.code, w.due_on, last.kind, last.days, last.letter, last.sent_at
  FROM owed w LEFT JOIN projects_project p ON p.id = w.project_id
  LEFT JOIN LATERAL (SELECT g.kind, g.days, g.letter, r.sent_at FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id
                      WHERE r.subject_kind = w.kind AND r.subject_id = w.subject_id AND r.due_on = w.due_on AND r.sent_at IS NOT NULL
                      ORDER BY r.sent_at DESC LIMIT 1) last ON true
 ORDER BY w.due_on, w.subject_id
"""
