"""The lists and rules by which money is judged, over HTTP: read by all who signed in."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from funding.api.filters import EligibilityItemFilter
from funding.api.serializers import reference as serializers
from funding.lifecycle import EligibilityList, Level
from funding.models import EligibilityItem, MonitoringRule
from funding.services import eligibility as services
from history import selectors as history_selectors


class EligibilityItemViewSet(Writing, Resource):
    """The negative list and the capital list (国办发〔2024〕52号), each item between two days."""

    queryset = EligibilityItem.objects.none()
    serializer_class = serializers.EligibilityItemSerializer
    columns = (
        "id", "list", "number", "name", "detail", "hints", "effective_from_on", "effective_until_on", "version", "created_at", "updated_at",
    )  # fmt: skip
    filterset_class = EligibilityItemFilter
    orderings = {"number": "number", "effective_from_on": "effective_from_on"}
    default_order = [Key("list"), Key("number"), Key("effective_from_on")]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        items = EligibilityItem.objects.all()
        return items if query.as_of is None else items.filter(effective_from_on__lte=query.as_of)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        return f | {"list_display": EligibilityList(f["list"]).label}

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("funding_eligibilityitem", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.EligibilityItemInput, responses={201: serializers.EligibilityItemSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.ADMINISTER)
        self.media()
        made = services.create_item(self.body(serializers.EligibilityItemInput), actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/eligibility-items/{made.pk}/")

    @extend_schema(request=serializers.EligibilityItemPatch(partial=True), responses=serializers.EligibilityItemSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        item: EligibilityItem = self.target()
        self.allow(Act.ADMINISTER)
        self.media()
        version = self.version_seen(item.version, required=True)
        services.edit_item(item.pk, self.body(serializers.EligibilityItemPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(item.pk)


class MonitoringRuleViewSet(Writing, Resource):
    """What is watched, with its threshold and on whose word."""

    queryset = MonitoringRule.objects.none()
    serializer_class = serializers.MonitoringRuleSerializer
    columns = ("id", "code", "name", "level", "threshold", "unit", "basis", "is_active", "version", "created_at", "updated_at")
    default_order = [Key("position")]

    def visible(self, query: Query) -> models.QuerySet:
        return MonitoringRule.objects.all()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        threshold = None if f["threshold"] is None else f"{f['threshold']:.4f}".rstrip("0").rstrip(".")
        return f | {"level_display": Level(f["level"]).label, "threshold": threshold}

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("funding_monitoringrule", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.MonitoringRulePatch(partial=True), responses=serializers.MonitoringRuleSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Move the threshold, or switch the rule off or on."""
        rule: MonitoringRule = self.target()
        self.allow(Act.SUPERVISE)
        self.media()
        version = self.version_seen(rule.version, required=True)
        services.edit_rule(rule.pk, self.body(serializers.MonitoringRulePatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(rule.pk)
