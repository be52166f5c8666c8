"""What a request is before a page reads it: not too much; text that can be stored; and its language, Chinese unless one chose English."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.loader import render_to_string

NUL = "\0"
YEAR = 365 * 24 * 3600
MULTIPART = "multipart/form-data"


class SizeMiddleware:
    """A form with files that says it is larger than nine photos is refused before it is read; one of too many files or fields, in words.

    A single file that is too large is the page's matter: it says so beside the field, and what else was typed stays.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path.startswith("/api/"):
            return self.get_response(request)
        length = request.META.get("CONTENT_LENGTH") or "0"
        if request.content_type == MULTIPART and length.isdecimal() and int(length) > settings.LARGEST_FORM:
            return _too_large()
        try:
            request.POST.get("")  # reads it
        except SuspiciousOperation:
            return _too_large()
        return self.get_response(request)


class LanguageMiddleware:
    """`?lang=` is kept in a cookie; the API listens to Accept-Language.

    Stands before LocaleMiddleware and decides by what that one will read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            return self.get_response(request)
        request.META["HTTP_ACCEPT_LANGUAGE"] = settings.LANGUAGE_CODE
        chosen = request.GET.get("lang")
        if chosen not in dict(settings.LANGUAGES):
            return self.get_response(request)
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = chosen
        response = self.get_response(request)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
        return response


def _too_large() -> HttpResponse:
    """Nothing of it was kept, so nothing typed can be shown: the browser still has it."""
    return HttpResponse(render_to_string("portal/too_large.html", {"limit": settings.LARGEST_FORM >> 20}), status=413)


class NulMiddleware:
    """PostgreSQL stores no NUL. In an address or a cookie a value that holds one is left aside; out of a form, where it comes
    with what was pasted, the sign itself is. The API says what is wrong with its own parameters and bodies."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if any(NUL in value for value in request.COOKIES.values()):
            request.COOKIES = {name: value for name, value in request.COOKIES.items() if NUL not in value}
        if not request.path.startswith("/api/"):
            request.GET = _mended(request.GET, lambda words: [word for word in words if NUL not in word])
            request.POST = _mended(request.POST, lambda words: [word.replace(NUL, "") for word in words])
        return self.get_response(request)


def _mended(given: QueryDict, mend: Callable[[list[str]], list[str]]) -> Any:
    """The same where nothing holds a NUL; else without names that do, and with the words that remain."""
    if not any(NUL in word for name, words in given.lists() for word in (name, *words)):
        return given
    mended = QueryDict(mutable=True)
    for name, words in given.lists():
        if NUL not in name and (kept := mend(words)):
            mended.setlist(name, kept)
    return mended
