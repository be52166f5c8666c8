"""Commitments, targets and the summary over HTTP."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from common.api import queries
from common.api.answers import answer
from common.api.exceptions import BadQuery
from common.api.pagination import Key
from common.api.queries import Query, fault
from common.api.views import Resource
from portfolio.api import filters, serializers
from portfolio.models import Commitment, Target
from portfolio.selectors import commitments, summary
from projects.api.filters import ProjectFilter
from projects.models import Status
from projects.selectors import lists


class CommitmentViewSet(Resource):
    """The promises of the work report, word for word, with their state."""

    queryset = Commitment.objects.none()
    serializer_class = serializers.CommitmentSerializer
    columns = commitments.COLUMNS
    filterset_class = filters.CommitmentFilter
    default_order = [Key("year", descending=True), Key("position")]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return commitments.commitments(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return commitments.shape(row)

    def expand(self, rows: list[dict[str, Any]], query: Query) -> None:
        found = commitments.judged([row["id"] for row in rows], self.actor, today=self.today, as_of=query.as_of)
        for row in rows:
            row |= found[row["id"]]


class TargetViewSet(Resource):
    """The numbers the report promised."""

    queryset = Target.objects.none()
    serializer_class = serializers.TargetSerializer
    columns = commitments.TARGET_COLUMNS
    filterset_class = filters.TargetFilter
    default_order = [Key("year", descending=True), Key("position")]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        self.day = query.as_of or self.today
        return commitments.targets()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return commitments.shape_target(row, day=self.day)


class SummaryView(Resource):
    """The portfolio in one or two groups."""

    queryset = Status.objects.none()
    serializer_class = serializers.SummarySerializer
    filterset_class = ProjectFilter
    has_past = True

    @extend_schema(
        responses=serializers.SummarySerializer,
        parameters=[OpenApiParameter("group_by", str, required=True, description="一到两项，逗号分隔：" + "、".join(summary.GROUPS))],
    )
    def summary(self, request: Request) -> HttpResponse:
        queries.refuse_unknown(request.query_params, ["group_by", "as_of", *ProjectFilter.base_filters])
        query = queries.read(request.query_params, shape={}, today=self.today)
        rows = self.filtered(lists.statuses(self.actor, today=self.today, as_of=query.as_of), query)
        asked = {name: value for name, value in request.query_params.items() if name != "group_by" and value}
        return answer(request, summary.summary(rows, group_by=self._groups(request), today=query.as_of or self.today, asked=asked))

    @staticmethod
    def _groups(request: Request) -> list[str]:
        groups = request.query_params.get("group_by", "").split(",")
        if not 1 <= len(groups) <= 2 or len(set(groups)) < len(groups) or set(groups) - set(summary.GROUPS):
            allowed = ", ".join(summary.GROUPS)
            raise BadQuery(faults=[fault("group_by", "invalid_choice", _("须为一到两项：%s") % allowed)])
        return groups
