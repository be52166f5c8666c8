"""What the lists of projects, of their months and of what they struggle with are filtered by."""

import datetime as dt
import uuid
from typing import Any

import django_filters as filters
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import Office
from common.decisions import RequestState
from projects.api.filters.kinds import (
    ExactDate,
    ExactInstant,
    ExactMonth,
    JudgedFilterSet,
    KnownId,
    Labels,
    Search,
    StrictBoolean,
    choice_filters,
    node_filters,
    offices_below,
    tree_below,
)
from projects.lifecycle import Stage
from projects.models import (
    Assignment,
    EvidenceKind,
    Level,
    Nature,
    Part,
    PermitKind,
    PermitState,
    ProblemKind,
    ProblemLevel,
    ProblemState,
    Region,
    ReportState,
    Sector,
)


class ProjectFilterBase(JudgedFilterSet):
    q = Search(label=gettext_lazy("搜索"))
    code = filters.CharFilter(field_name="project__code")
    package = KnownId(field_name="project__package_id")
    is_package = StrictBoolean(field_name="project__is_package")
    is_public = StrictBoolean(field_name="project__is_public")
    is_overdue = StrictBoolean(method="by_lateness")
    overdue_days__gte = filters.NumberFilter(method="late_by", max_value=100_000, min_value=0, decimal_places=0, max_digits=6)
    slippage_days__gte = filters.NumberFilter(
        field_name="slippage_days", lookup_expr="gte", max_value=100_000, min_value=-100_000, decimal_places=0, max_digits=6
    )
    completion_due__gte = ExactDate(field_name="completion_due_on", lookup_expr="gte")
    completion_due__lte = ExactDate(field_name="completion_due_on", lookup_expr="lte")
    completion_due__isnull = StrictBoolean(field_name="completion_due_on", lookup_expr="isnull")
    next_due__lte = ExactDate(field_name="next_due_on", lookup_expr="lte")
    total_investment__gte = filters.NumberFilter(field_name="total_investment", lookup_expr="gte", max_digits=18, decimal_places=2)
    total_investment__lte = filters.NumberFilter(field_name="total_investment", lookup_expr="lte", max_digits=18, decimal_places=2)
    updated_at__gt = ExactInstant(field_name="updated_at", lookup_expr="gt")
    authority__isnull = StrictBoolean(field_name="authority_id", lookup_expr="isnull")
    level__isnull = StrictBoolean(field_name="project__level", lookup_expr="isnull")
    patron = KnownId(method="by_patron")
    tag = Labels(many=False)
    tag__in = Labels(many=True)

    def by_lateness(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.overdue(today=self.day) if value == "true" else queryset.not_overdue(today=self.day)

    def late_by(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset if value <= 0 else queryset.filter(late_from_on__lte=self.day - dt.timedelta(days=int(value)))

    def by_patron(self, queryset: QuerySet, name: str, value: uuid.UUID) -> QuerySet:
        held = Assignment.objects.valid(today=self.day).filter(project_id=OuterRef("pk"), user_id=value, part=Part.PATRON)
        return queryset.filter(Exists(held))


# Upper apps add filters (the commitment's kind) in their `apps.py` by `offer`.
ProjectFilter: Any = type(
    "ProjectFilter",
    (ProjectFilterBase,),
    node_filters("sector", Sector, tree_below)
    | node_filters("region", Region, tree_below)
    | node_filters("office", Office, offices_below)
    | node_filters("authority", Office, offices_below)
    | choice_filters("stage", Stage.choices)
    | choice_filters("nature", Nature.choices, field_name="project__nature")
    | choice_filters("level", Level.choices, field_name="project__level"),
)


class ReportFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    month__gte = ExactMonth(field_name="month", lookup_expr="gte")
    month__lte = ExactMonth(field_name="month", lookup_expr="lte")


OFFICE_OF_REPORTS = node_filters("office", Office, offices_below, field_name="project__office_id")
ReportFilter: Any = type(
    "ReportFilter",
    (ReportFilterBase,),
    {name: OFFICE_OF_REPORTS[name] for name in ("office", "office__in")} | choice_filters("state", ReportState.choices),
)


EvidenceFilter: Any = type(
    "EvidenceFilter",
    (JudgedFilterSet,),
    {"project": KnownId(field_name="project_id")} | choice_filters("kind", EvidenceKind.choices),
)


class OwedFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    is_overdue = StrictBoolean(method="by_lateness")
    due_on__lte = ExactDate(field_name="due_on", lookup_expr="lte")
    due_on__gte = ExactDate(field_name="due_on", lookup_expr="gte")

    def by_lateness(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(overdue_days__gt=0) if value == "true" else queryset.filter(overdue_days=0)


ProblemFilter: Any = type(
    "ProblemFilter",
    (OwedFilterBase,),
    node_filters("office", Office, offices_below)
    | choice_filters("kind", ProblemKind.choices)
    | choice_filters("state", ProblemState.choices)
    | choice_filters("level_needed", ProblemLevel.choices),
)
PermitFilter: Any = type(
    "PermitFilter",
    (OwedFilterBase,),
    node_filters("office", Office, offices_below, field_name="project__office_id")
    | choice_filters("kind", PermitKind.choices)
    | choice_filters("state", PermitState.choices),
)


def offer(name: str, filter_: filters.Filter) -> None:
    """Add a filter of an upper app to projects."""
    ProjectFilter.declared_filters[name] = filter_
    ProjectFilter.base_filters[name] = filter_


class RevisionFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    report = KnownId(field_name="report_id")


RevisionFilter: Any = type(
    "RevisionFilter",
    (RevisionFilterBase,),
    {name: OFFICE_OF_REPORTS[name] for name in ("office", "office__in")} | choice_filters("state", RequestState.choices),
)


class PlanFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    year = filters.NumberFilter(field_name="year", min_value=2000, max_value=2100)


PlanFilter: Any = type(
    "PlanFilter",
    (PlanFilterBase,),
    {name: OFFICE_OF_REPORTS[name] for name in ("office", "office__in")} | choice_filters("state", ReportState.choices),
)
