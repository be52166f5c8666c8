"""The filters of money."""

import unicodedata
import uuid
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Office
from common.decisions import RequestState
from funding import lifecycle
from funding.api.serializers.findings import RULE_CHOICES
from funding.selectors import allocations, requests, transfers
from projects.api.filters import (
    ExactDate,
    JudgedFilterSet,
    KnownId,
    Listed,
    StrictBoolean,
    choice_filters,
    node_filters,
    offices_below,
    tree_below,
)
from projects.models import Region


def filter_set(name: str, base: Any, *groups: dict[str, filters.Filter]) -> Any:
    """A filter set of a base and of groups made for it; `__only` of a tree is offered for projects alone."""
    made = {key: filter_ for group in groups for key, filter_ in group.items() if not key.endswith("__only")}
    return type(name, (base,), made)


class Words(filters.Filter):
    """Every word must stand in one of the fields; a word has at least two characters."""

    class Field(forms.CharField):
        def clean(self, value: Any) -> list[str]:
            words = unicodedata.normalize("NFKC", super().clean(value)).split()
            if any(len(word) < 2 for word in words):
                raise ValidationError(_("搜索词至少两个字符。"), code="too_short")
            return words

    field_class = Field

    def __init__(self, *fields: str, **options: Any) -> None:
        self.fields = fields
        super().__init__(**options)

    def filter(self, queryset: QuerySet, value: list[str]) -> QuerySet:
        for word in value or []:
            found = Q()
            for field in self.fields:
                found |= Q(**{f"{field}__icontains": word})
            queryset = queryset.filter(found)
        return queryset


class SourceFilterBase(JudgedFilterSet):
    q = Words("name", "document_no", "bond__code", "bond__short_name", label=gettext_lazy("搜索"))
    issued_on__gte = ExactDate(field_name="issued_on", lookup_expr="gte")
    issued_on__lte = ExactDate(field_name="issued_on", lookup_expr="lte")
    matures_on__gte = ExactDate(field_name="bond__matures_on", lookup_expr="gte")
    matures_on__lte = ExactDate(field_name="bond__matures_on", lookup_expr="lte")
    has_unallocated = StrictBoolean(method="by_rest")

    def by_rest(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """By the balances that are shown: of the day asked about, and of what the actor sees."""
        return queryset.filter(**{"issued_by__gt" if value == "true" else "issued_by__lte": F("allocated_by")})


SourceFilter = filter_set(
    "SourceFilter",
    SourceFilterBase,
    choice_filters("kind", lifecycle.SourceKind.choices),
    choice_filters("state", lifecycle.SourceState.choices),
)


class AllocationFilterBase(JudgedFilterSet):
    source = KnownId(field_name="source_id")
    project = KnownId(field_name="project_id")
    idle_days__gte = filters.NumberFilter(method="idle_for", max_value=36_500, min_value=0, decimal_places=0, max_digits=5)
    has_finding = StrictBoolean(method="by_finding")

    def idle_for(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return allocations.idle_for(queryset, int(value), today=self.day)

    def by_finding(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        found = allocations.with_findings(self.request.user, today=self.request.user.today, as_of=self.past_day)
        return queryset.filter(pk__in=found) if value == "true" else queryset.exclude(pk__in=found)


AllocationFilter = filter_set(
    "AllocationFilter",
    AllocationFilterBase,
    choice_filters("kind", lifecycle.SourceKind.choices, field_name="source__kind"),
    choice_filters("use", lifecycle.Use.choices),
    node_filters("office", Office, offices_below, field_name="project__office_id"),
    node_filters("authority", Office, offices_below, field_name="project__authority_id"),
    node_filters("region", Region, tree_below, field_name="project__region_id"),
)


class TransferFilterBase(JudgedFilterSet):
    source = KnownId(field_name="source_id")
    project = KnownId(method="by_project")
    allocation = KnownId(method="by_allocation")
    occurred_on__gte = ExactDate(field_name="occurred_on", lookup_expr="gte")
    occurred_on__lte = ExactDate(field_name="occurred_on", lookup_expr="lte")
    voucher_no = filters.CharFilter(field_name="voucher_no")
    document_no = filters.CharFilter(field_name="document_no")
    sequence__gt = filters.NumberFilter(field_name="sequence", lookup_expr="gt", max_value=2**63 - 1, min_value=0, decimal_places=0)

    def by_project(self, queryset: QuerySet, name: str, value: uuid.UUID) -> QuerySet:
        return transfers.touching_project(queryset, value, self.request.user)

    def by_allocation(self, queryset: QuerySet, name: str, value: uuid.UUID) -> QuerySet:
        return transfers.touching_allocation(queryset, value, self.request.user)


TransferFilter = filter_set("TransferFilter", TransferFilterBase, choice_filters("kind", lifecycle.Kind.choices))


class RequestFilterBase(JudgedFilterSet):
    source = KnownId(field_name="source_id")
    project = KnownId(method="by_project")
    batch = KnownId(field_name="batch")

    def by_project(self, queryset: QuerySet, name: str, value: uuid.UUID) -> QuerySet:
        return requests.touching_project(queryset, value, self.request.user)


RequestFilter = filter_set(
    "RequestFilter",
    RequestFilterBase,
    choice_filters("kind", lifecycle.RequestKind.choices),
    choice_filters("state", RequestState.choices, field_name="state_by"),
)


class EligibilityItemFilterBase(JudgedFilterSet):
    effective_on = ExactDate(method="in_force")

    def in_force(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(
            Q(effective_until_on__isnull=True) | Q(effective_until_on__gte=value),
            effective_from_on__lte=value,
        )


EligibilityItemFilter = filter_set(
    "EligibilityItemFilter", EligibilityItemFilterBase, choice_filters("list", lifecycle.EligibilityList.choices)
)


class BalancePlanFilter(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    year = filters.NumberFilter(field_name="year", max_value=2200, min_value=1900, decimal_places=0)


class ByFundingKind(Listed):
    """Projects by the kinds of money they were granted, on the day asked about."""

    def filter(self, queryset: QuerySet, value: list[str] | None) -> QuerySet:
        return queryset.filter(funding_kinds__overlap=value) if value else queryset


class BySource(KnownId):
    """Projects to which a source gives money, on the day asked about."""

    def filter(self, queryset: QuerySet, value: uuid.UUID | None) -> QuerySet:
        if value is None:
            return queryset
        given = allocations.allocations(self.parent.request.user, as_of=self.parent.past_day)
        return queryset.filter(pk__in=given.filter(source_id=value, granted_by__gt=0).values("project_id"))


class FindingFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    source = KnownId(field_name="source_id")


FindingFilter = filter_set(
    "FindingFilter",
    FindingFilterBase,
    choice_filters("rule", RULE_CHOICES),
    choice_filters("level", lifecycle.Level.choices),
    choice_filters("state", lifecycle.FindingState.choices),
    choice_filters("subject_kind", lifecycle.FindingSubject.choices),
    node_filters("office", Office, offices_below, field_name="project__office_id"),
)


class RepaymentFilter(JudgedFilterSet):
    source = KnownId(field_name="bond__source_id")
    due_on__gte = ExactDate(field_name="due_on", lookup_expr="gte")
    due_on__lte = ExactDate(field_name="due_on", lookup_expr="lte")
    is_paid = StrictBoolean(field_name="is_paid")
