"""What can go wrong with money."""

import uuid
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Fault, RuleBroken
from common.shapes import money


class InsufficientBalance(Conflict):
    """Less is there than the movement takes. `available` is what is there, in yuan."""

    code = "insufficient_balance"
    sentence = _("余额不足。")

    def __init__(self, available: Decimal, *, faults: list[Fault] | None = None) -> None:
        super().__init__(
            _("余额不足，可用 %(available)s 元。") % {"available": f"{available:,.2f}"}, available=money(available), faults=faults or []
        )


class IneligibleUse(RuleBroken):
    """The use is on the negative list (国办发〔2024〕52号, annex 1), and no reason was given for letting it pass."""

    code = "ineligible_use"
    sentence = _("该用途在负面清单内，不能分配。")


class MoneyBlocked(Conflict):
    """The state of the source or the project forbids it."""

    code = "blocked"
    sentence = _("条件未满足。")


class AlreadyReversed(Conflict):
    code = "already_reversed"
    sentence = _("该笔已冲正，同一笔只能冲正一次。")


class Duplicate(Conflict):
    """The same voucher, or the same id, again. The answer's `id` is that of the first, the row that bears it."""

    code = "duplicate"
    sentence = _("重复。")

    def __init__(self, detail: object, *, first: uuid.UUID | None, faults: list[Fault] | None = None) -> None:
        super().__init__(detail, faults=faults or [], **({"id": str(first)} if first else {}))
