"""登记支付: what came, went and came back, by voucher; whole or not at all."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.roles import Act
from common import clock
from common.errors import DomainError
from funding.models import FundingSource
from funding.services import facts
from portal.forms import payments as form
from portal.forms.sheets import Sheet, Unfit, in_unit
from portal.forms.typed import Unread
from portal.views.access import SignedIn, for_act, is_fragment
from portal.views.once import key_of, once, status_of
from portal.views.pots import pot


@for_act(Act.REQUEST_MONEY)
def payments(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The empty sheet; or, by POST, enter every line of it."""
    source = pot(source_id, request.actor)
    if request.method != "POST":
        return _page(request, source, form.empty())
    try:
        return once(request, lambda: _entered(request, source))
    except Unread as unread:
        return _page(request, source, form.empty(), alert=unread, status=422)
    except Unfit as unfit:
        return _page(request, source, unfit.sheet, alert=_nothing_entered(unfit.sheet), status=422)
    except DomainError as refusal:
        sheet = _read(request, source)
        sheet.refuse(refusal, sheet.good)
        return _page(request, source, sheet, alert=refusal, status=status_of(refusal))


@require_POST
@vary_on_headers("HX-Request", "HX-Request-Type")
@for_act(Act.REQUEST_MONEY)
def check(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The sheet with what the rules say of it now. Changes nothing."""
    source = pot(source_id, request.actor)
    try:
        sheet = _read(request, source)
    except Unread as unread:
        return _page(request, source, form.empty(), alert=unread, status=422)
    if is_fragment(request):
        return render(request, "portal/parts/payment_sheet.html", _context(request, source, sheet))
    return _page(request, source, sheet)


def _read(request: SignedIn, source: FundingSource) -> Sheet:
    return form.read(request.POST, source, actor=request.actor, today=clock.today())


def _entered(request: SignedIn, source: FundingSource) -> str:
    """Raises Unfit when a line is red: it is all or nothing."""
    sheet = _read(request, source)
    if sheet.red or not sheet.good:
        raise Unfit(sheet)
    moves = [line.move for line in sheet.good if line.move is not None]
    facts.record(moves, actor=request.actor, today=clock.today())
    messages.success(request, _("已登记 %(n)s 笔，金额合计 %(total)s。") % {"n": len(moves), "total": in_unit(sheet.total, sheet.unit)})
    return f"{reverse('source', args=[source.pk])}?tab=transfers"


def _nothing_entered(sheet: Sheet) -> str:
    if not sheet.filled:
        return _("还没有填写任何一行。")
    numbers = "、".join(str(line.number) for line in sheet.red[:5])
    return _("第 %(numbers)s 行等 %(n)s 行不能登记，一笔也没有登记。") % {"numbers": numbers, "n": len(sheet.red)}


def _page(request: SignedIn, source: FundingSource, sheet: Sheet, *, alert: Any = None, status: int = 200) -> HttpResponse:
    return render(request, "portal/payments.html", _context(request, source, sheet, alert), status=status)


def _context(request: SignedIn, source: FundingSource, sheet: Sheet, alert: Any = None) -> dict[str, Any]:
    return {"area": "funding", "alert": alert, "source": source, "sheet": sheet, "key": key_of(request, alert)}
