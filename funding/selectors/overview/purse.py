"""The whole purse: its sources by kind, and what of it must be looked at. Amounts are yuan, every function is one statement."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, Self

from django.db import connection
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from accounts.roles import Principal
from funding.lifecycle import PurposeClass, SourceKind, Use
from funding.models import ZERO, MonitoringRule
from funding.selectors import allocations, sources
from funding.selectors.overview.reach import reach
from funding.selectors.replay import YUAN


@dataclass(frozen=True)
class Sums:
    """What money was planned and what became of it, of so many sources."""

    count: int = 0
    planned: Decimal = ZERO
    issued: Decimal = ZERO
    allocated: Decimal = ZERO
    received: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def unallocated(self) -> Decimal:
        return self.issued - self.allocated

    @property
    def awaited(self) -> Decimal:
        """Allocated, not arrived."""
        return self.allocated - self.received

    @property
    def idle(self) -> Decimal:
        """Arrived, not paid."""
        return self.received - self.paid

    def __add__(self, other: Self) -> "Sums":
        return Sums(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


class Kind(NamedTuple):
    """The sources of one kind: all, and those that a filter leaves."""

    kind: str
    whole: Sums
    shown: Sums
    as_capital: Decimal
    for_construction: Decimal
    capital_ceiling: Decimal | None  # percent, of the rule in force


COLUMNS = (
    "pk", "name", "kind", "state", "document_no", "issued_on", "planned", "issued_by", "allocated_by", "received_by", "paid_by",
)  # fmt: skip


def purse(actor: Principal, *, as_of: dt.date | None = None) -> QuerySet[Any]:
    """The sources the actor may see, with their balances; on a past day without those that had not begun."""
    capital = _granted_as_capital(actor, as_of)
    rows: QuerySet[Any] = sources.sources(actor, as_of=as_of).annotate(capital_by=capital)
    return rows if as_of is None else rows.exclude(issued_on__gt=as_of, issued_by=0)


def by_kind(actor: Principal, narrowed: Q | None = None, *, as_of: dt.date | None = None) -> list[Kind]:
    """The purse by kind of source, largest first."""
    columns = {"planned": "planned", "issued": "issued_by", "allocated": "allocated_by", "received": "received_by", "paid": "paid_by"}
    is_whole = actor.sees_everything
    sums: dict[str, Any] = {"whole_count": Count("pk"), "shown_count": Count("pk", filter=narrowed)}
    for name, column in columns.items():
        sums[f"whole_{name}"] = Sum(column, default=ZERO, output_field=YUAN)
        sums[f"shown_{name}"] = Sum(column, filter=narrowed, default=ZERO, output_field=YUAN)
    # the same bonds that the rule on the share of capital looks at: unless said otherwise a bond is for construction
    building = Q(kind=SourceKind.SPECIAL_BOND) & (Q(bond__isnull=True) | Q(bond__purpose_class=PurposeClass.NEW_SPECIAL))
    sums["as_capital"] = Sum("capital_by", filter=building, default=ZERO, output_field=YUAN)
    sums["for_construction"] = Sum("allocated_by", filter=building, default=ZERO, output_field=YUAN)
    sums["capital_ceiling"] = Max(threshold("capital_share"))
    rows: Iterable[Any] = purse(actor, as_of=as_of).order_by().values("kind").annotate(**sums)
    found = [
        Kind(
            row["kind"],
            _sums(row, "whole", is_whole),
            _sums(row, "shown", is_whole),
            row["as_capital"],
            row["for_construction"],
            row["capital_ceiling"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda kind: (-kind.whole.issued, -kind.whole.planned, kind.kind))


def _sums(row: dict[str, Any], which: str, is_whole: bool) -> Sums:
    """What was planned speaks of whole sources: for those who do not see everything it is not there."""
    found = {name: row[f"{which}_{name}"] for name in Sums.__dataclass_fields__}
    return Sums(**found if is_whole else found | {"planned": ZERO})


def _granted_as_capital(actor: Principal, as_of: dt.date | None) -> Any:
    column = "granted" if as_of is None else "granted_by"
    parts = allocations.allocations(actor, as_of=as_of).filter(source_id=OuterRef("pk"), use=Use.CAPITAL).order_by()
    return Coalesce(Subquery(parts.values("source_id").annotate(sum=Sum(column)).values("sum")), Value(ZERO), output_field=YUAN)


def threshold(rule: str) -> Subquery:
    return Subquery(MonitoringRule.objects.filter(code=rule, is_active=True).values("threshold"))


@dataclass(frozen=True)
class Notices:
    """What must be looked at: findings that stand by level, requests to be decided, and the next repayment not collected yet."""

    levels: dict[str, int]
    waiting: int
    due_on: dt.date | None
    due_of: str


NOTICES = """
    SELECT f.level, count(*), NULL::date, NULL FROM funding_findings(%s, %s, {reach}) f WHERE f.state <> 'written_off' GROUP BY 1
    UNION ALL
    SELECT 'waiting', count(*), NULL, NULL FROM funding_transferrequest q
     WHERE q.state = 'requested' AND ({reach} IS NULL OR q.project_id = ANY ({reach}) OR q.to_project_id = ANY ({reach}))
    UNION ALL
    (SELECT 'repayment', 1, r.due_on, s.name
       FROM funding_repayment r JOIN funding_bond b ON b.id = r.bond_id JOIN funding_fundingsource s ON s.id = b.source_id
      WHERE %s AND (r.paid_on IS NULL OR r.paid_on > %s) ORDER BY r.due_on, r.id LIMIT 1)
"""


def notices(actor: Principal, *, today: dt.date, as_of: dt.date | None = None) -> Notices:
    """Repayments are told to those who see whole sources. Requests wait today, whatever the day asked about."""
    projects, params = reach(actor)
    day = as_of or today
    with connection.cursor() as cursor:
        cursor.execute(NOTICES.format(reach=projects), [day, as_of is not None, *params * 4, actor.sees_everything, day])
        rows = {what: rest for what, *rest in cursor.fetchall()}
    _, due_on, due_of = rows.pop("repayment", (0, None, ""))
    waiting = rows.pop("waiting")[0]
    return Notices({level: count for level, (count, *_) in rows.items()}, waiting, due_on, due_of)
