"""What ends a reminder before it is sent: the obligation ended or moved, or a higher rung says it all."""

import datetime as dt
import uuid

from django.db import connection

from common.actors import Actor
from common.recording import recording
from projects.lifecycle import UNHURRIED
from reminders.lifecycle import ReminderState
from reminders.models import Reminder
from reminders.querysets import ReminderQuerySet
from reminders.sources import Source, source, sources


def cancel(kind: str, subject_ids: list[uuid.UUID], *, reason: str, actor: Actor) -> int:
    """Cancel the pending reminders of obligations that ended. Called inside the transaction that ends them.

    A reminder whose message is being sent keeps its delivery: the person may have been told.
    """
    return _cancel(Reminder.objects.pending().filter(subject_kind=kind, subject_id__in=subject_ids), reason, actor)


def review(kind: str, subject_ids: list[uuid.UUID], *, today: dt.date, actor: Actor) -> None:
    """Cancel the pending reminders of those among these obligations that ended or moved. Called inside the transaction that may have ended them."""
    reminders = Reminder.objects.pending().filter(subject_kind=kind, subject_id__in=subject_ids)
    if ids := list(reminders.values_list("id", flat=True)):
        over = ended(source(kind), ids, today=today)
        _cancel(Reminder.objects.pending().filter(id__in=over), "已完成或日期已变", actor)


def cancel_of_projects(project_ids: list[uuid.UUID], stage: str, actor: Actor) -> None:
    """A project that was suspended or cancelled owes nothing: follows `projects` through its register."""
    if stage in UNHURRIED:
        _cancel(Reminder.objects.pending().filter(project_id__in=project_ids), "项目已停缓建或退库", actor)


def _cancel(pending: ReminderQuerySet, reason: str, actor: Actor) -> int:
    """Locked in the order that everybody locks in."""
    with recording(actor):
        ids = list(pending.select_for_update(no_key=True, of=("self",)).order_by("id").values_list("id", flat=True))
        return Reminder.objects.filter(id__in=ids).update(state=ReminderState.CANCELLED, state_reason=reason)


def settle(*, today: dt.date, actor: Actor) -> None:
    """Cancel what is done or moved, supersede lower rungs; sets, not loops."""
    with recording(actor), connection.cursor() as cursor:
        for entry in sources():
            cursor.execute(
                CANCEL.replace("{obligations}", entry.obligations), {"kind": entry.kind, "reason": "已完成或日期已变", "today": today}
            )
        cursor.execute(SUPERSEDE, {"reason": "同一事项有更高级次"})


def ended(entry: Source, reminder_ids: list[uuid.UUID], *, today: dt.date) -> list[uuid.UUID]:
    """Which of these reminders are about something that is no longer owed."""
    with connection.cursor() as cursor:
        cursor.execute(ENDED.replace("{obligations}", entry.obligations), {"kind": entry.kind, "ids": reminder_ids, "today": today})
        return [row[0] for row in cursor.fetchall()]


ENDED = """
SELECT r.id FROM reminders_reminder r
 WHERE r.id = ANY (%(ids)s) AND r.subject_kind = %(kind)s
   AND NOT EXISTS (SELECT FROM ({obligations}) o WHERE o.subject_id = r.subject_id AND o.due_on = r.due_on)
"""

CANCEL = """
WITH gone AS (
    SELECT r.id FROM reminders_reminder r
     WHERE r.state = 'pending' AND r.subject_kind = %(kind)s
       AND NOT EXISTS (SELECT FROM ({obligations}) o WHERE o.subject_id = r.subject_id AND o.due_on = r.due_on)
     ORDER BY r.id FOR NO KEY UPDATE OF r)
UPDATE reminders_reminder r SET state = 'cancelled', state_reason = %(reason)s FROM gone WHERE r.id = gone.id
"""

# Compared by windows, not by a join with itself: its cost does not hang on what the planner knows of fresh rows.
# The highest rung says it all; but an escalation never silences what the answerable office must hear first. Who is
# told as the answerable side and as its superior hears it once, as the answerable side.
SUPERSEDE = """
WITH graded AS (
    SELECT r.id, r.subject_kind, r.subject_id, r.due_on, r.recipient_id, r.state, r.delivery_id,
           CASE g.kind WHEN 'before' THEN -g.days ELSE g.days END AS height, g.audience IN ('authority', 'patron') AS is_superior,
           array_position(ARRAY['patron', 'authority', 'filer', 'office'], g.audience) AS rank
      FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id
     WHERE (r.subject_kind, r.subject_id) IN (SELECT subject_kind, subject_id FROM reminders_reminder WHERE state = 'pending')
       AND r.state IN ('pending', 'sent', 'acknowledged')),
compared AS (
    SELECT id, state, delivery_id, height, is_superior, ARRAY[height, rank] AS grade,
           max(ARRAY[height, rank]) OVER (PARTITION BY subject_kind, subject_id, due_on, recipient_id, is_superior) AS highest_of_side,
           max(height) FILTER (WHERE NOT is_superior) OVER (PARTITION BY subject_kind, subject_id, due_on, recipient_id) AS height_as_answerable
      FROM graded),
lower AS (
    SELECT id FROM compared l
     WHERE state = 'pending'
       AND (delivery_id IS NULL OR EXISTS (SELECT FROM reminders_delivery d WHERE d.id = l.delivery_id AND d.state = 'waiting' AND d.attempts = 0))
       AND (grade < highest_of_side OR is_superior AND height <= height_as_answerable))
UPDATE reminders_reminder r SET state = 'superseded', state_reason = %(reason)s
  FROM (SELECT id FROM reminders_reminder WHERE id IN (SELECT id FROM lower) ORDER BY id FOR NO KEY UPDATE) x
 WHERE r.id = x.id AND r.state = 'pending'
"""
