"""Money for tests, written as plain rows: a pot, and movements that are already decided."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from accounts.models import Office
from common.decisions import RequestState
from common.recording import recording
from funding.lifecycle import ADJUSTMENTS, OF_THE_POOL, FactKind
from funding.models import Allocation, FundingSource, Transfer, TransferRequest
from projects.models import Project
from tests.world import TESTER

DAY = dt.date(2025, 3, 1)
MAKER, CHECKER = uuid.UUID(int=1), uuid.UUID(int=2)


def source(
    name: str = "2025年专项债券一期", kind: str = "special_bond", issued: Decimal | str = "0.00", *, on: dt.date = DAY, **fields: Any
) -> FundingSource:
    """A pot of the city's finance bureau, with `issued` yuan issued on the day. Other fields as they stand in the model."""
    with recording(TESTER):
        pot = FundingSource.objects.create(
            **{"name": name, "kind": kind, "office": Office.objects.get(code="410700-CZJ"), "issued_on": on} | fields
        )
    if Decimal(issued):
        move("issue", pot, issued, on=on)
    pot.refresh_from_db()
    return pot


def move(
    kind: str,
    source: FundingSource,
    amount: Decimal | str,
    project: Project | None = None,
    use: str = "construction",
    to_project: Project | None = None,
    to_use: str | None = None,
    on: dt.date = DAY,
    **fields: Any,
) -> Transfer:
    """One movement of so many yuan, with its agreed request or its voucher; allocations begin where there are none yet.

    The target's use of an adjustment is `use` when not said. Balances that would break raise IntegrityError.
    """
    with recording(TESTER):
        here = None if kind in OF_THE_POOL or project is None else allocation(source, project, use)
        there = allocation(source, to_project or project, to_use or use) if kind in ADJUSTMENTS else None
        agreed: dict[str, Any] = {"voucher_no": uuid.uuid4().hex[:12]} if kind in FactKind.values else {}
        if not agreed:
            agreed["request"] = request(kind, source, amount, allocation=here, target=there, occurred_on=on)
        return Transfer.objects.create(
            **{"kind": kind, "source": source, "allocation": here, "target": there, "amount": Decimal(amount), "occurred_on": on}
            | {"recorded_by": TESTER.label, "recorded_by_name": TESTER.name}
            | agreed
            | fields
        )


def reverse(transfer: Transfer, on: dt.date | None = None) -> Transfer:
    """The mirror of a movement, on its day when no other is said."""
    mirrored = {name: getattr(transfer, name) for name in ("kind", "source", "allocation", "target", "amount")}
    day = on or transfer.occurred_on
    with recording(TESTER):
        agreed = request("reverse", transfer.source, transfer.amount, allocation=transfer.allocation, reverses=transfer, occurred_on=day)
        return Transfer.objects.create(**mirrored, sign=-1, reverses=transfer, request=agreed, occurred_on=day, recorded_by=TESTER.label)


def allocation(source: FundingSource, project: Project | None, use: str = "construction") -> Allocation:
    """The part of the pot for this project and use; it begins with nothing."""
    with recording(TESTER):
        return Allocation.objects.get_or_create(source=source, project=project, use=use)[0]


def request(
    kind: str,
    source: FundingSource,
    amount: Decimal | str,
    *,
    allocation: Allocation | None = None,
    target: Allocation | None = None,
    state: str = RequestState.APPROVED,
    **fields: Any,
) -> TransferRequest:
    """A request as one person made it, and another decided it unless it still waits."""
    decided = {} if state == RequestState.REQUESTED else {"decided_by_id": CHECKER, "decided_by_name": "复核人"}
    with recording(TESTER):
        return TransferRequest.objects.create(
            **{"batch": uuid.uuid4(), "kind": kind, "state": state, "source": source, "amount": Decimal(amount)}
            | {"project": allocation and allocation.project, "use": allocation and allocation.use}
            | {"to_project": target and target.project, "to_use": target and target.use}
            | {"requested_by_id": MAKER, "requested_by_name": "经办人"}
            | decided
            | fields
        )
