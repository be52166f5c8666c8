"""Ready reminders join their recipient's open delivery; there is at most one a person and channel."""

import datetime as dt

from django.conf import settings
from django.db import connection
from django.utils import timezone

from reminders.selectors import quiet
from reminders.selectors.addresses import BEST, CHANNELS


def let_go() -> bool:
    """Cancel what is for somebody without any channel; True where there was such a thing: those above are to be told in their stead.

    Runs inside the caller's transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(LET_GO, {"unreachable": UNREACHABLE})
        return bool(cursor.rowcount)


def bundle(*, window: dt.datetime, today: dt.date) -> int:
    """Open deliveries for those who have something ready, attach it; return how many reminders were attached.

    Ready is what belongs to the window that opened last or opens next, so that all of it is aboard when it opens.
    Each person gets it by the first of their channels that has not failed them in this window; where all have, it waits for the
    next.
    Runs inside the caller's transaction. A delivery that was ever tried takes no more: the person may have it already.
    """
    values = {
        "window": window,
        "window_day": timezone.localdate(window),
        "today": today,
        "host": settings.MESSAGE_ID_HOST,
    }
    waits = quiet.waits()
    with connection.cursor() as cursor:
        for step in (OPEN, ATTACH):
            cursor.execute(step.replace("{waits}", waits), values)
        return cursor.rowcount


# Nobody's superior is told before an earlier day's message to the answerable office; where nobody answers, none is awaited.
# Who acknowledged or put it off before the message left has heard of it on the day it was due: neither keeps a superior waiting.
READY = """
SELECT r.id, r.recipient_id
  FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id
 WHERE r.state = 'pending' AND r.delivery_id IS NULL AND r.due_at <= %(window)s
   AND NOT ({waits})
   AND (g.audience NOT IN ('authority', 'patron')
        OR EXISTS (SELECT FROM reminders_reminder a JOIN reminders_rung ag ON ag.id = a.rung_id
                    WHERE a.subject_kind = r.subject_kind AND a.subject_id = r.subject_id AND a.due_on = r.due_on
                      AND ag.kind = 'after' AND ag.audience = 'office'
                      AND (coalesce(a.sent_at, CASE WHEN a.state = 'acknowledged' OR a.snoozed_until_on IS NOT NULL THEN a.due_at END) AT TIME ZONE 'Asia/Shanghai')::date < %(today)s)
        OR NOT EXISTS (SELECT FROM reminders_reminder a JOIN reminders_rung ag ON ag.id = a.rung_id
                        WHERE a.subject_kind = r.subject_kind AND a.subject_id = r.subject_id AND a.due_on = r.due_on
                          AND ag.kind = 'after' AND ag.audience = 'office' AND a.state <> 'cancelled'))
"""

UNREACHABLE = "收件人没有联系渠道"

LET_GO = f"""
UPDATE reminders_reminder r SET state = 'cancelled', state_reason = %(unreachable)s
  FROM (SELECT id FROM reminders_reminder
         WHERE state = 'pending' AND delivery_id IS NULL AND recipient_id NOT IN (SELECT user_id FROM ({CHANNELS}) reached)
         ORDER BY id FOR NO KEY UPDATE) x
 WHERE r.id = x.id AND r.state = 'pending'
"""

OPEN = f"""
INSERT INTO reminders_delivery (id, recipient_id, channel, contact_point_id, state, message_id, last_error)
SELECT fresh.id, fresh.recipient_id, fresh.channel, fresh.contact_point_id, 'waiting', '<' || fresh.id || '@' || %(host)s || '>', ''
  FROM (SELECT uuidv7() AS id, ready.recipient_id, best.channel, best.contact_point_id
          FROM (SELECT DISTINCT recipient_id FROM ({READY}) found) ready
          JOIN ({BEST}) best ON best.user_id = ready.recipient_id ORDER BY ready.recipient_id) fresh
 WHERE NOT EXISTS (SELECT FROM reminders_delivery d
                    WHERE d.recipient_id = fresh.recipient_id AND d.channel = fresh.channel AND d.resends_id IS NULL
                      AND d.state IN ('waiting', 'sending', 'failed'))
ON CONFLICT DO NOTHING
"""

ATTACH = f"""
WITH ready AS MATERIALIZED (
    SELECT id, recipient_id FROM reminders_reminder WHERE id IN (SELECT id FROM ({READY}) found) ORDER BY id FOR NO KEY UPDATE),
best AS MATERIALIZED ({BEST})
UPDATE reminders_reminder r SET delivery_id = d.id
  FROM ready JOIN best ON best.user_id = ready.recipient_id
  JOIN (SELECT id, recipient_id, channel FROM reminders_delivery
         WHERE state = 'waiting' AND attempts = 0 AND resends_id IS NULL ORDER BY id FOR NO KEY UPDATE) d
    ON d.recipient_id = ready.recipient_id AND d.channel = best.channel
 WHERE r.id = ready.id AND r.state = 'pending'
"""
