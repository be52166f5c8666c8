"""Keyset paging: as quick at the last page as at the first, and no row is shown twice when others are inserted."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core import signing
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination

from common.api.exceptions import BadQuery
from common.api.queries import fault

COUNT_CAP = 10_000


class Key(NamedTuple):
    """One column of an ordering. Nulls come last either way."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class Page:
    rows: list[tuple[Any, ...]]
    next: str | None
    previous: str | None


class PageShape(BasePagination):
    """How a list answer looks, for the generated OpenAPI; `paginate` makes it."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        url = {"type": ["string", "null"], "format": "uri"}
        count = {"count": {"type": "integer"}, "count_is_capped": {"type": "boolean"}, "facets": {"type": "object"}}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": url, "previous": url, "results": schema} | count,
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return []


def keys(names: Sequence[str], columns: dict[str, str | Key]) -> list[Key]:
    """Public ordering names (`-name`) as keys. A name may stand for a column that runs the other way."""
    found = []
    for name in names:
        target = columns[name.removeprefix("-")]
        key = target if isinstance(target, Key) else Key(target)
        found.append(Key(key.column, key.descending != name.startswith("-")))
    return found


def paginate(queryset: QuerySet, columns: Sequence[str], order: Sequence[Key], *, size: int, cursor: str, bound_to: str) -> Page:
    """One page of `columns` in `order`. Cursors are signed and bound to the question they were made for.

    Raises BadQuery for a cursor that is not of this question.
    """
    order = [*order, Key("pk")]
    backwards, place = _open(cursor, bound_to, len(order)) if cursor else (False, None)
    if place is not None:
        queryset = queryset.filter(_beyond(order, place, backwards=backwards))
    queryset = queryset.order_by(*(_order(key, backwards=backwards) for key in order))
    rows = list(queryset.values_list(*columns, *(key.column for key in order))[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    places = [row[len(columns) :] for row in rows]
    has_next = bool(rows) and (more or backwards)
    has_previous = bool(rows) and (more if backwards else place is not None)
    return Page(
        rows=[row[: len(columns)] for row in rows],
        next=_seal(False, places[-1], bound_to) if has_next else None,
        previous=_seal(True, places[0], bound_to) if has_previous else None,
    )


def capped_count(queryset: QuerySet) -> dict[str, Any]:
    """How many there are, up to 10,000: an exact count of a nation costs more than its page."""
    count = queryset.order_by()[: COUNT_CAP + 1].count()
    return {"count": min(count, COUNT_CAP), "count_is_capped": count > COUNT_CAP}


def fingerprint(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _order(key: Key, *, backwards: bool) -> Any:
    column, nulls = F(key.column), {"nulls_first": True} if backwards else {"nulls_last": True}
    return column.desc(**nulls) if key.descending != backwards else column.asc(**nulls)


def _beyond(order: Sequence[Key], place: Sequence[Any], *, backwards: bool) -> Q:
    """The rows after `place` (before it, when going backwards), column by column."""
    beyond, same = Q(), Q()
    for key, value in zip(order, place, strict=True):
        beyond |= same & _strictly(key, value, backwards=backwards)
        same &= Q(**{f"{key.column}__isnull": True}) if value is None else Q(**{key.column: value})
    return beyond


def _strictly(key: Key, value: Any, *, backwards: bool) -> Q:
    null = Q(**{f"{key.column}__isnull": True})
    if value is None:
        return ~null if backwards else Q(pk__in=[])
    upward = key.descending == backwards
    strictly = Q(**{f"{key.column}__{'gt' if upward else 'lt'}": value})
    return strictly if backwards or key.column == "pk" else strictly | null


def _seal(backwards: bool, place: Sequence[Any], bound_to: str) -> str:
    return signing.dumps([int(backwards), *(_text(value) for value in place)], salt=bound_to)


def _open(cursor: str, bound_to: str, length: int) -> tuple[bool, list[Any]]:
    try:
        backwards, *place = signing.loads(cursor, salt=bound_to)
    except (signing.BadSignature, ValueError) as error:
        raise BadQuery(faults=[fault("cursor", "invalid", _("游标不属于这个查询，请从第一页开始。"))]) from error
    if len(place) != length:
        raise BadQuery(faults=[fault("cursor", "invalid", _("游标不属于这个查询，请从第一页开始。"))])
    return bool(backwards), place


def _text(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | str) else str(value)
