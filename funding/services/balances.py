"""What is there, and what would be left: movements tried one after the other on the balances as they stand."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from funding.models import Allocation, FundingSource
from funding.services.moves import Move, project_ids

ZERO = Decimal(0)
Place = tuple[uuid.UUID, uuid.UUID, str]


@dataclass
class Held:
    """The ladder of one row, each step at most the one before: issued ≥ allocated, or granted ≥ received ≥ paid; none below zero."""

    steps: list[Decimal]

    def after(self, changes: Sequence[Decimal]) -> list[Decimal]:
        return [held + change for held, change in zip(self.steps, changes, strict=True)]

    def lacking(self, changes: Sequence[Decimal]) -> list[Decimal]:
        """The room of every pair of steps that the changes would overfill: how much may be moved at most."""
        after = self.after(changes)
        rooms = [upper - lower for upper, lower in zip(self.steps, [*self.steps[1:], ZERO], strict=True)]
        left = [upper - lower for upper, lower in zip(after, [*after[1:], ZERO], strict=True)]
        return [room for room, rest in zip(rooms, left, strict=True) if rest < 0]


class Balances:
    """The balances that a list of movements touches, as they stand when this is made: lock first, if they are to hold."""

    def __init__(self, moves: Sequence[Move]) -> None:
        sources = {move.source.pk for move in moves}
        self.pools = {pk: Held([issued, allocated]) for pk, issued, allocated in _pools(sources)}
        self.parts: dict[Place, Held] = {}
        rows = Allocation.objects.filter(source_id__in=sources, project_id__in=project_ids(moves))
        for row in rows.values_list("source_id", "project_id", "use", "granted", "received", "paid"):
            self.parts[row[:3]] = Held([*row[3:]])

    def try_(self, move: Move) -> Decimal | None:
        """Move the money, or return how much there is. What fails changes nothing."""
        effect, amount = move.effect, move.amount
        trials = [
            (self.pools[move.source.pk], [effect.issued, effect.allocated]),
            (self.part(move.here), [effect.granted, effect.received, effect.paid]),
            (self.part(move.there), [effect.target_granted, effect.target_received, 0]),
        ]
        changes = [(held, [amount * times for times in by]) for held, by in trials]
        if lacking := [room for held, by in changes for room in held.lacking(by)]:
            return max(min(lacking), ZERO)
        for held, by in changes:
            held.steps = held.after(by)
        return None

    def largest(self, move: Move) -> Decimal:
        """The largest balance that a movement has touched, in yuan."""
        return max(*self.pools[move.source.pk].steps, *self.part(move.here).steps, *self.part(move.there).steps)

    def part(self, place: Place | None) -> Held:
        return Held([ZERO, ZERO, ZERO]) if place is None else self.parts.setdefault(place, Held([ZERO, ZERO, ZERO]))


def _pools(sources: Iterable[uuid.UUID]) -> Iterable[tuple[uuid.UUID, Decimal, Decimal]]:
    return FundingSource.objects.filter(pk__in=list(sources)).values_list("pk", "issued", "allocated")
