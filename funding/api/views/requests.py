"""Decisions about money over HTTP: one asks, another decides."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models
from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, PolymorphicProxySerializer, extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common import clock
from common.api.answers import answer
from common.api.idempotency import once
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource
from common.decisions import is_own
from common.errors import Denied, DomainError, Fault, Malformed, SamePerson
from funding.api.filters import RequestFilter
from funding.api.serializers import requests as serializers
from funding.api.views.shared import MovingMoney
from funding.api.views.transfers import IDEMPOTENCY_KEY
from funding.models import TransferRequest
from funding.selectors import requests as selectors
from funding.services import requests as services
from funding.services.moves import Check, Move

LARGEST = 500
GRANT = {
    "kind": "grant",
    "source": "0199b0a0-0000-7000-8000-000000000001",
    "project": "0199b0a0-0000-7000-8000-000000000002",
    "use": "construction",
    "amount": {"amount": "30000000.00", "currency": "CNY"},
    "document_no": "新财预〔2025〕90号",
    "reason": "第一批额度",
}
ADJUSTMENT = GRANT | {
    "kind": "adjust_quota",
    "to_project": "0199b0a0-0000-7000-8000-000000000003",
    "to_use": "construction",
    "ground": "project_changed",
}
EXAMPLES = [
    OpenApiExample("额度下达", request_only=True, value=GRANT),
    OpenApiExample("一批两笔", request_only=True, value=[GRANT, ADJUSTMENT]),
    OpenApiExample(
        "冲正", request_only=True, value={"kind": "reverse", "reverses": "0199b0a0-0000-7000-8000-000000000004", "reason": "金额登记有误"}
    ),
]
ONE_OR_MANY = PolymorphicProxySerializer(
    "RequestOrRequests", [serializers.RequestInput, serializers.RequestInput(many=True)], resource_type_field_name=None, many=False
)


class RequestViewSet(MovingMoney, Resource):
    """Movements that need a second person. A request reserves nothing; approval moves the money in the same transaction."""

    queryset = TransferRequest.objects.none()
    serializer_class = serializers.RequestSerializer
    columns = selectors.COLUMNS
    filterset_class = RequestFilter
    orderings = {"created_at": "created_at", "amount": "amount", "decided_at": "decided_at", "updated_at": "updated_at"}
    default_order = [Key("created_at", descending=True)]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.requests(self.actor, as_of=query.as_of)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        shaped = selectors.shape(row)
        return shaped | {"checks": [told(Check(**check)) for check in shaped["checks"]]}

    @extend_schema(
        request=ONE_OR_MANY,
        responses={
            201: PolymorphicProxySerializer(
                "RequestOrRequestsAnswer",
                [serializers.RequestSerializer, serializers.RequestListAnswer],
                resource_type_field_name=None,
                many=False,
            )
        },
        parameters=[IDEMPOTENCY_KEY],
        examples=EXAMPLES,
    )
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask for a movement; a list of 1 to 500 is one batch, whole or not at all."""
        self.allow(Act.REQUEST_MONEY)
        self.media()
        return once(request, self._ask)

    def _ask(self) -> HttpResponse:
        moves = self._moves()
        self.at_their_place(lambda: services.request_transfers(moves, actor=self.actor, today=self.today))
        ids = [move.id for move in moves]
        if self.is_list:
            return self.answer_rows(ids, status=201)
        return self.answer_row(ids[0], status=201, location=f"/api/v1/transfer-requests/{ids[0]}/")

    @extend_schema(
        request=ONE_OR_MANY,
        responses=PolymorphicProxySerializer(
            "ChecksOrChecksOfMany", [serializers.ChecksSerializer, serializers.ChecksListAnswer], resource_type_field_name=None, many=False
        ),
        examples=EXAMPLES,
    )
    def validate(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """What the rules would say if it were decided now; changes nothing."""
        self.allow(Act.REQUEST_MONEY)
        self.media()
        moves = self._moves()
        checks = self.at_their_place(lambda: services.validate(moves, today=self.today))
        results = [{"checks": [told(check) for check in line]} for line in checks]
        return answer(request, {"results": results} if self.is_list else results[0])

    def _moves(self) -> list[Move]:
        return self.read_moves(serializers.RequestInput, largest=LARGEST)

    def seen(self, act: str) -> tuple[TransferRequest, int | None]:
        """The request of the path with the version the caller saw: 404, 403 (also for the wrong person), 415 and 412 are judged here."""
        found: TransferRequest = self.target()
        if act == Act.DECIDE_MONEY and is_own(found.requested_by_id, self.actor):
            raise SamePerson
        self.allow(act)
        if act == Act.REQUEST_MONEY and found.requested_by_id != self.actor.id:
            raise Denied(_("只有经办人可以撤回。"))
        self.media()
        return found, self.version_seen(found.version, required=False)

    @extend_schema(request=serializers.NothingInput, responses=serializers.RequestSerializer)
    def approve(self, request: Request, pk: str) -> HttpResponse:
        """Agree; the money moves in the same transaction."""
        found, version = self.seen(Act.DECIDE_MONEY)
        self.body(serializers.NothingInput)
        self.at_their_place(
            lambda: services.approve([found.pk], actor=self.actor, today=self.today, now=clock.now(), version=version),
        )
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.NoteInput, responses=serializers.RequestSerializer)
    def reject(self, request: Request, pk: str) -> HttpResponse:
        """Send it back with a reason."""
        found, version = self.seen(Act.DECIDE_MONEY)
        note = self.body(serializers.NoteInput)["note"]
        services.reject([found.pk], note=note, actor=self.actor, now=clock.now(), version=version)
        return self.answer_row(found.pk)

    @extend_schema(request=serializers.NothingInput, responses=serializers.RequestSerializer)
    def withdraw(self, request: Request, pk: str) -> HttpResponse:
        """Take one's own request back before it is decided."""
        found, version = self.seen(Act.REQUEST_MONEY)
        self.body(serializers.NothingInput)
        services.withdraw(found.pk, actor=self.actor, now=clock.now(), version=version)
        return self.answer_row(found.pk)

    @extend_schema(operation_id="transfer_requests_approve_batch", request=serializers.BatchInput, responses=serializers.RequestListAnswer)
    def approve_batch(self, request: Request) -> HttpResponse:
        """Agree to every request of one act, whole or not at all."""
        return self._decide_batch(
            serializers.BatchInput,
            lambda ids, given: services.approve(
                ids, actor=self.actor, today=self.today, now=clock.now(), expected_count=given["expected_count"]
            ),
        )

    @extend_schema(
        operation_id="transfer_requests_reject_batch", request=serializers.BatchRejectInput, responses=serializers.RequestListAnswer
    )
    def reject_batch(self, request: Request) -> HttpResponse:
        """Send every request of one act back."""
        return self._decide_batch(
            serializers.BatchRejectInput,
            lambda ids, given: services.reject(
                ids, note=given["note"], actor=self.actor, now=clock.now(), expected_count=given["expected_count"]
            ),
        )

    def _decide_batch(self, serializer_class: Any, decide: Callable[[Sequence[Any], dict[str, Any]], Any]) -> HttpResponse:
        self.allow(Act.DECIDE_MONEY)
        self.media()
        given = self.body(serializer_class)
        ids = list(self.visible(Query()).filter(batch=given["batch"]).order_by("pk").values_list("pk", flat=True))
        if not ids:
            raise Malformed.at("batch", _("没有这一批次。"), "does_not_exist")
        try:
            decide(ids, given)
        except DomainError as error:  # the body names no lines: `request` says which one it was
            error.faults = [Fault(("batch",), fault.code, fault.detail) for fault in error.faults]
            raise
        return self.answer_rows(ids)


def told(check: Check) -> dict[str, Any]:
    return {"code": check.code, "level": check.level, "detail": check.detail}
