"""Facts: what the bank's statement says came and went, each entered once by its voucher."""

import datetime as dt
from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Malformed
from common.recording import recording
from funding.lifecycle import FactKind
from funding.models import Transfer
from funding.services import ids, judgement, ledger
from funding.services.moves import Check, Move, at, require_shape


def record(moves: Sequence[Move], *, actor: Actor, today: dt.date) -> list[Transfer]:
    """Enter receipts, payments and refunds, whole or not at all.

    Faults name the line and the field. Raises Malformed, FutureDate, RuleBroken, MoneyBlocked, Duplicate (a voucher or an id
    again) and InsufficientBalance.
    """
    _require_facts(moves)
    with recording(actor):
        ids.require_new(moves, Transfer)
        projects = ledger.lock(moves)
        standing = ledger.fresh(moves, projects)
        judgement.block(judgement.judge(standing, today=today))
        with ids.inserting(moves, Transfer):
            return ledger.post(standing, actor=actor, today=today)


def check(moves: Sequence[Move], *, today: dt.date) -> list[list[Check]]:
    """What `record` would say, without writing."""
    _require_facts(moves)
    return [line.checks for line in judgement.judge(moves, today=today)]


def _require_facts(moves: Sequence[Move]) -> None:
    faults = [
        at(index, "kind", "invalid_choice", _("须为到位、支付或退款。"))
        for index, move in enumerate(moves)
        if move.kind not in FactKind.values
    ]
    if faults:
        raise Malformed(faults=faults)
    require_shape(moves)
