"""Messages leave: claimed with a lease, judged once more, sent, recorded. At least once, always with the same Message-ID."""

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable, Mapping

from django.utils import timezone, translation

from accounts import selectors as account_selectors
from accounts.roles import Principal
from common.actors import Actor, system
from common.recording import recording
from projects.models import Project
from reminders import channels, notifications
from reminders.channels import Adapter
from reminders.channels.message import Address
from reminders.errors import Refused, Throttled, Undelivered
from reminders.lifecycle import DeliveryState, ReminderState
from reminders.models import ContactPoint, Delivery, Reminder
from reminders.querysets import DeliveryQuerySet, ReminderQuerySet
from reminders.rules import MOST_FAILURES, wait_after
from reminders.selectors import addresses, quiet
from reminders.services import brakes, letters, settlement, sweep
from reminders.services.claims import Claim, claim_next, is_open
from reminders.services.resending import STILL_TOLD
from reminders.sources import source, sources

logger = logging.getLogger(__name__)
DELIVERER = system("deliver")
PATIENCE = 100.0  # seconds after which a worker begins no further message: others wait for it, and the queue's limit is longer


def deliver(*, clock: Callable[[], dt.datetime], limit: int = 2000, actor: Actor = DELIVERER) -> int:
    """Send what may leave now; return how many messages left. Any number of workers may run this at once.

    `clock` is asked before every claim, since a long run may cross the end of the window.
    """
    sent, ways, began = 0, channels.adapters(), time.monotonic()
    if is_open(now := clock()):
        brakes.check(today=timezone.localdate(now), now=now, actor=actor)
    try:
        for _number in range(limit):
            claim = claim_next(now=clock()) if time.monotonic() - began < PATIENCE else None
            if claim is None:
                break
            sent += _send(claim, ways, clock=clock, actor=actor)
    finally:
        for way in ways.values():
            way.close()
    return sent


def record_sent(claim: Claim, reminder_ids: list[uuid.UUID], *, now: dt.datetime, actor: Actor) -> bool:
    """Write down that the message left. False when the lease was lost to another worker meanwhile."""
    with recording(actor):
        done = _mine(claim).update(state=DeliveryState.SENT, sent_at=now, lease_until=None, last_error="")
        if done:
            carried = Reminder.objects.filter(pk__in=reminder_ids)
            if claim.delivery.resends_id is None:
                carried = carried.filter(delivery=claim.delivery)
            carried.filter(state=ReminderState.PENDING).update(state=ReminderState.SENT, sent_at=now, delivery=claim.delivery)
            # acknowledged or cancelled between send and record: told all the same
            carried.filter(sent_at__isnull=True).update(sent_at=now)
    return bool(done)


def _send(claim: Claim, ways: Mapping[str, Adapter], *, clock: Callable[[], dt.datetime], actor: Actor) -> bool:
    items = judge(claim, today=timezone.localdate(clock()), actor=actor)
    if not items:
        return False
    try:
        with translation.override("zh-hans"):
            message = notifications.digest(claim.delivery, items, today=timezone.localdate(clock()))
        ways[claim.delivery.channel].send(message, _address(claim.delivery))
    except Exception as error:  # whatever one message does must not hold up the others; the error is kept and shown
        _record_failure(claim, error, now=clock(), actor=actor)
        return False
    return record_sent(claim, [item.id for item in items], now=clock(), actor=actor)


def _address(delivery: Delivery) -> Address:
    point = delivery.contact_point
    place = delivery.recipient.email if point is None else point.url if point.is_active else ""
    if not place:
        raise Refused("收件人已无此渠道")
    return Address(place, "" if point is None else point.secret)


def judge(claim: Claim, *, today: dt.date, actor: Actor) -> list[Reminder]:
    """The items that are still to be told; the others are let go, and an empty delivery with them."""
    delivery = claim.delivery
    with recording(actor):
        aboard = _aboard(delivery).select_related("rung", "fell_from").order_by("id")
        items = list(aboard.select_for_update(no_key=True, of=("self",)))
        kinds = {item.subject_kind for item in items}
        over = {
            pk for entry in sources() if entry.kind in kinds for pk in settlement.ended(entry, [item.id for item in items], today=today)
        }
        recipient = account_selectors.person(delivery.recipient, today=today)
        visible = set(Project.objects.visible_to(recipient).filter(pk__in={item.project_id for item in items}).values_list("pk", flat=True))
        hidden = {item.id for item in items if not (item.project_id in visible if item.project_id else _may_hear(recipient, item))}
        if not (delivery.recipient.is_active and addresses.ways_to(delivery.recipient_id)):
            hidden = {item.id for item in items}
        waiting = quiet.waiting([item.id for item in items], today=today)
        if delivery.attempts == 1:  # superseded while it waited: not part of this message
            Reminder.objects.filter(delivery=delivery, state=ReminderState.SUPERSEDED).update(delivery=None)
        _let_go(over, "已完成或日期已变")
        if _let_go(hidden - over, "收件人已停用、没有联系渠道或无权查看该事项"):
            sweep.sweep_all_next()  # who is to be told in their stead must be told before any superior
        Reminder.objects.filter(delivery=delivery, pk__in=waiting - over - hidden).update(delivery=None)
        left = [item for item in items if item.id not in over | hidden | waiting]
        if not left:
            _drop(claim)
        elif not _mine(claim).update(carried=[item.id for item in left]):
            return []  # the lease ended meanwhile: another worker has it
        letters.issue(left, today=today)
    return left


def _aboard(delivery: Delivery) -> ReminderQuerySet:
    """What a message would tell: what waits in it, or what an earlier one told and somebody wants told again."""
    if delivery.resends_id is None:
        return Reminder.objects.pending().filter(delivery=delivery)
    return Reminder.objects.filter(pk__in=delivery.carried, state__in=STILL_TOLD)


def _may_hear(recipient: Principal, item: Reminder) -> bool:
    """Of what belongs to no project hears who still holds the role for which they were chosen, or sees everything."""
    roles = source(item.subject_kind).roles
    return recipient.sees_everything or any(grant.role in roles and grant.office == item.recipient_office_id for grant in recipient.grants)


def _mine(claim: Claim) -> DeliveryQuerySet:
    return Delivery.objects.filter(pk=claim.delivery.pk, token=claim.token, state=DeliveryState.SENDING)


def _drop(claim: Claim) -> None:
    """Take back an empty delivery. One that was tried before may have arrived: it stays, and keeps its window."""
    if claim.delivery.resends_id is not None:
        _mine(claim).update(state=DeliveryState.DEAD, lease_until=None, last_error="所含事项均已办结或已变更")
        return
    if claim.delivery.attempts > 1:
        _mine(claim).update(state=DeliveryState.DEAD, lease_until=None, last_error="内容均已失效，此前的尝试可能已送达")
        return
    Reminder.objects.filter(delivery=claim.delivery).update(delivery=None)
    _mine(claim).delete()


def _let_go(reminder_ids: set[uuid.UUID], reason: str) -> int:
    return Reminder.objects.pending().filter(pk__in=reminder_ids).update(state=ReminderState.CANCELLED, state_reason=reason)


def _record_failure(claim: Claim, error: Exception, *, now: dt.datetime, actor: Actor) -> None:
    """Keep the error. Refused for good, or failed too often: what it carried goes on to the person's next channel.

    A message that cannot even be made is refused for good. One whose outcome nobody knows is tried again where it was,
    since only there a copy can be recognized; it goes elsewhere when the channel is given up, as untold would be worse.
    """
    failure = error if isinstance(error, Undelivered) else Refused(f"{type(error).__name__}: {error}")
    delivery = claim.delivery
    failures = delivery.failures + 1
    gives_up = isinstance(failure, Refused) or failures >= MOST_FAILURES
    wait = failure.wait if isinstance(failure, Throttled) else wait_after(failures)
    logger.warning("delivery %s failed: %s", delivery.pk, failure)
    with recording(actor):
        if isinstance(failure, Throttled) and delivery.contact_point_id:
            ContactPoint.objects.filter(pk=delivery.contact_point_id).update(throttled_until=now + wait)
        done = _mine(claim).update(
            state=DeliveryState.DEAD if gives_up else DeliveryState.FAILED,
            next_try_at=None if gives_up else now + wait,
            gave_up_at=now if gives_up else None,
            failures=failures,
            may_have_arrived=delivery.may_have_arrived or failure.may_have_arrived,
            lease_until=None,
            last_error=str(failure)[:500],
        )
        if done and gives_up:
            Reminder.objects.pending().filter(delivery=delivery).update(delivery=None)
