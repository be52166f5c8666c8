"""What obligations exist: a register that upper apps fill, so that `reminders` knows no milestone and no bond."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.roles import Role

FILERS: tuple[str, ...] = (Role.EDITOR, Role.APPROVER)


@dataclass(frozen=True)
class Source:
    """One kind of obligation, as SQL.

    `obligations` selects every open one on %(today)s: subject_id, subject_name, project_id, office_id, authority_id, due_on.
    `project_id` is null where no one project owes it: such an obligation is seen by its recipients and who sees everything.
    `touched` selects the subject_id of every one that changed since %(since)s, or whose project did.
    `to_do` says what ends it, in one sentence; `actions` are the API's calls that do.
    `page` is the path where it is done; {subject} and {project} are filled in.
    `roles` are those whose memberships in an office are told; supervisors are besides, as the last resort.
    `leads_answer`: a project's lead answers before the office does. Not so for decisions: the one who makes does not check.
    `has_maker`: it is to be decided, and `obligations` selects maker_id besides, who asked for it: approvers owe it, for want of any
    administrators, but never who asked (`selectors.turns`). `done` then selects done_by_id, who decided.
    `facts` is what the page of duties shows besides and its forms need: one jsonb value about the subject w.subject_id.
    `open_actions` says from the facts which of `actions` are open to one, where not always all are.
    `done` selects what of this kind was ended: project_id, office_id, done_on (the day on which somebody did it here).
    `answered` selects the subject_id of every one to which an answer stands on %(today)s (a forecast ahead, a request
    undecided): with an acknowledgement it holds back the next rung of that side.
    `remarks` selects subject_id and what its office has said already (a request undecided, a forecast ahead), of the subjects %(ids)s.
    `is_computed`: no index finds its dates, so a sweep reads it once for all rungs.
    """

    kind: str
    obligations: str
    touched: str
    to_do: Any
    actions: tuple[str, ...]
    page: str = "/projects/{project}/"
    roles: tuple[str, ...] = FILERS
    leads_answer: bool = True
    has_maker: bool = False
    facts: str = "NULL::jsonb"
    open_actions: Callable[[Mapping[str, Any]], Sequence[str]] | None = None
    done: str = ""
    answered: str = ""
    remarks: str = ""
    is_computed: bool = False

    @property
    def maker(self) -> str:
        """SQL: who made an obligation `o`."""
        return "o.maker_id" if self.has_maker else "NULL::uuid"

    @property
    def stand_in(self) -> str:
        """SQL: the office of an obligation `o` that is asked where nobody of its own branch may decide."""
        return "o.authority_id" if self.has_maker else "NULL::uuid"

    def actions_of(self, facts: Mapping[str, Any]) -> Sequence[str]:
        return self.actions if self.open_actions is None else self.open_actions(facts)

    def path(self, subject_id: uuid.UUID, project_id: uuid.UUID | None) -> str:
        return self.page.format(subject=subject_id, project=project_id)


@dataclass(frozen=True)
class Awaited:
    """One kind of what one person asks and another decides, as SQL.

    `requests` selects every open one: subject_id, subject_name, project_id, office_id (that answers for it), asked_at, asked_by_id.
    `page` is the path where it stands; {subject} is filled in.
    `is_decision`: whose turn it is is sought among those who may decide (`selectors.turns`); else it is that office's.
    """

    kind: str
    requests: str
    page: str
    is_decision: bool = False

    def path(self, subject_id: uuid.UUID) -> str:
        return self.page.format(subject=subject_id)


_sources: dict[str, Source] = {}
_awaited: dict[str, Awaited] = {}


def register(source: Source) -> None:
    _sources[source.kind] = source


def sources() -> list[Source]:
    return list(_sources.values())


def source(kind: str) -> Source:
    return _sources[kind]


def register_awaited(entry: Awaited) -> None:
    _awaited[entry.kind] = entry


def awaited() -> list[Awaited]:
    return list(_awaited.values())
