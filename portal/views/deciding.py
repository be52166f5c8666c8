"""待复核: what was asked for, and the act of the second person on a whole batch."""

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Act
from common import clock
from common.decisions import RequestState, is_own
from common.errors import AlreadyDecided, Denied, DomainError, Missing
from funding.api.serializers.requests import BatchRejectInput
from funding.lifecycle import Level, RequestKind
from funding.models import TransferRequest
from funding.selectors import acting
from funding.selectors.acting import BatchRows
from funding.services import requests as services
from funding.services.moves import Check, of_request
from portal.forms.limits import within
from portal.forms.sheets import COLORS, Mark, in_unit, worded
from portal.forms.typed import Unread
from portal.templatetags import words
from portal.views import given
from portal.views.access import SignedIn, signed_in
from portal.views.once import status_of

ALL = "all"
STATES = [*((state.value, state.label) for state in RequestState), (ALL, gettext_lazy("全部"))]
ACTS = {"approve": Act.DECIDE_MONEY, "reject": Act.DECIDE_MONEY, "withdraw": Act.REQUEST_MONEY}


class Row(NamedTuple):
    """One request of a batch with what the rules say of it."""

    number: int
    request: TransferRequest
    marks: list[Mark]

    @property
    def is_red(self) -> bool:
        return any(mark.color == "red" for mark in self.marks)


@signed_in
def requests(request: SignedIn) -> HttpResponse:
    """Acts of asking, the newest first: those that wait, unless the address names another state."""
    state = request.GET.get("state", RequestState.REQUESTED)
    state = state if state in dict(STATES) else RequestState.REQUESTED
    kind = request.GET.get("kind", "")
    kind = kind if kind in RequestKind.values else ""
    mine = "mine" in request.GET
    page = acting.batches(request.actor, state="" if state == ALL else state, kind=kind, mine=mine, before=_before(request))
    kept = {"kind": kind} | ({"mine": "1"} if mine else {})
    context = {
        "area": "funding",
        "batches": [(batch, [RequestKind(kind).label for kind in batch.kinds], _states(batch)) for batch in page.batches],
        "states": [(value, label, value == state) for value, label in STATES],
        "kinds": [(value, label, value == kind) for value, label in RequestKind.choices],
        "state": state,
        "mine": mine,
        "kept": {name: value for name, value in kept.items() if value},
        "next": page.batches[-1].asked_at.isoformat() if page.has_more else "",
    }
    return render(request, "portal/requests.html", context)


@signed_in
def batch(request: SignedIn, batch_id: uuid.UUID) -> HttpResponse:
    """The table as it was asked for, with the checks of this moment; by POST one act on all of it."""
    try:
        if request.method == "POST":
            return _decided(request, batch_id)
        return _page(request, acting.batch(batch_id, request.actor))
    except Missing as error:
        raise Http404 from error


def _decided(request: SignedIn, batch_id: uuid.UUID) -> HttpResponse:
    """Approve, reject or withdraw the whole batch; a refusal changes nothing and is said above the table."""
    rows = acting.batch(batch_id, request.actor)
    act, note = request.POST.get("act", ""), request.POST.get("note", "").strip()
    if act not in ACTS or not rows.is_whole:
        raise Http404
    try:
        if not request.actor.may(ACTS[act]):
            raise Denied
        if not rows.open:
            raise AlreadyDecided
        if act == "reject":
            note = _reason(note)
        result = _act(request, act, rows, note)
    except Unread as unread:
        return _page(request, rows, note_fault=str(unread), status=422)
    except DomainError as refusal:
        return _page(request, acting.batch(batch_id, request.actor), alert=_named(refusal, rows), status=status_of(refusal))
    messages.success(request, result)
    return HttpResponseRedirect(reverse("money-batch", args=[batch_id]))


def _reason(note: str) -> str:
    """Why a batch goes back. Raises Unread where none is given, or more than fits."""
    if not note:
        raise Unread(_("退回须写明原因。"))
    return str(within(BatchRejectInput, "note", note))


def _act(request: SignedIn, act: str, rows: BatchRows, note: str) -> str:
    """What was done, in words."""
    ids = [row.pk for row in rows.open]
    expected = given.whole_number(request.POST.get("expected_count", ""))
    stand: dict[str, Any] = {"actor": request.actor, "now": clock.now(), "expected_count": expected}
    if len(ids) == 1:
        stand["version"] = given.whole_number(request.POST.get("version", ""))
    total = in_unit(sum((row.amount for row in rows.open), Decimal(0)), words.WAN)
    values = {"n": len(ids), "total": total}
    done: dict[str, tuple[Callable[[], Any], str]] = {
        "approve": (lambda: services.approve(ids, today=clock.today(), **stand), _("已复核通过 %(n)s 笔，共 %(total)s，已记入流水。")),
        "reject": (lambda: services.reject(ids, note=note, **stand), _("已退回 %(n)s 笔，共 %(total)s，没有动账。")),
        "withdraw": (lambda: services.withdraw_all(ids, **stand), _("已撤回 %(n)s 笔，共 %(total)s，没有动账。")),
    }
    effect, sentence = done[act]
    effect()
    return sentence % values


def _named(refusal: DomainError, rows: BatchRows) -> str:
    """The refusal with the line it is about; nothing has changed."""
    place = next((fault.path[0] for fault in refusal.faults if fault.path and isinstance(fault.path[0], int)), None)
    if place is None or place >= len(rows.open):
        return _("%(detail)s没有任何变动。") % {"detail": refusal.detail}
    row = rows.open[place]
    name = row.project.name if row.project else row.source.name
    available = refusal.extra.get("available")
    detail = str(refusal.detail)
    if available is not None:
        detail = _("余额不足，还剩 %(left)s。") % {"left": in_unit(Decimal(available["amount"]), words.WAN)}
    return _("第 %(n)s 行 %(name)s：%(detail)s没有任何变动。") % {"n": rows.requests.index(row) + 1, "name": name, "detail": detail}


def _page(request: SignedIn, rows: BatchRows, *, alert: str = "", note_fault: str = "", status: int = 200) -> HttpResponse:
    actor, first = request.actor, rows.requests[0]
    is_open = bool(rows.open)
    is_mine = any(row.requested_by_id == actor.id for row in rows.requests)
    marked = [Row(number, row, marks) for number, (row, marks) in enumerate(zip(rows.requests, _marks(rows), strict=True), 1)]
    red = sum(row.is_red for row in marked)
    context = {
        "area": "funding",
        "alert": alert,
        "batch": first.batch,
        "first": first,
        "rows": marked,
        "total": sum((row.amount for row in rows.requests), Decimal(0)),
        "red": red,
        "left": _left(rows) if is_open and actor.sees_everything else None,
        "kinds": sorted({row.get_kind_display() for row in rows.requests}),
        "is_open": is_open,
        "is_mine": is_mine,
        "may_decide": is_open and actor.may(Act.DECIDE_MONEY) and not any(is_own(row.requested_by_id, actor) for row in rows.requests),
        "may_withdraw": is_open and is_mine and actor.may(Act.REQUEST_MONEY),
        "note": request.POST.get("note", ""),
        "note_fault": note_fault,
        "open": rows.open,
        "is_whole": rows.is_whole,
        "has_target": any(row.to_project_id for row in rows.requests),
    }
    return render(request, "portal/batch.html", context, status=status)


def _marks(rows: BatchRows) -> list[list[Mark]]:
    """What the rules say now of what is open, and said of the rest when it was decided. Checks name projects: only to who sees all."""
    if not rows.is_whole:
        return [[] for _row in rows.requests]
    try:
        said = services.validate([of_request(row) for row in rows.open], today=clock.today())
        now = {row.pk: _worded(checks) or [Mark("green", _("可通过"))] for row, checks in zip(rows.open, said, strict=True)}
    except DomainError as refusal:
        now = {row.pk: [Mark("red", str(refusal.detail))] for row in rows.open}
    return [now[row.pk] if row.pk in now else _worded([Check(**check) for check in row.checks]) for row in rows.requests]


def _worded(checks: list[Check]) -> list[Mark]:
    return [Mark(COLORS[Level(check.level)], worded(check, words.WAN)) for check in checks]


def _left(rows: BatchRows) -> Decimal | None:
    """What the pot would still hold unallocated, where the batch allocates from one."""
    sources = {row.source_id for row in rows.requests}
    if len(sources) > 1 or any(row.kind != RequestKind.GRANT for row in rows.requests):
        return None
    source = rows.requests[0].source
    return Decimal(source.issued - source.allocated - sum((row.amount for row in rows.requests), Decimal(0)))


def _states(batch: acting.Batch) -> list[Any]:
    return [RequestState(state).label for state in batch.states]


def _before(request: SignedIn) -> dt.datetime | None:
    try:
        found = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
