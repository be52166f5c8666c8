"""How the projects of a movement stand: what the rules of a check ask for, read in sets."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Max, Q, Sum
from django.utils.translation import gettext_lazy as _

from funding.lifecycle import BONDS, SourceKind, Use
from funding.models import Allocation, BalancePlan, Bond, EligibilityItem, FundingSource, MonitoringRule, Transfer
from projects.gates import Blocker
from projects.lifecycle import Stage
from projects.models import Status

AS_CAPITAL = (SourceKind.LOCAL_FISCAL, *BONDS)  # 财政预算 and bonds, as the provincial debt system counts capital
Place = tuple[uuid.UUID, uuid.UUID, str]


class Part(NamedTuple):
    """One allocation's granted and paid, in yuan."""

    granted: Decimal
    paid: Decimal


@dataclass
class Standing:
    """One project: yuan, percent, and the totals (income, cost, principal, interest) of its balance plan."""

    project_id: uuid.UUID
    name: str
    stage: str
    total_investment: Decimal | None
    capital: Decimal | None
    physical_percent: Decimal | None
    granted: Decimal = Decimal(0)
    granted_as_capital: Decimal = Decimal(0)
    plan_totals: tuple[Decimal, Decimal, Decimal, Decimal] | None = None
    plan_ends_on: dt.date | None = None
    allocations: dict[Place, Part] = field(default_factory=dict)


def facts(project_ids: Iterable[uuid.UUID], *, today: dt.date) -> dict[uuid.UUID, Standing]:
    """Three statements, however many projects."""
    ids = list(project_ids)
    columns = ("project_id", "name", "stage", "total_investment", "project__capital", "physical_percent")
    found = {row[0]: Standing(*row) for row in Status.objects.filter(pk__in=ids).values_list(*columns)}
    for source, project, use, kind, granted, paid in Allocation.objects.filter(project_id__in=ids).values_list(
        "source_id", "project_id", "use", "source__kind", "granted", "paid"
    ):
        standing = found[project]
        standing.allocations[source, project, use] = Part(granted, paid)
        standing.granted += granted
        if use == Use.CAPITAL and kind in AS_CAPITAL:
            standing.granted_as_capital += granted
    sums = {name: Sum(name) for name in ("income", "cost", "principal", "interest")}
    for row in BalancePlan.objects.filter(project_id__in=ids).order_by().values("project_id").annotate(last=Max("year"), **sums):
        found[row["project_id"]].plan_totals = (row["income"], row["cost"], row["principal"], row["interest"])
        found[row["project_id"]].plan_ends_on = dt.date(row["last"], 12, 31)
    return found


def items_in_force(list_: str, day: dt.date) -> list[EligibilityItem]:
    """The items of a list that apply on a day, in order."""
    in_force = Q(effective_from_on__lte=day) & (Q(effective_until_on__isnull=True) | Q(effective_until_on__gte=day))
    return list(EligibilityItem.objects.filter(in_force, list=list_).order_by("number"))


CLOSING = (Stage.COMPLETED, Stage.OPERATION, Stage.CANCELLED)


def money_left(project_id: uuid.UUID, to: str, on: dt.date) -> list[Blocker]:
    """A project closes only when no money of it lies idle, and leaves the portfolio only when its quotas were taken back too."""
    if to not in CLOSING:
        return []
    held = Allocation.objects.filter(project_id=project_id)
    blockers = []
    if held.filter(received__gt=F("paid")).exists():
        blockers.append(Blocker("money_unreturned", _("有已到位未支付的资金，请先支付、缴回或调整用途")))
    if to == Stage.CANCELLED and held.filter(granted__gt=F("received")).exists():
        blockers.append(Blocker("quota_not_withdrawn", _("有未到位的额度，请先收回或调整用途")))
    return blockers


def is_reversed(transfer: Transfer) -> bool:
    return Transfer.objects.filter(reverses=transfer).exists()


def threshold(rule: str) -> Decimal | None:
    """The threshold in force of a monitoring rule; None while it is switched off."""
    return MonitoringRule.objects.filter(code=rule, is_active=True).values_list("threshold", flat=True).first()


def maturity(source: FundingSource) -> dt.date | None:
    """The day on which the bond behind a source matures."""
    return Bond.objects.filter(source=source).values_list("matures_on", flat=True).first()
