"""Statements: every line of a source, an allocation or a project in order, and what the lines add up to.

All figures come from the lines of one reading, by what each kind of movement does to which column: a statement agrees with itself
whatever is entered meanwhile.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from accounts.roles import Principal
from common.days import end_of
from common.shapes import money
from funding.lifecycle import MOVEMENTS
from funding.models import ZERO, Allocation, FundingSource, Transfer, YearPlan
from funding.selectors import sources, transfers
from funding.selectors.allocations import ladder
from projects.models import Project


@dataclass
class Sums:
    """Issued by the pool, and the ladder of what was given to projects, in yuan."""

    issued: Decimal = ZERO
    granted: Decimal = ZERO
    received: Decimal = ZERO
    paid: Decimal = ZERO

    def add(self, *, issued: Decimal = ZERO, granted: Decimal = ZERO, received: Decimal = ZERO, paid: Decimal = ZERO) -> None:
        self.issued += issued
        self.granted += granted
        self.received += received
        self.paid += paid

    @property
    def ladder(self) -> dict[str, Any]:
        return ladder(self.granted, self.received, self.paid)


@dataclass
class Replay:
    """What lines add up to: together, by year, by allocation."""

    total: Sums = field(default_factory=Sums)
    years: dict[int, Sums] = field(default_factory=lambda: defaultdict(Sums))
    parts: dict[uuid.UUID, Sums] = field(default_factory=lambda: defaultdict(Sums))

    def add(self, day: dt.date, part: uuid.UUID | None, **changes: Decimal) -> None:
        for sums in (self.total, self.years[day.year], *([self.parts[part]] if part else [])):
            sums.add(**changes)


def of_source(source: FundingSource, actor: Principal, *, as_of: dt.date, recorded_until: dt.date | None) -> dict[str, Any]:
    """The statement of a source. Who does not see everything is shown the projects in reach alone, as in the list of sources."""
    lines = _lines(transfers.transfers(actor, as_of=as_of).filter(source_id=source.pk), recorded_until)
    replay = _replay(lines, lambda part: True)
    total = replay.total
    if not actor.sees_everything:
        for sums in (total, *replay.years.values()):
            sums.issued = sums.granted
    plans = dict(YearPlan.objects.visible_to(actor).filter(source_id=source.pk).values_list("year", "planned"))
    figures = sources.balance(total.issued, total.granted, total.received, total.paid)
    return _answer("source", {"id": source.pk, "name": source.name}, figures, lines, replay, as_of, recorded_until, plans=plans)


def of_allocation(allocation: Allocation, actor: Principal, *, as_of: dt.date, recorded_until: dt.date | None) -> dict[str, Any]:
    rows = transfers.touching_allocation(transfers.transfers(actor, as_of=as_of), allocation.pk, actor)
    lines = _lines(rows, recorded_until)
    replay = _replay(lines, lambda part: part["id"] == allocation.pk)
    name = f"{allocation.source.name} → {allocation.project.name}（{allocation.get_use_display()}）"
    return _answer("allocation", {"id": allocation.pk, "name": name}, replay.total.ladder, lines, replay, as_of, recorded_until)


def of_project(project: Project, actor: Principal, *, as_of: dt.date, recorded_until: dt.date | None) -> dict[str, Any]:
    lines = _lines(transfers.touching_project(transfers.transfers(actor, as_of=as_of), project.pk, actor), recorded_until)
    replay = _replay(lines, lambda part: part["project"]["id"] == project.pk)
    reference = {"id": project.pk, "name": project.name, "code": project.code}
    return _answer("project", reference, replay.total.ladder, lines, replay, as_of, recorded_until)


def _lines(rows: QuerySet[Transfer], recorded_until: dt.date | None) -> list[dict[str, Any]]:
    """Shaped lines by day, then by the order in which they were entered; those alone that were known at the end of a day.

    A reversal moves the same money as its original, so what is not among the lines was not known either.
    """
    if recorded_until is not None:
        rows = rows.filter(recorded_at__lt=end_of(recorded_until))
    lines = [transfers.shape(row) for row in rows.order_by("occurred_on", "sequence").values_list(*transfers.COLUMNS)]
    known = {line["id"] for line in lines}
    return [line | {"reversed_by": line["reversed_by"] if line["reversed_by"] in known else None} for line in lines]


def _replay(lines: Iterable[dict[str, Any]], is_ours: Callable[[dict[str, Any]], bool]) -> Replay:
    """Add up what the lines do to the allocations that are ours; a side out of reach is not in the line, and adds nothing."""
    replay = Replay()
    for line in lines:
        effect, amount = MOVEMENTS[line["kind"]], line["sign"] * Decimal(line["amount"]["amount"])
        if effect.issued:
            replay.add(line["occurred_on"], None, issued=effect.issued * amount)
        if (here := _part(line, "")) and is_ours(here):
            changes = {name: getattr(effect, name) * amount for name in ("granted", "received", "paid")}
            replay.add(line["occurred_on"], here["id"], **changes)
        if (there := _part(line, "to_")) and is_ours(there):
            changes = {name: getattr(effect, f"target_{name}") * amount for name in ("granted", "received")}
            replay.add(line["occurred_on"], there["id"], **changes)
    return replay


def _part(line: dict[str, Any], prefix: str) -> dict[str, Any] | None:
    """The allocation on one side of a line, as the list of a statement names it."""
    if line[f"{prefix}allocation"] is None:
        return None
    names = {name: line[f"{prefix}{name}"] for name in ("project", "use", "use_display")}
    return {"id": line[f"{prefix}allocation"], "source": line["source"], **names}


def _answer(
    kind: str,
    reference: dict[str, Any],
    balance: dict[str, Any],
    lines: list[dict[str, Any]],
    replay: Replay,
    as_of: dt.date,
    recorded_until: dt.date | None,
    *,
    plans: dict[int, Decimal] | None = None,
) -> dict[str, Any]:
    parts = {part["id"]: part for line in lines for prefix in ("", "to_") if (part := _part(line, prefix)) and part["id"] in replay.parts}
    return {
        "as_of": as_of,
        "recorded_until": recorded_until,
        kind: reference,
        "balance": balance,
        "years": [_year(year, replay.years.get(year, Sums()), plans) for year in sorted({*replay.years, *(plans or {})})],
        "allocations": [part | replay.parts[key].ladder for key, part in parts.items()],
        "transfers": lines,
    }


def _year(year: int, sums: Sums, plans: dict[int, Decimal] | None) -> dict[str, Any]:
    """What moved in a year. Plans and issues belong to a source alone."""
    return {
        "year": year,
        "planned": money(plans.get(year)) if plans else None,
        "issued": None if plans is None else money(sums.issued),
        "granted": money(sums.granted),
        "received": money(sums.received),
        "paid": money(sums.paid),
    }
