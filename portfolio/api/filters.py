"""The filters of commitments and targets, and the filter by commitment that projects gain."""

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from portfolio.models import CommitmentKind, Scope
from portfolio.selectors.commitments import ids_in_state, kept_by
from projects.api.filters import JudgedFilterSet, KnownId, Listed, StrictBoolean, choice_filters, node_filters, tree_below
from projects.models import Sector

STATES = ["kept", "kept_late", "broken", "open"]


class ByCommitment(Listed):
    """Projects that are to keep a commitment of these kinds."""

    def filter(self, queryset: QuerySet, value: list[str] | None) -> QuerySet:
        return queryset.filter(kept_by(value)) if value else queryset


class WithoutCommitment(StrictBoolean):
    """Projects the report does not name."""

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        if not value:
            return queryset
        named = kept_by(CommitmentKind.values)
        return queryset.filter(~named if value == "true" else named)


class InState(Listed):
    def filter(self, queryset: QuerySet, value: list[str] | None) -> QuerySet:
        if not value:
            return queryset
        asked = self.parent
        return queryset.filter(pk__in=ids_in_state(value[0], asked.request.user, today=asked.day, as_of=asked.past_day))


class CommitmentFilterBase(JudgedFilterSet):
    year = filters.NumberFilter(min_value=1949, max_value=2200, decimal_places=0, max_digits=4)
    project = KnownId(field_name="links__project_id")
    state = InState(choices=[(state, state) for state in STATES], many=False)


CommitmentFilter: Any = type(
    "CommitmentFilter",
    (CommitmentFilterBase,),
    {
        "kind": choice_filters("kind", CommitmentKind.choices)["kind"],
        "scope": choice_filters("scope", Scope.choices)["scope"],
        "sector": node_filters("sector", Sector, tree_below)["sector"],
    },
)


class TargetFilter(JudgedFilterSet):
    year = filters.NumberFilter(min_value=1949, max_value=2200, decimal_places=0, max_digits=4)
    key = filters.CharFilter()
    section = filters.CharFilter()
