"""How an answer leaves: JSON bytes with a strong tag, 304 when the caller has them already."""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpResponse
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.functional import Promise
from rest_framework.request import Request

VARY = "Authorization, Accept, Accept-Language, Cookie"
OUR_TAG = re.compile(r'^"([0-9]{1,9})\.[0-9a-f]{16}"$')


def encode(data: Any) -> bytes:
    return orjson.dumps(data, default=_plain, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME)


def answer(request: Request, data: Any, *, version: int = 0, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The response of a reading or writing call. `version` 0 stands for what has none, such as lists."""
    body = encode(data)
    tag = f'"{version}.{hashlib.sha256(body).hexdigest()[:16]}"'
    if request.method in ("GET", "HEAD") and tag in _tags(request.headers.get("If-None-Match", "")):
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(body, content_type="application/json", status=status)
    response["ETag"] = tag
    response["Vary"] = VARY
    response["Cache-Control"] = "private, no-cache"
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def versions_seen(header: str) -> set[int]:
    """The versions that an If-Match header names; tags that are not ours, and `*`, name none."""
    return {int(found.group(1)) for tag in _tags(header) if (found := OUR_TAG.match(tag))}


def _tags(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",") if tag.strip()]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    if isinstance(value, Promise):
        return force_str(value)
    raise TypeError(f"{type(value).__name__} has no JSON shape")
