"""The filters of milestones."""

import datetime as dt
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet

from accounts.models import Office
from common.decisions import RequestState
from milestones.models import Basis, Kind
from milestones.querysets import overdue_on, was_late_on
from projects.api.filters import (
    ExactDate,
    ExactInstant,
    JudgedFilterSet,
    KnownId,
    StrictBoolean,
    choice_filters,
    node_filters,
    offices_below,
    tree_below,
)
from projects.models import Region, Sector


class MilestoneFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    is_key = StrictBoolean(field_name="is_key")
    is_overdue = StrictBoolean(method="by_lateness")
    was_late = StrictBoolean(method="by_past_lateness")
    overdue_days__gte = filters.NumberFilter(method="late_by", max_value=100_000, min_value=0, decimal_places=0, max_digits=6)
    due_on__lte = ExactDate(field_name="due_on", lookup_expr="lte")
    due_on__gte = ExactDate(field_name="due_on", lookup_expr="gte")
    due_on__isnull = StrictBoolean(field_name="due_on", lookup_expr="isnull")
    forecast_on__lte = ExactDate(field_name="forecast_on", lookup_expr="lte")
    forecast_on__gte = ExactDate(field_name="forecast_on", lookup_expr="gte")
    achieved_on__isnull = StrictBoolean(method="by_openness")
    updated_at__gt = ExactInstant(field_name="updated_at", lookup_expr="gt")

    def _overdue(self) -> Q:
        return overdue_on(self.day, past=self.day < self.request.user.today)

    def by_lateness(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        late = self._overdue()
        return queryset.filter(late) if value == "true" else queryset.exclude(pk__in=queryset.filter(late).values("pk"))

    def by_past_lateness(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        late = was_late_on(self.day)
        return queryset.filter(late) if value == "true" else queryset.exclude(pk__in=queryset.filter(late).values("pk"))

    def by_openness(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        happened = Q(achieved_on__lte=self.day)
        return queryset.filter(happened) if value == "false" else queryset.filter(Q(achieved_on__isnull=True) | Q(achieved_on__gt=self.day))

    def late_by(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        if value <= 0:
            return queryset
        return queryset.filter(self._overdue(), due_on__lte=self.day - dt.timedelta(days=int(value)))


MilestoneFilter: Any = type(
    "MilestoneFilter",
    (MilestoneFilterBase,),
    {
        name: made
        for name, made in (
            node_filters("office", Office, offices_below, field_name="project__office_id")
            | node_filters("authority", Office, offices_below, field_name="project__authority_id")
            | node_filters("region", Region, tree_below, field_name="project__region_id")
            | node_filters("sector", Sector, tree_below, field_name="project__sector_id")
            | choice_filters("kind", Kind.choices)
            | choice_filters("basis", Basis.choices)
        ).items()
        if not name.endswith("__only")
    },
)


class DateChangeFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    milestone = KnownId(field_name="milestone_id")


DateChangeFilter: Any = type(
    "DateChangeFilter",
    (DateChangeFilterBase,),
    {
        name: made
        for name, made in (
            node_filters("office", Office, offices_below, field_name="project__office_id") | choice_filters("state", RequestState.choices)
        ).items()
        if not name.endswith("__only")
    },
)


class BaselineFilter(filters.FilterSet):
    project = KnownId(field_name="project_id")
