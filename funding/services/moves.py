"""A movement as it is asked for or entered, and what a check says of it."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError, Fault, Malformed
from funding.lifecycle import ADJUSTMENTS, MOVEMENTS, OF_THE_POOL, FactKind, Ground, Level, Movement, RequestKind, Use
from funding.models import EligibilityItem, FundingSource, Transfer, TransferRequest
from projects.models import Project

REVERSE = RequestKind.REVERSE


@dataclass(frozen=True)
class Move:
    """One line of a request or of a list of facts, with its rows resolved. `amount` is in yuan."""

    kind: str
    source: FundingSource
    amount: Decimal
    project: Project | None = None
    use: str | None = None
    to_project: Project | None = None
    to_use: str | None = None
    occurred_on: dt.date | None = None
    ground: str = ""
    document_no: str = ""
    voucher_no: str = ""
    payee: str = ""
    purpose: str = ""
    reason: str = ""
    reverses: Transfer | None = None
    eligibility_item: EligibilityItem | None = None
    override_reason: str = ""
    id: uuid.UUID | None = None
    request_id: uuid.UUID | None = None

    @property
    def effect(self) -> Movement:
        """What it does to each column, times its amount. A reversal mirrors its original."""
        if self.reverses is None:
            return MOVEMENTS[self.kind]
        return Movement(*(-times for times in MOVEMENTS[self.reverses.kind]))

    @property
    def here(self) -> tuple[uuid.UUID, uuid.UUID, str] | None:
        """Source, project and use of the allocation it moves."""
        return None if self.project is None or self.use is None else (self.source.pk, self.project.pk, self.use)

    @property
    def there(self) -> tuple[uuid.UUID, uuid.UUID, str] | None:
        """The same of the allocation that an adjustment moves money to."""
        return None if self.to_project is None or self.to_use is None else (self.source.pk, self.to_project.pk, self.to_use)

    @property
    def gives(self) -> bool:
        """Whether it puts money anywhere, in place of taking it back: what a closed source and a cancelled project forbid."""
        return any(times > 0 for times in self.effect)

    @property
    def gaining(self) -> Project | None:
        """The project whose quota, receipts or payments grow."""
        effect = self.effect
        if max(effect.target_granted, effect.target_received) > 0:
            return self.to_project
        return self.project if max(effect.granted, effect.received, effect.paid) > 0 else None

    @property
    def projects(self) -> list[Project]:
        return [project for project in (self.project, self.to_project) if project is not None]


# What a request and a movement have in common.
REQUESTED = (
    "kind", "source", "project", "use", "to_project", "to_use", "amount", "occurred_on", "ground", "document_no", "reason", "reverses",
    "eligibility_item", "override_reason",
)  # fmt: skip


def of_request(request: TransferRequest) -> Move:
    """A stored request as the movement it asks for."""
    return Move(**{name: getattr(request, name) for name in REQUESTED}, request_id=request.pk)


def project_ids(moves: Iterable[Move]) -> set[uuid.UUID]:
    return {project.pk for move in moves for project in move.projects}


class Check(NamedTuple):
    """What a rule says of a movement before it is made. An error blocks, a warning is told."""

    code: str
    level: str
    values: dict[str, Any]

    @property
    def detail(self) -> str:
        return str(SENTENCES[self.code]) % self.values


def error(code: str, **values: Any) -> Check:
    return Check(code, Level.ERROR, values)


def warn(code: str, **values: Any) -> Check:
    return Check(code, Level.WARN, values)


SENTENCES = {
    "insufficient_balance": gettext_lazy("余额不足，可用 %(available)s 元"),
    "ineligible_use": gettext_lazy("负面清单第 %(number)s 项：%(name)s，不能分配"),
    "negative_list_override": gettext_lazy("负面清单第 %(number)s 项：%(name)s，已写明放行原因，须复核"),
    "negative_list_suspected": gettext_lazy("名称含“%(word)s”，请核对负面清单第 %(number)s 项：%(name)s"),
    "item_not_effective": gettext_lazy("所选清单条目在 %(day)s 不适用"),
    "not_on_capital_list": gettext_lazy("债券资金用作资本金，未注明资本金清单条目"),
    "source_closed": gettext_lazy("资金来源已关闭"),
    "project_cancelled": gettext_lazy("项目已退库：%(project)s"),
    "before_original": gettext_lazy("冲正日期早于原记录的发生日期 %(day)s"),
    "before_issue": gettext_lazy("发生日期早于资金下达日期 %(day)s"),
    "future_date": gettext_lazy("发生日期晚于今天"),
    "already_reversed": gettext_lazy("该笔已冲正"),
    "duplicate": gettext_lazy("凭证号 %(voucher)s 已登记"),
    "repeated_row": gettext_lazy("同一项目、同一用途在本批出现多次"),
    "above_total_investment": gettext_lazy("%(project)s：各项资金合计将超出总投资 %(excess)s 元"),
    "capital_overfunded": gettext_lazy("%(project)s：用作资本金的财政与债券资金将超出项目资本金 %(excess)s 元"),
    "cover_ratio_low": gettext_lazy("%(project)s：覆盖倍数 %(ratio)s，低于 %(threshold)s"),
    "cover_ratio_high": gettext_lazy("%(project)s：覆盖倍数 %(ratio)s，高于 %(threshold)s，请核对数据"),
    "no_balance_plan": gettext_lazy("%(project)s：未录入融资平衡方案，无法核对覆盖倍数"),
    "adjustment_life": gettext_lazy("%(project)s：项目期限至 %(life)s 年，短于债券到期的 %(maturity)s 年"),
    "adjustment_not_ready": gettext_lazy("%(project)s：尚不具备开工条件（%(stage)s）"),
    "ahead_of_progress": gettext_lazy("%(project)s：支付将高于形象进度 %(points)s 个百分点"),
}


def at(index: int, field: str, code: str, detail: Any) -> Fault:
    """A fault of one line of a list."""
    return Fault((index, field), code, str(detail))


def at_root(refusal: DomainError) -> DomainError:
    """The refusal of a single movement, whose body is no list: its faults without the line."""
    refusal.faults = [
        Fault(fault.path[1:] if fault.path and fault.path[0] == 0 else fault.path, fault.code, fault.detail) for fault in refusal.faults
    ]
    return refusal


def together(refusals: Sequence[DomainError]) -> DomainError:
    """The first refusal, with the faults of all others: every bad line is named at once, each by its own code."""
    first = refusals[0]
    first.faults = [fault for refusal in refusals for fault in refusal.faults]
    return first


def require_shape(moves: Sequence[Move]) -> None:
    """Every kind names what it moves and nothing else; amounts are positive and whole fen. Raises Malformed with every fault."""
    faults = [fault for index, move in enumerate(moves) for fault in _shape_faults(index, move)]
    if faults:
        raise Malformed(faults=faults)


def _shape_faults(index: int, move: Move) -> Iterable[Fault]:
    needed, unwanted = _fields(move.kind)
    for name in needed:
        if not getattr(move, name):
            yield at(index, name, "required", _("必填。"))
    for name in unwanted:
        if getattr(move, name):
            yield at(index, name, "unwanted", _("这一类别没有此项。"))
    if not (move.amount.is_finite() and move.amount > 0 and move.amount == move.amount.quantize(Decimal("0.01"))):
        yield at(index, "amount", "invalid", _("金额须大于零，最多两位小数。"))
    for name, choices in (("use", Use), ("to_use", Use)):
        if getattr(move, name) and getattr(move, name) not in choices.values:
            yield at(index, name, "invalid_choice", _("没有这一项：%s") % getattr(move, name))
    if move.kind in ADJUSTMENTS:
        yield from _adjustment_faults(index, move)


def _adjustment_faults(index: int, move: Move) -> Iterable[Fault]:
    if move.ground and move.ground not in Ground.values:
        yield at(index, "ground", "invalid_choice", _("用途调整只有四种事由（财预〔2021〕110号），没有这一项：%s") % move.ground)
    if move.ground == Ground.OTHER and not move.reason:
        yield at(index, "reason", "required", _("事由为其他时须写明情况。"))
    if move.here is not None and move.here == move.there:
        yield at(index, "to_project", "invalid", _("调出与调入相同。"))


def _fields(kind: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a kind must name, and what it may not."""
    project, target = ("project", "use"), ("to_project", "to_use")
    fact = ("voucher_no", "occurred_on") if kind in FactKind.values else ()
    if kind == REVERSE:
        return ("reverses",), ("voucher_no",)
    if kind in OF_THE_POOL:
        return (), (*project, *target, "reverses", "voucher_no")
    if kind in ADJUSTMENTS:
        return (*project, *target, "ground"), ("reverses", "voucher_no")
    return (*project, *fact), (*target, "reverses", *(() if fact else ("voucher_no",)))
