"""Messages leave: claimed with a lease, judged once more, sent, recorded. At least once, always with the same Message-ID."""

import datetime as dt
import logging
import smtplib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import connection, transaction
from django.utils import timezone, translation

from accounts import selectors as account_selectors
from accounts.roles import Principal
from common import calendar
from common.actors import Actor, system
from common.recording import recording
from projects.models import Project
from reminders import notifications
from reminders.lifecycle import DeliveryState, ReminderState
from reminders.models import Delivery, Reminder
from reminders.rules import LEASE, Window, wait_after
from reminders.services import settlement
from reminders.sources import source, sources

logger = logging.getLogger(__name__)
DELIVERER = system("deliver")
# A server that refuses the person for good: there is no use in trying this message again.
PERMANENT = range(500, 600)


@dataclass(frozen=True)
class Claim:
    """The right to send one delivery until the lease ends, proved by the token."""

    delivery: Delivery
    token: uuid.UUID


def deliver(*, clock: Callable[[], dt.datetime], limit: int = 500, actor: Actor = DELIVERER) -> int:
    """Send what may leave now; return how many messages left. Any number of workers may run this at once.

    `clock` is asked before every claim, since a long run may cross the end of the window.
    """
    sent = 0
    mailer = get_connection()
    try:
        for _number in range(limit):
            claim = claim_next(now=clock(), actor=actor)
            if claim is None:
                break
            sent += _send(claim, mailer, clock=clock, actor=actor)
    finally:
        mailer.close()
    return sent


def claim_next(*, now: dt.datetime, actor: Actor = DELIVERER) -> Claim | None:
    """Take the next delivery that may leave: inside the window only, one a person and window.

    The day is written at the first claim and stays: a retry belongs to the window it was meant for.
    """
    local = timezone.localtime(now)
    window = Window.parse(settings.REMINDER_WINDOW)
    if not window.contains(local, is_working_day=calendar.is_working(local.date())):
        return None
    token = uuid.uuid4()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CLAIM, {"now": now, "today": local.date(), "lease_until": now + LEASE, "token": token})
        row = cursor.fetchone()
    return None if row is None else Claim(Delivery.objects.select_related("recipient").get(pk=row[0]), token)


def record_sent(claim: Claim, reminder_ids: list[uuid.UUID], *, now: dt.datetime, actor: Actor) -> bool:
    """Write down that the message left. False when the lease was lost to another worker meanwhile."""
    with recording(actor):
        done = Delivery.objects.filter(pk=claim.delivery.pk, token=claim.token, state=DeliveryState.SENDING).update(
            state=DeliveryState.SENT, sent_at=now, lease_until=None, last_error=""
        )
        if done:
            carried = Reminder.objects.filter(delivery=claim.delivery, pk__in=reminder_ids)
            carried.filter(state=ReminderState.PENDING).update(state=ReminderState.SENT, sent_at=now)
            # acknowledged or cancelled between send and record: told all the same
            carried.filter(sent_at__isnull=True).update(sent_at=now)
    return bool(done)


def _send(claim: Claim, mailer: Any, *, clock: Callable[[], dt.datetime], actor: Actor) -> bool:
    items = judge(claim, today=timezone.localdate(clock()), actor=actor)
    if not items:
        return False
    try:
        with translation.override("zh-hans"):
            message = notifications.digest(claim.delivery, items, today=timezone.localdate(clock()))
        mailer.open()
        if mailer.send_messages([message]) != 1:
            raise smtplib.SMTPException("no message left")
    except Exception as error:  # whatever one message does must not hold up the others; the error is kept and shown
        mailer.close()
        _record_failure(claim, error, now=clock())
        return False
    return record_sent(claim, [item.id for item in items], now=clock(), actor=actor)


def judge(claim: Claim, *, today: dt.date, actor: Actor) -> list[Reminder]:
    """The items that are still to be told; the others are let go, and an empty delivery with them."""
    delivery = claim.delivery
    with recording(actor):
        pending = Reminder.objects.pending().filter(delivery=delivery).select_related("rung").order_by("id")
        items = list(pending.select_for_update(no_key=True, of=("self",)))
        over = {pk for entry in sources() for pk in settlement.ended(entry, [item.id for item in items])}
        recipient = account_selectors.person(delivery.recipient, today=today)
        visible = set(Project.objects.visible_to(recipient).filter(pk__in={item.project_id for item in items}).values_list("pk", flat=True))
        hidden = {item.id for item in items if not (item.project_id in visible if item.project_id else _may_hear(recipient, item))}
        if not (delivery.recipient.is_active and delivery.recipient.email):
            hidden = {item.id for item in items}
        snoozed = {item.id for item in items if item.snoozed_until_on and item.snoozed_until_on > today}
        if delivery.attempts == 1:  # superseded while it waited: not part of this message
            Reminder.objects.filter(delivery=delivery, state=ReminderState.SUPERSEDED).update(delivery=None)
        _let_go(over, "已完成或日期已变")
        _let_go(hidden - over, "收件人已停用、没有邮箱或无权查看该事项")
        Reminder.objects.filter(pk__in=snoozed - over - hidden).update(delivery=None)
        left = [item for item in items if item.id not in over | hidden | snoozed]
        if not left:
            _drop(claim)
    return left


def _may_hear(recipient: Principal, item: Reminder) -> bool:
    """Of what belongs to no project hears who still holds the role for which they were chosen, or sees everything."""
    roles = source(item.subject_kind).roles
    return recipient.sees_everything or any(grant.role in roles and grant.office == item.recipient_office_id for grant in recipient.grants)


def _drop(claim: Claim) -> None:
    """Take back an empty delivery. One that was tried before may have arrived: it stays, and keeps its window."""
    mine = Delivery.objects.filter(pk=claim.delivery.pk, token=claim.token)
    if claim.delivery.attempts > 1:
        mine.update(state=DeliveryState.DEAD, lease_until=None, last_error="内容均已失效，此前的尝试可能已送达")
        return
    Reminder.objects.filter(delivery=claim.delivery).update(delivery=None)
    mine.delete()


def _let_go(reminder_ids: set[uuid.UUID], reason: str) -> None:
    Reminder.objects.filter(pk__in=reminder_ids).update(state=ReminderState.CANCELLED, state_reason=reason)


def _record_failure(claim: Claim, error: Exception, *, now: dt.datetime) -> None:
    """Keep the error. What is refused for good becomes a dead letter, and its items wait for the next window."""
    delivery, dead = claim.delivery, _is_permanent(error)
    logger.warning("delivery %s failed: %s", delivery.pk, error)
    with recording(DELIVERER):
        mine = Delivery.objects.filter(pk=delivery.pk, token=claim.token, state=DeliveryState.SENDING)
        done = mine.update(
            state=DeliveryState.DEAD if dead else DeliveryState.FAILED,
            next_try_at=None if dead else now + wait_after(delivery.attempts),
            lease_until=None,
            last_error=f"{type(error).__name__}: {error}"[:500],
        )
        if done and dead:
            Reminder.objects.pending().filter(delivery=delivery).update(delivery=None)


def _is_permanent(error: Exception) -> bool:
    """Refused by the server for good, or a message that cannot be made. A server that cannot be reached is neither."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code in PERMANENT for code, _text in error.recipients.values())
    return not isinstance(error, OSError)


CLAIM = """
UPDATE reminders_delivery SET state = 'sending', lease_until = %(lease_until)s, token = %(token)s, attempts = attempts + 1,
       "window" = coalesce("window", %(today)s)
 WHERE id = (
    SELECT d.id FROM reminders_delivery d
     WHERE (d.state = 'waiting' OR (d.state = 'failed' AND d.next_try_at <= %(now)s) OR (d.state = 'sending' AND d.lease_until < %(now)s))
       AND (d."window" IS NOT NULL
            OR NOT EXISTS (SELECT FROM reminders_delivery o
                            WHERE o.recipient_id = d.recipient_id AND o.channel = d.channel AND o."window" = %(today)s))
     ORDER BY d.id FOR UPDATE SKIP LOCKED LIMIT 1)
RETURNING id
"""
