"""What the reading pages of money show: the whole purse, one source, its ledger, and what falls due.

Every function is one statement. Amounts are yuan. The figures are those of the selectors behind the API, so that both say the same.
"""

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple, Self

from django.db import connection, models
from django.db.models import Case, CharField, Count, Exists, F, IntegerField, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, ExtractMonth, ExtractYear, JSONObject

from accounts.roles import Principal
from common.errors import Missing
from funding.lifecycle import ADJUSTMENTS, MOVEMENTS, Level, PurposeClass, SourceKind, Use
from funding.models import ZERO, Allocation, BalancePlan, Bond, FundingSource, MonitoringRule
from funding.rules.monitoring import cover_ratio, required_spend_percent
from funding.selectors import allocations, findings, repayments, requests, sources, transfers
from funding.selectors.replay import YUAN
from history.models import Change
from history.selectors import worth_telling
from projects.models import Project

GRAVEST = (Level.ERROR, Level.WARN, Level.INFO)
SOON = 60  # days ahead at which a repayment is first told (field practice)


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
    sums["capital_ceiling"] = Max(_threshold("capital_share"))
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


def _threshold(rule: str) -> Subquery:
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
    reach, params = _reach(actor)
    day = as_of or today
    with connection.cursor() as cursor:
        cursor.execute(NOTICES.format(reach=reach), [day, as_of is not None, *params * 4, actor.sees_everything, day])
        rows = {what: rest for what, *rest in cursor.fetchall()}
    _, due_on, due_of = rows.pop("repayment", (0, None, ""))
    waiting = rows.pop("waiting")[0]
    return Notices({level: count for level, (count, *_) in rows.items()}, waiting, due_on, due_of)


@dataclass(frozen=True)
class Told:
    """A finding of an allocation or of a source. `figures` are those of its sentence."""

    rule: str
    level: str
    subject_id: uuid.UUID
    project_id: uuid.UUID | None
    project: str | None
    since_on: dt.date
    amount: Decimal | None
    figures: dict[str, Any]
    detail: str


def _reach(actor: Principal) -> tuple[str, tuple[Any, ...]]:
    """The projects in reach as an array in SQL; null is all."""
    if actor.sees_everything:
        return "NULL::uuid[]", ()
    sql, params = Project.objects.visible_to(actor).order_by().values("pk").query.sql_with_params()
    return f"ARRAY({sql})", params


# One source


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
            cover_floor=_threshold("cover_ratio_low"),
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


# Spending against what is required, and what was found


@dataclass(frozen=True)
class Spending:
    """Receipts as far as they were not given back, payments by the last day of their month, in how many months all should be spent,
    and the findings that stand against the source and its allocations, gravest first."""

    receipts: dict[uuid.UUID, list[tuple[dt.date, Decimal]]] = field(default_factory=lambda: defaultdict(list))
    paid: dict[dt.date, Decimal] = field(default_factory=dict)
    goal_months: int | None = None
    told: list[Told] = field(default_factory=list)

    @property
    def all_receipts(self) -> list[tuple[dt.date, Decimal]]:
        return sorted(receipt for rows in self.receipts.values() for receipt in rows)

    def required_of(self, allocation_id: uuid.UUID, day: dt.date) -> Decimal | None:
        """How many percent of an allocation's money should be spent by a day, each receipt on its own; None without receipts."""
        return self.required(self.receipts.get(allocation_id, []), day)

    def required(self, receipts: Iterable[tuple[dt.date, Decimal]], day: dt.date) -> Decimal | None:
        arrived = list(receipts)
        whole = sum((amount for _, amount in arrived), ZERO)
        if not whole or self.goal_months is None:
            return None
        weighed = sum((amount * required_spend_percent(on, day, self.goal_months) for on, amount in arrived), ZERO)
        return (weighed / whole).quantize(Decimal("0.01"), ROUND_HALF_UP)

    def paid_by(self, day: dt.date) -> Decimal:
        return sum((amount for on, amount in self.paid.items() if on <= day), ZERO)


SPENDING = """
    WITH parts AS (
        SELECT a.id FROM funding_allocation a WHERE a.source_id = %s AND ({reach} IS NULL OR a.project_id = ANY ({reach})))
    SELECT 'goal', NULL::uuid, NULL::date, r.threshold, NULL FROM funding_monitoringrule r WHERE r.code = 'spending_goal' AND r.is_active
    UNION ALL
    SELECT 'received', parts.id, l.occurred_on, l.amount, NULL FROM parts CROSS JOIN LATERAL funding_left(parts.id, 0, %s) l
    UNION ALL
    SELECT 'paid', NULL, least((date_trunc('month', p.occurred_on) + interval '1 month - 1 day')::date, %s), sum(p.paid), NULL
      FROM funding_posting p JOIN parts ON parts.id = p.allocation_id
     WHERE p.occurred_on <= %s AND p.paid <> 0
     GROUP BY 3
    UNION ALL
    SELECT 'told', f.subject_id, f.since_on, f.amount,
           jsonb_build_array(f.position, f.rule, f.level, f.project_id, p.name, f.figures, f.use)::text
      FROM funding_findings(%s, %s, {reach}) f LEFT JOIN projects_project p ON p.id = f.project_id
     WHERE f.source_id = %s AND f.state <> 'written_off'
"""


def spending(source_id: uuid.UUID, actor: Principal, *, today: dt.date, as_of: dt.date | None = None) -> Spending:
    """Of the allocations in reach. Receipts are what the rule on slow spending looks at."""
    reach, params = _reach(actor)
    day = as_of or today
    found, goal, told = Spending(), None, []
    with connection.cursor() as cursor:
        values = [source_id, *params * 2, day, day, day, day, as_of is not None, *params, source_id]
        cursor.execute(SPENDING.format(reach=reach), values)
        for what, key, on, amount, more in cursor.fetchall():
            if what == "goal":
                goal = int(amount)
            elif what == "received":
                found.receipts[key].append((on, amount))
            elif what == "paid":
                found.paid[on] = amount
            else:
                told.append((json.loads(more), key, on, amount))
    told.sort(key=lambda row: (GRAVEST.index(row[0][2]), row[0][0], row[2], row[1]))
    return replace(found, goal_months=goal, told=[_told(*row) for row in told])


def _told(more: list[Any], subject_id: uuid.UUID, since_on: dt.date, amount: Decimal | None) -> Told:
    _, rule, level, project_id, project, figures, use = more
    detail = findings.detail(rule, amount, figures, use=use)
    return Told(rule, level, subject_id, project_id and uuid.UUID(project_id), project, since_on, amount, figures, detail)


# The ledger: each figure as the sum of its lines

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


# What falls due


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


def due_by_bond(rows: QuerySet[Any], *, day: dt.date) -> list[dict[str, Any]]:
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
