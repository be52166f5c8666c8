"""What a person owes, over every kind of obligation: the rows, how many by when, what was done; and what one waits for."""

import datetime as dt
import json
import uuid
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.roles import Act, Principal, Role
from reminders.selectors.turns import deciding_office, nobody_approves
from reminders.sources import FILERS, Awaited, Source, awaited, sources

AHEAD = dt.timedelta(days=30)  # how far ahead a date counts as owed


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


@dataclass(frozen=True)
class Next:
    """What is due next, be it beyond the horizon. `project` is empty where it belongs to none."""

    name: str
    project: str
    due_on: dt.date


@dataclass(frozen=True)
class Tally:
    """How many are overdue, due this week, later this month, within thirty days; `done` of `all_month` were done this month."""

    overdue: int = 0
    week: int = 0
    month: int = 0
    ahead: int = 0
    all_month: int = 0
    done: int = 0
    next: Next | None = None

    @property
    def open(self) -> int:
        return self.overdue + self.week + self.month + self.ahead


@dataclass(frozen=True)
class Asked:
    """One request of the actor's that waits for somebody else."""

    entry: Awaited
    id: uuid.UUID
    name: str
    project: str
    office: str
    asked_at: dt.datetime

    @property
    def path(self) -> str:
        return self.entry.path(self.id)


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
    values = _values(actor, today) | {
        "until": today + AHEAD, "limit": limit, "after_on": after and after[0], "after_id": after and after[1],
        "kind": only and only[0], "subject": only and only[1],
    }  # fmt: skip
    parts = [PAGE] * bool(limit) + [ONE] * bool(only)
    sql = OWED.replace("{owed}", " UNION ".join(parts)).replace("{branches}", _branches(kind)).replace("{mine}", MINE)
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


def tally(actor: Principal, *, today: dt.date) -> Tally:
    """The counts of all that the actor owes, and what is due next."""
    return standing(actor, today=today, limit=0)[0]


def standing(actor: Principal, *, today: dt.date, limit: int) -> tuple[Tally, list[Asked]]:
    """The tally, and at most so many of the requests that wait for others, the oldest first; in one statement."""
    if not actor.sees_own or not sources():
        return Tally(), []
    entries = {entry.kind: entry for entry in awaited()}
    branches = " UNION ALL ".join(
        ASKED_OF_KIND.format(kind=kind, is_decision=entry.is_decision, requests=entry.requests) for kind, entry in entries.items()
    )
    sql = TALLY.replace("{branches}", _branches()).replace("{done}", _done()).replace("{mine}", MINE)
    with connection.cursor() as cursor:
        cursor.execute(
            STANDING.format(tally=sql, asked=branches or NOTHING_ASKED),
            _values(actor, today) | spans(today) | {"user": actor.user_id, "limit": limit},
        )
        overdue, week, month, ahead, all_month, done, following, asked = cursor.fetchone()
    said = json.loads(following) if following else None
    due_next = said and Next(said["name"], said["project"] or "", dt.date.fromisoformat(said["due_on"]))
    counted = Tally(overdue, week, month, ahead, all_month, done, due_next)
    return counted, [_asked(entries, row) for row in json.loads(asked or "[]")]


def overdue(actor: Principal, *, today: dt.date) -> int:
    """How many are overdue: the number beside the word in the navigation."""
    if not actor.sees_own or not sources():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(LATE.replace("{branches}", _branches()).replace("{mine}", MINE), _values(actor, today))
        return int(cursor.fetchone()[0])


def answers(actor: Principal) -> bool:
    """Whether the actor files or decides for some office: they begin at what they owe."""
    return any(_offices_answered_for(actor, entry) for entry in sources())


def spans(today: dt.date) -> dict[str, dt.date]:
    """The last days of the week, the month and the thirty days, and the first of the month. A week may reach into the next month."""
    month_ends = today.replace(day=monthrange(today.year, today.month)[1])
    return {
        "week_ends": today + dt.timedelta(days=6 - today.weekday()),
        "month_ends": month_ends,
        "month_begins": today.replace(day=1),
        "until": today + AHEAD,
    }


def _asked(entries: dict[str, Awaited], row: dict[str, Any]) -> Asked:
    asked_at = dt.datetime.fromisoformat(row["asked_at"])
    return Asked(
        entries[row["kind"]], uuid.UUID(row["subject_id"]), row["subject_name"], row["project"] or "", row["office"] or "", asked_at
    )


def _offices_answered_for(actor: Principal, entry: Source) -> list[uuid.UUID]:
    """The offices for which the actor owes this kind: where they file, approve, or hold one of its roles."""
    if entry.roles == FILERS:
        grants = [grant for grant in actor.grants if Act.EDIT in grant.acts and not grant.everywhere]
    else:
        roles = {Role.APPROVER} if entry.has_maker else entry.roles
        grants = [grant for grant in actor.grants if grant.role in roles]
    return [office for grant in grants for office in grant.office_ids]


def _values(actor: Principal, today: dt.date) -> dict[str, Any]:
    offices = {f"offices_{entry.kind}": _offices_answered_for(actor, entry) for entry in sources()}
    administers = any(grant.role == Role.ADMIN for grant in actor.grants)
    return {"user": actor.user_id, "users": actor.stands_for, "administers": administers, "today": today} | offices


def _branches(kind: str = "") -> str:
    """The obligations of every kind, or of one."""
    return " UNION ALL ".join(
        OWED_OF_KIND.format(
            kind=entry.kind,
            obligations=entry.obligations,
            leads_answer=entry.leads_answer,
            maker=entry.maker,
            is_of_office=(DECIDED_HERE if entry.has_maker else OF_OFFICE).format(kind=entry.kind),
        )
        for entry in sources()
        if kind in ("", entry.kind)
    )


def _done() -> str:
    told = [
        DONE_OF_KIND.format(
            kind=entry.kind, done=entry.done, leads_answer=entry.leads_answer, done_by="d.done_by_id" if entry.has_maker else "NULL::uuid"
        )
        for entry in sources()
        if entry.done
    ]
    return " UNION ALL ".join(told or [NOTHING_DONE])


def _facts() -> str:
    return "CASE w.kind " + " ".join(f"WHEN '{entry.kind}' THEN ({entry.facts})" for entry in sources()) + " END"


def _duty(row: tuple[Any, ...]) -> Duty:
    rung_kind, rung_days, letter, sent_at, facts = row[-5:]
    told = None if sent_at is None else Told(rung_kind, rung_days, letter, sent_at)
    return Duty(**dict(zip(FIELDS, row, strict=False)), told=told, facts=json.loads(facts) if facts else {})


FIELDS = ("kind", "id", "name", "project_id", "project_name", "project_code", "office_id", "authority_id", "due_on")  # as OWED selects them

OWED_OF_KIND = """
SELECT '{kind}' AS kind, o.subject_id, o.subject_name, o.project_id, o.office_id, o.authority_id, o.due_on,
       {is_of_office} AS is_of_office, {leads_answer} AS leads_answer, {maker} AS maker_id
  FROM ({obligations}) o
"""
OF_OFFICE = "o.office_id = ANY (%(offices_{kind})s::uuid[])"
DECIDED_HERE = f"""(o.office_id = ANY (%(offices_{{kind}})s::uuid[])
        OR {nobody_approves("o.office_id", "o.maker_id")} AND (o.authority_id = ANY (%(offices_{{kind}})s::uuid[])
                                   OR %(administers)s AND {nobody_approves("o.authority_id", "o.maker_id")}))"""

DONE_OF_KIND = """
SELECT d.project_id, d.done_on, (d.office_id = ANY (%(offices_{kind})s::uuid[]) OR {done_by} = %(user)s) AS is_of_office,
       {leads_answer} AS leads_answer, NULL::uuid AS maker_id
  FROM ({done}) d
"""
NOTHING_DONE = (
    "SELECT NULL::uuid AS project_id, NULL::date AS done_on, false AS is_of_office, false AS leads_answer, NULL::uuid AS maker_id"
)

# The one who makes does not check, nor does who stands in for them: what they asked for is not theirs to decide.
MINE = """(o.maker_id IS NULL OR o.maker_id <> ALL (%(users)s::uuid[])) AND (o.is_of_office
     OR o.leads_answer AND o.project_id IN (SELECT a.project_id FROM projects_assignment a
                                             WHERE a.user_id = ANY (%(users)s::uuid[]) AND a.part = 'lead'
                                               AND (a.valid_from_on IS NULL OR a.valid_from_on <= %(today)s)
                                               AND (a.valid_until_on IS NULL OR a.valid_until_on >= %(today)s)))"""

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

TALLY = """
WITH mine AS MATERIALIZED (SELECT o.subject_name, o.project_id, o.due_on FROM ({branches}) o WHERE {mine}),
done AS MATERIALIZED (SELECT count(*) AS n FROM ({done}) o WHERE o.done_on BETWEEN %(month_begins)s AND %(today)s AND {mine})
SELECT count(*) FILTER (WHERE due_on < %(today)s),
       count(*) FILTER (WHERE due_on BETWEEN %(today)s AND %(week_ends)s),
       count(*) FILTER (WHERE due_on > %(week_ends)s AND due_on <= %(month_ends)s),
       count(*) FILTER (WHERE due_on > %(week_ends)s AND due_on > %(month_ends)s AND due_on <= %(until)s),
       count(*) FILTER (WHERE due_on <= %(month_ends)s) + (SELECT n FROM done), (SELECT n FROM done),
       (SELECT jsonb_build_object('name', m.subject_name, 'project', p.name, 'due_on', m.due_on)
          FROM mine m LEFT JOIN projects_project p ON p.id = m.project_id WHERE m.due_on >= %(today)s ORDER BY m.due_on LIMIT 1)
  FROM mine
"""

LATE = "SELECT count(*) FROM ({branches}) o WHERE o.due_on < %(today)s AND {mine}"

ASKED_OF_KIND = "SELECT '{kind}' AS kind, {is_decision} AS is_decision, q.* FROM ({requests}) q"
NOTHING_ASKED = """SELECT '' AS kind, false AS is_decision, NULL::uuid AS subject_id, '' AS subject_name, NULL::uuid AS project_id, NULL::uuid AS office_id,
                          NULL::timestamptz AS asked_at, NULL::uuid AS asked_by_id"""

STANDING = f"""
SELECT t.*, (SELECT jsonb_agg(to_jsonb(w) ORDER BY w.asked_at) FROM (
           SELECT q.kind, q.subject_id, q.subject_name, p.name AS project, f.name AS office, q.asked_at
             FROM (SELECT a.* FROM ({{asked}}) a WHERE a.asked_by_id = %(user)s ORDER BY a.asked_at LIMIT %(limit)s) q
             LEFT JOIN projects_project p ON p.id = q.project_id
             LEFT JOIN accounts_office f ON f.id = CASE WHEN q.is_decision THEN {deciding_office("p.office_id", "p.authority_id", "q.asked_by_id")}
                                                        ELSE q.office_id END) w)
  FROM ({{tally}}) t
"""
