"""Single decisions about a pot of money, a new pot, and whether a pot is open."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.roles import Act
from common import clock
from common.errors import DomainError, Missing, Stale
from funding.lifecycle import OF_THE_POOL, RequestKind, SourceState
from funding.models import Allocation, FundingSource, Transfer
from funding.selectors import acting
from funding.services import requests, sources
from portal.forms import asking as form
from portal.forms import fields, pots
from portal.forms.asking import Asked, Unfit
from portal.views import given
from portal.views.access import SignedIn, for_act, is_fragment
from portal.views.once import key_of, once, status_of
from portal.views.pots import pot


@for_act(Act.REQUEST_MONEY)
def ask(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The form of one kind of decision; by POST, ask for it."""
    kind, source, parts, original = _subject(request, source_id)
    if request.method != "POST":
        asked = Asked(fields.empty(form.fields_of(kind, parts), request.GET.dict()), kind)
        return _page(request, source, original, asked)
    read = partial(form.read, request.POST, kind, source, parts, original, actor=request.actor, today=clock.today())
    try:
        return once(request, lambda: _made(request, read()))
    except Unfit as unfit:
        return _page(request, source, original, unfit.asked, status=422)
    except DomainError as refusal:
        asked = read()
        alert = None if asked.form.refuse(refusal) else refusal
        return _page(request, source, original, asked, alert=alert, status=status_of(refusal))


@require_POST
@vary_on_headers("HX-Request", "HX-Request-Type")
@for_act(Act.REQUEST_MONEY)
def check(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """What the rules say of the form as it stands. Changes nothing."""
    kind, source, parts, original = _subject(request, source_id)
    asked = form.read(request.POST, kind, source, parts, original, actor=request.actor, today=clock.today())
    if is_fragment(request):
        return render(request, "portal/parts/request_checks.html", _context(request, source, original, asked))
    return _page(request, source, original, asked)


@for_act(Act.REQUEST_MONEY)
def new_source(request: SignedIn) -> HttpResponse:
    """Register a pot of money; what it holds comes by an issue that another person approves."""
    if request.method != "POST":
        return _source_page(request, fields.empty((*pots.POT, *pots.BOND), request.GET.dict()))
    found = fields.read(request.POST, (*pots.POT, *pots.BOND), today=clock.today())
    if found.faults:
        return _source_page(request, found, status=422)
    columns = pots.columns(found) | {"office_id": _office(request)}
    try:
        return once(request, lambda: _registered(request, columns))
    except DomainError as refusal:
        alert = None if found.refuse(refusal) else refusal
        return _source_page(request, found, alert=alert, status=status_of(refusal))


@require_POST
@for_act(Act.REQUEST_MONEY)
def set_state(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """Close a pot or open it again."""
    source, state = pot(source_id, request.actor), request.POST.get("state", "")
    if state not in SourceState.values:
        raise Http404
    version = given.whole_number(request.POST.get("version", "")) or 0  # none is no version that a row has
    try:
        sources.edit_source(source.pk, {"state": state}, version=version, actor=request.actor)
    except Stale as refusal:
        return render(request, "portal/stale.html", {"area": "funding", "source": source, "alert": refusal}, status=status_of(refusal))
    messages.success(request, _("已关闭，不能再分配和支付。") if state == SourceState.CLOSED else _("已重新开放。"))
    return HttpResponseRedirect(reverse("source", args=[source.pk]))


def _subject(request: SignedIn, source_id: uuid.UUID) -> tuple[str, FundingSource, list[Allocation], Transfer | None]:
    """The kind that is asked for, the pot, its parts where one is chosen from, and what is to be reversed."""
    kind = request.GET.get("kind", "")
    if kind not in (*form.KINDS, RequestKind.REVERSE):
        raise Http404
    source = pot(source_id, request.actor)
    if kind == RequestKind.REVERSE:
        return kind, source, [], _original(request, source)
    return kind, source, [] if kind in OF_THE_POOL else acting.parts(source_id, request.actor), None


def _original(request: SignedIn, source: FundingSource) -> Transfer:
    key = given.key(request.GET.get("transfer", ""))
    if key is None:
        raise Http404
    try:
        return acting.transfer(key, source.pk, request.actor)
    except Missing as error:
        raise Http404 from error


def _office(request: SignedIn) -> uuid.UUID:
    """The office that manages the pot: the first in which the person may register money."""
    return next(grant.office for grant in request.actor.grants if Act.REQUEST_MONEY in grant.acts)


def _made(request: SignedIn, asked: Asked) -> str:
    """Raises Unfit when a field is wrong or a check forbids it."""
    if asked.move is None or asked.is_red:
        raise Unfit(asked)
    made = requests.request_transfers([asked.move], actor=request.actor, today=clock.today())
    messages.success(request, _("已提交，由另一人复核后生效。"))
    return reverse("money-batch", args=[made[0].batch])


def _registered(request: SignedIn, columns: dict[str, Any]) -> str:
    source = sources.create_source(columns, actor=request.actor)
    messages.success(request, _("已登记。发行到账经另一人复核后，才有可分配的资金。"))
    return reverse("source", args=[source.pk])


def _page(
    request: SignedIn, source: FundingSource, original: Transfer | None, asked: Asked, *, alert: Any = None, status: int = 200
) -> HttpResponse:
    return render(request, "portal/request.html", _context(request, source, original, asked, alert), status=status)


def _context(request: SignedIn, source: FundingSource, original: Transfer | None, asked: Asked, alert: Any = None) -> dict[str, Any]:
    return {
        "area": "funding",
        "alert": alert,
        "source": source,
        "original": original,
        "asked": asked,
        "kind": RequestKind(asked.kind),
        "kinds": [(kind, kind.label, kind == asked.kind) for kind in form.KINDS],
        "query": f"kind={asked.kind}" if original is None else f"kind={asked.kind}&transfer={original.pk}",
        "check": reverse("ask-money-check", args=[source.pk]),
        "key": key_of(request, alert),
    }


def _source_page(request: SignedIn, found: fields.Form, *, alert: Any = None, status: int = 200) -> HttpResponse:
    context = {
        "area": "funding",
        "alert": alert,
        "pot": found.entries[: len(pots.POT)],
        "bond": found.entries[len(pots.POT) :],
        "key": key_of(request, alert),
    }
    return render(request, "portal/new_source.html", context, status=status)
