"""Movements of money over HTTP: read by those in reach, entered as facts, never changed."""

from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.idempotency import once
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource
from funding.api.filters import TransferFilter
from funding.api.serializers import transfers as serializers
from funding.api.views.shared import MovingMoney
from funding.models import Transfer
from funding.selectors import transfers as selectors
from funding.services import facts

LARGEST = 1000
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, required=True, description="同一键只生效一次")
PAYMENT = {
    "kind": "pay",
    "source": "0199b0a0-0000-7000-8000-000000000001",
    "project": "0199b0a0-0000-7000-8000-000000000002",
    "use": "construction",
    "amount": {"amount": "1234567.89", "currency": "CNY"},
    "voucher_no": "2025-0001",
    "payee": "河南某建设公司",
    "purpose": "第三期工程进度款",
    "occurred_on": "2025-06-30",
}
RECEIPT = {name: value for name, value in PAYMENT.items() if name not in ("payee", "purpose")} | {
    "kind": "receive",
    "voucher_no": "2025-0002",
}


class TransferViewSet(MovingMoney, Resource):
    """Every movement, append-only: what was wrong is reversed once and entered anew."""

    queryset = Transfer.objects.none()
    serializer_class = serializers.TransferSerializer
    columns = selectors.COLUMNS
    filterset_class = TransferFilter
    orderings = {"occurred_on": "occurred_on", "sequence": "sequence", "amount": "amount"}
    default_order = [Key("sequence", descending=True)]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.transfers(self.actor, as_of=query.as_of)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    @extend_schema(
        request=PolymorphicProxySerializer(
            "FactOrFacts", [serializers.FactInput, serializers.FactInput(many=True)], resource_type_field_name=None, many=False
        ),
        responses={
            201: PolymorphicProxySerializer(
                "TransferOrTransfers",
                [serializers.TransferSerializer, serializers.TransferListAnswer],
                resource_type_field_name=None,
                many=False,
            )
        },
        parameters=[IDEMPOTENCY_KEY],
        examples=[
            OpenApiExample("支付一笔", request_only=True, value=PAYMENT),
            OpenApiExample("成批登记，整批生效", request_only=True, value=[RECEIPT, PAYMENT]),
        ],
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Enter a receipt, a payment or a refund by its voucher; a list of 1 to 1000 lands whole or not at all."""
        self.allow(Act.REQUEST_MONEY)
        self.media()
        return once(request, self._enter)

    def _enter(self) -> HttpResponse:
        moves = self.read_moves(serializers.FactInput, largest=LARGEST)
        made = self.at_their_place(lambda: facts.record(moves, actor=self.actor, today=self.today))
        if self.is_list:
            return self.answer_rows([transfer.pk for transfer in made], status=201)
        return self.answer_row(made[0].pk, status=201, location=f"/api/v1/transfers/{made[0].pk}/")
