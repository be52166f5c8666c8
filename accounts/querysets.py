"""Named filters over people, offices and memberships."""

import datetime as dt

from django.db import models
from django.db.models import Exists, OuterRef, Q


def valid_on(day: dt.date) -> Q:
    """Rows with `valid_from_on` and `valid_until_on` that hold on `day`; both ends are included, open ends hold for ever."""
    return (Q(valid_from_on__isnull=True) | Q(valid_from_on__lte=day)) & (Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=day))


# The same in SQL, of accounts_membership `m` on %(today)s.
HOLDS = """(m.valid_from_on IS NULL OR m.valid_from_on <= %(today)s) AND (m.valid_until_on IS NULL OR m.valid_until_on >= %(today)s)
       AND m.declined_on IS NULL AND (m.delegated_by_id IS NULL OR EXISTS (
            SELECT FROM accounts_membership own JOIN accounts_user lender ON lender.id = own.user_id
             WHERE own.user_id = m.delegated_by_id AND own.office_id = m.office_id AND own.role = m.role AND own.delegated_by_id IS NULL
               AND lender.is_active AND (own.valid_from_on IS NULL OR own.valid_from_on <= %(today)s)
               AND (own.valid_until_on IS NULL OR own.valid_until_on >= %(today)s)))"""


class MembershipQuerySet(models.QuerySet):
    def valid(self, *, today: dt.date) -> "MembershipQuerySet":
        """Those that hold today. What was lent holds as long as the lender is in office and holds it too."""
        own = self.model._default_manager.filter(
            valid_on(today), user_id=OuterRef("delegated_by_id"), office_id=OuterRef("office_id"), role=OuterRef("role"), delegated_by=None
        )
        lent = Q(delegated_by__is_active=True) & Exists(own)
        return self.filter(Q(delegated_by__isnull=True) | lent, valid_on(today), declined_on=None, user__is_active=True)
