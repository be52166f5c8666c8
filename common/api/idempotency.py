"""A request that has its effect once, however often it is sent: the answer is kept by the caller's `Idempotency-Key`."""

import hashlib
import re
from collections.abc import Callable

import orjson
from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from common import clock, services
from common.api.answers import VARY
from common.api.exceptions import IdempotencyKeyRequired
from common.models import IdempotencyKey
from common.services import Scope

PRINTABLE = re.compile(r"[ -~]{1,255}")
KEPT_HEADERS = ("Content-Type", "Location", "ETag")


def once(request: Request, effect: Callable[[], HttpResponse]) -> HttpResponse:
    """Run `effect` and keep its answer in one transaction; for a key that is known, give the kept answer byte for byte.

    Call it after 403 and 415 are judged. What is judged against the present state of the row (412, 409) belongs inside
    `effect`: after a success it would refuse the retry that only wants to know. A refusal (an exception, 4xx, 5xx) undoes
    everything and leaves no key. Raises IdempotencyKeyRequired, IdempotencyMismatch and IdempotencyInFlight.
    """
    scope = Scope(request.user.label, f"{request.method} {request.path}", _key(request))
    with transaction.atomic():
        kept = services.claim_key(scope, fingerprint=_fingerprint(request), now=clock.now())
        if kept is not None:
            return _replayed(kept)
        response = effect()
        if response.status_code < 400:
            headers = {name: response[name] for name in KEPT_HEADERS if name in response}
            services.keep_answer(scope, status=response.status_code, headers=headers, body=response.content)
        else:
            transaction.set_rollback(True)
    return response


def _key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "").strip(" \t")
    if not key:
        raise IdempotencyKeyRequired
    if not PRINTABLE.fullmatch(key):
        raise IdempotencyKeyRequired(_("Idempotency-Key 须为 1 到 255 个可打印的 ASCII 字符。"))
    return key


def _fingerprint(request: Request) -> str:
    """What was asked: method, path with its query, and the body whatever the order of its keys and its white space."""
    asked = [request.method, request.get_full_path(), request.data]
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _replayed(kept: IdempotencyKey) -> HttpResponse:
    response = HttpResponse(bytes(kept.body), status=kept.status, headers=kept.headers)
    response["Vary"] = VARY
    response["Cache-Control"] = "private, no-cache"
    response["Idempotent-Replayed"] = "true"
    return response
