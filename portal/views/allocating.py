"""分配额度: paste, see what may be allocated, submit to another person."""

import uuid
from dataclasses import replace
from decimal import Decimal
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
from common.ids import uuid7
from funding.models import FundingSource
from funding.services import requests
from portal.forms import allocation
from portal.forms.sheets import Sheet, Unfit, in_unit
from portal.forms.typed import Unread
from portal.views.access import SignedIn, for_act, is_fragment
from portal.views.once import key_of, once, status_of
from portal.views.pots import pot

ONLY_GOOD = "good"


@for_act(Act.REQUEST_MONEY)
def allocate(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The empty sheet; or, by POST, submit it: whole, or only the lines that may be allocated."""
    source = pot(source_id, request.actor)
    if request.method != "POST":
        return _page(request, source, allocation.empty())
    try:
        return once(request, lambda: _submitted(request, source))
    except Unread as unread:
        return _page(request, source, allocation.empty(), alert=unread, status=422)
    except Unfit as unfit:
        return _page(request, source, unfit.sheet, alert=None if unfit.sheet.filled else _("还没有填写任何一行。"), status=422)
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
        return _page(request, source, allocation.empty(), alert=unread, status=422)
    if is_fragment(request):
        return render(request, "portal/parts/allocation_sheet.html", _context(request, source, sheet))
    return _page(request, source, sheet)


def _read(request: SignedIn, source: FundingSource) -> Sheet:
    return allocation.read(request.POST, source, actor=request.actor, today=clock.today())


def _submitted(request: SignedIn, source: FundingSource) -> str:
    """One batch, whose ids keep the order of the lines. Raises Unfit."""
    sheet = _read(request, source)
    lines = sheet.good
    if sheet.fault or not lines or (sheet.red and request.POST.get("only") != ONLY_GOOD):
        raise Unfit(sheet)
    ids = sorted(uuid7() for _line in lines)
    moves = [replace(line.move, id=key) for line, key in zip(lines, ids, strict=True) if line.move is not None]
    made = requests.request_transfers(moves, actor=request.actor, today=clock.today())
    total = sum((row.amount for row in made), Decimal(0))
    messages.success(
        request, _("已提交 %(n)s 笔，共 %(total)s，由另一人复核后生效。") % {"n": len(made), "total": in_unit(total, sheet.unit)}
    )
    return reverse("money-batch", args=[made[0].batch])


def _page(request: SignedIn, source: FundingSource, sheet: Sheet, *, alert: Any = None, status: int = 200) -> HttpResponse:
    return render(request, "portal/allocate.html", _context(request, source, sheet, alert), status=status)


def _context(request: SignedIn, source: FundingSource, sheet: Sheet, alert: Any = None) -> dict[str, Any]:
    return {
        "area": "funding",
        "alert": alert,
        "source": source,
        "sheet": sheet,
        "pool": source.issued - source.allocated,
        "left": allocation.left(source, sheet),
        "document_no": request.POST.get("document_no", ""),
        "key": key_of(request, alert),
        "only_good": ONLY_GOOD,
    }
