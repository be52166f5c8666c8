"""What may be moved: one code path for the check before the act, the request, its approval and the entry of facts.

Errors block: the state of the source or the project, dates, the negative list, the balance. Every other rule is a warning.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from common.errors import DomainError, FutureDate, RuleBroken
from funding.errors import AlreadyReversed, Duplicate, IneligibleUse, InsufficientBalance, MoneyBlocked
from funding.lifecycle import ADJUSTMENTS, BONDS, TO_A_PROJECT, EligibilityList, Kind, Level, RequestKind, SourceState, Use
from funding.models import Transfer
from funding.rules import monitoring
from funding.selectors import standing
from funding.services.balances import Balances
from funding.services.moves import Check, Move, at, error, project_ids, warn
from projects.lifecycle import Stage

FORWARD = (
    RequestKind.ISSUE,
    RequestKind.GRANT,
    *ADJUSTMENTS,
    Kind.RECEIVE,
    Kind.PAY,
)  # what a closed source or a cancelled project forbids
LARGEST = Decimal(10) ** 13  # yuan, for one movement: twice what the whole country issues in a year
DIGITS_OF_A_BALANCE = Decimal(10) ** 15


@dataclass
class Line:
    """One movement with what is said of it."""

    index: int
    move: Move
    checks: list[Check] = field(default_factory=list)
    available: Decimal | None = None

    def block(self) -> None:
        """Raise what the first error of the line says, in the domain's word for it."""
        for check in self.checks:
            if check.level == Level.ERROR:
                raise self._refusal(check)

    def _refusal(self, check: Check) -> DomainError:
        code, detail = check.code, check.detail
        place = lambda name: [at(self.index, name, code, detail)]  # noqa: E731
        if code == "insufficient_balance":
            return InsufficientBalance(self.available or Decimal(0), faults=place("amount"))
        if code in ("source_closed", "project_cancelled"):
            names = {"source_closed": "source", "project_cancelled": "project"}
            return MoneyBlocked(detail, blockers=[{"code": code, "detail": detail}], faults=place(names[code]))
        if code == "ineligible_use":
            return IneligibleUse(detail, faults=place("eligibility_item"))
        if code == "already_reversed":
            return AlreadyReversed(faults=place("reverses"))
        if code == "duplicate":
            return Duplicate(detail, first=check.values["first"], faults=place("voucher_no"))
        if code == "future_date":
            return FutureDate(detail, faults=place("occurred_on"))
        return RuleBroken(detail, faults=place({"item_not_effective": "eligibility_item"}.get(code, "occurred_on")))


def judge(moves: Sequence[Move], *, today: dt.date, with_balance: bool = True) -> list[Line]:
    """Every check of every movement, in order; each is tried on what the earlier ones leave."""
    lines = [Line(index, move) for index, move in enumerate(moves)]
    facts = standing.facts(project_ids(moves), today=today)
    entered = _entered(moves)
    for line in lines:
        _refuse_the_absurd(line)
        line.checks += [
            *_dates(line.move, today),
            *_states(line.move),
            *_eligibility(line.move, today),
            *_repetitions(line, entered, lines),
        ]
    if with_balance:
        _try_balances(lines)
    for line in lines:
        line.checks += _warnings(line.move, lines, facts)
    return lines


def block(lines: Iterable[Line], *, but: Iterable[str] = ()) -> None:
    """Raise the first error, those of the codes `but` left for later."""
    for line in lines:
        Line(line.index, line.move, [check for check in line.checks if check.code not in but], line.available).block()


def _refuse_the_absurd(line: Line) -> None:
    if line.move.amount > LARGEST:
        raise RuleBroken(faults=[at(line.index, "amount", "too_large", _("金额超出合理范围，请核对单位（元）。"))])


def _try_balances(lines: Sequence[Line]) -> None:
    balances = Balances([line.move for line in lines])
    for line in lines:
        line.available = balances.try_(line.move)
        if line.available is not None:
            line.checks.append(error("insufficient_balance", available=f"{line.available:,.2f}"))
        elif balances.largest(line.move) > DIGITS_OF_A_BALANCE:
            raise RuleBroken(faults=[at(line.index, "amount", "too_large", _("金额超出合理范围，请核对单位（元）。"))])


def _dates(move: Move, today: dt.date) -> Iterable[Check]:
    if move.occurred_on is not None:
        if move.occurred_on > today:
            yield error("future_date")
        if move.source.issued_on is not None and move.occurred_on < move.source.issued_on:
            yield error("before_issue", day=move.source.issued_on.isoformat())
        if move.reverses is not None and move.occurred_on < move.reverses.occurred_on:
            yield error("before_original", day=move.reverses.occurred_on.isoformat())


def _states(move: Move) -> Iterable[Check]:
    if move.kind not in FORWARD:
        return
    if move.source.state == SourceState.CLOSED:
        yield error("source_closed")
    gaining = move.to_project if move.kind in ADJUSTMENTS else move.project
    if gaining is not None and gaining.stage == Stage.CANCELLED:
        yield error("project_cancelled", project=gaining.name)


def _eligibility(move: Move, today: dt.date) -> Iterable[Check]:
    if move.kind not in TO_A_PROJECT:
        return
    item, day = move.eligibility_item, move.occurred_on or today
    if item is not None and not (item.effective_from_on <= day and (item.effective_until_on is None or day <= item.effective_until_on)):
        yield error("item_not_effective", day=day.isoformat())
    elif item is not None and item.list == EligibilityList.NEGATIVE:
        judged = warn if move.override_reason else error
        yield judged("negative_list_override" if move.override_reason else "ineligible_use", number=item.number, name=item.name)
    use = move.to_use if move.kind in ADJUSTMENTS else move.use
    has_item = item is not None and item.list == EligibilityList.CAPITAL
    if monitoring.is_off_capital_list(is_bond=move.source.kind in BONDS, is_capital=use == Use.CAPITAL, has_capital_item=has_item):
        yield warn("not_on_capital_list")
    if item is None:
        yield from _suspicion(move, day)


def _suspicion(move: Move, day: dt.date) -> Iterable[Check]:
    """Words of a name that make an item of the negative list worth asking about; people decide."""
    gaining = move.to_project if move.kind in ADJUSTMENTS else move.project
    for item in standing.items_in_force(EligibilityList.NEGATIVE, day):
        word = next((word for word in item.hints.split() if gaining is not None and word in gaining.name), None)
        if word:
            yield warn("negative_list_suspected", word=word, number=item.number, name=item.name)
            return


def _entered(moves: Sequence[Move]) -> dict[tuple[uuid.UUID, str], uuid.UUID]:
    """The vouchers that stand: source and number → the transfer that bears it."""
    numbers = [move.voucher_no for move in moves if move.voucher_no]
    if not numbers:
        return {}
    rows = Transfer.objects.filter(
        source_id__in={move.source.pk for move in moves}, voucher_no__in=numbers, sign=1, reversed_by__isnull=True
    )
    return {(source, number): pk for pk, source, number in rows.values_list("pk", "source_id", "voucher_no")}


def _repetitions(line: Line, entered: dict[tuple[uuid.UUID, str], uuid.UUID], lines: Sequence[Line]) -> Iterable[Check]:
    move, earlier = line.move, [other.move for other in lines[: line.index]]
    if move.voucher_no:
        key = (move.source.pk, move.voucher_no)
        twin = any((other.source.pk, other.voucher_no) == key for other in earlier)
        if key in entered or twin:
            yield error("duplicate", voucher=move.voucher_no, first=entered.get(key))
    if move.reverses is not None:
        if standing.is_reversed(move.reverses) or any(other.reverses == move.reverses for other in earlier):
            yield error("already_reversed")
    elif move.kind == Kind.GRANT and any(other.here == move.here for other in earlier if other.kind == Kind.GRANT):
        yield warn("repeated_row")


def _warnings(move: Move, lines: Sequence[Line], facts: dict[uuid.UUID, standing.Standing]) -> Iterable[Check]:
    if move.kind == RequestKind.GRANT and move.project is not None:
        yield from _on_what_is_given(facts[move.project.pk], lines)
        yield from _on_cover(move, facts[move.project.pk])
    elif move.kind in ADJUSTMENTS and move.to_project is not None:
        yield from _on_what_is_given(facts[move.to_project.pk], lines)
        yield from _on_cover(move, facts[move.to_project.pk])
        yield from _on_target(move, facts[move.to_project.pk])
    elif move.kind == Kind.PAY and move.project is not None:
        yield from _on_progress(move, facts[move.project.pk])


def _gains(project: uuid.UUID, lines: Sequence[Line], *, use: str | None = None) -> Decimal:
    """What the whole list gives to a project."""
    gained = Decimal(0)
    for line in lines:
        move = line.move
        if move.kind == Kind.GRANT and move.project is not None and move.project.pk == project and use in (None, move.use):
            gained += move.amount
        if move.kind in ADJUSTMENTS and move.to_project is not None and move.to_project.pk == project and use in (None, move.to_use):
            gained += move.amount
        if move.kind in ADJUSTMENTS and move.project is not None and move.project.pk == project and use in (None, move.use):
            gained -= move.amount
    return gained


def _on_what_is_given(standing_: standing.Standing, lines: Sequence[Line]) -> Iterable[Check]:
    project = standing_.project_id
    granted = standing_.granted + _gains(project, lines)
    if monitoring.is_above_total_investment(granted, standing_.total_investment):
        yield warn("above_total_investment", project=standing_.name, excess=f"{granted - (standing_.total_investment or 0):,.2f}")
    as_capital = standing_.granted_as_capital + _gains(project, lines, use=Use.CAPITAL)
    if monitoring.is_capital_overfunded(Decimal(0), as_capital, standing_.capital):
        yield warn("capital_overfunded", project=standing_.name, excess=f"{as_capital - (standing_.capital or 0):,.2f}")


def _on_cover(move: Move, standing_: standing.Standing) -> Iterable[Check]:
    """Special bonds are repaid from what the project earns."""
    if move.source.kind not in BONDS:
        return
    totals = standing_.plan_totals
    if totals is None:
        yield warn("no_balance_plan", project=standing_.name)
        return
    ratio = monitoring.cover_ratio(*totals)
    low, high = standing.threshold("cover_ratio_low"), standing.threshold("cover_ratio_high")
    if low is not None and monitoring.is_cover_low(*totals, low):
        yield warn("cover_ratio_low", project=standing_.name, ratio=ratio, threshold=f"{low:f}".rstrip("0"))
    if high is not None and monitoring.is_cover_high(*totals, high):
        yield warn("cover_ratio_high", project=standing_.name, ratio=ratio, threshold=f"{high:f}".rstrip("0").rstrip("."))


def _on_target(move: Move, standing_: standing.Standing) -> Iterable[Check]:
    """财预〔2021〕110号: the target must be ready, and live as long as the bond."""
    if monitoring.is_not_ready(standing_.stage):
        yield warn("adjustment_not_ready", project=standing_.name, stage=str(Stage(standing_.stage).label))
    matures_on = standing.maturity(move.source)
    tolerance = standing.threshold("adjustment_life")
    ends_on = standing_.plan_ends_on
    if (
        matures_on is not None
        and tolerance is not None
        and ends_on is not None
        and monitoring.is_life_too_short(ends_on, matures_on, tolerance)
    ):
        yield warn("adjustment_life", project=standing_.name, life=ends_on.year, maturity=matures_on.year)


def _on_progress(move: Move, standing_: standing.Standing) -> Iterable[Check]:
    """Paid share of this allocation against the physical progress of the project, after this payment."""
    threshold = standing.threshold("ahead_of_progress")
    allocation = standing_.allocations.get(move.here) if move.here else None
    if threshold is None or allocation is None or not allocation.granted:
        return
    paid = allocation.paid + move.amount
    if monitoring.is_ahead_of_progress(paid, allocation.granted, standing_.physical_percent, threshold):
        points = paid * 100 / allocation.granted - (standing_.physical_percent or 0)
        yield warn("ahead_of_progress", project=standing_.name, points=f"{points:.2f}")


def stored(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Checks as they are kept with a request: codes and figures, worded when they are read."""
    return [
        {"code": check.code, "level": str(check.level), "values": {name: _plain(value) for name, value in check.values.items()}}
        for check in checks
    ]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)
