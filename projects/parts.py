"""What upper apps add to a project: registers, filled in their `apps.py`, so that `projects` never imports upward."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from common.actors import Actor

ProjectIds = list[uuid.UUID]

# (project ids, actor, day) → rows by project id
Rows = Callable[[ProjectIds, Any, dt.date], Mapping[uuid.UUID, list[Any]]]


@dataclass(frozen=True)
class Part:
    """A list that belongs to a project. `always` stands in every detail, the others come by `expand`."""

    name: str
    rows: Rows
    always: bool = False


# (project ids, today, the past day asked about) → a figure of each project's status
Figure = Callable[[ProjectIds, dt.date, dt.date | None], Mapping[uuid.UUID, int]]


class ObligationFollower(Protocol):
    """Told the kind of obligation, the ids of what ended or moved, why, and by whom."""

    def __call__(self, kind: str, subject_ids: list[uuid.UUID], *, reason: str, actor: Actor) -> object: ...


_parts: dict[str, Part] = {}
_figures: dict[str, Figure] = {}
_founders: list[Callable[[ProjectIds], None]] = []
_stage_followers: list[Callable[[ProjectIds, str, Actor], None]] = []
_obligation_followers: list["ObligationFollower"] = []


def register(part: Part) -> None:
    _parts[part.name] = part


def expansions() -> list[str]:
    return [part.name for part in _parts.values() if not part.always]


def detail_parts() -> list[Part]:
    return [part for part in _parts.values() if part.always]


def part(name: str) -> Part:
    return _parts[name]


def figure(name: str, found: Figure) -> None:
    """A figure of the status that the read model does not hold: a detail shows it, a list only when its field is asked for by name."""
    _figures[name] = found


def figures(asked: Iterable[str], project_ids: ProjectIds, *, today: dt.date, as_of: dt.date | None) -> dict[str, Mapping[uuid.UUID, int]]:
    """The figures among `asked`, each by project."""
    return {name: _figures[name](project_ids, today, as_of) for name in asked if name in _figures}


def on_creation(found: Callable[[ProjectIds], None]) -> None:
    """`found` runs inside the transaction that creates projects."""
    _founders.append(found)


def on_stage_change(follow: Callable[[ProjectIds, str, Actor], None]) -> None:
    """`follow` runs inside the transaction that moves projects to another stage."""
    _stage_followers.append(follow)


def created(project_ids: Iterable[uuid.UUID]) -> None:
    for found in _founders:
        found(list(project_ids))


def stage_changed(project_ids: Iterable[uuid.UUID], stage: str, actor: Actor) -> None:
    for follow in _stage_followers:
        follow(list(project_ids), stage, actor)


def on_obligation_end(follow: ObligationFollower) -> None:
    """`follow` runs inside the transaction that ends or moves what somebody owed: a report filed, a problem closed."""
    _obligation_followers.append(follow)


def obligation_ended(kind: str, subject_ids: Iterable[uuid.UUID], *, reason: str, actor: Actor) -> None:
    """Tell whoever reminds people of it. `reason` is shown beside the reminders that are cancelled."""
    for follow in _obligation_followers:
        follow(kind, list(subject_ids), reason=reason, actor=actor)
