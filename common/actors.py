"""Who acts: a person, an API client, or the system by name."""

import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Whom history names. `kind` is person, client or system; the system has no id."""

    kind: str
    name: str
    id: uuid.UUID | None = None
    delegators: frozenset[uuid.UUID] = frozenset()  # whose deputy one is today

    @property
    def label(self) -> str:
        return f"{self.kind}:{self.id or self.name}"


def system(name: str) -> Actor:
    """The product itself, by the name of the work: `system("sweep")`."""
    return Actor(kind="system", name=name)
