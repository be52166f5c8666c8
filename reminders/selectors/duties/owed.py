"""What the actor owes, row by row."""

import datetime as dt
import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.roles import Principal
from reminders.selectors.duties.mine import AHEAD, MINE, branches_of, values_of
from reminders.sources import sources


@dataclass(frozen=True)
class Told:
    """The last letter about it that left."""

    kind: str
    days: int
    letter: str
    sent_at: dt.datetime


@dataclass(frozen=True)
class Duty:
    """One obligation of the actor. `office_id` and `authority_id` are whom it answers to; `facts` are those of its source."""

    kind: str
    id: uuid.UUID
    name: str
    project_id: uuid.UUID | None
    project_name: str | None
    project_code: str | None
    office_id: uuid.UUID | None
    authority_id: uuid.UUID | None
    due_on: dt.date
    told: Told | None
    facts: dict[str, Any]

    @property
    def key(self) -> str:
        return f"{self.kind}-{self.id}"

    @property
    def offices(self) -> tuple[uuid.UUID | None, ...]:
        return self.office_id, self.authority_id


def duties(
    actor: Principal, *, today: dt.date, after: tuple[Any, Any] | None = None, limit: int = 0, kind: str = "",
    only: tuple[str, uuid.UUID] | None = None,
) -> list[Duty]:  # fmt: skip
    """What the actor owes within thirty days, the most overdue first: as lead, or as one of those who answer for the office.

    `after` is the due date and the id of the row before; `kind` leaves out all others; `only` is one obligation told besides, whenever it
    is due.
    """
    if not actor.sees_own or not sources():
        return []
    values = values_of(actor, today) | {
        "until": today + AHEAD, "limit": limit, "after_on": after and after[0], "after_id": after and after[1],
        "kind": only and only[0], "subject": only and only[1],
    }  # fmt: skip
    parts = [PAGE] * bool(limit) + [ONE] * bool(only)
    sql = OWED.replace("{owed}", " UNION ".join(parts)).replace("{branches}", branches_of(kind)).replace("{mine}", MINE)
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{facts}", _facts()), values)
        return [_duty(row) for row in cursor.fetchall()]


def page(
    actor: Principal, *, today: dt.date, after: tuple[Any, Any] | None, size: int, only: tuple[str, uuid.UUID] | None
) -> tuple[list[Duty], tuple[str, str] | None]:
    """A page of duties in one statement, with `only` among them wherever it stands; and after which the next page begins."""
    found = duties(actor, today=today, after=after, limit=size + 1, only=only)
    asked = next((duty for duty in found if (duty.kind, duty.id) == only), None)
    is_besides = asked is not None and (
        asked.due_on > today + AHEAD
        or len(found) > size + 1
        or (after is not None and (asked.due_on.isoformat(), str(asked.id)) <= (str(after[0]), str(after[1])))
    )
    listed = [duty for duty in found if not (is_besides and duty is asked)]
    shown = listed[:size]
    following = (shown[-1].due_on.isoformat(), str(shown[-1].id)) if len(listed) > size else None
    if asked is not None and asked not in shown:
        shown = sorted([*shown, asked], key=lambda duty: (duty.due_on, str(duty.id)))
    return shown, following


def _facts() -> str:
    return "CASE w.kind " + " ".join(f"WHEN '{entry.kind}' THEN ({entry.facts})" for entry in sources()) + " END"


def _duty(row: tuple[Any, ...]) -> Duty:
    rung_kind, rung_days, letter, sent_at, facts = row[-5:]
    told = None if sent_at is None else Told(rung_kind, rung_days, letter, sent_at)
    return Duty(**dict(zip(FIELDS, row, strict=False)), told=told, facts=json.loads(facts) if facts else {})


FIELDS = ("kind", "id", "name", "project_id", "project_name", "project_code", "office_id", "authority_id", "due_on")  # as OWED selects them
PAGE = """
(SELECT o.* FROM ({branches}) o
  WHERE o.due_on <= %(until)s AND {mine}
    AND (%(after_on)s::date IS NULL OR (o.due_on, o.subject_id) > (%(after_on)s::date, %(after_id)s::uuid))
  ORDER BY o.due_on, o.subject_id LIMIT %(limit)s)"""
ONE = "(SELECT o.* FROM ({branches}) o WHERE o.kind = %(kind)s AND o.subject_id = %(subject)s AND {mine})"
OWED = """
WITH owed AS ({owed})
SELECT w.kind, w.subject_id, w.subject_name, p.id, p.name, p.code, w.office_id, w.authority_id, w.due_on,
       last.kind, last.days, last.letter, last.sent_at, {facts}
  FROM owed w LEFT JOIN projects_project p ON p.id = w.project_id
  LEFT JOIN LATERAL (SELECT g.kind, g.days, g.letter, r.sent_at FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id
                      WHERE r.subject_kind = w.kind AND r.subject_id = w.subject_id AND r.due_on = w.due_on AND r.sent_at IS NOT NULL
                      ORDER BY r.sent_at DESC LIMIT 1) last ON true
 ORDER BY w.due_on, w.subject_id
"""
