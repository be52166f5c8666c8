"""The URL table."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from common.api.exceptions import problem
from config import health
from portal.views import errors

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("healthz/", health.alive),
    path("readyz", health.ready, name="readyz"),
    path("readyz/", health.ready),
    path("api/v1/", include("config.api_v1")),
    path("", include("portal.urls")),
]


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem("not_found") if request.path.startswith("/api/") else errors.not_found(request, exception)


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem("permission_denied") if request.path.startswith("/api/") else errors.denied(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    return problem("internal") if request.path.startswith("/api/") else errors.server_error(request)
