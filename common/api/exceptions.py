"""The one place where refusals become HTTP: RFC 9457 problems with JSON pointers."""

import logging
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import Error as DatabaseError
from django.http import Http404, HttpResponse
from rest_framework import exceptions as drf

from common.api.answers import VARY, encode
from common.api.problems import PROBLEMS
from common.errors import Conflict, Denied, DomainError, Fault, Malformed, Missing, RuleBroken, Stale
from common.tracing import request_id

logger = logging.getLogger(__name__)

STATUS: list[tuple[type[DomainError], int]] = [
    (Malformed, 400),
    (Denied, 403),
    (Missing, 404),
    (Conflict, 409),
    (Stale, 412),
    (RuleBroken, 422),
]


class PreconditionRequired(DomainError):
    code = "precondition_required"
    sentence = PROBLEMS["precondition_required"].remedy


class IdempotencyKeyRequired(Malformed):
    code = "idempotency_key_required"
    sentence = PROBLEMS["idempotency_key_required"].remedy


class UnknownParameter(Malformed):
    code = "unknown_parameter"


class BadQuery(Malformed):
    """A query parameter whose value is malformed or unknown."""


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler. None leaves a real fault to Django, which logs it."""
    if isinstance(error, DomainError):
        status = next((status for kind, status in STATUS if isinstance(error, kind)), PROBLEMS[error.code].status)
        response = problem(error.code, error.detail, status=status, faults=error.faults, **error.extra)
        if error.wait_seconds:
            response["Retry-After"] = str(error.wait_seconds)
        return response
    if isinstance(error, Http404 | drf.NotFound):
        return problem("not_found", Missing.sentence)
    if isinstance(error, PermissionDenied | drf.PermissionDenied):
        return problem("permission_denied", Denied.sentence)
    if isinstance(error, drf.ValidationError):
        return problem("validation", Malformed.sentence, faults=list(_faults(error.get_full_details(), ())))
    if isinstance(error, drf.ParseError):
        return problem("validation", error.detail, faults=[Fault((), "invalid", str(error.detail))])
    if isinstance(error, drf.APIException):
        return _of_framework(error)
    if isinstance(error, DatabaseError):
        logger.error("database refused", exc_info=error)
    return None


def problem(code: str, detail: Any = None, *, status: int | None = None, faults: list[Fault] | None = None, **extra: Any) -> HttpResponse:
    """An answer of type application/problem+json. `extra` are members of this problem alone (`allowed`, `blockers`)."""
    known = PROBLEMS[code]
    status = status or known.status
    body: dict[str, Any] = {
        "type": f"/api/v1/docs/problems/{code}/",
        "title": known.title,
        "status": status,
        "detail": str(detail or known.remedy),
        "instance": request_id.get(),
        "code": code,
    }
    if faults or status in (400, 422):
        body["errors"] = [_error(fault) for fault in faults or [Fault((), code, str(detail or known.remedy))]]
    response = HttpResponse(encode(body | extra), content_type="application/problem+json", status=status)
    response["Vary"] = VARY
    response["Cache-Control"] = "no-store"
    return response


def _of_framework(error: drf.APIException) -> HttpResponse:
    code = {
        405: "method_not_allowed",
        406: "not_acceptable",
        415: "unsupported_media_type",
        429: "throttled",
        401: "not_authenticated",
    }.get(error.status_code, "internal")
    response = problem(code, None if code in ("not_authenticated", "unsupported_media_type") else error.detail, status=error.status_code)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait) + 1)
    return response


def _error(fault: Fault) -> dict[str, str]:
    steps = "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in fault.path)
    return {"pointer": f"#{steps}", "code": fault.code, "detail": str(fault.detail)}


def _faults(details: Any, path: tuple[str | int, ...]) -> Iterator[Fault]:
    """DRF's nested details as flat faults."""
    if isinstance(details, dict) and "message" in details and "code" in details and not isinstance(details["message"], dict):
        yield Fault(path, str(details["code"]), str(details["message"]))
    elif isinstance(details, dict):
        for key, value in details.items():
            yield from _faults(value, path if key == "non_field_errors" else (*path, key))
    elif isinstance(details, list):
        leaves = [item for item in details if isinstance(item, dict) and "message" in item and "code" in item]
        for index, item in enumerate(details):
            yield from _faults(item, path if leaves else (*path, index))
