"""Kinds of filter. Codes are resolved to ids first, then ids are compared."""

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

from accounts.models import Office
from common.api.serializers import as_uuid
from common.days import exact_day
from projects.models import (
    Bigrams,
    ProjectTag,
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
