"""What waits to leave: now, or for the next window, since one digest a window is the rule."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import OuterRef, Subquery

from reminders.models import Delivery
from reminders.selectors import quiet


@dataclass(frozen=True)
class Waiting:
    """Messages that have something to tell: `now` may leave in the window of today, `later` are to people who had theirs.

    `is_held`: the brake keeps all of them until an operator says so.
    """

    now: int
    later: int
    is_held: bool


def waiting(*, today: dt.date) -> Waiting:
    with connection.cursor() as cursor:
        cursor.execute(WAITING.replace("{waits}", quiet.waits()), {"today": today})
        return Waiting(*cursor.fetchone())


def digest_of_today(today: dt.date) -> Subquery:
    """Of a reminder: the digest that its recipient gets in today's window by the same channel, the only one; null before it was tried."""
    digests = Delivery.objects.filter(window=today, resends=None, recipient=OuterRef("recipient"), channel=OuterRef("delivery__channel"))
    return Subquery(digests.values("pk")[:1])


WAITING = """
SELECT count(*) FILTER (WHERE NOT is_later), count(*) FILTER (WHERE is_later),
       EXISTS (SELECT FROM reminders_brake WHERE "window" = %(today)s AND state = 'held')
  FROM (SELECT d."window" IS NULL AND EXISTS (SELECT FROM reminders_delivery o WHERE o.recipient_id = d.recipient_id AND o.channel = d.channel
                                                 AND o."window" = %(today)s AND o.resends_id IS NULL) AS is_later
          FROM reminders_delivery d
         WHERE d.state IN ('waiting', 'sending', 'failed')
           AND EXISTS (SELECT FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id
                        WHERE r.delivery_id = d.id AND r.state = 'pending' AND NOT ({waits}))) made_up
"""
