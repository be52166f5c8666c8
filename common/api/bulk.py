"""A bulk change: `[{id, version, …}]`, whole or not at all, or each by itself with 207."""

import uuid
from collections.abc import Callable
from typing import Any

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from common.api import queries
from common.api.answers import answer
from common.api.exceptions import BadQuery, problem_response
from common.api.serializers import as_uuid
from common.errors import DomainError, Fault, Malformed

LARGEST = 1000

Edit = Callable[[uuid.UUID, int, dict[str, Any]], None]
Lock = Callable[[list[uuid.UUID]], Any]


def bulk(view: Any, item_class: Any, edit: Edit, *, lock: Lock) -> HttpResponse:
    """Apply `edit` to every item of the body and answer with the rows.

    `lock` takes every project that the items belong to, in id order, before the first edit: two bulks that meet would else deadlock.
    """
    partial = _partial(view.request)
    view.media()
    items = view.request.data
    if not isinstance(items, list) or not 1 <= len(items) <= LARGEST:
        raise Malformed(faults=[Fault((), "invalid", _("须为 1 到 1000 项的列表，每项含 id 与 version。"))])
    if partial:
        return answer(view.request, {"results": [_one(view, item_class, edit, item) for item in items]}, status=207)
    with transaction.atomic():
        lock(_ids(items))
        for index in range(len(items)):
            try:
                _apply(view, item_class, edit, items[index])
            except DomainError as error:
                error.faults = [Fault((index, *fault.path), fault.code, fault.detail) for fault in error.faults] or [
                    Fault((index,), error.code, str(error.detail))
                ]
                raise
            except ValidationError as error:
                raise ValidationError({index: error.detail}) from error
    return answer(view.request, {"results": [view.row(item["id"], queries.Query()) for item in items]})


def _ids(items: list[Any]) -> list[uuid.UUID]:
    """The ids of the items, each once. Items without one are refused later, by their place."""
    ids = [key for item in items if isinstance(item, dict) and isinstance(item.get("id"), str) and (key := as_uuid(item["id"]))]
    if len(set(ids)) < len(ids):
        raise Malformed(faults=[Fault((), "repeated", _("同一项只能出现一次。"))])
    return ids


def _partial(request: Any) -> bool:
    queries.refuse_unknown(request.query_params, ["partial"])
    text = request.query_params.get("partial", "false")
    if text not in ("true", "false"):
        raise BadQuery(faults=[queries.fault("partial", "invalid", _("须为 true 或 false。"))])
    return text == "true"


def _apply(view: Any, item_class: Any, edit: Edit, item: Any) -> None:
    serializer = item_class(data=item, partial=True, context={"request": view.request})
    serializer.is_valid(raise_exception=True)
    changes = dict(serializer.validated_data)
    missing = [name for name in ("id", "version") if name not in changes]
    if missing:
        raise Malformed(faults=[Fault((name,), "required", _("必填。")) for name in missing])
    edit(changes.pop("id"), changes.pop("version"), changes)


def _one(view: Any, item_class: Any, edit: Edit, item: Any) -> dict[str, Any]:
    key = item.get("id") if isinstance(item, dict) else None
    try:
        _apply(view, item_class, edit, item)
    except (DomainError, ValidationError) as error:
        response = problem_response(error, {})
        assert response is not None
        return {"id": key, "status": response.status_code, "problem": orjson.loads(response.content)}
    return {"id": key, "status": 200, "problem": None}
