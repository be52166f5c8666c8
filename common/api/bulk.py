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
from common.errors import DomainError, Fault, Malformed

LARGEST = 1000

Edit = Callable[[uuid.UUID, int, dict[str, Any]], None]


def bulk(view: Any, item_class: Any, edit: Edit) -> HttpResponse:
    """Apply `edit` to every item of the body and answer with the rows, in id order (the lock order)."""
    partial = _partial(view.request)
    view.media()
    items = view.request.data
    if not isinstance(items, list) or not 1 <= len(items) <= LARGEST:
        raise Malformed(faults=[Fault((), "invalid", _("须为 1 到 1000 项的列表，每项含 id 与 version。"))])
    order = sorted(range(len(items)), key=lambda index: str(items[index].get("id")) if isinstance(items[index], dict) else "")
    if partial:
        results = {index: _one(view, item_class, edit, items[index]) for index in order}
        return answer(view.request, {"results": [results[index] for index in range(len(items))]}, status=207)
    with transaction.atomic():
        for index in order:
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
