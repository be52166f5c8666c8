"""Reminders over HTTP: who was told of what, and what one owes."""

from typing import Any

from django.core import signing
from django.db import models
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.roles import Act
from common import clock
from common.api import queries
from common.api.answers import answer
from common.api.exceptions import BadQuery
from common.api.pagination import Key
from common.api.queries import Query, fault
from common.api.views import Resource, Writing
from reminders.api import filters
from reminders.api.serializers import reminders as serializers
from reminders.lifecycle import SubjectKind
from reminders.models import Delivery, Reminder
from reminders.selectors import reminders as selectors
from reminders.services import answers, resending


class ReminderViewSet(Writing, Resource):
    """One duty to tell one person of one obligation."""

    queryset = Reminder.objects.none()
    serializer_class = serializers.ReminderSerializer
    columns = selectors.REMINDER_COLUMNS
    filterset_class = filters.ReminderFilter
    default_order = [Key("due_at", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.reminders(self.actor, today=self.today)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape_reminder(row)

    @extend_schema(request=None, responses=serializers.ReminderSerializer)
    def acknowledge(self, request: Request, pk: str) -> HttpResponse:
        """Close this reminder for oneself; the next rung still comes."""
        reminder = self.target()
        answers.require_recipient(reminder, self.actor)
        version = self.version_seen(reminder.version, required=False)
        self.refuse_query()
        answers.acknowledge(reminder.pk, version=version, actor=self.actor)
        return self.answer_row(reminder.pk)

    @extend_schema(request=serializers.SnoozeInput, responses=serializers.ReminderSerializer)
    def snooze(self, request: Request, pk: str) -> HttpResponse:
        """Put a pending reminder off until a day to come."""
        reminder = self.target()
        answers.require_recipient(reminder, self.actor)
        self.media()
        version = self.version_seen(reminder.version, required=False)
        given = self.body(serializers.SnoozeInput)
        answers.snooze(
            reminder.pk, until_on=given["until_on"], reason=given["reason"] or "", version=version, actor=self.actor, today=self.today
        )
        return self.answer_row(reminder.pk)


class DeliveryViewSet(Writing, Resource):
    """Messages: one's own, or all for those who may read them."""

    queryset = Delivery.objects.none()
    serializer_class = serializers.DeliverySerializer
    columns = selectors.DELIVERY_COLUMNS
    filterset_class = filters.DeliveryFilter
    default_order = [Key("created_at", descending=True)]

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.deliveries(self.actor)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape_delivery(row)

    @extend_schema(request=None, responses={201: serializers.DeliverySerializer})
    def resend(self, request: Request, pk: str) -> HttpResponse:
        """Tell again what a sent or dead message carried, in a message of its own; at most once an hour."""
        delivery = self.target()
        self.allow(Act.SUPERVISE)
        version = self.version_seen(delivery.version, required=False)
        self.refuse_query()
        made = resending.resend(delivery.pk, version=version, actor=self.actor, now=clock.now())
        return self.answer_row(made.pk, status=201, location=f"/api/v1/deliveries/{made.pk}/")


class ObligationsView(APIView):
    """What I owe: overdue, or due within thirty days; the most overdue first."""

    @extend_schema(
        responses=serializers.ObligationPageSerializer,
        parameters=[
            OpenApiParameter("kind", str, enum=SubjectKind.values),
            OpenApiParameter("page_size", int),
            OpenApiParameter("cursor", str),
        ],
    )
    def get(self, request: Request) -> HttpResponse:
        queries.refuse_unknown(request.query_params, ["kind", "page_size", "cursor"])
        today = clock.today()
        size = queries.read(request.query_params, shape={}, today=today).page_size
        rows = selectors.obligations(request.user, today=today, after=self._after(request), limit=size + 1, kind=self._kind(request))
        more, rows = len(rows) > size, rows[:size]
        following = self._next(request, rows[-1]) if more else None
        return answer(request, {"next": following, "previous": None, "results": rows})

    @staticmethod
    def _kind(request: Request) -> str:
        kind = request.query_params.get("kind", "")
        if kind and kind not in SubjectKind.values:
            raise BadQuery(faults=[fault("kind", "invalid", _("没有这一种：%(kind)s。") % {"kind": kind[:50]})])
        return kind

    @staticmethod
    def _after(request: Request) -> tuple[str, str] | None:
        if not (cursor := request.query_params.get("cursor")):
            return None
        try:
            due_on, subject = signing.loads(cursor, salt=request.path)
        except (signing.BadSignature, ValueError) as error:
            raise BadQuery(faults=[fault("cursor", "invalid", _("游标不属于这个查询，请从第一页开始。"))]) from error
        return due_on, subject

    @staticmethod
    def _next(request: Request, last: dict[str, Any]) -> str:
        parameters = request.query_params.copy()
        parameters["cursor"] = signing.dumps([last["due_on"].isoformat(), str(last["subject"]["id"])], salt=request.path)
        return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")
