"""Balances of a past day as expressions: what the transfers that had occurred did, by the table by which the trigger posts."""

import datetime as dt
from typing import Any

from django.db.models import Case, DecimalField, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from funding.lifecycle import MOVEMENTS
from funding.models import ZERO, Transfer

YUAN = DecimalField(max_digits=18, decimal_places=2)
TARGETED = ("granted", "received")  # what an adjustment brings to its target


def occurred(as_of: dt.date) -> QuerySet[Transfer]:
    return Transfer.objects.filter(occurred_on__lte=as_of)


def total(transfers: QuerySet[Transfer], *columns: str, by: str) -> Coalesce:
    """What `transfers` of the outer row, found by the column `by`, add to the columns of a movement; 0 where there are none."""
    times = [When(kind=kind, then=Value(sum(getattr(effect, name) for name in columns))) for kind, effect in MOVEMENTS.items()]
    moved = Sum(F("amount") * F("sign") * Case(*times, output_field=IntegerField()), output_field=YUAN)
    rows = transfers.order_by().filter(**{by: OuterRef("pk")}).values(by).annotate(moved=moved)
    return Coalesce(Subquery(rows.values("moved")), Value(ZERO), output_field=YUAN)


def of_allocation(column: str, as_of: dt.date) -> Any:
    """`granted`, `received` or `paid` of an allocation on a past day."""
    here = total(occurred(as_of), column, by="allocation")
    return here + total(occurred(as_of), f"target_{column}", by="target") if column in TARGETED else here
