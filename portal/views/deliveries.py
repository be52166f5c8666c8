"""投递: which message went to whom by which channel, what did not arrive and why; sent again, or let go after a storm."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.roles import Act
from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, paginate
from common.errors import DomainError, Missing
from portal.views import given
from portal.views.access import SignedIn, for_act, signed_in
from portal.views.once import status_of
from reminders.lifecycle import BrakeState, Channel, DeliveryState
from reminders.models import Brake
from reminders.selectors import reminders as selectors
from reminders.services import brakes, resending

PAGE_SIZE = 50
FILTERS = ("state", "channel")
COLORS = {DeliveryState.DEAD: "red", DeliveryState.FAILED: "amber", DeliveryState.SENT: "green"}
# 未送达 first: it is what one comes for
STATES = (DeliveryState.DEAD, DeliveryState.FAILED, DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.SENT)
NEWEST_FIRST = (Key("created_at", descending=True),)


@signed_in
def deliveries(request: SignedIn) -> HttpResponse:
    return _page(request)


@require_POST
@for_act(Act.SUPERVISE)
def resend(request: SignedIn, delivery_id: uuid.UUID) -> HttpResponse:
    return _acted(request, delivery_id, resending.resend, _("已重发，将在发送时段内送出。"))


@require_POST
@for_act(Act.SUPERVISE)
def release(request: SignedIn, brake_id: uuid.UUID) -> HttpResponse:
    return _acted(request, brake_id, brakes.release, _("已放行，提醒将陆续送出。"))


def _acted(request: SignedIn, key: uuid.UUID, act: Callable[..., Any], done: str) -> HttpResponse:
    version = given.whole_number(request.POST.get("version", ""))
    try:
        act(key, version=version, actor=request.actor, now=clock.now())
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        return _page(request, trouble=str(refusal.detail), status=status_of(refusal))
    messages.success(request, done)
    return HttpResponseRedirect(_address({name: request.POST[name] for name in FILTERS if request.POST.get(name)}))


def _page(request: SignedIn, *, trouble: str = "", status: int = 200) -> HttpResponse:
    query = request.POST if request.method == "POST" else request.GET
    chosen = {name: value for name in FILTERS if (value := query.get(name, "").strip())}
    seen = selectors.deliveries(request.actor)
    rows = seen
    for name in FILTERS:
        rows = rows.filter(**{name: chosen[name]}) if name in chosen else rows
    try:
        page = paginate(
            rows, selectors.DELIVERY_COLUMNS, NEWEST_FIRST, size=PAGE_SIZE, cursor=request.GET.get("cursor", ""), bound_to=urlencode(chosen)
        )
    except BadQuery:
        return HttpResponseRedirect(_address(chosen))
    shown = [selectors.shape_delivery(row) for row in page.rows]
    counts = selectors.deliveries_by_state(request.actor)
    items = selectors.told_by(request.actor, [key for row in shown for key in row["items"]])
    context = {
        "area": "reminders",
        "rows": [_shown(row, items) for row in shown],
        "trouble": trouble,
        "brake": Brake.objects.visible_to(request.actor).filter(state=BrakeState.HELD).order_by("-window").first(),
        "undelivered": counts.get(DeliveryState.DEAD, 0),
        "states": [("", gettext_lazy("全部"), sum(counts.values()), _address(chosen | {"state": ""}), "state" not in chosen)]
        + [(s, s.label, counts.get(s, 0), _address(chosen | {"state": s}), chosen.get("state") == s) for s in STATES],
        "channels": [
            (c.label, _address(chosen | {"channel": "" if chosen.get("channel") == c else c}), chosen.get("channel") == c) for c in Channel
        ],
        "chosen": chosen,
        "clear": _address({}),
        "previous": page.previous and _address(chosen | {"cursor": page.previous}),
        "next": page.next and _address(chosen | {"cursor": page.next}),
    }
    return render(request, "portal/deliveries.html", context, status=status)


def _shown(row: dict[str, Any], items: Mapping[uuid.UUID, Any]) -> dict[str, Any]:
    state = DeliveryState(row["state"])
    return row | {
        "color": COLORS.get(state, "grey"),
        "state_display": state.label,
        "channel_display": Channel(row["channel"]).label,
        "told": [items[key] for key in row["items"] if key in items],
        "may_resend": state in (DeliveryState.SENT, DeliveryState.DEAD),
    }


def _address(chosen: Mapping[str, str]) -> str:
    pairs = {name: value for name, value in chosen.items() if value}
    return f"{reverse('deliveries')}{'?' if pairs else ''}{urlencode(pairs)}"
