"""Yearly plans over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource
from projects.api.filters import PlanFilter
from projects.api.serializers import reports as serializers
from projects.api.views.filing import Deciding
from projects.models import Plan
from projects.selectors import plans
from projects.services import plans as services


class PlanViewSet(Deciding, Resource):
    """Yearly plans of projects. The newest approved revision counts; the first stays."""

    queryset = Plan.objects.none()
    serializer_class = serializers.YearlyPlanSerializer
    columns = plans.COLUMNS
    filterset_class = PlanFilter
    orderings = {"year": "year"}
    default_order = [Key("year", descending=True)]
    service = services

    def visible(self, query: Query) -> models.QuerySet:
        return plans.plans(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return plans.shape(row)

    @extend_schema(request=serializers.YearlyPlanInput, responses={201: serializers.YearlyPlanSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The first plan of a project and year, as a draft."""
        self.allow(Act.EDIT)
        self.media()
        fields = self.body(serializers.YearlyPlanInput)
        self.allow(Act.EDIT, fields["project"].offices)
        made = services.create_plan(fields, actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/plans/{made.pk}/")

    @extend_schema(request=serializers.YearlyPlanPatch(partial=True), responses=serializers.YearlyPlanSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change a draft, or what was sent back."""
        found = self.to_write()
        version = self.version_seen(found.version, required=True)
        services.edit_plan(found.pk, self.body(serializers.YearlyPlanPatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.NothingInput, responses=serializers.YearlyPlanSerializer)
    def submit(self, request: Request, pk: str) -> HttpResponse:
        """File the plan for approval; its months must be its year."""
        found = self.to_write()
        version = self.seen(found)
        self.body(serializers.NothingInput)
        services.submit(found.pk, version=version, actor=self.actor, today=self.today, now=clock.now())
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.NothingInput, responses={201: serializers.YearlyPlanSerializer})
    def revise(self, request: Request, pk: str) -> HttpResponse:
        """A new revision as a draft, a copy of the approved one."""
        found = self.to_write()
        version = self.seen(found)
        self.body(serializers.NothingInput)
        made = services.revise(found.pk, version=version, actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/plans/{made.pk}/")
