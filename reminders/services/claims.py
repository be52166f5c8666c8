"""The right to send one message now: inside the window, one digest a person and channel, within what a robot takes a minute."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from common import calendar
from reminders.lifecycle import ROBOTS
from reminders.models import Delivery
from reminders.rules import LEASE, ROBOT_MESSAGES, ROBOT_MINUTE, Window
from reminders.services import brakes


@dataclass(frozen=True)
class Claim:
    """The right to send one delivery until the lease ends, proved by the token."""

    delivery: Delivery
    token: uuid.UUID


def is_open(now: dt.datetime) -> bool:
    """May messages leave at this moment?"""
    local = timezone.localtime(now)
    return Window.parse(settings.REMINDER_WINDOW).contains(local, is_working_day=calendar.is_working(local.date()))


def claim_next(*, now: dt.datetime) -> Claim | None:
    """Take the next delivery that may leave: inside the window only, one a person, channel and window.

    The day is written at the first claim and stays: a retry belongs to the window it was meant for.
    """
    if not is_open(now):
        return None
    today, token = timezone.localdate(now), uuid.uuid4()
    values = {"now": now, "today": today, "lease_until": now + LEASE, "token": token, "robots": [str(robot) for robot in ROBOTS]}
    with transaction.atomic():
        room = brakes.room(today=today)
        found = None if room is brakes.Room.NONE else _take(values | {"is_full": room is brakes.Room.RETRIES})
    return None if found is None else Claim(Delivery.objects.select_related("recipient", "contact_point").get(pk=found), token)


def _take(values: dict[str, Any]) -> uuid.UUID | None:
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        if row := cursor.fetchone():
            return row[0]
        values |= {"robot_messages": ROBOT_MESSAGES, "minute_ago": values["now"] - ROBOT_MINUTE}
        while True:
            cursor.execute(ROBOT, values)
            if (robot := cursor.fetchone()) is None:
                return None
            # counted again now that no other worker can take for this robot: what it took while we waited is seen
            cursor.execute(CLAIM_OF_ROBOT, values | {"robot": robot[0]})
            if row := cursor.fetchone():
                return row[0]


MAY_LEAVE = """
    (d.state = 'waiting' OR (d.state = 'failed' AND d.next_try_at <= %(now)s) OR (d.state = 'sending' AND d.lease_until < %(now)s))
       AND (d."window" IS NOT NULL
            OR NOT %(is_full)s AND (d.resends_id IS NOT NULL
            OR NOT EXISTS (SELECT FROM reminders_delivery o
                            WHERE o.recipient_id = d.recipient_id AND o.channel = d.channel AND o."window" = %(today)s AND o.resends_id IS NULL)))
"""

TAKE = """
UPDATE reminders_delivery SET state = 'sending', lease_until = %(lease_until)s, token = %(token)s, attempts = attempts + 1, tried_at = %(now)s,
       may_have_arrived = may_have_arrived OR state = 'sending', "window" = coalesce("window", %(today)s)
 WHERE id = ({chosen})
RETURNING id
"""

# What needs no turn: e-mail, webhooks, and what waits for a robot that was switched off and goes on to the next channel.
CLAIM = TAKE.format(
    chosen=f"""
    SELECT d.id FROM reminders_delivery d
     WHERE {MAY_LEAVE}
       AND (d.contact_point_id IS NULL OR EXISTS (
            SELECT FROM reminders_contactpoint p
             WHERE p.id = d.contact_point_id
               AND (NOT p.is_active OR p.channel <> ALL (%(robots)s) AND (p.throttled_until IS NULL OR p.throttled_until <= %(now)s))))
     ORDER BY d.id FOR UPDATE SKIP LOCKED LIMIT 1"""
)

LATELY = """
    (SELECT count(*) FROM reminders_delivery t WHERE t.contact_point_id = {robot} AND t.tried_at > %(minute_ago)s) < %(robot_messages)s
"""

ROBOT = f"""
SELECT p.id FROM reminders_contactpoint p
 WHERE p.channel = ANY (%(robots)s) AND p.is_active AND (p.throttled_until IS NULL OR p.throttled_until <= %(now)s)
   AND EXISTS (SELECT FROM reminders_delivery d WHERE d.contact_point_id = p.id AND {MAY_LEAVE})
   AND {LATELY.format(robot="p.id")}
 ORDER BY p.id FOR NO KEY UPDATE SKIP LOCKED LIMIT 1
"""

CLAIM_OF_ROBOT = TAKE.format(
    chosen=f"""
    SELECT d.id FROM reminders_delivery d
     WHERE {MAY_LEAVE} AND d.contact_point_id = %(robot)s AND {LATELY.format(robot="%(robot)s")}
     ORDER BY d.id FOR UPDATE SKIP LOCKED LIMIT 1"""
)
