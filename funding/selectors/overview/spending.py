"""The money of one source spent against what is required, and what was found. One statement, amounts are yuan."""

import datetime as dt
import json
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from accounts.roles import Principal
from funding.lifecycle import Level
from funding.models import ZERO
from funding.rules.monitoring import required_spend_percent
from funding.selectors import findings
from funding.selectors.overview.reach import reach

GRAVEST = (Level.ERROR, Level.WARN, Level.INFO)


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
    projects, params = reach(actor)
    day = as_of or today
    found, goal, told = Spending(), None, []
    with connection.cursor() as cursor:
        values = [source_id, *params * 2, day, day, day, day, as_of is not None, *params, source_id]
        cursor.execute(SPENDING.format(reach=projects), values)
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
