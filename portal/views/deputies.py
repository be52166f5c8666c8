"""委托他人: who stands in for me, and for whom I do, from when to when."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import Case, When
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import selectors
from accounts.api.serializers import DeputyInput
from accounts.services import deputies as services
from common import clock
from common.errors import DomainError, Missing
from portal.forms import fields
from portal.forms.fields import Field, Form
from portal.views import given
from portal.views.access import SignedIn, signed_in
from portal.views.once import key_of, once, status_of

OFFERED = 300  # people of the own branch, one's own offices first


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: SignedIn) -> HttpResponse:
    today = clock.today()
    asked = _fields(request)
    if request.method != "POST":
        return _page(request, fields.empty(asked, {"from_on": today.isoformat()}))
    form = fields.read(request.POST, asked, today=today)
    until = form.entry("until_on")
    if not until.text:
        until.fault = gettext("请写明截止日。")
    if form.faults:
        return _page(request, form, status=422)
    try:
        return once(request, lambda: _made(request, form))
    except DomainError as refusal:
        alert = "" if form.refuse(refusal) else str(refusal.detail)
        return _page(request, form, alert=alert, refusal=refusal, status=status_of(refusal))


@signed_in
@require_POST
def end(request: SignedIn, membership_id: uuid.UUID) -> HttpResponse:
    version = given.whole_number(request.POST.get("version", ""))
    is_deputy = selectors.deputies(request.actor).filter(pk=membership_id, user=request.actor.user_id).exists()
    try:
        services.end_whole(membership_id, version=version, actor=request.actor, today=clock.today())
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, gettext("已谢绝，委托人会看到。") if is_deputy else gettext("已结束委托。"))
    return HttpResponseRedirect(reverse("deputies"))


def _fields(request: SignedIn) -> tuple[Field, ...]:
    own = [grant.office for grant in request.actor.grants]
    is_near = Case(When(office__in=own, then=0), default=1)
    people = selectors.deputies_for(request.actor).order_by(is_near, "office__path", "name")[:OFFERED]
    choices = [(str(user.pk), f"{user.name}（{user.office.name}）" if user.office else user.name) for user in people]
    return (
        Field("user", gettext_lazy("受托人"), kind="choice", is_required=True, choices=choices),
        Field("from_on", gettext_lazy("自"), kind="day", is_required=True, is_ahead=True),
        Field("until_on", gettext_lazy("至"), kind="day", is_required=True, is_ahead=True, hint=gettext_lazy("含当天；一次最长 90 天")),
        Field("reason", gettext_lazy("原因"), shape=DeputyInput),
    )


def _made(request: SignedIn, form: Form) -> str:
    values: dict[str, Any] = {name: form.values[name] for name in ("from_on", "until_on")}
    services.delegate(
        uuid.UUID(form.values["user"]), **values, reason=form.values.get("reason", ""), actor=request.actor, today=clock.today()
    )
    messages.success(request, gettext("已委托。期间受托人同时收到您的提醒，也可以谢绝。"))
    return reverse("deputies")


def _page(request: SignedIn, form: Form, *, alert: str = "", refusal: object = None, status: int = 200) -> HttpResponse:
    today = clock.today()
    rows = selectors.deputies(request.actor).select_related("user", "office", "delegated_by").order_by("-valid_until_on", "pk")[:100]
    lent: dict[bool, list[Any]] = {True: [], False: []}
    for row in rows:
        is_open = row.valid_until_on is not None and row.valid_until_on >= today and row.declined_on is None
        lent[row.delegated_by_id == request.actor.user_id].append((row, is_open))
    context = {
        "area": "reminders",
        "mine": lent[True],
        "theirs": lent[False],
        "form": form,
        "alert": alert,
        "key": key_of(request, refusal),
    }
    return render(request, "portal/deputies.html", context, status=status)
