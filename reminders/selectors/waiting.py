"""What waits to leave: now, or for the next window, since one digest a window is the rule."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from reminders.lifecycle import OPEN_DELIVERIES
from reminders.models import Delivery, Reminder


@dataclass(frozen=True)
class Waiting:
    """Messages that are made up: `now` may leave in the window of today, `later` are to people who had theirs."""

    now: int
    later: int


def waiting(*, today: dt.date) -> Waiting:
    is_later = Q(window=None) & Exists(_digests(today).filter(recipient=OuterRef("recipient"), channel=OuterRef("channel")))
    made_up = Delivery.objects.filter(Exists(Reminder.objects.pending().filter(delivery=OuterRef("pk"))), state__in=OPEN_DELIVERIES)
    rows = list(made_up.annotate(is_later=is_later).values_list("is_later", flat=True))
    return Waiting(now=rows.count(False), later=rows.count(True))


def digest_of_today(today: dt.date) -> Subquery:
    """Of a reminder: the digest that its recipient gets in today's window by the same channel, the only one; null before it was tried."""
    return Subquery(_digests(today).filter(recipient=OuterRef("recipient"), channel=OuterRef("delivery__channel")).values("pk")[:1])


def _digests(today: dt.date) -> QuerySet[Delivery]:
    return Delivery.objects.filter(window=today, resends=None)
