"""Named filters over people, offices and memberships."""

import datetime as dt

from django.db import models
from django.db.models import Q


def valid_on(day: dt.date) -> Q:
    """Rows with `valid_from_on` and `valid_until_on` that hold on `day`; both ends are included, open ends hold for ever."""
    return (Q(valid_from_on__isnull=True) | Q(valid_from_on__lte=day)) & (Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=day))


class MembershipQuerySet(models.QuerySet):
    def valid(self, *, today: dt.date) -> "MembershipQuerySet":
        return self.filter(valid_on(today), user__is_active=True)


class ApiClientQuerySet(models.QuerySet):
    def usable(self, *, now: dt.datetime) -> "ApiClientQuerySet":
        return self.filter(Q(user__isnull=True) | Q(user__is_active=True), expires_at__gt=now)
