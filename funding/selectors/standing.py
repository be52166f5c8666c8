"""How the projects of a movement stand: what the rules of a check ask for, read in sets."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F, Max, Sum
from django.utils.translation import gettext_lazy as _

from funding.lifecycle import BONDS, EligibilityList, SourceKind, Use
from funding.models import Allocation, BalancePlan, Bond, EligibilityItem, MonitoringRule, Transfer
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


@dataclass
class Bearings:
    """All that the rules ask about a list of movements, however long, read in a fixed number of statements."""

    projects: dict[uuid.UUID, Standing]
    thresholds: dict[str, Decimal | None]  # of the rules that are in force
    negative: list[EligibilityItem]  # the negative list, every version
    maturities: dict[uuid.UUID, dt.date]  # source → when its bond matures
    reversed: set[uuid.UUID]  # transfers that a reversal names


def bearings(project_ids: Iterable[uuid.UUID], source_ids: Iterable[uuid.UUID], transfer_ids: Iterable[uuid.UUID]) -> Bearings:
    """Six statements."""
    return Bearings(
        projects=_projects(list(project_ids)),
        thresholds=dict(MonitoringRule.objects.filter(is_active=True).values_list("code", "threshold")),
        negative=list(EligibilityItem.objects.filter(list=EligibilityList.NEGATIVE).order_by("number")),
        maturities=dict(Bond.objects.filter(source_id__in=list(source_ids)).values_list("source_id", "matures_on")),
        reversed=set(Transfer.objects.filter(reverses_id__in=list(transfer_ids)).values_list("reverses_id", flat=True)),
    )


def _projects(ids: list[uuid.UUID]) -> dict[uuid.UUID, Standing]:
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
    sums = [Sum(name) for name in ("income", "cost", "principal", "interest")]
    plans = BalancePlan.objects.filter(project_id__in=ids).order_by().values("project_id").annotate(last=Max("year"))
    for project, last, *totals in plans.values_list("project_id", "last", *sums):
        found[project].plan_totals = (totals[0], totals[1], totals[2], totals[3])
        found[project].plan_ends_on = dt.date(last, 12, 31)
    return found


def is_in_force(item: EligibilityItem, day: dt.date) -> bool:
    return item.effective_from_on <= day and (item.effective_until_on is None or day <= item.effective_until_on)


def items_in_force(list_: str, day: dt.date) -> list[EligibilityItem]:
    """The items of a list that apply on a day, in order."""
    return [item for item in EligibilityItem.objects.filter(list=list_).order_by("number") if is_in_force(item, day)]


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
