"""The filters of the project list as an address: read, shown as chips, and changed by links."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

FACETS = ("is_overdue", "stage", "commitment", "sector", "region__only", "office__only")
SINGLE = ("is_overdue",)
# filters of the API that have no facet here; links narrow by them, and each can be taken off
PLAIN = (
    "q", "is_package", "region", "office", "authority", "overdue_days__gte", "slippage_days__gte", "completion_due__gte",
    "completion_due__lte", "completion_due__isnull", "next_due__lte", "total_investment__gte", "total_investment__lte", "nature", "level",
    "tag", "code",
)  # fmt: skip
ORDERINGS = ("name", "total_investment", "completion_due", "next_due", "slippage_days", "overdue_days")
DEFAULT_ORDERING = "-overdue_days"


@dataclass(frozen=True)
class Selection:
    """What the address asks for. `chosen` holds the values of facets, `plain` the other filters."""

    chosen: Mapping[str, tuple[str, ...]]
    plain: Mapping[str, str]
    ordering: str
    cursor: str

    def has(self, facet: str, value: str) -> bool:
        return value in self.chosen.get(facet, ())

    @property
    def is_narrowed(self) -> bool:
        return bool(self.plain) or any(self.chosen.values())

    def address(self, *, drop: tuple[str, str] = ("", ""), ordering: str | None = None, cursor: str = "") -> str:
        """The query string with one filter fewer, another order, or another page."""
        name, value = drop
        pairs = [(facet, kept) for facet, values in self.chosen.items() for kept in values if (facet, kept) != drop]
        pairs += [(key, kept) for key, kept in self.plain.items() if key != name or value]
        order = self.ordering if ordering is None else ordering
        pairs += [("ordering", order)] if order != DEFAULT_ORDERING else []
        pairs += [("cursor", cursor)] if cursor else []
        return f"?{urlencode(pairs)}"

    def sorted_by(self, name: str) -> str:
        """The address sorted by a column: the first click shows what matters first, the second turns it round."""
        first = name if name in ("name", "completion_due", "next_due") else f"-{name}"
        other = first.removeprefix("-") if first.startswith("-") else f"-{first}"
        return self.address(ordering=other if self.ordering == first else first)

    def direction(self, name: str) -> str:
        """What `aria-sort` says of a column."""
        if self.ordering.removeprefix("-") != name:
            return ""
        return "descending" if self.ordering.startswith("-") else "ascending"


def read(query: QueryDict) -> Selection:
    """Unknown names and empty values are left aside: a link to a page never fails for a word too many."""
    chosen = {}
    for facet in FACETS:
        values = [*query.getlist(facet), *query.get(f"{facet}__in", "").split(",")]
        kept = tuple(dict.fromkeys(value for value in values if value))
        chosen[facet] = kept[-1:] if facet in SINGLE else kept
    plain = {name: word for name in PLAIN if (word := str(query.get(name, "")).strip())}
    ordering = query.get("ordering", "")
    known = ordering.removeprefix("-") in ORDERINGS
    return Selection(chosen, plain, ordering if known else DEFAULT_ORDERING, query.get("cursor", ""))
