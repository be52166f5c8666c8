"""Allocations as others read them: what a source gave to a project for a use, and what became of it."""

import datetime as dt
import uuid
from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Exists, F, OuterRef, Q, QuerySet, Value

from accounts.roles import Principal
from common.shapes import money
from funding.lifecycle import FindingState, FindingSubject, SourceKind, Use
from funding.models import Allocation, Transfer
from funding.querysets import AllocationQuerySet
from funding.selectors import findings, replay

COLUMNS = (
    "id", "source_id", "source__name", "source__kind", "project_id", "project__name", "project__code", "use", "granted_by", "received_by",
    "paid_by", "is_past", "version", "created_at", "updated_at",
)  # fmt: skip

# The days of allocations, by the entries that stand: neither half of a reversed one counts. Money leaves first in, first out, so the
# oldest that is still here is the first receipt up to which more had arrived than has left (rules: oldest_unpaid_on).
DAYS = """
    WITH moved AS (
        SELECT x.allocation_id, t.occurred_on, t.sequence, t.kind, x.received * t.amount AS received, x.paid * t.amount AS paid
          FROM funding_transfer t
          JOIN funding_movement m ON m.kind = t.kind
         CROSS JOIN LATERAL (VALUES (t.allocation_id, m.received, m.paid), (t.target_id, m.target_received, 0)) AS x (allocation_id, received, paid)
         WHERE (t.allocation_id = ANY (%(ids)s) OR t.target_id = ANY (%(ids)s)) AND x.allocation_id = ANY (%(ids)s)
           AND t.sign = 1 AND t.occurred_on <= %(day)s
           AND NOT EXISTS (SELECT FROM funding_transfer r WHERE r.reverses_id = t.id AND r.occurred_on <= %(day)s)),
    receipts AS (
        SELECT allocation_id, occurred_on, sum(received) OVER (PARTITION BY allocation_id ORDER BY occurred_on, sequence) AS arrived
          FROM moved WHERE received > 0),
    sums AS (
        SELECT allocation_id, min(occurred_on) FILTER (WHERE received > 0) AS first_received_on,
               max(occurred_on) FILTER (WHERE kind = 'pay') AS last_paid_on,
               sum(paid) - coalesce(sum(received) FILTER (WHERE received < 0), 0) AS gone
          FROM moved GROUP BY allocation_id)
    SELECT s.allocation_id, s.first_received_on, s.last_paid_on,
           (SELECT min(r.occurred_on) FROM receipts r WHERE r.allocation_id = s.allocation_id AND r.arrived > s.gone) AS idle_since_on
      FROM sums s
"""


class Days(NamedTuple):
    """When money first arrived, was last paid, and since when the oldest of what is left has been lying there."""

    first_received_on: dt.date | None = None
    last_paid_on: dt.date | None = None
    idle_since_on: dt.date | None = None


def allocations(actor: Principal, *, as_of: dt.date | None = None) -> AllocationQuerySet:
    """The allocations the actor may see, with `granted_by`, `received_by`, `paid_by` of today, or of a past day (`is_past`).

    One that was begun after the past day is not there.
    """
    is_past = as_of is not None and as_of < actor.today
    rows = Allocation.objects.visible_to(actor).annotate(is_past=Value(is_past, output_field=BooleanField()))
    if as_of is None:
        return rows.annotate(granted_by=F("granted"), received_by=F("received"), paid_by=F("paid"))
    moved = replay.occurred(as_of)
    begun = Exists(moved.filter(allocation_id=OuterRef("pk"))) | Exists(moved.filter(target_id=OuterRef("pk")))
    return rows.filter(begun).annotate(**{f"{name}_by": replay.of_allocation(name, as_of) for name in ("granted", "received", "paid")})


def idle_for(rows: QuerySet, days: int, *, today: dt.date) -> QuerySet:
    """Those where money that arrived `days` ago or earlier is not paid: received by then − left since − paid by today > 0 (rules: idle)."""
    until = today - dt.timedelta(days=days)
    standing = Transfer.objects.filter(sign=1, occurred_on__lte=today).exclude(
        Exists(Transfer.objects.filter(reverses_id=OuterRef("pk"), occurred_on__lte=today))
    )
    arrived = standing.filter(occurred_on__lte=until)
    return rows.filter(received_by__gt=F("paid_by")).annotate(
        arrived=replay.total(arrived.filter(kind="receive"), "received", by="allocation") + replay.total(arrived, "target_received", by="target"),
        left=replay.total(standing.filter(kind__in=["return", "adjust_money"]), "received", by="allocation"),
    ).filter(Q(arrived__gt=F("paid_by") - F("left")))  # fmt: skip


def days_of(ids: Collection[uuid.UUID], *, day: dt.date) -> dict[uuid.UUID, Days]:
    """The days of many allocations in one statement."""
    if not ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(DAYS, {"ids": list(ids), "day": day})
        return {row[0]: Days(*row[1:]) for row in cursor.fetchall()}


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it, but for its days and findings, which `complete` adds in the place of `is_past`."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "source": {"id": f["source_id"], "name": f["source__name"]},
        "source_kind": f["source__kind"],
        "source_kind_display": SourceKind(f["source__kind"]).label,
        "project": {"id": f["project_id"], "name": f["project__name"], "code": f["project__code"]},
        "use": f["use"],
        "use_display": Use(f["use"]).label,
        **ladder(f["granted_by"], f["received_by"], f["paid_by"]),
        "first_received_on": None,
        "last_paid_on": None,
        "idle_days": None,
        "findings": [],
        "is_past": f["is_past"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def ladder(granted: Decimal, received: Decimal, paid: Decimal) -> dict[str, Any]:
    """The four figures of an allocation, in yuan."""
    return {"granted": money(granted), "received": money(received), "paid": money(paid), "idle": money(received - paid)}


def complete(rows: list[dict[str, Any]], *, day: dt.date) -> None:
    """Put days and findings into shaped rows, judged by a day: as many statements for a page as for one row."""
    ids = [row["id"] for row in rows]
    is_past = any(row["is_past"] for row in rows)  # of one reading all are, or none
    days, codes = days_of(ids, day=day), findings.codes_of_allocations(ids, day=day, is_past=is_past)
    for row in rows:
        found = days.get(row["id"], Days())
        row["first_received_on"], row["last_paid_on"] = found.first_received_on, found.last_paid_on
        row["idle_days"] = None if found.idle_since_on is None else (day - found.idle_since_on).days
        row["findings"] = codes.get(row["id"], [])
        del row["is_past"]


def allocations_of_projects(project_ids: list[uuid.UUID], actor: Principal, today: dt.date) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The allocations of each project, for `expand=allocations`; `today` may be a past day."""
    found: dict[uuid.UUID, list[dict[str, Any]]] = {project_id: [] for project_id in project_ids}
    rows = allocations(actor, as_of=today if today < actor.today else None).of_projects(project_ids)
    rows = rows.order_by("project_id", "source__name", "use", "id")
    shaped = [shape(row) for row in rows.values_list(*COLUMNS)]
    complete(shaped, day=today)
    for row in shaped:
        found[row["project"]["id"]].append(row)
    return found


def with_findings(actor: Principal, *, today: dt.date, as_of: dt.date | None = None) -> QuerySet:
    """The ids of the allocations that break a rule, as a subquery."""
    found = findings.findings(actor, today=today, as_of=as_of).filter(subject_kind=FindingSubject.ALLOCATION)
    return found.exclude(state=FindingState.WRITTEN_OFF).values("subject_id")
