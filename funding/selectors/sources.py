"""Sources of money as others read them. Who does not see everything sees of a source what it gives to the projects in reach."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Expression, F, Max, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Cast, Coalesce, JSONObject

from accounts.roles import Principal
from common.shapes import money, ref
from funding.lifecycle import Frequency, PurposeClass, RepaymentMethod, SourceKind, SourceState
from funding.models import ZERO, Allocation, FundingSource, YearPlan
from funding.selectors import replay
from funding.selectors.replay import YUAN

BOND = (
    "code", "short_name", "series", "series_year", "category_name", "category_no", "overall_no", "batch_no", "tendered_on", "interest_from_on",
    "listed_on", "matures_on", "tenor_years", "rate_percent", "purpose_class", "repayment_method", "interest_frequency", "principal_frequency",
    "grace_years", "amount", "amount_as_capital", "underwriting", "rating",
)  # fmt: skip
COLUMNS = (
    "id", "kind", "name", "document_no", "issued_on", "planned", "state", "office_id", "office__name", "office__code",
    *(f"bond__{name}" for name in BOND),
    "issued_by", "allocated_by", "received_by", "paid_by", "plans_by_year", "version_told", "created_at", "updated_at_told",
)  # fmt: skip
CHOICES: dict[str, Any] = {
    "purpose_class": PurposeClass, "repayment_method": RepaymentMethod, "interest_frequency": Frequency, "principal_frequency": Frequency,
}  # fmt: skip


def sources(actor: Principal, *, as_of: dt.date | None = None) -> QuerySet[FundingSource]:
    """The sources the actor may see, with their balances of today or of a past day: `issued_by`, `allocated_by`, `received_by`, `paid_by`.

    `version_told` and `updated_at_told` say when the actor's part of it changed: a source's own move with others' money too.
    """
    plans = YearPlan.objects.filter(source_id=OuterRef("pk")).order_by("year")
    return FundingSource.objects.visible_to(actor).annotate(
        **(_whole(as_of) if actor.sees_everything else _in_reach(actor, as_of)),
        **(_own_changes() if actor.sees_everything else _changes_in_reach(actor)),
        plans_by_year=ArraySubquery(plans.values(row=JSONObject(year="year", planned=Cast("planned", CharField())))),
    )


def _whole(as_of: dt.date | None) -> dict[str, Any]:
    if as_of is None:
        parts = Allocation.objects.filter(source_id=OuterRef("pk"))
        return {
            "issued_by": F("issued"),
            "allocated_by": F("allocated"),
            "received_by": _sum(parts, "received"),
            "paid_by": _sum(parts, "paid"),
        }
    moved = replay.occurred(as_of)
    return {
        "issued_by": replay.total(moved, "issued", by="source"),
        "allocated_by": replay.total(moved, "allocated", by="source"),
        "received_by": replay.total(moved, "received", "target_received", by="source"),
        "paid_by": replay.total(moved, "paid", by="source"),
    }


def _in_reach(actor: Principal, as_of: dt.date | None) -> dict[str, Any]:
    """Nothing is issued but what was granted to the projects in reach: others' money does not exist."""
    parts = Allocation.objects.visible_to(actor)
    if as_of is None:
        sums: dict[str, Any] = {name: _sum(parts.filter(source_id=OuterRef("pk")), name) for name in ("granted", "received", "paid")}
    else:
        moved = replay.occurred(as_of)
        here, there = moved.filter(allocation__in=parts), moved.filter(target__in=parts)
        sums = {name: replay.total(here, name, by="source") for name in ("granted", "received", "paid")}
        sums |= {name: sums[name] + replay.total(there, f"target_{name}", by="source") for name in replay.TARGETED}
    return {"issued_by": sums["granted"], "allocated_by": F("issued_by"), "received_by": sums["received"], "paid_by": sums["paid"]}


def _own_changes() -> dict[str, Any]:
    return {"version_told": F("version"), "updated_at_told": F("updated_at")}


def _changes_in_reach(actor: Principal) -> dict[str, Any]:
    """The sum of versions never falls, and rises with every change of a part."""
    parts = Allocation.objects.visible_to(actor).filter(source_id=OuterRef("pk")).order_by().values("source_id")
    return {
        "version_told": Subquery(parts.annotate(told=Sum("version")).values("told")),
        "updated_at_told": Subquery(parts.annotate(told=Max("updated_at")).values("told")),
    }


def _sum(parts: QuerySet[Allocation], column: str) -> Expression:
    rows = parts.order_by().values("source_id").annotate(total=Sum(column)).values("total")
    return Coalesce(Subquery(rows), Value(ZERO), output_field=YUAN)


def shape(row: tuple[Any, ...], *, is_whole: bool) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it. Unless `is_whole`, what speaks of the whole pot is left empty."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "kind": f["kind"],
        "kind_display": SourceKind(f["kind"]).label,
        "name": f["name"],
        "document_no": f["document_no"],
        "issued_on": f["issued_on"],
        "planned": money(f["planned"]) if is_whole else None,
        "state": f["state"],
        "state_display": SourceState(f["state"]).label,
        "office": ref(f["office_id"], f["office__name"], f["office__code"]),
        "bond": _bond(f, is_whole=is_whole),
        "balance": balance(f["issued_by"], f["allocated_by"], f["received_by"], f["paid_by"]),
        "plans": [{"year": plan["year"], "planned": money(plan["planned"])} for plan in f["plans_by_year"]] if is_whole else [],
        "version": f["version_told"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at_told"],
    }


def balance(issued: Any, allocated: Any, received: Any, paid: Any) -> dict[str, Any]:
    """The six figures of a pot, in yuan."""
    return {
        "issued": money(issued),
        "allocated": money(allocated),
        "unallocated": money(issued - allocated),
        "received": money(received),
        "paid": money(paid),
        "idle": money(received - paid),
    }


def _bond(f: dict[str, Any], *, is_whole: bool) -> dict[str, Any] | None:
    if f["bond__code"] is None:
        return None
    terms = {name: f[f"bond__{name}"] for name in BOND}
    terms["rate_percent"] = f"{terms['rate_percent']:.4f}"
    for name in ("amount", "amount_as_capital"):
        terms[name] = money(terms[name]) if is_whole else None
    if terms["repayment_method"] == RepaymentMethod.AT_MATURITY:
        terms["principal_frequency"] = None  # paid once: there is nothing that comes again
    return terms | {f"{name}_display": terms[name] and choices(terms[name]).label for name, choices in CHOICES.items()}
