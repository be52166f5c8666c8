"""Who may open a page: those who signed in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
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
