"""What obligations exist: a register that upper apps fill, so that `reminders` knows no milestone and no bond."""

import uuid
from dataclasses import dataclass

from accounts.querysets import HOLDS
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
    `facts` is what the page of duties shows besides and its forms need: one jsonb value about the subject w.subject_id.
    `done` selects what of this kind was ended: project_id, office_id, done_on.
    `answered` selects the subject_id of every one to which an answer stands on %(today)s (a forecast ahead, a request
    undecided): with an acknowledgement it holds back the next rung of that side.
    `is_computed`: no index finds its dates, so a sweep reads it once for all rungs.
    """

    kind: str
    obligations: str
    touched: str
    to_do: str
    actions: tuple[str, ...]
    page: str = "/projects/{project}/"
    roles: tuple[str, ...] = FILERS
    leads_answer: bool = True
    facts: str = "NULL::jsonb"
    done: str = ""
    answered: str = ""
    is_computed: bool = False

    def path(self, subject_id: uuid.UUID, project_id: uuid.UUID | None) -> str:
        return self.page.format(subject=subject_id, project=project_id)


@dataclass(frozen=True)
class Awaited:
    """One kind of what one person asks and another decides, as SQL.

    `requests` selects every open one: subject_id, subject_name, project_id, office_id (whose turn it is), asked_at, asked_by_id.
    `page` is the path where it stands; {subject} is filled in.
    """

    kind: str
    requests: str
    page: str

    def path(self, subject_id: uuid.UUID) -> str:
        return self.page.format(subject=subject_id)


def deciding_office(office: str, maker: str) -> str:
    """SQL: the office of `office` or the nearest above it where somebody may decide on %(today)s; else `office` itself.

    Neither `maker` nor who stands in for `maker` decides (`common.decisions.require_another`).
    """
    return f"""coalesce((
        SELECT above.id FROM accounts_office o JOIN accounts_office above ON starts_with(o.path, above.path)
         WHERE o.id = {office}
           AND EXISTS (SELECT FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                        WHERE m.office_id = above.id AND m.role = 'approver' AND u.is_active AND {HOLDS}
                          AND m.user_id IS DISTINCT FROM {maker}
                          AND NOT EXISTS (SELECT FROM accounts_membership lent
                                           WHERE lent.user_id = m.user_id AND lent.delegated_by_id = {maker}
                                             AND %(today)s BETWEEN lent.valid_from_on AND lent.valid_until_on))
         ORDER BY length(above.path) DESC LIMIT 1), {office})"""


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
