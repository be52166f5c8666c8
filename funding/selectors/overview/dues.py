"""What falls due of the bonds: instalments, their sums by month and by bond, in yuan. Every function is one statement."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractMonth, ExtractYear

from accounts.roles import Principal
from funding.models import ZERO
from funding.selectors import repayments
from funding.selectors.replay import YUAN

SOON = 60  # days ahead at which a repayment is first told (field practice)


@dataclass(frozen=True)
class Due:
    """What falls due: principal, interest, and how much of both is not collected yet."""

    count: int = 0
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    open: Decimal = ZERO

    @property
    def total(self) -> Decimal:
        return self.principal + self.interest

    def __add__(self, other: Self) -> "Due":
        return Due(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


def instalments(actor: Principal, *, day: dt.date, bond: uuid.UUID | None = None) -> QuerySet[Any]:
    """The instalments of all bonds, or of the bond of one source, judged by a day; `total`, and `open`: what is not collected."""
    total = F("principal") + F("interest")
    rows = repayments.repayments(actor, today=day).annotate(
        total=total, open=Case(When(is_paid=False, then=total), default=Value(ZERO), output_field=YUAN)
    )
    return rows if bond is None else rows.filter(bond__source_id=bond)


class Instalment(NamedTuple):
    """A row of `instalments`."""

    pk: uuid.UUID
    source_id: uuid.UUID
    source: str
    number: int
    due_on: dt.date
    principal: Decimal
    interest: Decimal
    total: Decimal
    open: Decimal
    is_paid: bool
    paid_by: dt.date | None
    document_no: str
    is_overdue: bool
    overdue_days: int
    version: int


INSTALMENT = (
    "pk", "bond__source_id", "bond__source__name", "number", "due_on", "principal", "interest", "total", "open", "is_paid", "paid_by",
    "document_no", "is_overdue", "overdue_days", "version",
)  # fmt: skip


def soon(day: dt.date) -> Q:
    """Not collected, and due within 60 days or overdue."""
    return Q(is_paid=False, due_on__lte=day + dt.timedelta(days=SOON))


def due_by_month(rows: QuerySet[Any]) -> dict[tuple[int, int], Due]:
    """By year and month, in their order."""
    months = rows.order_by().annotate(year=ExtractYear("due_on"), month=ExtractMonth("due_on")).values("year", "month")
    return {(row.pop("year"), row.pop("month")): Due(**_named(row)) for row in months.annotate(**_due()).order_by("year", "month")}


def due(rows: QuerySet[Any], **kinds: Q) -> dict[str, Due]:
    """What falls due, by any number of conditions."""
    sums = rows.order_by().aggregate(**{f"{kind}-{name}": sum_ for kind, q in kinds.items() for name, sum_ in _due(q).items()})
    return {kind: Due(**_named({name: sums[f"{kind}-{name}"] for name in _due()})) for kind in kinds}


def due_of(rows: Iterable[Any]) -> Due:
    """The sum of instalments at hand."""
    found = list(rows)
    return Due(
        len(found),
        sum((row.principal for row in found), ZERO),
        sum((row.interest for row in found), ZERO),
        sum((row.open for row in found), ZERO),
    )


def due_by_bond(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """Each bond with what of it is open, and the next day on which something is."""
    bonds = rows.order_by().values("bond__source_id", "bond__source__name", "bond__code", "bond__matures_on", "bond__rate_percent")
    left = Q(is_paid=False)
    return list(
        bonds.annotate(
            principal_left=Sum("principal", filter=left, default=ZERO),
            interest_left=Sum("interest", filter=left, default=ZERO),
            next_on=Min("due_on", filter=left),
            late=Count("pk", filter=Q(is_overdue=True)),
        ).order_by(F("next_on").asc(nulls_last=True), "bond__source__name", "bond__source_id")
    )


def _due(condition: Q | None = None) -> dict[str, Any]:
    sums = {f"sum_{name}": Sum(name, filter=condition, default=ZERO, output_field=YUAN) for name in ("principal", "interest", "open")}
    return {"sum_count": Count("pk", filter=condition), **sums}


def _named(row: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("sum_"): value for name, value in row.items()}
