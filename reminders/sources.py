"""What obligations exist: a register that upper apps fill, so that `reminders` knows no milestone and no bond."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.querysets import HOLDS
from accounts.roles import DECIDERS, Role

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
    `has_maker`: `obligations` selects maker_id besides, who asked for it: neither they nor who stands in for them owe it.
    `facts` is what the page of duties shows besides and its forms need: one jsonb value about the subject w.subject_id.
    `done` selects what of this kind was ended: project_id, office_id, done_on (the day on which somebody did it here).
    `answered` selects the subject_id of every one to which an answer stands on %(today)s (a forecast ahead, a request
    undecided): with an acknowledgement it holds back the next rung of that side.
    `remarks` selects subject_id and what its office has said already (a request undecided, a forecast), of the subjects %(ids)s.
    `is_computed`: no index finds its dates or its offices are sought one by one, so a sweep reads it once for all rungs.
    """

    kind: str
    obligations: str
    touched: str
    to_do: str
    actions: tuple[str, ...]
    page: str = "/projects/{project}/"
    roles: tuple[str, ...] = FILERS
    leads_answer: bool = True
    has_maker: bool = False
    facts: str = "NULL::jsonb"
    done: str = ""
    answered: str = ""
    remarks: str = ""
    is_computed: bool = False

    @property
    def maker(self) -> str:
        """SQL: who made an obligation `o`."""
        return "o.maker_id" if self.has_maker else "NULL::uuid"

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
    """SQL: the office of `office` or the nearest above it where somebody may decide on %(today)s; else the city office."""
    return f"""coalesce((
        SELECT above.id FROM accounts_office o JOIN accounts_office above ON starts_with(o.path, above.path)
         WHERE o.id = {office} AND EXISTS ({deciders("above.id", maker)})
         ORDER BY length(above.path) DESC LIMIT 1), (SELECT c.id FROM accounts_office c WHERE c.kind = 'city_office'))"""


def deciders(office: str, maker: str, roles: Sequence[str] = DECIDERS, select: str = "") -> str:
    """SQL: those `u` who may decide for `office` on %(today)s: neither `maker` nor who stands in for them (`common.decisions`)."""
    return f"""SELECT {select} FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                    WHERE m.office_id = {office} AND m.role IN ({", ".join(f"'{role}'" for role in roles)}) AND u.is_active AND {HOLDS}
                      AND {made_by("m.user_id", maker)} IS NOT TRUE"""


def made_by(user: str, maker: str) -> str:
    """SQL: whether `user` is `maker` or stands in for `maker` on %(today)s; null where nobody made it."""
    return f"""({user} = {maker} OR EXISTS (SELECT FROM accounts_membership lent
                                           WHERE lent.user_id = {user} AND lent.delegated_by_id = {maker}
                                             AND %(today)s BETWEEN lent.valid_from_on AND lent.valid_until_on))"""


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
