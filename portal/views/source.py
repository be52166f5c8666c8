"""债券、资金来源: one pot of money, what it was given to, spent against what is required, when it is repaid."""

import calendar
import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from accounts.roles import Principal
from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, Page, paginate
from common.errors import Missing
from funding.lifecycle import ADJUSTMENTS, Kind
from funding.selectors import requests, transfers
from funding.selectors.overview import dues, ledger
from funding.selectors.overview import source as selector
from funding.selectors.overview import spending as spendings
from funding.selectors.overview.dues import Instalment
from funding.selectors.overview.purse import Sums
from funding.selectors.overview.spending import Spending, Told
from portal import charts
from portal.charts import Column, Series
from portal.templatetags import words
from portal.views import given
from portal.views.access import SignedIn, signed_in
from portal.views.asking import Asked, asked
from portal.views.changes import worded

PAGE_SIZE = 50
FIRST_ROWS = 12  # of allocations and repayments, on the first tab
FILTERS = ("tab", "part", "kind", "allocation", "q", "cursor")
PART_COLUMNS = (
    "pk", "project_id", "project__name", "project__office__name", "use", "granted_by", "received_by", "paid_by",
)  # fmt: skip
LINE_COLUMNS = (*transfers.COLUMNS, "effect", "request__requested_by_name", "request__decided_by_name", "request__batch")
LARGEST = [Key("granted_by", descending=True)]
LATEST = [Key("lead_on", descending=True), Key("lead", descending=True), Key("sequence")]
PART_WORDS = {
    "issued": gettext_lazy("下达"),
    "allocated": gettext_lazy("已分配"),
    "unallocated": gettext_lazy("未分配"),
    "awaited": gettext_lazy("分配未到位"),
    "received": gettext_lazy("到位"),
    "idle": gettext_lazy("到位未付"),
    "paid": gettext_lazy("支付"),
}


class Shown(NamedTuple):
    """A source with its balances of `day`, as it is shown to somebody who asked for a part of it."""

    request: SignedIn
    source: Any
    wish: Asked
    day: dt.date

    @property
    def actor(self) -> Principal:
        return self.request.actor

    @property
    def sums(self) -> Sums:
        return selector.sums_of(self.source, self.actor)

    @property
    def spending(self) -> Spending:
        return spendings.spending(self.source.pk, self.actor, today=clock.today(), as_of=self.wish.as_of)

    @property
    def instalments(self) -> list[Instalment]:
        """Of the whole bond, hence only for those who see all of it."""
        if not self.actor.sees_everything or getattr(self.source, "bond", None) is None:
            return []
        rows = dues.instalments(self.actor, day=self.day, bond=self.source.pk).order_by("due_on", "number")
        return [Instalment(*row) for row in rows.values_list(*dues.INSTALMENT)]

    def page(self, rows: QuerySet[Any], columns: Sequence[str], order: Sequence[Key]) -> Page:
        bound_to = f"{self.request.path}{self.wish.address()}"
        return paginate(rows, columns, order, size=PAGE_SIZE, cursor=self.wish.get("cursor"), bound_to=bound_to)


@signed_in
def source(request: SignedIn, source_id: uuid.UUID) -> HttpResponse:
    today, actor = clock.today(), request.actor
    wish = asked(request.GET, *FILTERS, today=today)
    try:
        found = selector.source(source_id, actor, as_of=wish.as_of)
    except Missing as error:
        raise Http404 from error
    bond = getattr(found, "bond", None)
    tabs = _tabs(found, bond, is_whole=actor.sees_everything)
    tab = wish.get("tab") if wish.get("tab") in [name for name, _ in tabs] else ""
    shown = Shown(request, found, wish, wish.as_of or today)
    sums = shown.sums
    context = {
        "area": "funding",
        "source": found,
        "bond": bond,
        "wish": wish,
        "day": shown.day,
        "is_whole": actor.sees_everything,
        "sums": sums,
        "parts": _parts(sums),
        "links": {name: wish.address(tab="transfers", part=name, kind="", allocation="", q="") for name in ledger.PARTS},
        "tabs": [(word, wish.address(**_only_tab(name)), name == tab) for name, word in tabs],
        "tab": tab,
        "wish_hidden": wish.hidden("as_of"),
        "today_link": wish.address(as_of=None),
        "to_allocations": wish.address(**_only_tab("allocations")),
        "to_transfers": wish.address(**_only_tab("transfers")),
        "to_repayments": wish.address(**_only_tab("repayments")),
    }
    try:
        context |= FILL[tab](shown)
    except BadQuery:  # a cursor of another list: begin anew
        return HttpResponseRedirect(request.path + wish.address())
    return render(request, "portal/source.html", context)


def _tabs(found: Any, bond: Any, *, is_whole: bool) -> list[tuple[str, str]]:
    """What there is to show: repayments and changes speak of the whole source."""
    tabs = [
        ("", gettext("总览")),
        ("allocations", gettext("额度 %(n)s") % {"n": words.grouped(found.allocation_count)}),
        ("transfers", gettext("流水 %(n)s") % {"n": words.grouped(found.line_count)}),
    ]
    if bond and is_whole:
        tabs.append(("repayments", gettext("还本付息")))
    tabs.append(("adjustments", gettext("用途调整 %(n)s") % {"n": words.grouped(found.adjustment_count)}))
    return [*tabs, ("changes", gettext("变更记录"))] if is_whole else tabs


def _only_tab(name: str) -> dict[str, str]:
    return dict.fromkeys(FILTERS, "") | {"tab": name}


def _parts(sums: Sums) -> tuple[charts.Box, ...]:
    """The bar that adds up to what was issued."""
    wanted = (("green", sums.paid), ("val", sums.idle), ("pale", sums.awaited), ("track", sums.unallocated))
    return charts.split((kind, float(amount)) for kind, amount in wanted)


# 总览 and 额度


def _first(shown: Shown) -> dict[str, Any]:
    found, spending, instalments = shown.source, shown.spending, shown.instalments
    rows = selector.allocations_of(found.pk, shown.actor, as_of=shown.wish.as_of).order_by("-granted_by", "pk")
    ahead = [row for row in instalments if not row.is_paid]
    cover = selector.cover_of(found)
    idle = [one for one in spending.told if one.rule == "idle_6_months"]
    return {
        "rows": _checked(rows.values_list(*PART_COLUMNS)[:FIRST_ROWS], spending, shown),
        "more": found.allocation_count > FIRST_ROWS,
        "told": spending.told,
        "required": spending.required(spending.all_receipts, shown.day),
        "idle_amount": sum((one.amount or Decimal() for one in idle), Decimal()),
        "idle_projects": len({one.project_id for one in idle}),
        "curve": _curve(spending, shown.sums, shown.day),
        "instalments": instalments,
        "ahead": ahead[:FIRST_ROWS],
        "columns": _columns(ahead[:FIRST_ROWS]),
        "cover": cover,
        "cover_is_low": cover is not None and found.cover_floor is not None and cover < found.cover_floor,
        "plans": [(plan["year"], Decimal(plan["planned"])) for plan in found.plans_by_year],
    }


def _allocations(shown: Shown) -> dict[str, Any]:
    spending = shown.spending
    page = shown.page(selector.allocations_of(shown.source.pk, shown.actor, as_of=shown.wish.as_of), PART_COLUMNS, LARGEST)
    return {
        "rows": _checked(page.rows, spending, shown),
        "required": spending.required(spending.all_receipts, shown.day),
        **_turn(page, shown.wish),
    }


def _turn(page: Page, wish: Asked) -> dict[str, Any]:
    return {"previous": page.previous and wish.address(cursor=page.previous), "next": page.next and wish.address(cursor=page.next)}


def _checked(rows: Iterable[tuple[Any, ...]], spending: Spending, shown: Shown) -> list[dict[str, Any]]:
    """Allocations with what stands against each, and spend against the required mark."""
    against: dict[uuid.UUID, list[Told]] = defaultdict(list)
    for one in spending.told:
        against[one.subject_id].append(one)
    found = []
    for key, project_id, project, office, use, granted, received, paid in rows:
        links = {
            name: shown.wish.address(tab="transfers", allocation=key, part=name, cursor="") for name in ("allocated", "received", "paid")
        }
        found.append({
            "project_id": project_id, "project": project, "office": office, "use": use, "granted": granted, "received": received,
            "paid": paid, "width": charts.bar(float(paid), float(received)), "required": spending.required_of(key, shown.day),
            "told": against[key][:1], "links": links,
        })  # fmt: skip
    return found


# The curve of spending


def _curve(spending: Spending, sums: Sums, day: dt.date) -> charts.Drawing | None:
    """By month since the first receipt, in percent of all that arrived: what was paid, and what should be."""
    if not spending.all_receipts or sums.received <= 0:
        return None
    ends = list(_month_ends(spending, day))
    required = [_number(spending.required(spending.all_receipts, end)) for end in ends]
    paid = [float(spending.paid_by(end) * 100 / sums.received) if end <= day else None for end in ends]
    rate = words.percent(sums.paid, sums.received)
    series = [Series("fact", gettext("支出 %(rate)s") % {"rate": rate}, paid)]
    if spending.goal_months is not None:
        series.insert(0, Series("plan", gettext("应达"), required))
    labels = [f"{end:%y-%m}" for end in ends]
    return charts.plot(series, top=100, step=25, labels=labels, unit="%", most=6)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _month_ends(spending: Spending, day: dt.date) -> Iterable[dt.date]:
    """The last days of the months from the first receipt until all should be spent; of the month asked about the day itself."""
    first, last = spending.all_receipts[0][0], spending.all_receipts[-1][0]
    goal = spending.goal_months or 0
    months = max((last.year - first.year) * 12 + last.month - first.month + goal, (day.year - first.year) * 12 + day.month - first.month)
    for number in range(months + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        end = dt.date(year, month + 1, calendar.monthrange(year, month + 1)[1])
        yield day if (end.year, end.month) == (day.year, day.month) else end


# 还本付息


def _columns(rows: Sequence[Instalment]) -> charts.Drawing:
    """The next instalments, the first of them marked."""
    found = [
        Column(f"{row.due_on:%y-%m}", words.wan_short(row.total), [("col-due" if i == 0 else "col-fact", float(row.total))])
        for i, row in enumerate(rows)
    ]
    return charts.columns(found, max((column.value for column in found), default=0.0))


def _repayments(shown: Shown) -> dict[str, Any]:
    rows = shown.instalments
    return {"instalments": rows, "due": dues.due_of(rows), "back": f"{shown.request.path}{shown.wish.address()}"}


# 流水, 用途调整, 变更记录


def _transfers(shown: Shown) -> dict[str, Any]:
    wish, part, kind = shown.wish, shown.wish.get("part"), shown.wish.get("kind")
    rows = ledger.lines(shown.actor, shown.source.pk, part=part, allocation_id=given.key(wish.get("allocation")), as_of=wish.as_of)
    if kind in Kind.values:
        rows = rows.filter(kind=kind)
    if word := wish.get("q"):
        rows = ledger.mentioning(rows, word)
    page = shown.page(rows, LINE_COLUMNS, LATEST)
    return {
        "lines": [_line(row) for row in page.rows],
        "totals": ledger.totals(rows),
        "part_word": PART_WORDS.get(part),
        "part_choices": [(value, word, value == part) for value, word in PART_WORDS.items()],
        "kind_choices": [(value, word, value == kind) for value, word in Kind.choices],
        "wish_q": wish.get("q"),
        "wish_allocation": wish.get("allocation"),
        "is_narrowed": any(wish.get(name) for name in ("part", "kind", "allocation", "q")),
        **_turn(page, shown.wish),
    }


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    """A movement as the API gives it, with what it adds to the figure asked for, and who made and who checked it."""
    shaped = transfers.shape(row[: len(transfers.COLUMNS)])
    effect, maker, checker, batch = row[len(transfers.COLUMNS) :]
    signed = shaped["sign"] * Decimal(shaped["amount"]["amount"])
    return shaped | {
        "signed": signed, "effect": effect, "maker": maker or shaped["actor"]["name"], "checker": checker or "", "batch": batch,
    }  # fmt: skip


def _adjustments(shown: Shown) -> dict[str, Any]:
    rows = selector.adjustments(shown.actor, as_of=shown.wish.as_of).filter(source_id=shown.source.pk)
    page = shown.page(rows, requests.COLUMNS, [Key("created_at", descending=True)])
    return {"adjustments": [_asked_for(row) for row in page.rows], "kinds": ADJUSTMENTS, **_turn(page, shown.wish)}


def _asked_for(row: tuple[Any, ...]) -> dict[str, Any]:
    shaped = requests.shape(row)
    return shaped | {"yuan": Decimal(shaped["amount"]["amount"])}


def _changes(shown: Shown) -> dict[str, Any]:
    changes = selector.changes_of(shown.source, getattr(shown.source, "bond", None))
    return {"changes": [worded(change, in_wan=True) for change in changes]}


FILL: dict[str, Callable[[Shown], dict[str, Any]]] = {
    "": _first, "allocations": _allocations, "transfers": _transfers, "repayments": _repayments, "adjustments": _adjustments,
    "changes": _changes,
}  # fmt: skip
