"""资金: how much was planned, came, went, lies idle; of which sources; what must be looked at."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import reduce
from operator import add
from typing import Any

from django.db.models import F, Q
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, keys, paginate
from funding.lifecycle import SourceKind, SourceState
from funding.rules.monitoring import is_capital_share_high
from funding.selectors.overview import purse
from funding.selectors.overview.purse import Kind, Sums
from funding.selectors.overview.spending import GRAVEST
from portal import charts
from portal.charts import Stock, Stream
from portal.templatetags import words
from portal.views.access import SignedIn, signed_in
from portal.views.asking import Asked, asked

PAGE_SIZE = 50
FILTERS = ("q", "kind", "state", "has_unallocated", "has_idle", "ordering", "cursor")
KINDS_DRAWN = 6  # the rest of the flow is one stock
ORDER: dict[str, str | Key] = {
    "name": "name", "issued_on": "issued_on", "issued": "issued_by", "allocated": "allocated_by", "unallocated": "unallocated_by",
    "received": "received_by", "paid": "paid_by", "idle": "idle_by",
}  # fmt: skip
DEFAULT_ORDERING = "-issued_on"
HEADS = (
    ("name", gettext_lazy("名称 · 类别"), False),
    ("issued_on", gettext_lazy("下达日期"), True),
    ("issued", gettext_lazy("下达"), True),
    ("allocated", gettext_lazy("已分配"), True),
    ("unallocated", gettext_lazy("未分配"), True),
    ("received", gettext_lazy("到位"), True),
    ("paid", gettext_lazy("支付"), True),
    ("idle", gettext_lazy("到位未付"), True),
    ("", gettext_lazy("支付率"), False),
)


@signed_in
def funding(request: SignedIn) -> HttpResponse:
    today, actor = clock.today(), request.actor
    wish = asked(request.GET, *FILTERS, today=today)
    narrowed = _narrowed(wish)
    kinds = purse.by_kind(actor, narrowed, as_of=wish.as_of)
    ordering = wish.get("ordering") if wish.get("ordering").removeprefix("-") in ORDER else DEFAULT_ORDERING
    rows = purse.purse(actor, as_of=wish.as_of).annotate(
        unallocated_by=F("issued_by") - F("allocated_by"), idle_by=F("received_by") - F("paid_by")
    )
    try:
        page = paginate(
            rows.filter(narrowed) if narrowed else rows, purse.COLUMNS, keys([ordering], ORDER), size=PAGE_SIZE,
            cursor=wish.get("cursor"), bound_to=f"funding-page {wish.address()} {ordering}",
        )  # fmt: skip
    except BadQuery:  # a cursor of another list: begin anew
        return HttpResponseRedirect(request.path + wish.address())
    notices = purse.notices(actor, today=today, as_of=wish.as_of)
    whole = _total(kind.whole for kind in kinds)
    building = reduce(add, (kind.for_construction for kind in kinds), Decimal())
    capital = reduce(add, (kind.as_capital for kind in kinds), Decimal())
    ceiling = next((kind.capital_ceiling for kind in kinds), None)
    context = {
        "area": "funding",
        "wish": wish,
        "day": wish.as_of or today,
        "is_whole": actor.sees_everything,
        "wish_hidden": wish.hidden("as_of"),
        "wish_q": wish.get("q"),
        "has_unallocated": wish.get("has_unallocated") == "true",
        "has_idle": wish.get("has_idle") == "true",
        "today_link": wish.address(as_of=None),
        "clear_link": _to_list(wish),
        "carried": f"?as_of={wish.as_of}" if wish.as_of else "",
        "kinds": kinds,
        "whole": whole,
        "base": whole.planned if actor.sees_everything else whole.issued,
        "shown": _total(kind.shown for kind in kinds),
        "is_narrowed": narrowed is not None,
        "flow": _flow(kinds),
        "rows": [_row(row) for row in page.rows],
        "heads": [_head(wish, ordering, *head) for head in HEADS],
        "links": {name: _to_list(wish, name) for name in vars(Sums())},
        "idle_link": _to_list(wish, "idle", has_idle="true"),
        "unallocated_link": _to_list(wish, "unallocated", has_unallocated="true"),
        "kind_rows": [(kind, _to_list(wish, kind=kind.kind), _to_list(wish, kind=kind.kind, has_idle="true")) for kind in kinds],
        "kind_choices": [(value, word, value == wish.get("kind")) for value, word in SourceKind.choices],
        "state_choices": [(value, word, value == wish.get("state")) for value, word in SourceState.choices],
        "previous": page.previous and wish.address(cursor=page.previous),
        "next": page.next and wish.address(cursor=page.next),
        "level_counts": [(level, notices.levels[level]) for level in GRAVEST if notices.levels.get(level)],
        "notices": notices,
        "capital": capital,
        "building": building,
        "capital_ceiling": ceiling,
        "capital_is_high": ceiling is not None and is_capital_share_high(capital, building, ceiling),
        "capital_width": charts.bar(float(capital), float(building)),
    }
    return render(request, "portal/funding.html", context)


def _narrowed(wish: Asked) -> Q | None:
    """The filters of the list; words that are no choice are left aside."""
    found = Q()
    if word := wish.get("q"):
        names = ("name", "document_no", "bond__code", "bond__short_name")
        found &= reduce(Q.__or__, (Q(**{f"{name}__icontains": word}) for name in names))
    if wish.get("kind") in SourceKind.values:
        found &= Q(kind=wish.get("kind"))
    if wish.get("state") in SourceState.values:
        found &= Q(state=wish.get("state"))
    if wish.get("has_unallocated") == "true":
        found &= Q(issued_by__gt=F("allocated_by"))
    if wish.get("has_idle") == "true":
        found &= Q(received_by__gt=F("paid_by"))
    return found or None


def _to_list(wish: Asked, order: str = "", **filters: str) -> str:
    """The list with these filters alone, in the order of one figure, of the day asked about."""
    ordering = f"-{order}" if order in ORDER else ""
    return f"{wish.address(**dict.fromkeys(FILTERS, '') | {'ordering': ordering} | filters)}#sources"


def _total(sums: Iterable[Sums]) -> Sums:
    return reduce(add, sums, Sums())


def _row(row: tuple[Any, ...]) -> dict[str, Any]:
    """A source of the list with its balances as `sums`."""
    key, name, kind, state, document_no, issued_on, planned, *balances = row
    sums = Sums(1, planned or Decimal(), *balances)
    return {
        "id": key, "name": name, "kind": kind, "state": state, "document_no": document_no, "issued_on": issued_on, "sums": sums,
        "width": charts.bar(float(sums.paid), float(sums.received)),
    }  # fmt: skip


def _head(wish: Asked, ordering: str, name: str, word: Any, is_number: bool) -> dict[str, Any]:
    """A column that sorts: the first click shows the largest or latest, the second turns it round."""
    first = name if name == "name" else f"-{name}"
    other = first.removeprefix("-") if first.startswith("-") else f"-{first}"
    link = wish.address(ordering=other if ordering == first else first)
    is_sorted = bool(name) and ordering.removeprefix("-") == name
    direction = ("descending" if ordering.startswith("-") else "ascending") if is_sorted else ""
    return {"word": word, "is_number": is_number, "link": f"{link}#sources" if name else "", "direction": direction}


def _flow(kinds: Sequence[Kind]) -> charts.Drawing:
    """From kinds of sources, by what is allocated, to what is paid, lies idle, and has not arrived."""
    drawn = [(str(SourceKind(kind.kind).label), kind.whole) for kind in kinds[:KINDS_DRAWN]]
    if rest := kinds[KINDS_DRAWN:]:
        drawn.append((gettext("其他 %(n)s 类") % {"n": len(rest)}, _total(kind.whole for kind in rest)))
    whole = _total(sums for _, sums in drawn)
    return charts.flow(
        [
            [_stock(word, word, sums.issued) for word, sums in drawn],
            [_stock("allocated", gettext("已分配"), whole.allocated), _stock("unallocated", gettext("未分配"), whole.unallocated, "none")],
            [
                _stock("paid", gettext("已支付"), whole.paid, "paid"),
                _stock("idle", gettext("到位未付"), whole.idle, "idle"),
                _stock("awaited", gettext("未到位"), whole.awaited, "none"),
            ],
        ],
        [
            *(_stream(word, "allocated", sums.allocated) for word, sums in drawn),
            *(_stream(word, "unallocated", sums.unallocated, "none") for word, sums in drawn),
            _stream("allocated", "paid", whole.paid, "paid"),
            _stream("allocated", "idle", whole.idle, "idle"),
            _stream("allocated", "awaited", whole.awaited, "none"),
        ],
    )


def _stock(key: str, word: str, amount: Decimal, kind: str = "") -> Stock:
    return Stock(key, word, float(amount), words.yi(amount), kind)


def _stream(source: str, target: str, amount: Decimal, kind: str = "") -> Stream:
    return Stream(source, target, float(amount), kind)
