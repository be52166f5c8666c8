"""What every answer bears: the id of the request, taken from the caller or made, and what is left of the rate."""

import re
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from common.api import throttling
from common.tracing import request_id

SHAPE = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


class RequestIdMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        token = request_id.set(given if SHAPE.match(given) else uuid.uuid4().hex)
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request_id.get()
            for name, value in throttling.headers(request).items():
                response[name] = value
            return response
        finally:
            request_id.reset(token)
