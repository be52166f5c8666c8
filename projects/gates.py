"""The conditions of a move: a register that upper apps fill, so that `projects` need not know them."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any, NamedTuple


class Blocker(NamedTuple):
    """One condition that is not met: a stable code and a sentence."""

    code: str
    detail: Any


# (project id, stage moved to, day of the move) → what stands in the way
Gate = Callable[[uuid.UUID, str, dt.date], list[Blocker]]

_gates: list[Gate] = []


def register(gate: Gate) -> Gate:
    _gates.append(gate)
    return gate


def blockers(project_id: uuid.UUID, to: str, on: dt.date) -> list[Blocker]:
    """Everything that stands in the way of the move."""
    return [blocker for gate in _gates for blocker in gate(project_id, to, on)]
