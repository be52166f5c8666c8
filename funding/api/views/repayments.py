"""Repayments over HTTP: when principal and interest fall due, and what was collected."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.pagination import Key
from common.api.queries import Query
from common.api.serializers import ReasonSerializer
from common.api.views import Resource, Writing
from funding.api.filters import RepaymentFilter
from funding.api.serializers import repayments as serializers
from funding.models import Repayment
from funding.selectors import repayments as selectors
from funding.services import repayments as services


class RepaymentViewSet(Writing, Resource):
    """What bonds owe, day by day; made from their terms and from what is issued."""

    queryset = Repayment.objects.none()
    serializer_class = serializers.RepaymentSerializer
    columns = selectors.COLUMNS
    filterset_class = RepaymentFilter
    orderings = {"due_on": "due_on"}
    default_order = [Key("due_on")]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.repayments(self.actor, today=query.as_of or self.today)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    def seen(self, act: str) -> tuple[Repayment, int | None]:
        repayment: Repayment = self.target()
        self.allow(act, [repayment.bond.source.office_id])
        self.media()
        return repayment, self.version_seen(repayment.version, required=False)

    @extend_schema(request=serializers.PayInput, responses=serializers.RepaymentSerializer)
    def pay(self, request: Request, pk: str) -> HttpResponse:
        """Record that the money of this day was collected."""
        repayment, version = self.seen(Act.REQUEST_MONEY)
        given = self.body(serializers.PayInput)
        services.pay(repayment.pk, on=given["on"], document_no=given["document_no"], version=version, actor=self.actor, today=self.today)
        return self.answer_row(repayment.pk)

    @extend_schema(request=ReasonSerializer, responses=serializers.RepaymentSerializer)
    def reopen(self, request: Request, pk: str) -> HttpResponse:
        """Take a payment back; the earlier one stays in history."""
        repayment, version = self.seen(Act.DECIDE_MONEY)
        services.reopen(repayment.pk, reason=self.body(ReasonSerializer)["reason"], version=version, actor=self.actor)
        return self.answer_row(repayment.pk)
