"""What a client does next: statements of one to four transfers, most of them lawful when they were thought of.

A client looks at the balances, as one does before one asks, and often takes all that is there; so of two at once only one
can have it. Beside that it reverses, enters vouchers again, and breaks each rule of the table on purpose.
"""

import datetime as dt
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tests.storm_ledger.city import Part

FEN = Decimal("0.01")
FIRST_DAY = dt.date(2025, 1, 1)
MOST = 4  # transfers a statement
RECENT = 1000  # how far back a client remembers what was done
BALANCE = (
    "allocated_is_at_most_issued",
    "allocated_is_not_negative",
    "paid_is_at_most_received",
    "paid_is_not_negative",
    "received_is_at_most_granted",
)
VOUCHER, TWICE, MIRROR = "a_voucher_is_entered_once", "funding_transfer_reverses_id_key", "a_reversal_mirrors_its_original"

# Which balance each movement may break, in our own words; and its reversal.
BREAKS = {
    "issue": ([], ["allocated_is_at_most_issued"]),
    "cancel_issue": (["allocated_is_at_most_issued"], []),
    "grant": (["allocated_is_at_most_issued"], ["allocated_is_not_negative", "received_is_at_most_granted"]),
    "withdraw": (["allocated_is_not_negative", "received_is_at_most_granted"], ["allocated_is_at_most_issued"]),
    "receive": (["received_is_at_most_granted"], ["paid_is_at_most_received"]),
    "return": (["paid_is_at_most_received"], ["received_is_at_most_granted"]),
    "pay": (["paid_is_at_most_received"], ["paid_is_not_negative"]),
    "refund": (["paid_is_not_negative"], ["paid_is_at_most_received"]),
    "adjust_quota": (["received_is_at_most_granted"], ["received_is_at_most_granted"]),
    "adjust_money": (["paid_is_at_most_received"], ["paid_is_at_most_received"]),
}
KINDS = tuple(BREAKS)
FACTS = ("receive", "pay", "refund")
DECISIONS = tuple(kind for kind in KINDS if kind not in FACTS)
WEIGHTS = [3, 1, 4, 2, 4, 2, 4, 2, 2, 2]  # more goes forward than back


@dataclass(frozen=True)
class Row:
    """One transfer, the request it needs, and what may refuse it."""

    kind: str
    source: uuid.UUID
    amount: Decimal
    allocation: Part | None = None
    target: Part | None = None
    sign: int = 1
    voucher: str = ""
    entry: int = 1
    original: "Row | None" = None
    needs_request: bool = False
    decides_alone: bool = False
    breaks: frozenset[str] = frozenset()
    must_break: str = ""
    id: uuid.UUID = field(default_factory=uuid.uuid4)
    request: uuid.UUID = field(default_factory=uuid.uuid4)
    occurred_on: dt.date = FIRST_DAY


@dataclass
class Known:
    """What the clients tell each other: transfers that were accepted, and facts that were reversed. Never empty."""

    done: list[Row] = field(default_factory=list)
    undone: list[Row] = field(default_factory=list)

    def learn(self, rows: Sequence[Row]) -> None:
        self.done += rows
        self.undone += [row.original for row in rows if row.original is not None and row.original.voucher]


class Balances:
    """As they stood a moment ago: by source (issued, allocated), by allocation (granted, received, paid)."""

    def __init__(self, rows: Sequence[tuple[uuid.UUID, Decimal, Decimal, Decimal]]) -> None:
        self.of = {key: rest for key, *rest in rows}

    def room(self, kind: str, source: uuid.UUID, part: Part | None) -> Decimal:
        """How much the movement may take."""
        issued, allocated, _ = self.of[source]
        if part is None or kind == "grant":
            return issued - allocated
        granted, received, paid = self.of[part.id]
        return {
            "withdraw": granted - received,
            "adjust_quota": granted - received,
            "receive": granted - received,
            "refund": paid,
        }.get(kind, received - paid)


class Author:
    """One client's dice."""

    def __init__(self, parts: Sequence[Part], known: Known, dice: random.Random) -> None:
        self.parts, self.known, self.dice = parts, known, dice

    def statement(self, balances: Balances) -> list[Row]:
        """Rows for one INSERT. Balances are touched in any order, but keys that others may also enter come in the order of the
        keys: two that wait for each other in a unique index are no matter of the ledger's locks."""
        rows = [self._row(balances) for _ in range(self.dice.choice([1, 1, *range(1, MOST + 1)]))]
        return sorted(rows, key=lambda row: row.voucher or str(row.original.id if row.original else ""))

    def _row(self, balances: Balances) -> Row:
        roll = self.dice.random()
        if roll < 0.05:
            constraint = self.dice.choice(list(MISCHIEF))
            row = MISCHIEF[constraint](self, balances)
            return replace(row, must_break=constraint, breaks=row.breaks | {constraint})
        if roll < 0.20:
            return self.reversal()
        if roll < 0.25:
            return self._again(balances)
        return self.movement(balances)

    def movement(self, balances: Balances, kinds: Sequence[str] = KINDS) -> Row:
        kind = self.dice.choices(kinds, [WEIGHTS[KINDS.index(kind)] for kind in kinds])[0]
        part = self.dice.choice(self.parts)
        here = None if kind in ("issue", "cancel_issue") else part
        there = None
        if kind.startswith("adjust"):
            there = self.dice.choice([other for other in self.parts if other.source == part.source and other != part])
        row = Row(kind, part.source, self._amount(balances, kind, part.source, here), here, there, occurred_on=self._day())
        return replace(
            row,
            voucher=uuid.UUID(int=self.dice.getrandbits(128)).hex if kind in FACTS else "",
            needs_request=kind in DECISIONS,
            breaks=frozenset(BREAKS[kind][0]),
        )

    def reversal(self) -> Row:
        """Of anything done lately, whether or not somebody has reversed it already."""
        return self._mirror(next(row for row in iter(self._recent, None) if row.sign == 1))

    def _mirror(self, original: Row) -> Row:
        return Row(
            original.kind,
            original.source,
            original.amount,
            original.allocation,
            original.target,
            sign=-1,
            original=original,
            needs_request=True,
            breaks=frozenset([*BREAKS[original.kind][1], TWICE]),
            occurred_on=self._day(),
        )

    def _again(self, balances: Balances) -> Row:
        """A voucher that has been entered: by mistake, or anew after its reversal, when only one can be the second."""
        row = self.movement(balances, FACTS)
        known = self.known.undone if self.known.undone and self.dice.random() < 0.7 else self.known.done
        earlier = known[-self.dice.randint(1, min(len(known), 50))]
        if not earlier.voucher or earlier.allocation is None:
            return row
        part = earlier.allocation if self.dice.random() < 0.9 else self.dice.choice(self.parts)  # another source knows it not
        return replace(
            row,
            voucher=earlier.voucher,
            entry=earlier.entry + self.dice.choice([0, 1]),
            allocation=part,
            source=part.source,
            amount=self._amount(balances, row.kind, part.source, part),
            breaks=row.breaks | {VOUCHER},
        )

    def _amount(self, balances: Balances, kind: str, source: uuid.UUID, part: Part | None) -> Decimal:
        if kind == "issue":
            return self._yuan(Decimal(1_000_000))
        room, roll = max(balances.room(kind, source, part), Decimal(0)), self.dice.random()
        if kind == "withdraw" and roll < 0.1:
            return max(balances.of[source][1], Decimal(0)) + self._yuan(Decimal(1000))  # more than all that was given
        if roll < 0.15:
            return room + self._yuan(Decimal(1000))
        return max(room, FEN) if roll < 0.3 else self._yuan(room)

    def _yuan(self, most: Decimal) -> Decimal:
        return max((most * Decimal(self.dice.random())).quantize(FEN), FEN)

    def _day(self) -> dt.date:
        return FIRST_DAY + dt.timedelta(days=self.dice.randint(0, 364))

    def _recent(self) -> Row:
        return self.known.done[-self.dice.randint(1, min(len(self.known.done), RECENT))]

    # What must be refused, each by its own constraint.

    def nothing(self, balances: Balances) -> Row:
        return replace(self.movement(balances, FACTS), amount=Decimal(self.dice.choice([0, -5])))

    def nothing_requested(self, balances: Balances) -> Row:
        return replace(self.movement(balances, DECISIONS), amount=Decimal(self.dice.choice([0, -5])))

    def no_number(self, balances: Balances) -> Row:
        return replace(self.movement(balances), amount=Decimal("NaN"))

    def unrequested(self, balances: Balances) -> Row:
        return replace(self.movement(balances, DECISIONS), needs_request=False)

    def decided_alone(self, balances: Balances) -> Row:
        return replace(self.movement(balances, DECISIONS), decides_alone=True)

    def without_voucher(self, balances: Balances) -> Row:
        return replace(self.movement(balances, FACTS), voucher="")

    def without_place(self, balances: Balances) -> Row:
        return replace(self.movement(balances, ["grant", "pay"]), allocation=None)

    def negative(self, balances: Balances) -> Row:
        return replace(self.movement(balances, DECISIONS), sign=-1)

    def from_elsewhere(self, balances: Balances) -> Row:
        """Money of one source for what another gives."""
        row = self.movement(balances, ["grant", "receive", "adjust_quota", "adjust_money"])
        other = self.dice.choice([part for part in self.parts if part.source != row.source])
        return replace(row, target=other) if row.target else replace(row, source=other.source)

    def another_amount(self, balances: Balances) -> Row:
        """A reversal by a fen more, or of a reversal."""
        original = self._recent()
        row = self._mirror(original)
        return row if original.sign == -1 else replace(row, amount=original.amount + FEN)

    def unrequested_reversal(self, _balances: Balances) -> Row:
        return replace(self.reversal(), needs_request=False)


MISCHIEF: Mapping[str, Callable[[Author, Balances], Row]] = {
    "amount_is_positive": Author.nothing,
    "requested_amount_is_positive": Author.nothing_requested,
    "amount_is_a_number": Author.no_number,
    "a_decision_has_its_request": Author.unrequested,
    "a_reversal_has_its_request": Author.unrequested_reversal,
    "who_asks_does_not_decide": Author.decided_alone,
    "a_fact_has_its_voucher": Author.without_voucher,
    "a_movement_touches_what_its_kind_says": Author.without_place,
    "only_a_reversal_is_negative": Author.negative,
    "money_stays_within_its_source": Author.from_elsewhere,
    MIRROR: Author.another_amount,
}
REFUSING = (*BALANCE, VOUCHER, TWICE, *MISCHIEF)
