"""Sources of money and their bonds over HTTP."""

import uuid
from typing import Any

from django.db import models
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request

from accounts.roles import Act
from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, Writing
from common.errors import Denied
from funding.api.filters import SourceFilter
from funding.api.serializers import sources as serializers
from funding.models import FundingSource
from funding.selectors import sources as selectors
from funding.services import sources as services
from history import selectors as history_selectors

EXAMPLE = OpenApiExample(
    "专项债券",
    request_only=True,
    value={
        "kind": "special_bond",
        "name": "2025年河南省政府专项债券（六十九期）",
        "document_no": "新财预〔2025〕88号",
        "issued_on": "2025-10-21",
        "planned": {"amount": "200000000.00", "currency": "CNY"},
        "bond": {
            "code": "2505169",
            "short_name": "25河南债69",
            "tendered_on": "2025-10-20",
            "interest_from_on": "2025-10-21",
            "matures_on": "2040-10-21",
            "tenor_years": 15,
            "rate_percent": "2.1500",
            "repayment_method": "instalments",
            "interest_frequency": "half_yearly",
        },
        "plans": [{"year": 2025, "planned": {"amount": "200000000.00", "currency": "CNY"}}],
    },
)


class SourceViewSet(Writing, Resource):
    """Pots of money: bond issues, grants, loans. What they hold moves by transfers alone."""

    queryset = FundingSource.objects.none()
    serializer_class = serializers.SourceSerializer
    columns = selectors.COLUMNS
    filterset_class = SourceFilter
    orderings = {"name": "name", "issued_on": "issued_on", "matures_on": "bond__matures_on", "updated_at": "updated_at_told"}
    default_order = [Key("issued_on", descending=True)]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.sources(self.actor, as_of=query.as_of)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row, is_whole=self.actor.sees_everything)

    def conflicting_fields(self, seen: int | None) -> list[str]:
        return [] if seen is None else history_selectors.fields_changed_since("funding_fundingsource", self.kwargs["pk"], seen)

    @extend_schema(request=serializers.SourceInput, responses={201: serializers.SourceSerializer}, examples=[EXAMPLE])
    def create(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Register a source. It holds nothing until its issue is approved."""
        self.allow(Act.REQUEST_MONEY)
        self.media()
        fields = self.body(serializers.SourceInput)
        if "office" in fields:
            self.allow(Act.REQUEST_MONEY, [fields["office"].pk])
        else:
            fields["office_id"] = self._own_office()
        made = services.create_source(fields, actor=self.actor)
        return self.answer_row(made.pk, status=201, location=f"/api/v1/funding-sources/{made.pk}/")

    @extend_schema(request=serializers.SourcePatch(partial=True), responses=serializers.SourceSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change a source. `bond` merges into its terms, null removes them; `plans` is the whole list."""
        source: FundingSource = self.target()
        self.allow(Act.REQUEST_MONEY, [source.office_id])
        self.media()
        version = self.version_seen(source.version, required=True)
        services.edit_source(source.pk, self.body(serializers.SourcePatch, partial=True), version=version, actor=self.actor)
        return self.answer_row(source.pk)

    def _own_office(self) -> uuid.UUID:
        """The first office in which the caller registers money."""
        office = next((grant.office for grant in self.actor.grants if Act.REQUEST_MONEY in grant.acts), None)
        if office is None:
            raise Denied
        return office
