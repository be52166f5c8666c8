"""Named filters over reminders and deliveries."""

import datetime as dt
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from accounts.roles import Act, Principal
from projects.querysets import in_reach
from reminders.lifecycle import MuteState, ReminderState


class ReminderQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """Those about projects in reach, and one's own about no project.

        One's own about a project that left one's reach is gone with the project.
        """
        if actor.sees_everything:
            return self
        reach = in_reach(actor, prefix="project__", key="project_id")
        if actor.user_id is not None and actor.sees_own:
            reach |= Q(project__isnull=True, recipient_id=actor.user_id)
        return self.filter(reach)

    def pending(self) -> Self:
        return self.filter(state=ReminderState.PENDING)


class DeliveryQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """One's own; all for those who may read deliveries."""
        if any(grant.everywhere and Act.READ_DELIVERIES in grant.acts for grant in actor.grants):
            return self
        return self.filter(recipient_id=actor.user_id) if actor.user_id and actor.sees_own else self.none()


class ContactPointQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """Addresses of robots hold their tokens: administrators alone see them."""
        return self if actor.may(Act.ADMINISTER) else self.none()


class BrakeQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """For those who read all deliveries or may release them."""
        return self if actor.may(Act.READ_DELIVERIES) or actor.may(Act.SUPERVISE) else self.none()


class MuteQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """Those about projects and offices in reach; all for those who see everything."""
        if actor.sees_everything:
            return self
        return self.filter(in_reach(actor, prefix="project__", key="project_id") | Q(office_id__in=list(actor.office_ids)))

    def in_force(self, *, today: dt.date) -> Self:
        return self.filter(state=MuteState.IN_FORCE, from_on__lte=today, until_on__gte=today)


class LetterQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """Those about projects in reach, and those about no project of which one was told."""
        if actor.sees_everything:
            return self
        reach = in_reach(actor, prefix="project__", key="project_id")
        if actor.user_id is not None and actor.sees_own:
            told = apps.get_model("reminders", "Reminder").objects.filter(recipient_id=actor.user_id, project__isnull=True)
            reach |= Q(project__isnull=True, pk__in=told.filter(official_letter__isnull=False).values("official_letter_id"))
        return self.filter(reach)
