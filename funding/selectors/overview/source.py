"""One source: its balances, what hangs on it, what was asked for and changed. Amounts are yuan, every function is one statement."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import CharField, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from accounts.roles import Principal
from common.errors import Missing
from funding.lifecycle import ADJUSTMENTS
from funding.models import ZERO, BalancePlan, Bond, FundingSource
from funding.rules.monitoring import cover_ratio
from funding.selectors import allocations, requests, sources, transfers
from funding.selectors.overview.purse import Sums, threshold
from history.models import Change
from history.selectors import worth_telling


def source(source_id: uuid.UUID, actor: Principal, *, as_of: dt.date | None = None) -> Any:
    """A source with its balances, its terms as `bond`, and as plain values how much hangs on it.

    `allocation_count`, `line_count`, `adjustment_count`; `cover` (the sums of the balance plans of its projects, as text, each None without any)
    and `cover_floor` (the threshold of the rule, or None). Raises Missing when it is absent or hidden.
    """
    parts: QuerySet[Any] = _held(allocations.allocations(actor, as_of=as_of).filter(source_id=OuterRef("pk")))
    adjusting = adjustments(actor, as_of=as_of).filter(source_id=OuterRef("pk"))
    plans = BalancePlan.objects.visible_to(actor).filter(project_id__in=parts.filter(granted_by__gt=0).values("project_id")).order_by()
    sums = {name: Cast(Sum(name), CharField()) for name in ("income", "cost", "principal", "interest")}
    found = (
        sources.sources(actor, as_of=as_of)
        .filter(pk=source_id)
        .select_related("bond", "office")
        .annotate(
            allocation_count=_count(parts),
            line_count=_count(transfers.transfers(actor, as_of=as_of).filter(source_id=OuterRef("pk"))),
            adjustment_count=_count(adjusting),
            cover=Subquery(plans.annotate(all=Value(1)).values("all").annotate(row=JSONObject(**sums)).values("row")),
            cover_floor=threshold("cover_ratio_low"),
        )
        .first()
    )
    if found is None:
        raise Missing
    return found


def cover_of(source: Any) -> Decimal | None:
    """The cover ratio of the projects of a source taken together; None where no plan names debt."""
    if source.cover["income"] is None:
        return None
    return cover_ratio(*(Decimal(source.cover[name]) for name in ("income", "cost", "principal", "interest")))


def sums_of(source: Any, actor: Principal) -> Sums:
    planned = source.planned if actor.sees_everything and source.planned else ZERO
    return Sums(1, planned, source.issued_by, source.allocated_by, source.received_by, source.paid_by)


def allocations_of(source_id: uuid.UUID, actor: Principal, *, as_of: dt.date | None = None) -> QuerySet[Any]:
    """The allocations of a source that hold something, so that they add up to its figures."""
    return _held(allocations.allocations(actor, as_of=as_of).filter(source_id=source_id))


def adjustments(actor: Principal, *, as_of: dt.date | None = None) -> QuerySet[Any]:
    """Requests to move money to another project or use."""
    return requests.requests(actor, as_of=as_of).filter(kind__in=ADJUSTMENTS)


def _held(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.exclude(granted_by=0, received_by=0, paid_by=0)


def _count(rows: QuerySet[Any]) -> Any:
    """How many rows a subquery of one source holds."""
    counted = rows.order_by().annotate(all=Value(1)).values("all").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


# What people know of a source. Balances are not changed by hand, the ledger tells of them.
FIELDS: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    FundingSource._meta.db_table: (FundingSource, ("kind", "name", "document_no", "issued_on", "planned", "state")),
    Bond._meta.db_table: (
        Bond,
        (
            "code", "short_name", "series", "series_year", "category_name", "category_no", "overall_no", "batch_no", "tendered_on",
            "interest_from_on", "listed_on", "matures_on", "tenor_years", "rate_percent", "purpose_class", "repayment_method",
            "interest_frequency", "principal_frequency", "grace_years", "amount", "amount_as_capital", "underwriting", "rating",
        ),
    ),
}  # fmt: skip
CHANGE_ROWS, READ_CHANGES = 50, 1000  # told, and looked at: most changes of a source are its balances


def changes_of(source: Any, bond: Any | None) -> list[dict[str, Any]]:
    """The latest changes of a source and its terms, each with the fields that moved."""
    rows = Q(table_name=FundingSource._meta.db_table, row_id=source.pk)
    if bond is not None:
        rows |= Q(table_name=Bond._meta.db_table, row_id=bond.pk)
    changes = Change.objects.filter(rows).order_by("-sequence")[:READ_CHANGES]
    return list(worth_telling(changes, FIELDS, named=(FundingSource, Bond), limit=CHANGE_ROWS))
