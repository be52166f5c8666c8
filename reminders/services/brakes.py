"""The storm brake: when more messages want to leave in one window than a city expects, none leaves until somebody says so."""

import datetime as dt
import enum
import logging
import uuid

from django.conf import settings
from django.db import connection
from django.db.models import Q

from accounts.models import User
from accounts.roles import Principal, Role
from common.actors import Actor
from common.errors import AlreadyDecided, Missing, Stale
from common.recording import recording
from reminders import notifications
from reminders.lifecycle import BrakeState
from reminders.models import Brake

logger = logging.getLogger(__name__)


class Room(enum.Enum):
    """What may leave in a window: everything, only what left once before and failed, nothing."""

    ALL = "all"
    RETRIES = "retries"
    NONE = "none"


def room(*, today: dt.date) -> Room:
    """Read inside the claim: workers that run at once pass the limit by no more than one message each."""
    limit = settings.REMINDER_STORM_LIMIT
    with connection.cursor() as cursor:
        cursor.execute(ROOM, {"today": today, "limit": limit})
        state, count = cursor.fetchone()
    if state is None:
        return Room.ALL if count < limit else Room.RETRIES
    return Room.NONE if state == BrakeState.HELD else Room.ALL


def check(*, today: dt.date, now: dt.datetime, actor: Actor) -> None:
    """Hold the window before the first message leaves, where more want to leave than the limit; tell the operators once."""
    limit = settings.REMINDER_STORM_LIMIT
    with connection.cursor() as cursor:
        cursor.execute(DEMAND, {"today": today})
        (count,) = cursor.fetchone()
    if count > limit:
        with recording(actor):
            Brake.objects.bulk_create([Brake(window=today, message_count=count, limit=limit)], ignore_conflicts=True)
    _tell(today=today, now=now, actor=actor)


def release(brake_id: uuid.UUID, *, version: int | None = None, actor: Principal, now: dt.datetime) -> None:
    """Let the messages of a held window leave. Raises Missing, Stale, AlreadyDecided."""
    with recording(actor):
        brake = Brake.objects.select_for_update(no_key=True).filter(pk=brake_id).first()
        if brake is None:
            raise Missing
        if version is not None and brake.version != version:
            raise Stale
        if brake.state != BrakeState.HELD:
            raise AlreadyDecided
        Brake.objects.filter(pk=brake_id).update(
            state=BrakeState.RELEASED, decided_by_id=actor.id, decided_by_name=actor.name, decided_at=now
        )


def _tell(*, today: dt.date, now: dt.datetime, actor: Actor) -> None:
    """One mail to all who administer. Said to be told once it left, under a lock that keeps other workers away: a crash leaves it untold."""
    with recording(actor):
        untold = Brake.objects.filter(window=today, state=BrakeState.HELD, told_at=None)
        brake = untold.select_for_update(no_key=True, skip_locked=True).first()
        if brake is None:
            return
        try:
            if addresses := _operators(today):
                notifications.alarm(brake, addresses).send()
        except OSError as error:
            logger.warning("operators could not be told of the brake: %s", error)
            return
        Brake.objects.filter(pk=brake.pk).update(told_at=now)


def _operators(today: dt.date) -> list[str]:
    held = Q(memberships__role=Role.ADMIN) & (
        (Q(memberships__valid_from_on=None) | Q(memberships__valid_from_on__lte=today))
        & (Q(memberships__valid_until_on=None) | Q(memberships__valid_until_on__gte=today))
    )
    found = User.objects.filter(held, is_active=True).exclude(email="")
    return list(found.order_by("email").distinct().values_list("email", flat=True))


ROOM = """
SELECT (SELECT state FROM reminders_brake WHERE "window" = %(today)s),
       (SELECT count(*) FROM (SELECT FROM reminders_delivery WHERE "window" = %(today)s LIMIT %(limit)s) taken)
"""

# What left or was tried today, and what waits and may leave today.
DEMAND = """
SELECT (SELECT count(*) FROM reminders_delivery WHERE "window" = %(today)s)
     + (SELECT count(*) FROM reminders_delivery d
         WHERE d.state = 'waiting' AND d."window" IS NULL
           AND (d.resends_id IS NOT NULL
                OR NOT EXISTS (SELECT FROM reminders_delivery o
                                WHERE o.recipient_id = d.recipient_id AND o.channel = d.channel AND o."window" = %(today)s AND o.resends_id IS NULL)))
"""
