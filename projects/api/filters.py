"""The filters of projects. Codes are resolved to ids first, then ids are compared."""

import datetime as dt
import unicodedata
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Office
from common.api.serializers import as_uuid
from common.days import exact_day
from common.decisions import RequestState
from projects.lifecycle import Stage
from projects.models import (
    Assignment,
    Bigrams,
    EvidenceKind,
    Level,
    Nature,
    Part,
    PermitKind,
    PermitState,
    ProblemKind,
    ProblemLevel,
    ProblemState,
    ProjectTag,
    Region,
    ReportState,
    Sector,
    Tag,
)


class StrictBoolean(filters.Filter):
    """`true` or `false`, nothing else."""

    field_class = forms.ChoiceField

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], **options)

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        return queryset if not value else super().filter(queryset, value == "true")


class ExactDate(filters.Filter):
    """`2025-06-30`, no other form."""

    class Field(forms.Field):
        def clean(self, value: Any) -> Any:
            if not value:
                return None
            day = exact_day(value)
            if day is None:
                raise ValidationError(_("日期须为 2025-06-30 这样的形式。"), code="invalid")
            return day

    field_class = Field


class ExactMonth(filters.Filter):
    """`2025-12`, no other form, as its first day."""

    class Field(forms.Field):
        def clean(self, value: Any) -> Any:
            if not value:
                return None
            first = exact_day(f"{value}-01")
            if first is None:
                raise ValidationError(_("月份须为 2025-12 这样的形式。"), code="invalid")
            return first

    field_class = Field


class ExactInstant(filters.Filter):
    """RFC 3339 with an offset."""

    class Field(forms.Field):
        def clean(self, value: Any) -> Any:
            if not value:
                return None
            try:
                moment = dt.datetime.fromisoformat(value.replace(" ", "+"))
            except ValueError:
                moment = None
            if moment is None or moment.tzinfo is None:
                raise ValidationError(_("时间须为 2025-06-30T08:30:00+08:00 这样的形式。"), code="invalid")
            return moment

    field_class = Field


class KnownId(filters.Filter):
    """An id. One that is unknown or hidden simply finds nothing."""

    class Field(forms.Field):
        def clean(self, value: Any) -> uuid.UUID | None:
            if not value:
                return None
            key = as_uuid(value)
            if key is None:
                raise ValidationError(_("须为编号。"), code="invalid")
            return key

    field_class = Field


class Listed(filters.Filter):
    """Values separated by commas, each among the choices."""

    class Field(forms.Field):
        def __init__(self, *, choices: Iterable[tuple[str, Any]], many: bool, **options: Any) -> None:
            self.allowed, self.many = {str(code) for code, _label in choices}, many
            super().__init__(**options)

        def clean(self, value: Any) -> list[str] | None:
            if not value:
                return None
            codes = value.split(",") if self.many else [value]
            if unknown := [code for code in codes if code not in self.allowed]:
                raise ValidationError(_("没有这一项：%s") % ",".join(unknown), code="invalid_choice")
            return codes

    field_class = Field

    def filter(self, queryset: QuerySet, value: list[str] | None) -> QuerySet:
        return queryset.filter(**{f"{self.field_name}__in": value}) if value else queryset


class Node(filters.Filter):
    """Codes (or ids) of a tree, with all below unless `only`. An unknown code is an error, an unknown id finds nothing."""

    class Field(forms.Field):
        def __init__(self, *, model: Any, many: bool, below: Callable[[Any, list[Any]], QuerySet] | None, **options: Any) -> None:
            self.model, self.many, self.below = model, many, below
            super().__init__(**options)

        def clean(self, value: Any) -> list[uuid.UUID] | None:
            if not value:
                return None
            words = value.split(",") if self.many else [value]
            ids = [key for word in words if (key := as_uuid(word))]
            codes = [word for word in words if not as_uuid(word)]
            nodes = list(self.model.objects.filter(Q(pk__in=ids) | Q(code__in=codes)))
            if unknown := set(codes) - {node.code for node in nodes}:
                raise ValidationError(_("没有这个代码：%s") % ",".join(sorted(unknown)), code="invalid_choice")
            if self.below is None:
                return [node.pk for node in nodes]
            return list(self.below(self.model, nodes).values_list("pk", flat=True))

    field_class = Field

    def filter(self, queryset: QuerySet, value: list[uuid.UUID] | None) -> QuerySet:
        return queryset if value is None else queryset.filter(**{f"{self.field_name}__in": value})


def tree_below(model: Any, nodes: list[Any]) -> QuerySet:
    return model.objects.at_or_below(node.code for node in nodes)


def offices_below(model: Any, nodes: list[Office]) -> QuerySet:
    if not nodes:
        return model.objects.none()
    reach = Q()
    for node in nodes:
        reach |= Q(path__startswith=node.path)
    return model.objects.filter(reach)


def node_filters(name: str, model: Any, below: Any, *, field_name: str = "") -> dict[str, filters.Filter]:
    """`name`, `name__in` with all below, `name__only` without."""
    column = field_name or f"{name}_id"
    return {
        name: Node(field_name=column, model=model, many=False, below=below),
        f"{name}__in": Node(field_name=column, model=model, many=True, below=below),
        f"{name}__only": Node(field_name=column, model=model, many=False, below=None),
    }


def choice_filters(name: str, choices: Any, *, field_name: str = "") -> dict[str, filters.Filter]:
    """`name` and `name__in`."""
    column = field_name or name
    return {
        name: Listed(field_name=column, choices=choices, many=False),
        f"{name}__in": Listed(field_name=column, choices=choices, many=True),
    }


class JudgedFilterSet(filters.FilterSet):
    """Filters that may depend on the day asked about; `past_day` is None when that is today."""

    day: dt.date
    past_day: dt.date | None = None
    base_filters: dict[str, filters.Filter]

    def __init__(self, data: Mapping[str, Any], **options: Any) -> None:
        # Each is copied and becomes a field of a form: only those that are asked for.
        self.base_filters = {name: each for name, each in self.base_filters.items() if name in data}
        super().__init__(data, **options)


def _search(queryset: QuerySet, name: str, words: str) -> QuerySet:
    """Every word must be part of name, alias, code, unit or pinyin initials. Bigrams find the rows, LIKE proves them."""
    for word in _words(words):
        tokens = Func(
            Bigrams(F("search_text")), Bigrams(Value(word)), template="(%(expressions)s)", arg_joiner=" @> ", output_field=BooleanField()
        )
        queryset = queryset.filter(tokens, search_text__contains=word)
    return queryset


def _words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", text).lower().split()


class Search(filters.Filter):
    class Field(forms.CharField):
        def clean(self, value: Any) -> str:
            text = super().clean(value)
            if text and any(len(word) < 2 for word in _words(text) or [""]):
                raise ValidationError(_("搜索词至少两个字符。"), code="too_short")
            return text

    field_class = Field

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        return _search(queryset, "q", value) if value else queryset


class Labels(filters.Filter):
    """Tags by their label."""

    class Field(forms.Field):
        def __init__(self, *, many: bool, **options: Any) -> None:
            self.many = many
            super().__init__(**options)

        def clean(self, value: Any) -> list[str] | None:
            if not value:
                return None
            labels = value.split(",") if self.many else [value]
            if set(labels) - set(Tag.objects.filter(label__in=labels).values_list("label", flat=True)):
                raise ValidationError(_("没有这个标签。"), code="invalid_choice")
            return labels

    field_class = Field

    def filter(self, queryset: QuerySet, value: list[str] | None) -> QuerySet:
        if value is None:
            return queryset
        return queryset.filter(Exists(ProjectTag.objects.filter(project_id=OuterRef("pk"), tag__label__in=value)))


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


# Filters that upper apps add (the commitment's kind); filled in their `apps.py` through `ProjectFilter.add`.
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
