"""Monthly reports over HTTP."""

from typing import Any

from django.db import models

from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource
from projects.api.filters import ReportFilter
from projects.api.serializers import reports as serializers
from projects.models import MonthlyReport
from projects.selectors import reports


class ReportViewSet(Resource):
    """Monthly reports of projects."""

    queryset = MonthlyReport.objects.none()
    serializer_class = serializers.ReportSerializer
    columns = reports.COLUMNS
    filterset_class = ReportFilter
    orderings = {"month": "month"}
    default_order = [Key("month", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return reports.reports(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return reports.shape(row)
