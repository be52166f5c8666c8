"""The base of every resource: lists by keyset, details with tags, writes that name the version they saw."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache
from typing import Any, ClassVar

from django.db import OperationalError, models
from django.http import Http404, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from common import clock
from common.api import pagination, queries
from common.api.answers import answer, versions_seen
from common.api.exceptions import BadQuery, PreconditionRequired
from common.api.pagination import Key
from common.api.queries import LISTING, SHAPING, Query, fault
from common.api.serializers import as_uuid
from common.errors import Denied, Malformed, Stale

RETRIED = ("40P01", "40001")  # deadlock, serialization


class Resource(GenericViewSet):
    """Reads. A resource says what may be seen (`visible`), which columns make a row, and how a row looks (`shape`)."""

    columns: ClassVar[Sequence[str]]
    filterset_class: Any = None
    orderings: ClassVar[dict[str, str | Key]] = {}
    default_order: ClassVar[Sequence[Key]] = ()
    facets: ClassVar[dict[str, Callable[[models.QuerySet], list[dict[str, Any]]]]] = {}
    pagination_class = pagination.PageShape
    has_past = False  # whether `as_of` may be asked
    lookup_value_regex = "[^/]+"

    # --- to be said by each resource ---------------------------------------------------------------------------

    def visible(self, query: Query) -> models.QuerySet:
        raise NotImplementedError

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        raise NotImplementedError

    def expansions(self) -> list[str]:
        return []

    def expand(self, rows: list[dict[str, Any]], query: Query) -> None:
        """Put the lists that `expand` names into the rows."""

    def complete(self, row: dict[str, Any], query: Query) -> None:
        """Add what only a detail shows."""

    # --- what follows for all ------------------------------------------------------------------------------------

    @property
    def actor(self) -> Any:
        return self.request.user

    @property
    def today(self) -> dt.date:
        return clock.today()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        query = self.read_query(listing=True)
        queryset = self.filtered(self.visible(query), query)
        order = pagination.keys(query.ordering, self.orderings) or list(self.default_order)
        page = pagination.paginate(
            queryset, self.columns, order, size=query.page_size, cursor=query.cursor, bound_to=self._question(request)
        )
        rows = [self.shape(row) for row in page.rows]
        self.expand(rows, query)
        body: dict[str, Any] = {
            "next": self._page_url(request, page.next),
            "previous": self._page_url(request, page.previous),
            "results": [queries.cut(row, query) for row in rows],
        }
        if query.with_count:
            body |= pagination.capped_count(queryset)
        if query.facets:
            body["facets"] = {name: self.facets[name](queryset) for name in query.facets}
        return answer(request, body, headers=_links(body))

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            query = self.read_query()
        except Malformed:
            self.target()  # what is not there is told before what is wrong with the question
            raise
        return self.answer_row(as_uuid(self.kwargs["pk"]), query)

    def answer_row(self, pk: Any, query: Query | None = None, *, status: int = 200, location: str = "") -> HttpResponse:
        """The present state of one row, with its tag: the answer of reads and writes alike."""
        query = query or Query()
        row = self.row(pk, query)
        headers = {"Location": self.request.build_absolute_uri(location)} if location else {}
        return answer(self.request, queries.cut(row, query), version=row["version"], status=status, headers=headers)

    def row(self, pk: Any, query: Query) -> dict[str, Any]:
        """One row as a detail shows it."""
        values = self.visible(query).filter(pk=pk).values_list(*self.columns).first()
        if values is None:
            raise Http404
        row = self.shape(values)
        self.complete(row, query)
        self.expand([row], query)
        return row

    def read_query(self, *, listing: bool = False, extra: Collection[str] = ()) -> Query:
        """The query string, or a refusal that names every wrong parameter."""
        filters = list(self.filterset_class.base_filters) if listing and self.filterset_class else []
        past = ["as_of"] if self.has_past else []
        queries.refuse_unknown(self.request.query_params, [*SHAPING, *past, *extra, *(LISTING if listing else ()), *filters])
        return queries.read(
            self.request.query_params,
            shape=field_tree(self.get_serializer_class()),
            expansions=self.expansions(),
            orderings=self.orderings,
            facets=self.facets,
            today=self.today,
        )

    def filtered(self, queryset: models.QuerySet, query: Query) -> models.QuerySet:
        if self.filterset_class is None:
            return queryset
        filterset = self.filterset_class(self.request.query_params, queryset=queryset, request=self.request)
        filterset.day, filterset.past_day = query.as_of or self.today, query.as_of
        if not filterset.is_valid():
            raise BadQuery(
                faults=[
                    fault(name, error.code or "invalid", " ".join(error.messages))
                    for name, errors in filterset.form.errors.as_data().items()
                    for error in errors
                ]
            )
        return filterset.qs

    def target(self) -> Any:
        """The row of the path, if the actor may see it; 404 alike for absent and hidden."""
        pk = as_uuid(self.kwargs["pk"])
        found = pk and self.visible(Query()).filter(pk=pk).first()
        if not found:
            raise Http404
        self.kwargs["pk"] = pk
        return found

    def _question(self, request: Request) -> str:
        asked = sorted(
            (k, v) for k, v in request.query_params.items() if k not in ("cursor", "page_size", "with_count", "facets", *SHAPING)
        )
        return pagination.fingerprint(request.path, repr(asked))

    @staticmethod
    def _page_url(request: Request, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        parameters = request.query_params.copy()
        parameters["cursor"] = cursor
        return request.build_absolute_uri(f"{request.path}?{parameters.urlencode()}")


class Writing:
    """Writes, in the order of judgement: 404, 403, 415, 428, 412, 400, then what the service says (409, 422)."""

    request: Any
    actor: Any
    args: Any
    kwargs: Any
    has_retried = False

    def allow(self, act: str, offices: Collection[uuid.UUID | None] | None = None) -> None:
        if not self.actor.may(act, offices):
            raise Denied

    def version_seen(self, current: int, *, required: bool) -> int | None:
        """The version the caller saw, by If-Match. Raises PreconditionRequired or Stale."""
        header = self.request.headers.get("If-Match")
        if header is None:
            if required:
                raise PreconditionRequired
            return None
        seen = versions_seen(header)
        if current not in seen:
            raise Stale(conflicting_fields=self.conflicting_fields(max(seen, default=None)))
        return current

    def conflicting_fields(self, seen: int | None) -> list[str]:
        """What was changed since the version the caller saw."""
        return []

    def body(self, serializer_class: Any, *, partial: bool = False, known: Collection[str] = ()) -> Any:
        """The validated body. 415 is judged before, by `media`; `known` are the query parameters the call takes."""
        self.refuse_query(known)
        context = {"request": self.request, "view": self}
        serializer = serializer_class(data=self.request.data, partial=partial, context=context)
        serializer.is_valid(raise_exception=True)
        return serializer.validated_data

    def refuse_query(self, known: Collection[str] = ()) -> None:
        queries.refuse_unknown(self.request.query_params, known)

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """One more try where the database broke a deadlock: the transaction is undone, and the services may be repeated."""
        if isinstance(exc, OperationalError) and _sqlstate(exc) in RETRIED and not self.has_retried:
            self.has_retried = True
            try:
                return getattr(self, self.request.method.lower())(self.request, *self.args, **self.kwargs)
            except Exception as second:
                exc = second
        return super().handle_exception(exc)

    def media(self) -> None:
        """415 before anything about the body is judged."""
        length = self.request.META.get("CONTENT_LENGTH") or "0"
        if length != "0" and self.request.negotiator.select_parser(self.request, self.request.parsers) is None:
            raise drf.UnsupportedMediaType(self.request.content_type)


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


@cache  # a serializer makes all its fields to name them
def field_tree(serializer_class: Any) -> Mapping[str, Any]:
    """The names of a shape, nested one level: what `fields` and `omit` may name."""
    return {
        name: getattr(field, "fields", None) or getattr(getattr(field, "child", None), "fields", None)
        for name, field in serializer_class().fields.items()
    }


def _links(body: Mapping[str, Any]) -> dict[str, str]:
    links = [f'<{body[name]}>; rel="{rel}"' for name, rel in (("next", "next"), ("previous", "prev")) if body[name]]
    return {"Link": ", ".join(links)} if links else {}


def reference(row: dict[str, Any], name: str) -> dict[str, Any]:
    """Fold `name_id`, `name__name` and `name__code` of a row into one reference."""
    key, label, code = row.pop(f"{name}_id"), row.pop(f"{name}__name"), row.pop(f"{name}__code")
    return row | {name: None if key is None else {"id": key, "name": label, "code": code}}
