"""Balance plans over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from common.shapes import money
from funding.api.filters import BalancePlanFilter
from funding.api.serializers import plans as serializers
from funding.models import BalancePlan
from funding.rules.monitoring import cover_ratio
from funding.services import plans as services
from history import selectors as history_selectors

AMOUNTS = ("income", "cost", "principal", "interest")


class BalancePlanViewSet(Writing, Resource):
    """What projects expect to earn, spend and repay in a year (融资平衡方案)."""

    queryset = BalancePlan.objects.none()
    serializer_class = serializers.BalancePlanSerializer
    columns = ("id", "project_id", "project__name", "project__code", "year", *AMOUNTS, "version", "created_at", "updated_at")
    filterset_class = BalancePlanFilter
    orderings = {"year": "year", "project": "project__name_pinyin"}
    default_order = [Key("project__name_pinyin"), Key("year")]
    has_past = True  # a plan is no fact that happens on a day: it is the same on every one

    def visible(self, query: Query) -> models.QuerySet:
        return BalancePlan.objects.visible_to(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = dict(zip(self.columns, row, strict=True))
        ratio = cover_ratio(*(f[name] for name in AMOUNTS))
        return {
            "id": f["id"],
            "project": {"id": f["project_id"], "name": f["project__name"], "code": f["project__code"]},
            "year": f["year"],
            **{name: money(f[name]) for name in AMOUNTS},
            "cover_ratio": None if ratio is None else str(ratio),
            "version": f["version"],
            "created_at": f["created_at"],
            "updated_at": f["updated_at"],
        }

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("funding_balanceplan", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.BalancePlanInput, responses={201: serializers.BalancePlanSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        self.allow(Act.REQUEST_MONEY)
        self.media()
        fields = self.body(serializers.BalancePlanInput)
        project = fields.pop("project")
        self.allow(Act.REQUEST_MONEY, project.offices)
        made = services.create_plan(project.pk, fields, actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/balance-plans/{made.pk}/")

    @extend_schema(request=serializers.BalancePlanPatch(partial=True), responses=serializers.BalancePlanSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        plan, version = self._seen()
        services.edit_plan(plan.pk, self.body(serializers.BalancePlanPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(plan.pk)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        plan, version = self._seen()
        self.refuse_query()
        services.delete_plan(plan.pk, version=version, actor=self.actor)
        return HttpResponse(status=204)

    def _seen(self) -> tuple[BalancePlan, int | None]:
        plan: BalancePlan = self.target()
        self.allow(Act.REQUEST_MONEY, plan.project.offices)
        self.media()
        return plan, self.version_seen(plan.version, required=True)
