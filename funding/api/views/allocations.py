"""Allocations over HTTP."""

from typing import Any

from django.db import models

from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource
from funding.api.filters import AllocationFilter
from funding.api.serializers.allocations import AllocationSerializer
from funding.models import Allocation
from funding.selectors import allocations as selectors


class AllocationViewSet(Resource):
    """What sources gave to projects, and what became of it. Moved by transfers alone."""

    queryset = Allocation.objects.none()
    serializer_class = AllocationSerializer
    columns = selectors.COLUMNS
    filterset_class = AllocationFilter
    orderings = {"project": "project__name_pinyin", "granted": "granted_by", "received": "received_by", "paid": "paid_by"}
    default_order = [Key("project__name_pinyin")]
    has_past = True

    def visible(self, query: Query) -> models.QuerySet:
        return selectors.allocations(self.actor, as_of=query.as_of)

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return selectors.shape(row)

    def expand(self, rows: list[dict[str, Any]], query: Query) -> None:
        selectors.complete(rows, day=query.as_of or self.today)
