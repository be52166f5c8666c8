"""The ledger of one source: each of its figures as the sum of its lines, in yuan. Every function is one statement."""

import datetime as dt
import uuid
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from accounts.roles import Principal
from funding.lifecycle import MOVEMENTS
from funding.models import ZERO, Allocation
from funding.selectors import transfers
from funding.selectors.replay import YUAN

PARTS: dict[str, dict[str, int]] = {
    "issued": {"issued": 1},
    "allocated": {"granted": 1},
    "unallocated": {"issued": 1, "granted": -1},
    "awaited": {"granted": 1, "received": -1},
    "received": {"received": 1},
    "idle": {"received": 1, "paid": -1},
    "paid": {"paid": 1},
}


def lines(
    actor: Principal, source_id: uuid.UUID, *, part: str = "", allocation_id: uuid.UUID | None = None, as_of: dt.date | None = None
) -> QuerySet[Any]:
    """The movements of a source, or those that make up one of its figures (a key of PARTS), of one allocation if one is named.

    `effect` is what a line adds to that figure: they sum to it exactly. A reversal stands under its original: `lead_on`, `lead`.
    """
    rows = transfers.transfers(actor, as_of=as_of).filter(source_id=source_id)
    rows = rows.annotate(lead_on=Coalesce("reverses__occurred_on", "occurred_on"), lead=Coalesce("reverses__sequence", "sequence"))
    if allocation_id is not None:
        is_seen = Exists(Allocation.objects.visible_to(actor).filter(pk=allocation_id))  # else its part in an adjustment would show
        rows = rows.filter(is_seen, Q(allocation_id=allocation_id) | Q(target_id=allocation_id))
    if part not in PARTS:
        return rows.annotate(effect=Value(ZERO, output_field=YUAN))
    sides = _sides(PARTS[part], actor, allocation_id)
    return rows.annotate(effect=F("amount") * F("sign") * sides).exclude(effect=0)


def _sides(weights: dict[str, int], actor: Principal, allocation_id: uuid.UUID | None) -> Any:
    """How many times its amount a line adds to a figure: on both its sides, of which only those asked for and in reach count."""
    if not actor.sees_everything or allocation_id is not None:  # what was given to projects is all that is there
        weights = weights | {"issued": 0, "granted": weights.get("granted", 0) + weights.get("issued", 0)}
    here, there = _times(weights, ""), _times(weights, "target_")
    if allocation_id is not None:
        return _if(Q(allocation_id=allocation_id), here) + _if(Q(target_id=allocation_id), there)
    return here + there if actor.sees_everything else _if(Q(is_here_seen=True), here) + _if(Q(is_there_seen=True), there)


def _times(weights: dict[str, int], prefix: str) -> Case:
    cases = [
        When(kind=kind, then=Value(sum(weight * getattr(effect, prefix + name, 0) for name, weight in weights.items())))
        for kind, effect in MOVEMENTS.items()
    ]
    return Case(*cases, default=Value(0), output_field=IntegerField())


def _if(condition: Q, then: Case) -> Case:
    return Case(When(condition, then=then), default=Value(0), output_field=IntegerField())


def totals(rows: QuerySet[Any]) -> dict[str, Any]:
    """How many lines, and what they add up to."""
    return rows.order_by().aggregate(count=Count("pk"), sum=Sum("effect", default=ZERO, output_field=YUAN))


def mentioning(rows: QuerySet[Any], word: str) -> QuerySet[Any]:
    """Lines whose own words hold a word. Names of projects are not asked: one side may be out of reach."""
    return rows.filter(
        Q(voucher_no__icontains=word) | Q(document_no__icontains=word) | Q(payee__icontains=word) | Q(purpose__icontains=word)
    )
