"""Statements over HTTP: every line of a source, an allocation or a project, and what the lines add up to."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from common import clock
from common.api import queries
from common.api.answers import answer
from common.api.exceptions import BadQuery
from common.api.serializers import as_uuid
from common.days import FIRST_DAY, exact_day
from funding.api.serializers import transfers as serializers
from funding.models import Allocation, FundingSource
from funding.selectors import statements
from projects.models import Project

DAYS = [
    OpenApiParameter("as_of", str, description="只计至该日发生的资金，如 2025-06-30"),
    OpenApiParameter("recorded_until", str, description="只计至该日终了已登记的资金：当时所知"),
]


class StatementViewSet(GenericViewSet):
    """`as_of`: what had occurred by a day. `recorded_until`: what was known at its end. Both may be asked at once."""

    queryset = FundingSource.objects.none()
    serializer_class = serializers.SourceStatementSerializer

    @extend_schema(responses=serializers.SourceStatementSerializer, parameters=DAYS)
    def of_source(self, request: Request, pk: str) -> HttpResponse:
        return self._answer(FundingSource.objects.visible_to(request.user), pk, statements.of_source)

    @extend_schema(responses=serializers.AllocationStatementSerializer, parameters=DAYS)
    def of_allocation(self, request: Request, pk: str) -> HttpResponse:
        rows = Allocation.objects.visible_to(request.user).select_related("source", "project")
        return self._answer(rows, pk, statements.of_allocation)

    @extend_schema(responses=serializers.ProjectStatementSerializer, parameters=DAYS)
    def of_project(self, request: Request, pk: str) -> HttpResponse:
        return self._answer(Project.objects.visible_to(request.user), pk, statements.of_project)

    def _answer(self, rows: QuerySet, pk: str, state: Callable[..., dict[str, Any]]) -> HttpResponse:
        key = as_uuid(pk)
        found = key and rows.filter(pk=key).first()
        if not found:
            raise Http404
        days = self._days()
        as_of, recorded_until = days.get("as_of", clock.today()), days.get("recorded_until")
        return answer(self.request, state(found, self.request.user, as_of=as_of, recorded_until=recorded_until))

    def _days(self) -> dict[str, dt.date]:
        """The days asked about; none lies in the future."""
        names = [parameter.name for parameter in DAYS]
        queries.refuse_unknown(self.request.query_params, names)
        days, faults = {}, []
        for name, text in self.request.query_params.items():
            day = exact_day(text)
            if day is None or day < FIRST_DAY:
                faults.append(queries.fault(name, "invalid", _("日期须为 2025-06-30 这样的形式。")))
            elif day > clock.today():
                faults.append(queries.fault(name, "future_date", _("只能查询今天或以前的日期。")))
            else:
                days[name] = day
        if faults:
            raise BadQuery(faults=faults)
        return days
