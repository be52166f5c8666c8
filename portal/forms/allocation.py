"""分配额度: lines of project, use, quota and list item, judged as requests are."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from funding.api.serializers.requests import RequestInput
from funding.lifecycle import Kind
from funding.models import EligibilityItem, FundingSource
from funding.selectors import acting, matching
from funding.services import requests
from funding.services.moves import Check, Move
from portal.forms import sheets, typed
from portal.forms.limits import within
from portal.forms.sheets import Column, Line, Sheet
from portal.forms.typed import Unread
from portal.templatetags import words

COLUMNS = (
    Column("project", gettext_lazy("项目名称或代码"), "wide"),
    Column("use", gettext_lazy("用途")),
    Column("amount", gettext_lazy("额度（万元）"), is_number=True),
    Column("item", gettext_lazy("清单")),
)
MOST = 500  # lines of one batch


def empty() -> Sheet:
    return Sheet(COLUMNS, sheets.blank(COLUMNS, n=8), words.WAN)


def read(post: Mapping[str, str], source: FundingSource, *, actor: Principal, today: dt.date) -> Sheet:
    """Every line with its movement and what the checks say of it. Raises Unread for too many lines."""
    sheet = sheets.read(post, COLUMNS, unit=words.WAN, most=MOST)
    matches = matching.match([line.cells["project"] for line in sheet.filled], actor)
    items = acting.items(today) if any(line.cells["item"] for line in sheet.filled) else {}
    document_no = _document_no(post, sheet)
    for line in sheet.filled:
        _understand(line, source, matches, items, document_no)
    sheet.judged(lambda moves: requests.validate(moves, today=today), lambda line, check: _say(line, check, sheet), _("可分配"))
    return sheet


def left(source: FundingSource, sheet: Sheet) -> Decimal:
    """What remains unallocated in the pot after this sheet, in yuan; below zero when it asks for too much."""
    return source.issued - source.allocated - sheet.total


def _document_no(post: Mapping[str, str], sheet: Sheet) -> str:
    try:
        return str(within(RequestInput, "document_no", post.get("document_no", "").strip()))
    except Unread as unread:
        sheet.fault = str(unread)
        return ""


def _understand(line: Line, source: FundingSource, matches: Mapping, items: Mapping, document_no: str) -> None:
    project = line.read_project("project", matches.get(line.cells["project"]))
    use = line.read("use", typed.use)
    line.read_amount("amount", words.WAN)
    item, reason = _item(line, items), _reason(line)
    if project is None or use is None or line.amount is None or reason is None or "item" in line.wrong:
        return
    line.move = Move(
        kind=Kind.GRANT, source=source, amount=line.amount, project=project, use=use, document_no=document_no, eligibility_item=item,
        override_reason=reason,
    )  # fmt: skip


def _item(line: Line, items: Mapping[tuple[str, int], EligibilityItem]) -> Any:
    if not line.cells["item"]:
        return None
    return line.read("item", lambda text: find_item(text, items))


def _reason(line: Line) -> str | None:
    """Why the line may pass although its use is on the negative list; None with the line marked where it is too long."""
    try:
        return str(within(RequestInput, "override_reason", line.reason))
    except Unread as unread:
        line.refuse(unread)
        line.wants_reason = True  # else what was typed would have no place on the page
        return None


def find_item(text: str, items: Mapping[tuple[str, int], EligibilityItem]) -> EligibilityItem:
    item = items.get(typed.item(text))
    if item is None:
        raise Unread(_("清单中没有这一项：%(text)s") % {"text": text})
    return item


def _say(line: Line, check: Check, sheet: Sheet) -> str:
    if check.code in ("ineligible_use", "negative_list_override"):
        line.wants_reason = True
        line.wrong |= {"item"} if check.code == "ineligible_use" else set()
    if check.code == "insufficient_balance":
        line.wrong.add("amount")
    if check.code == "repeated_row" and line.move is not None:
        twin = next(other for other in sheet.filled if other.move is not None and other.move.here == line.move.here)
        return _("与第 %(n)s 行重复（同一项目、同一用途）") % {"n": twin.number}
    return sheets.worded(check, sheet.unit)
