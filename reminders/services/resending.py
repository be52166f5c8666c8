"""A message sent again because somebody said so."""

import datetime as dt
import uuid

from django.conf import settings

from accounts.roles import Principal
from common.errors import Conflict, Missing, Stale
from common.ids import uuid7
from common.recording import recording
from reminders.errors import NothingToSend, SentRecently
from reminders.lifecycle import DeliveryState, ReminderState
from reminders.models import Delivery, Reminder
from reminders.rules import RESEND_PAUSE
from reminders.selectors import addresses


def resend(delivery_id: uuid.UUID, *, version: int | None = None, actor: Principal, now: dt.datetime) -> Delivery:
    """Open a new delivery, by the recipient's first channel, with what an earlier one carried; at most once an hour.

    It leaves inside the window like any other, and what is done by then is left out. It counts as no digest of the
    window. Raises Missing, Stale, SentRecently, NothingToSend; Conflict where the message is still on its way.
    """
    with recording(actor):
        original = Delivery.objects.select_for_update(no_key=True, of=("self",)).filter(pk=delivery_id).first()
        if original is None:
            raise Missing
        if version is not None and original.version != version:
            raise Stale
        if original.state not in (DeliveryState.SENT, DeliveryState.DEAD):
            raise Conflict
        if Delivery.objects.filter(resends=original, created_at__gt=now - RESEND_PAUSE).exists():
            raise SentRecently
        carried = list(original.carried or Reminder.objects.filter(delivery=original).values_list("pk", flat=True))
        ways = addresses.ways_to(original.recipient_id)
        if not ways or not Reminder.objects.filter(pk__in=carried, state__in=STILL_TOLD).exists():
            raise NothingToSend
        key = uuid7()
        return Delivery.objects.create(
            id=key,
            recipient_id=original.recipient_id,
            channel=ways[0].channel,
            contact_point_id=ways[0].contact_point_id,
            message_id=f"<{key}@{settings.MESSAGE_ID_HOST}>",
            carried=carried,
            resends=original,
            resent_by_id=actor.id,
            resent_by_name=actor.name,
        )


STILL_TOLD = (ReminderState.PENDING, ReminderState.SENT)
