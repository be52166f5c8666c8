"""Pages for what cannot be shown. Absent and hidden are one page with one text."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from common.tracing import request_id


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "portal/not_found.html", status=404)


def denied(request: HttpRequest, exception: Exception | None = None, reason: str = "") -> HttpResponse:
    """What the person may not do; also the answer to a form whose token is missing or old, with the reason."""
    return render(request, "portal/denied.html", {"may_not": isinstance(exception, PermissionDenied)}, status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """Asks the database nothing: it may be what failed."""
    return HttpResponse(render_to_string("portal/server_error.html", {"request_id": request_id.get()}), status=500)
