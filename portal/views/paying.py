"""登记支付: what came, went and came back, by voucher; whole or not at all."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django.views.decorators.vary import vary_on_headers

from accounts.roles import Act
from common import clock
from funding.models import FundingSource
from funding.services import facts
from portal.forms import payments as form
from portal.forms.sheets import Sheet, Unfit, in_unit
from portal.views.access import SignedIn, for_act
from portal.views.pots import pot
from portal.views.sheets import SheetPage


@for_act(Act.REQUEST_MONEY)
def payments(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The empty sheet; or, by POST, enter every line of it."""
    return PAGE.answer(request, pot(source_id, request.actor))


@require_POST
@vary_on_headers("HX-Request", "HX-Request-Type")
@for_act(Act.REQUEST_MONEY)
def check(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    """The sheet with what the rules say of it now."""
    return PAGE.check(request, pot(source_id, request.actor))


def _submit(request: SignedIn, source: FundingSource, sheet: Sheet) -> str:
    """Raises Unfit when a line is red: it is all or nothing."""
    if sheet.red or not sheet.good:
        raise Unfit(sheet)
    moves = [line.move for line in sheet.good if line.move is not None]
    facts.record(moves, actor=request.actor, today=clock.today())
    messages.success(request, _("已登记 %(n)s 笔，金额合计 %(total)s。") % {"n": len(moves), "total": in_unit(sheet.total, sheet.unit)})
    return f"{reverse('source', args=[source.pk])}?tab=transfers"


def _say(sheet: Sheet) -> str:
    if not sheet.filled:
        return _("还没有填写任何一行。")
    numbers = "、".join(str(line.number) for line in sheet.red[:5])
    return _("第 %(numbers)s 行等 %(n)s 行不能登记，一笔也没有登记。") % {"numbers": numbers, "n": len(sheet.red)}


def _more(request: SignedIn, source: FundingSource, sheet: Sheet) -> dict[str, Any]:
    return {}


PAGE = SheetPage(
    page="portal/payments.html", fragment="portal/parts/payment_sheet.html", empty=form.empty, read=form.read, submit=_submit, say=_say,
    more=_more,
)  # fmt: skip
