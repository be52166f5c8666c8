"""What may be moved: one code path for the check before the act, the request, its approval and the entry of facts.

Errors block: the state of the source or the project, dates, the negative list, the balance. Every other rule is a warning.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from common.errors import DomainError, Fault, FutureDate, RuleBroken
from funding.errors import AlreadyReversed, Duplicate, IneligibleUse, InsufficientBalance, MoneyBlocked
from funding.lifecycle import TO_A_PROJECT, EligibilityList, Kind, Level, SourceState
from funding.models import Transfer
from funding.selectors import standing
from funding.selectors.standing import Bearings
from funding.services import warnings
from funding.services.balances import Balances
from funding.services.moves import Check, Move, at, error, project_ids, together, warn
from projects.lifecycle import Stage

LARGEST = Decimal(10) ** 13  # yuan, for one movement: twice what the whole country issues in a year
DIGITS_OF_A_BALANCE = Decimal(10) ** 15


@dataclass
class Line:
    """One movement with what is said of it."""

    index: int
    move: Move
    checks: list[Check] = field(default_factory=list)
    available: Decimal | None = None

    @property
    def is_bad(self) -> bool:
        return any(check.level == Level.ERROR for check in self.checks)

    def refusal(self, *, but: Collection[str]) -> DomainError | None:
        """What the first error of the line says, in the domain's word for it; None when nothing but `but` stands against it."""
        for check in self.checks:
            if check.level == Level.ERROR and check.code not in but:
                refusal = self._refusal(check)
                if self.move.request_id is not None:
                    refusal.extra["request"] = str(self.move.request_id)
                return refusal
        return None

    def _refusal(self, check: Check) -> DomainError:
        code, detail = check.code, check.detail

        def place(name: str) -> list[Fault]:
            return [at(self.index, name, code, detail)]

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


def judge(moves: Sequence[Move], *, today: dt.date, is_final: bool = True) -> list[Line]:
    """Every check of every movement, in order; each is tried on what the earlier ones leave.

    A movement without a day occurs today when it `is_final`; before, its day is not known yet.
    """
    lines = [Line(index, move) for index, move in enumerate(moves)]
    bearings = standing.bearings(
        project_ids(moves), {move.source.pk for move in moves}, {move.reverses.pk for move in moves if move.reverses}
    )
    entered = _entered(moves)
    for line in lines:
        _refuse_the_absurd(line)
        line.checks += [
            *_dates(line.move, today, is_final=is_final),
            *_states(line.move),
            *_eligibility(line.move, bearings, today),
            *_repetitions(line, entered, bearings, lines),
        ]
    _try_balances(lines)
    good = [line.move for line in lines if not line.is_bad]
    gains, payments = warnings.gains(good), warnings.payments(good)
    for line in lines:
        if not line.is_bad:  # what cannot be is not warned of, and moves nothing that others would be warned of
            line.checks += warnings.of(line.move, gains, payments, bearings)
    return lines


def block(lines: Iterable[Line], *, but: Collection[str] = ()) -> None:
    """Raise what stands against any line, errors of the codes `but` left for later; every bad line is named."""
    if refusals := [refusal for line in lines if (refusal := line.refusal(but=but))]:
        raise together(refusals)


def _refuse_the_absurd(line: Line) -> None:
    if line.move.amount > LARGEST:
        raise RuleBroken(faults=[at(line.index, "amount", "too_large", _("金额超出合理范围，请核对单位（元）。"))])


def _try_balances(lines: Sequence[Line]) -> None:
    """A line that is refused already takes nothing from what there is for the others."""
    balances = Balances([line.move for line in lines])
    for line in lines:
        if line.is_bad:
            continue
        line.available = balances.try_(line.move)
        if line.available is not None:
            line.checks.append(error("insufficient_balance", available=f"{line.available:,.2f}"))
        elif balances.largest(line.move) > DIGITS_OF_A_BALANCE:
            raise RuleBroken(faults=[at(line.index, "amount", "too_large", _("金额超出合理范围，请核对单位（元）。"))])


def _dates(move: Move, today: dt.date, *, is_final: bool) -> Iterable[Check]:
    day = move.occurred_on or (today if is_final else None)
    if day is None:
        return
    if day > today:
        yield error("future_date")
    if move.source.issued_on is not None and day < move.source.issued_on:
        yield error("before_issue", day=move.source.issued_on.isoformat())
    if move.reverses is not None and day < move.reverses.occurred_on:
        yield error("before_original", day=move.reverses.occurred_on.isoformat())


def _states(move: Move) -> Iterable[Check]:
    if move.gives and move.source.state == SourceState.CLOSED:
        yield error("source_closed")
    if move.gaining is not None and move.gaining.stage == Stage.CANCELLED:
        yield error("project_cancelled", project=move.gaining.name)


def _eligibility(move: Move, bearings: Bearings, today: dt.date) -> Iterable[Check]:
    if move.kind not in TO_A_PROJECT:
        return
    item, day = move.eligibility_item, move.occurred_on or today
    if item is not None and not standing.is_in_force(item, day):
        yield error("item_not_effective", day=day.isoformat())
    elif item is not None and item.list == EligibilityList.NEGATIVE:
        judged = warn if move.override_reason else error
        yield judged("negative_list_override" if move.override_reason else "ineligible_use", number=item.number, name=item.name)
    elif item is None:
        yield from _suspicion(move, bearings, day)


def _suspicion(move: Move, bearings: Bearings, day: dt.date) -> Iterable[Check]:
    """Words of a name that make an item of the negative list worth asking about; people decide."""
    name = move.gaining.name if move.gaining is not None else ""
    for item in bearings.negative:
        word = next((word for word in item.hints.split() if word in name), None)
        if word and standing.is_in_force(item, day):
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


def _repetitions(line: Line, entered: dict[tuple[uuid.UUID, str], uuid.UUID], bearings: Bearings, lines: Sequence[Line]) -> Iterable[Check]:
    move, earlier = line.move, [other.move for other in lines[: line.index]]
    if move.voucher_no:
        key = (move.source.pk, move.voucher_no)
        twin = any((other.source.pk, other.voucher_no) == key for other in earlier)
        if key in entered or twin:
            yield error("duplicate", voucher=move.voucher_no, first=entered.get(key))
    if move.reverses is not None:
        if move.reverses.pk in bearings.reversed or any(other.reverses == move.reverses for other in earlier):
            yield error("already_reversed")
    elif move.kind == Kind.GRANT and any(other.here == move.here for other in earlier if other.kind == Kind.GRANT):
        yield warn("repeated_row")


def stored(checks: Iterable[Check]) -> list[dict[str, Any]]:
    """Checks as they are kept with a request: codes and figures, worded when they are read."""
    return [
        {"code": check.code, "level": str(check.level), "values": {name: _plain(value) for name, value in check.values.items()}}
        for check in checks
    ]


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int | str) else str(value)
