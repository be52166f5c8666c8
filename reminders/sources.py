"""What obligations exist: a register that upper apps fill, so that `reminders` knows no milestone and no bond."""

from dataclasses import dataclass

from accounts.roles import Role

FILERS: tuple[str, ...] = (Role.EDITOR, Role.APPROVER)


@dataclass(frozen=True)
class Source:
    """One kind of obligation, as SQL.

    `obligations` selects every open one: subject_id, subject_name, project_id, office_id, authority_id, due_on.
    `project_id` is null where no one project owes it: such an obligation is seen by its recipients and who sees everything.
    `touched` selects the subject_id of every one that changed since %(since)s, or whose project did.
    `to_do` says what ends it, in one sentence; `actions` are the API's calls that do.
    `roles` are those whose memberships in an office are told; supervisors are besides, as the last resort.
    """

    kind: str
    obligations: str
    touched: str
    to_do: str
    actions: tuple[str, ...]
    roles: tuple[str, ...] = FILERS


_sources: dict[str, Source] = {}


def register(source: Source) -> None:
    _sources[source.kind] = source


def sources() -> list[Source]:
    return list(_sources.values())


def source(kind: str) -> Source:
    return _sources[kind]
