"""Named filters over reminders and deliveries."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q

from accounts.roles import Act, Principal
from projects.querysets import in_reach
from reminders.lifecycle import DeliveryState, ReminderState


class ReminderQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """One's own, and those about projects in reach."""
        if actor.sees_everything:
            return self
        return self.filter(in_reach(actor, prefix="project__", key="project_id") | Q(recipient_id=actor.user_id))

    def pending(self) -> Self:
        return self.filter(state=ReminderState.PENDING)


class DeliveryQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """One's own; all for those who may read deliveries."""
        return self if actor.may(Act.READ_DELIVERIES) else self.filter(recipient_id=actor.user_id)

    def claimable(self, *, now: dt.datetime) -> Self:
        """Waiting, failed and due again, or left behind by a worker whose lease ran out."""
        return self.filter(
            Q(state=DeliveryState.WAITING)
            | Q(state=DeliveryState.FAILED, next_try_at__lte=now)
            | Q(state=DeliveryState.SENDING, lease_until__lt=now)
        )
