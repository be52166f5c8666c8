"""What a moved due date brings about beyond the plan: a register that upper apps fill, so that `milestones` need not know them."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Effect:
    """One thing that a move changes: from what to what. `subject` is (kind, id, name); days stand as ISO dates."""

    kind: str
    subject: tuple[str, uuid.UUID, str]
    before: Any
    after: Any

    def stored(self) -> dict[str, Any]:
        kind, key, name = self.subject
        return {"kind": self.kind, "subject": {"kind": kind, "id": str(key), "name": name}, "from": self.before, "to": self.after}


# (the milestone, its new due date, today) → what changes
Effects = Callable[[Any, dt.date, dt.date], list[Effect]]

_effects: list[Effects] = []


def on_move(effects: Effects) -> Effects:
    _effects.append(effects)
    return effects


def effects(milestone: Any, to_on: dt.date, today: dt.date) -> list[Effect]:
    """Everything that upper apps say of the move, in the order of registration."""
    return [effect for found in _effects for effect in found(milestone, to_on, today)]
