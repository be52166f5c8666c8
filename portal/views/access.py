"""Who may open a page: those who signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import cache_control

from accounts import selectors
from accounts.roles import Principal
from common import clock

View = Callable[..., HttpResponse]


class SignedIn(HttpRequest):
    """The request of somebody who signed in."""

    actor: Principal


def signed_in(view: View) -> View:
    """Give the view `request.actor`; send others to sign in and back. Pages are kept by no cache."""

    @wraps(view)
    @cache_control(private=True, no_store=True)
    def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("sign-in"))
        request.actor = selectors.person(request.user, today=clock.today())
        return view(request, *args, **kwargs)

    return guarded


def for_act(act: str) -> Callable[[View], View]:
    """Like `signed_in`, for those alone who may do this; others are told that they may not."""

    def decorate(view: View) -> View:
        @signed_in
        @wraps(view)
        def guarded(request: SignedIn, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.actor.may(act):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def is_fragment(request: HttpRequest) -> bool:
    """Whether a part of the page is asked for; else the page around it is the answer."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") == "partial"
