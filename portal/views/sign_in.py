"""Signing in and out: allauth checks the password, axes counts failures in the database."""

import datetime as dt
from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import logout
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from common import clock
from portal.views import demonstration

LONGEST_NAME = 150  # characters, of those who may sign in


class SignIn(LoginView):
    """One form. The answer to a wrong one never says which field was wrong, but how many tries are left."""

    template_name = "portal/sign_in.html"

    def get_form(self, form_class: type[LoginForm] | None = None) -> LoginForm:
        """Names longer than any are wrong without being tried: failures are kept by name."""
        form = super().get_form(form_class)
        form.fields["login"].validators.append(MaxLengthValidator(LONGEST_NAME))
        return form

    def form_invalid(self, form: LoginForm) -> HttpResponse:
        is_locked = getattr(self.request, "axes_locked_out", False)
        if is_locked or not AxesProxyHandler.is_allowed(self.request, _credentials(self.request)):
            return locked(self.request, None, _credentials(self.request))
        context = self.get_context_data(form=form, tries_left=self._tries_left())
        return self.render_to_response(context, status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_demonstration": demonstration.present()}

    def _tries_left(self) -> int:
        failures = AxesProxyHandler.get_failures(self.request, _credentials(self.request))
        return max(settings.AXES_FAILURE_LIMIT - failures, 0)


def locked(request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None) -> HttpResponse:
    """Say until when the door is shut, and whom to call."""
    until = _locked_until((credentials or _credentials(request)).get("username"))
    answer = render(request, "portal/locked.html", {"until": until, "is_demonstration": demonstration.present()}, status=429)
    answer["Retry-After"] = str(max(int((until - clock.now()).total_seconds()), 1))
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponseRedirect(reverse("sign-in"))


def _credentials(request: HttpRequest) -> dict[str, Any]:
    return {"username": request.POST.get("login", "").strip()}


def _locked_until(username: str | None) -> dt.datetime:
    last = AccessAttempt.objects.filter(username=username).order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    return (last or clock.now()) + (get_cool_off() or dt.timedelta())
