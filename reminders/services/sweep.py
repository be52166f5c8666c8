"""The sweep: one reminder for each open obligation, rung and person whose time has come, if it is not there."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.querysets import HOLDS
from accounts.roles import Role
from common import calendar
from common.actors import Actor, system
from common.recording import recording
from reminders.lifecycle import RungKind
from reminders.models import Rung, SweepState
from reminders.rules import Window
from reminders.selectors.addresses import CHANNELS
from reminders.selectors.turns import made_by
from reminders.services import bundles, settlement
from reminders.sources import Source, sources

Step = tuple[uuid.UUID, dt.date]  # a rung on a day
SWEEPER = system("sweep")
ONE_AT_A_TIME = 7_201_001  # advisory lock: two sweeps at once would be right, but one would wait for nothing
OUTAGE = dt.timedelta(minutes=15)  # after a longer silence the whole range is swept
MANY = 1000  # new reminders after which what the planner knows of the table is worth nothing
MARGIN = dt.timedelta(minutes=10)  # rows bear the start of their transaction, which may commit this much later


def sweep(*, now: dt.datetime, actor: Actor = SWEEPER) -> int | None:
    """Insert what is due, settle what ended, bundle what is ready; return the number of new reminders, None where another sweep is at work.

    May run twice, late, or beside another: every insert is keyed by (subject, due date, rung, recipient).
    """
    with recording(actor):
        if not try_lock():
            return None
        state, _created = SweepState.objects.get_or_create(id=1)
        today = timezone.localdate(now)
        whole = state.completed_at is None or state.whole_on != today or now - state.completed_at > OUTAGE
        since = None if whole or state.began_at is None else state.began_at - MARGIN
        raised = run(since=since, now=now, actor=actor)
        SweepState.objects.filter(id=1).update(began_at=now, completed_at=now, whole_on=today)
    return raised


def run(*, since: dt.datetime | None, now: dt.datetime, actor: Actor) -> int:
    """The three steps on what changed since, or on everything. Inside the caller's block of recording."""
    today = timezone.localdate(now)
    if bundles.let_go():
        since = None
    opens, climbed = due_at(now=now), ladders()
    ends = last_days([rung for rungs in climbed.values() for rung in rungs], [today - dt.timedelta(days=1), today])
    common = {"since": since, "due_at": opens}
    raised = sum(_raise(source, climbed[source.kind], ends, common, today=today) for source in sources())
    if raised > MANY:
        _count_anew()
    settlement.settle(today=today, actor=actor)
    bundles.bundle(window=opens, today=today)
    return raised


def _count_anew() -> None:
    """Tell the planner of rows that were added in this very transaction (measured: without it the first sweep of a city takes 15 s)."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE reminders_reminder")


def sweep_all_next() -> None:
    """What decides who is told has changed: the next sweep looks at the whole range. Inside the caller's transaction."""
    SweepState.objects.filter(id=1).update(whole_on=None)


def due_at(*, now: dt.datetime) -> dt.datetime:
    """The start of the window that a reminder raised now belongs to: the one we are in, else the next."""
    window = Window.parse(settings.REMINDER_WINDOW)
    local = timezone.localtime(now)
    day = local.date() + dt.timedelta(days=1) if window.has_closed(local) else local.date()
    if window.working_days_only:
        day = calendar.next_working_day(day)
    return timezone.make_aware(dt.datetime.combine(day, window.opens))


def windows_at(*, now: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """When the window opened that we are in, and when the next one opens: twice the same moment outside of windows."""
    opens = due_at(now=now)
    if opens > now:
        return opens, opens
    return opens, due_at(now=timezone.make_aware(dt.datetime.combine(timezone.localdate(now) + dt.timedelta(days=1), dt.time.min)))


def _raise(source: Source, rungs: Sequence[Rung], ends: Mapping[Step, dt.date], common: Mapping[str, Any], *, today: dt.date) -> int:
    parameters = {**audience(source, today=today), **common}
    branches = [_branch(source, rung, number, ends, parameters, today) for number, rung in enumerate(rungs)]
    if not branches:
        return 0
    with connection.cursor() as cursor:
        due = "\nUNION ALL\n".join(branches)
        once = f"WITH owed AS MATERIALIZED ({source.obligations}) " if source.is_computed else ""
        cursor.execute(INSERT.replace("{due}", once + due), parameters)
        return cursor.rowcount


def audience(source: Source, *, today: dt.date) -> dict[str, Any]:
    """What TOLD asks: who listens to this kind today."""
    told = [str(role) for role in (*source.roles, Role.SUPERVISOR)]
    return {"kind": source.kind, "roles": told, "leads_answer": source.leads_answer, "today": today}


def ladders() -> dict[str, list[Rung]]:
    """By kind of obligation: the active rungs of this kind alone, or those of every kind that has none."""
    own: dict[str | None, list[Rung]] = {}
    for rung in Rung.objects.filter(is_active=True).order_by("id"):
        own.setdefault(rung.subject_kind, []).append(rung)
    return {source.kind: own.get(source.kind) or own.get(None, []) for source in sources()}


def last_days(rungs: Iterable[Rung], days: Sequence[dt.date]) -> dict[Step, dt.date]:
    """For every rung and day: the last due date that has come that near, in the days that the rung counts."""
    rungs = list(rungs)
    working = calendar.last_days_counting({rung.days_ahead for rung in rungs if rung.in_working_days}, days)
    return {
        (rung.pk, day): working[rung.days_ahead, day] if rung.in_working_days else day + dt.timedelta(days=rung.days_ahead)
        for rung in rungs
        for day in days
    }


def _branch(source: Source, rung: Rung, number: int, ends: Mapping[Step, dt.date], parameters: dict[str, Any], today: dt.date) -> str:
    """The obligations that have reached one rung. The date is a constant, so that the planner sees it."""
    parameters |= {
        f"rung_{number}": rung.id,
        f"audience_{number}": rung.audience,
        f"up_to_{number}": ends[rung.pk, today],
        f"reached_{number}": ends[rung.pk, today - dt.timedelta(days=1)],
    }
    reached = f"o.due_on <= %(up_to_{number})s" + (" AND o.due_on >= %(today)s" if rung.kind == RungKind.BEFORE else "")
    if parameters["since"] is not None:
        reached += f" AND (o.due_on > %(reached_{number})s OR o.subject_id IN ({source.touched}))"
    open_ones = "SELECT * FROM owed" if source.is_computed else source.obligations
    asked = f"{source.maker} AS made_by_id, {source.stand_in} AS stand_in_id"
    return (
        f"SELECT o.*, {asked}, %(rung_{number})s::uuid AS rung_id, %(audience_{number})s AS audience FROM ({open_ones}) o WHERE {reached}"
    )


def try_lock() -> bool:
    """Hold every other sweep off until the end of the transaction; False where one is at work."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
        return bool(cursor.fetchone()[0])


def _hears(user: str) -> str:
    return f"(d.made_by_id IS NULL OR {made_by(user, 'd.made_by_id')} IS NOT TRUE)"


# A deputy is told in addition to the lead for whom they stand. An audience without people falls to the nearest office above
# that has some, then to those in the city office who see everything. What is to be decided goes to who may (`selectors.turns`):
# an approver of the branch, else of the authority's; as the last resort administrators hear besides. To whoever may decide it did
# not fall: it is theirs. Who asked is not told.
TOLD = f"""
WITH due AS MATERIALIZED ({{due}}),
reachable AS MATERIALIZED (SELECT DISTINCT user_id FROM ({CHANNELS}) ways),
listener AS MATERIALIZED (
    SELECT m.office_id, m.user_id, bool_or(m.role = 'supervisor') AS sees_everything, bool_or(m.role = 'approver') AS approves,
           bool_or(m.role = 'admin') AS administers
      FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
     WHERE m.role = ANY (%(roles)s) AND u.id IN (SELECT user_id FROM reachable)
       AND {HOLDS}
     GROUP BY m.office_id, m.user_id),
part AS MATERIALIZED (
    SELECT DISTINCT a.project_id, a.part, u.id AS user_id, u.office_id
      FROM projects_assignment a
      JOIN (SELECT id AS holder_id, id AS user_id FROM accounts_user
            UNION SELECT m.delegated_by_id, m.user_id FROM accounts_membership m
                   WHERE m.delegated_by_id IS NOT NULL AND {HOLDS}) s
        ON s.holder_id = a.user_id
      JOIN accounts_user u ON u.id = s.user_id
     WHERE a.project_id IN (SELECT project_id FROM due) AND u.id IN (SELECT user_id FROM reachable)
       AND (a.valid_from_on IS NULL OR a.valid_from_on <= %(today)s) AND (a.valid_until_on IS NULL OR a.valid_until_on >= %(today)s)
       AND (a.part <> 'lead' OR %(leads_answer)s)
       AND (s.user_id = a.user_id OR a.part = 'lead')),
asked AS MATERIALIZED (
    SELECT d.*, CASE d.audience WHEN 'authority' THEN coalesce(d.authority_id, o.parent_id, d.office_id)
                                WHEN 'patron' THEN coalesce(o.parent_id, d.office_id)
                                ELSE d.office_id END AS asked_id,
           CASE WHEN d.audience IN ('filer', 'office') THEN d.stand_in_id END AS second_id,
           d.made_by_id IS NOT NULL AND d.audience IN ('filer', 'office') AS is_decision
      FROM due d JOIN accounts_office o ON o.id = d.office_id),
told_office AS MATERIALIZED (
    SELECT d.*, coalesce(nearest.id, (SELECT c.id FROM accounts_office c WHERE c.kind = 'city_office')) AS told_id,
           nearest.id IS NULL AS is_last_resort
      FROM (SELECT DISTINCT asked_id, second_id, made_by_id, is_decision FROM asked) d
      JOIN accounts_office o ON o.id = d.asked_id
      LEFT JOIN accounts_office second ON second.id = d.second_id
      LEFT JOIN LATERAL (SELECT above.id FROM accounts_office above
                          WHERE (starts_with(o.path, above.path) OR starts_with(second.path, above.path))
                            AND (d.is_decision OR above.parent_id IS NOT NULL OR above.id = o.id)
                            AND CASE WHEN d.made_by_id IS NULL THEN above.id IN (SELECT office_id FROM listener)
                                     ELSE EXISTS (SELECT FROM listener l WHERE l.office_id = above.id
                                                     AND (l.approves OR NOT d.is_decision) AND {_hears("l.user_id")}) END
                          ORDER BY starts_with(o.path, above.path) DESC, length(above.path) DESC LIMIT 1) nearest ON true),
place AS MATERIALIZED (
    SELECT * FROM told_office
     UNION SELECT t.asked_id, t.second_id, t.made_by_id, t.is_decision, l.office_id, true
             FROM told_office t JOIN listener l ON l.administers WHERE t.is_last_resort AND t.is_decision),
told AS (
    SELECT d.*, part.user_id, part.office_id AS told_id, NULL::uuid AS fell_from_id
      FROM asked d JOIN part ON part.project_id = d.project_id AND {_hears("part.user_id")}
       AND part.part = CASE WHEN d.audience IN ('filer', 'office') THEN 'lead' WHEN d.audience = 'patron' THEN 'patron' END
    UNION ALL
    SELECT d.*, l.user_id, t.told_id,
           CASE WHEN t.told_id <> t.asked_id AND NOT (t.is_decision AND (l.approves OR l.administers)) THEN t.asked_id END AS fell_from_id
      FROM asked d
      JOIN place t ON t.asked_id = d.asked_id AND t.is_decision = d.is_decision
       AND t.second_id IS NOT DISTINCT FROM d.second_id AND t.made_by_id IS NOT DISTINCT FROM d.made_by_id
      JOIN listener l ON l.office_id = t.told_id
       AND CASE WHEN t.is_last_resort THEN l.sees_everything OR t.is_decision AND l.administers ELSE l.approves OR NOT t.is_decision END
       AND {_hears("l.user_id")}
     WHERE CASE d.audience
               WHEN 'filer' THEN NOT EXISTS (SELECT FROM part WHERE part.project_id = d.project_id AND part.part = 'lead')
               WHEN 'office' THEN t.told_id = d.office_id
                                  OR NOT EXISTS (SELECT FROM part WHERE part.project_id = d.project_id AND part.part = 'lead')
               WHEN 'patron' THEN NOT EXISTS (SELECT FROM part WHERE part.project_id = d.project_id AND part.part = 'patron'
                                                 AND {_hears("part.user_id")})
               ELSE true END)
"""

INSERT = f"""{TOLD}
INSERT INTO reminders_reminder
       (subject_kind, subject_id, subject_name, project_id, due_on, rung_id, recipient_id, recipient_office_id, fell_from_id, due_at)
SELECT DISTINCT ON (t.subject_id, t.due_on, t.rung_id, t.user_id)
       %(kind)s, t.subject_id, t.subject_name, t.project_id, t.due_on, t.rung_id, t.user_id, t.told_id, t.fell_from_id, %(due_at)s
  FROM told t
 WHERE NOT EXISTS (SELECT FROM reminders_reminder r
                    WHERE r.subject_kind = %(kind)s AND r.subject_id = t.subject_id AND r.due_on = t.due_on
                      AND r.rung_id = t.rung_id AND r.recipient_id = t.user_id AND r.state <> 'cancelled')
 ORDER BY t.subject_id, t.due_on, t.rung_id, t.user_id
-- a date moved away and back is told again, but only if it was not told
ON CONFLICT (subject_kind, subject_id, due_on, rung_id, recipient_id)
DO UPDATE SET state = 'pending', state_reason = '', delivery_id = NULL, due_at = excluded.due_at
 WHERE reminders_reminder.state = 'cancelled' AND reminders_reminder.sent_at IS NULL
"""
