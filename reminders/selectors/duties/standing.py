"""How many the actor owes by when, what was done, and what waits for others."""

import datetime as dt
import json
import uuid
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.roles import Principal
from reminders.selectors.duties.mine import AHEAD, MINE, branches_of, values_of
from reminders.selectors.turns import deciding_office
from reminders.sources import Awaited, awaited, sources


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
    sql = TALLY.replace("{branches}", branches_of()).replace("{done}", _done()).replace("{mine}", MINE)
    with connection.cursor() as cursor:
        cursor.execute(
            STANDING.format(tally=sql, asked=branches or NOTHING_ASKED),
            values_of(actor, today) | spans(today) | {"user": actor.user_id, "limit": limit},
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
        cursor.execute(LATE.replace("{branches}", branches_of()).replace("{mine}", MINE), values_of(actor, today))
        return int(cursor.fetchone()[0])


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


def _done() -> str:
    told = [
        DONE_OF_KIND.format(
            kind=entry.kind, done=entry.done, leads_answer=entry.leads_answer, done_by="d.done_by_id" if entry.has_maker else "NULL::uuid"
        )
        for entry in sources()
        if entry.done
    ]
    return " UNION ALL ".join(told or [NOTHING_DONE])


DONE_OF_KIND = """
SELECT d.project_id, d.done_on, (d.office_id = ANY (%(offices_{kind})s::uuid[]) OR {done_by} = %(user)s) AS is_of_office,
       {leads_answer} AS leads_answer, NULL::uuid AS maker_id
  FROM ({done}) d
"""
NOTHING_DONE = (
    "SELECT NULL::uuid AS project_id, NULL::date AS done_on, false AS is_of_office, false AS leads_answer, NULL::uuid AS maker_id"
)
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
