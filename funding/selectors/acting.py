"""What somebody must see to act on money: the pot, its parts, the items of the lists, what waits for a decision."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, Sum

from accounts.roles import Principal
from common.decisions import RequestState
from common.errors import Missing
from funding.lifecycle import EligibilityList, FindingState
from funding.models import Allocation, EligibilityItem, FundingSource, MonitoringRule, Transfer, TransferRequest
from funding.selectors.standing import items_in_force
from projects.models import Project

PAGE = 50


def source(source_id: uuid.UUID, actor: Principal) -> FundingSource:
    """The pot; raises Missing when absent or out of reach."""
    found = FundingSource.objects.visible_to(actor).select_related("bond").filter(pk=source_id).first()
    if found is None:
        raise Missing
    return found


def parts(source_id: uuid.UUID, actor: Principal) -> list[Allocation]:
    """The allocations of a pot, with their projects, by name."""
    rows = Allocation.objects.visible_to(actor).with_money().filter(source_id=source_id).select_related("project")
    return list(rows.order_by("project__name_pinyin", "use", "pk"))


def transfer(transfer_id: uuid.UUID, source_id: uuid.UUID, actor: Principal) -> Transfer:
    """A movement of the pot, to be reversed; raises Missing."""
    rows = Transfer.objects.visible_to(actor).select_related("source", "allocation__project", "target__project")
    found = rows.filter(pk=transfer_id, source_id=source_id).first()
    if found is None:
        raise Missing
    return found


def items(day: dt.date) -> dict[tuple[str, int], EligibilityItem]:
    """The items of both lists in force on a day, by list and number."""
    return {(list_, item.number): item for list_ in EligibilityList.values for item in items_in_force(list_, day)}


def rules() -> list[MonitoringRule]:
    """The monitoring rules in force, in order."""
    return list(MonitoringRule.objects.filter(is_active=True).order_by("position"))


def standing_by_rule(findings: QuerySet) -> dict[str, int]:
    """How many of them were not written off, by rule."""
    standing = findings.exclude(state=FindingState.WRITTEN_OFF).order_by()
    return dict(standing.values_list("rule").annotate(count=Count("pk")))


class Voucher(NamedTuple):
    """An entry that bears a voucher number."""

    occurred_on: dt.date
    payee: str
    amount: Decimal


def vouchers(transfer_ids: Iterable[uuid.UUID], actor: Principal) -> dict[uuid.UUID, Voucher]:
    ids = [key for key in transfer_ids if key is not None]
    if not ids:
        return {}
    rows = Transfer.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", "occurred_on", "payee", "amount")
    return {row[0]: Voucher(*row[1:]) for row in rows}


class Batch(NamedTuple):
    """Requests made in one act. `open` of them wait for a decision."""

    id: uuid.UUID
    kinds: list[str]
    sources: list[str]
    states: list[str]
    size: int
    open: int
    amount: Decimal
    requested_by_name: str
    asked_at: dt.datetime
    decided_by_name: str
    decided_at: dt.datetime | None


class BatchPage(NamedTuple):
    batches: list[Batch]
    has_more: bool


def batches(actor: Principal, *, state: str = "", kind: str = "", mine: bool = False, before: dt.datetime | None = None) -> BatchPage:
    """The acts with a request of this state and kind, the newest first, from `before` on; of each only what the actor may see."""
    chosen = TransferRequest.objects.visible_to(actor)
    chosen = chosen.filter(state=state) if state else chosen
    chosen = chosen.filter(kind=kind) if kind else chosen
    chosen = chosen.filter(requested_by_id=actor.id) if mine and actor.id else chosen
    rows = TransferRequest.objects.visible_to(actor).filter(Exists(chosen.filter(batch=OuterRef("batch"))))
    grouped = rows.order_by().values("batch").annotate(
        kinds=ArrayAgg("kind", distinct=True),
        sources=ArrayAgg("source__name", distinct=True),
        states=ArrayAgg("state", distinct=True),
        n=Count("pk"),
        waiting=Count("pk", filter=Q(state=RequestState.REQUESTED)),
        total=Sum("amount"),
        by=Min("requested_by_name"),
        asked_at=Max("created_at"),
        decided_by=Max("decided_by_name"),
        decided=Max("decided_at"),
    )  # fmt: skip
    if before is not None:
        grouped = grouped.filter(asked_at__lt=before)
    columns = ("batch", "kinds", "sources", "states", "n", "waiting", "total", "by", "asked_at", "decided_by", "decided")
    found = [Batch(*row) for row in grouped.order_by("-asked_at", "batch").values_list(*columns)[: PAGE + 1]]
    return BatchPage(found[:PAGE], len(found) > PAGE)


@dataclass(frozen=True)
class BatchRows:
    """The requests of one act. `is_whole` when the actor may see every project they name.

    They stand by id, as the services take and name them: that is the order of the lines of a page that asked, which makes its ids so;
    a client's own ids order as the client made them.
    """

    requests: list[TransferRequest]
    is_whole: bool

    @property
    def open(self) -> list[TransferRequest]:
        return [request for request in self.requests if request.state == RequestState.REQUESTED]


def batch(batch_id: uuid.UUID, actor: Principal) -> BatchRows:
    """Raises Missing when the actor may see none of it."""
    related = ("source__bond", "project", "to_project", "eligibility_item", "reverses__source")
    rows = TransferRequest.objects.visible_to(actor).filter(batch=batch_id).select_related(*related)
    found = list(rows.order_by("pk"))
    if not found:
        raise Missing
    return BatchRows(found, actor.sees_everything or _sees_all(found, actor))


def _sees_all(requests: list[TransferRequest], actor: Principal) -> bool:
    named = {key for request in requests for key in (request.project_id, request.to_project_id) if key is not None}
    return Project.objects.visible_to(actor).filter(pk__in=named).count() == len(named)
