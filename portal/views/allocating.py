"""分配额度: paste, see what may be allocated, submit to another person."""

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.roles import Act
from common import clock
from common.ids import uuid7
from funding.models import FundingSource
from funding.services import requests
from portal.forms import allocation
from portal.forms.sheets import Sheet, Unfit, in_unit
from portal.views.access import SignedIn, for_act
from portal.views.pots import pot
from portal.views.sheets import SheetPage

ONLY_GOOD = "good"


@for_act(Act.REQUEST_MONEY)
def allocate(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The empty sheet; or, by POST, submit it: whole, or only the lines that may be allocated."""
    return PAGE.answer(request, pot(source_id, request.actor))


@require_POST
@vary_on_headers("HX-Request", "HX-Request-Type")
@for_act(Act.REQUEST_MONEY)
def check(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The sheet with what the rules say of it now."""
    return PAGE.check(request, pot(source_id, request.actor))


def _submit(request: SignedIn, source: FundingSource, sheet: Sheet) -> str:
    """One batch, whose ids keep the order of the lines. Raises Unfit."""
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


def _say(sheet: Sheet) -> str | None:
    return None if sheet.filled else _("还没有填写任何一行。")


def _more(request: SignedIn, source: FundingSource, sheet: Sheet) -> dict[str, Any]:
    return {
        "pool": source.issued - source.allocated,
        "left": allocation.left(source, sheet),
        "document_no": request.POST.get("document_no", ""),
        "only_good": ONLY_GOOD,
    }


PAGE = SheetPage(
    page="portal/allocate.html", fragment="portal/parts/allocation_sheet.html", empty=allocation.empty, read=allocation.read,
    submit=_submit, say=_say, more=_more,
)  # fmt: skip
