"""The work calendar over HTTP: read by all, published by the administrator."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from common.models import WorkDay
from projects.api.filters import ExactDate, JudgedFilterSet
from reminders.api.serializers import ladder as serializers
from reminders.services import calendar


class WorkDayFilter(JudgedFilterSet):
    day__gte = ExactDate(field_name="day", lookup_expr="gte")
    day__lte = ExactDate(field_name="day", lookup_expr="lte")


class WorkDayViewSet(Writing, Resource):
    """One day of the calendar: whether one works on it, and whether a notice says so."""

    queryset = WorkDay.objects.none()
    serializer_class = serializers.WorkDaySerializer
    columns = ("id", "day", "is_working", "is_official", "nth", "version", "created_at", "updated_at")
    filterset_class = WorkDayFilter
    default_order = [Key("day")]

    def visible(self, query: Query) -> models.QuerySet:
        return WorkDay.objects.all()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.columns, row, strict=True))

    @extend_schema(request=serializers.WorkDayPatch(partial=True), responses=serializers.WorkDaySerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Publish a day (调休): it counts as official from now on; what was told stays told."""
        day = self.target()
        self.allow(Act.ADMINISTER)
        self.media()
        version = self.version_seen(day.version, required=True)
        given = self.body(serializers.WorkDayPatch)
        calendar.publish(day.pk, is_working=given["is_working"], version=version, actor=self.actor, now=clock.now())
        return self.answer_row(day.pk)
