"""还本付息: what falls due next, in which months and years, of which bond; and what was collected."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.roles import Act
from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, paginate
from common.api.serializers import ReasonSerializer
from common.errors import DomainError, FutureDate, Missing
from funding.api.serializers.repayments import PayInput
from funding.selectors.overview import dues
from funding.selectors.overview.dues import SOON, Due, Instalment
from funding.services import repayments as service
from portal import charts
from portal.charts import Column
from portal.forms.limits import within
from portal.forms.typed import Unread
from portal.templatetags import words
from portal.views import given
from portal.views.access import SignedIn, for_act, signed_in
from portal.views.asking import Asked, asked

PAGE_SIZE = 50
LAST = {"year": dt.MAXYEAR, "month": 12}
YEARS_SHOWN = 5  # of the calendar, unless all are asked for
FILTERS = ("state", "year", "month", "bond", "years", "cursor")
STATES = {
    "soon": gettext_lazy("60 天内及逾期"),
    "overdue": gettext_lazy("逾期未归集"),
    "open": gettext_lazy("未归集"),
    "paid": gettext_lazy("已归集"),
    "all": gettext_lazy("全部"),
}


@signed_in
@require_GET
def repayments(request: SignedIn) -> HttpResponse:
    return _page(request, {}, status=200)


@for_act(Act.REQUEST_MONEY)
@require_POST
def pay(request: SignedIn, repayment_id: uuid.UUID) -> HttpResponse:
    """One instalment was collected: back to where it was said, or the same form with what is wrong."""
    today, typed = clock.today(), request.POST
    kept = {name: typed.get(name, "").strip() for name in ("paid_on", "document_no", "version")}
    refused: dict[str, Any] = {"id": repayment_id, **kept}
    on = given.day(kept["paid_on"])
    if on is None:
        return _page(request, refused | {"on_fault": gettext("请填写归集日，例如 2025-10-21。")}, status=422)
    try:
        document_no = within(PayInput, "document_no", kept["document_no"])
    except Unread as unread:
        return _page(request, refused | {"document_fault": str(unread)}, status=422)
    version = given.whole_number(kept["version"])
    try:
        service.pay(repayment_id, on=on, document_no=document_no, version=version, actor=request.actor, today=today)
    except Missing as error:
        raise Http404 from error
    except FutureDate as error:
        return _page(request, refused | {"on_fault": error.faults[0].detail}, status=422)
    except DomainError as error:
        return _page(request, refused | {"fault": error.detail}, status=409)
    messages.success(request, gettext("已登记归集。"))
    return HttpResponseRedirect(_back(request))


@for_act(Act.DECIDE_MONEY)
@require_POST
def reopen(request: SignedIn, repayment_id: uuid.UUID) -> HttpResponse:
    """Take a collection back that was entered by mistake; who checks does it, with a reason."""
    version = given.whole_number(request.POST.get("version", ""))
    try:
        reason = within(ReasonSerializer, "reason", request.POST.get("reason", "").strip())
        service.reopen(repayment_id, reason=reason, version=version, actor=request.actor)
    except Missing as error:
        raise Http404 from error
    except (Unread, DomainError) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("已撤销归集。"))
    return HttpResponseRedirect(_back(request))


def _back(request: SignedIn) -> str:
    target = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return target if is_ours else reverse("repayments")


def _page(request: SignedIn, refused: Mapping[str, Any], *, status: int) -> HttpResponse:
    if not request.actor.sees_everything:  # repayments are of whole sources
        raise Http404
    today = clock.today()
    wish = asked(request.GET, *FILTERS, today=today)
    day = wish.as_of or today
    bond = given.key(wish.get("bond"))
    rows = dues.instalments(request.actor, day=day, bond=bond)
    chosen = _months(wish)
    state = wish.get("state") if wish.get("state") in STATES else "all" if chosen else "soon"
    shown = Q(pk=refused["id"]) if refused else _state(state, day) & Q(**{f"due_on__{name}": number for name, number in chosen.items()})
    try:
        page = paginate(
            rows.filter(shown), dues.INSTALMENT, [Key("due_on")], size=PAGE_SIZE, cursor=wish.get("cursor"),
            bound_to=f"repayments-page {wish.address()}",
        )  # fmt: skip
    except BadQuery:
        return HttpResponseRedirect(request.path + wish.address())
    months = dues.due_by_month(rows)
    context = {
        "area": "funding",
        "wish": wish,
        "wish_hidden": wish.hidden("as_of"),
        "today_link": wish.address(as_of=None),
        "day": day,
        "rows": [Instalment(*row) for row in page.rows],
        "refused": refused,
        "back": f"{reverse('repayments')}{wish.address(cursor=wish.get('cursor'))}",
        "dues": dues.due(
            rows, shown=shown, overdue=_state("overdue", day), soon=_state("soon", day), year=Q(due_on__year=day.year),
            open=_state("open", day), all=Q(),
        ),
        "links": {name: f"{wish.address(state=name, year='', month='')}#rows" for name in STATES},
        "year_link": f"{wish.address(state='all', year=day.year, month='')}#rows",
        "states": [(word, f"{wish.address(state=name)}#rows", name == state) for name, word in STATES.items()],
        "state_word": STATES[state],
        "month_word": "-".join(f"{number:02}" for number in chosen.values()),
        "wall": _wall(months),
        "wall_rows": [(year, sums, f"{wish.address(state='all', year=year, month='')}#rows") for year, sums in _years(months).items()],
        "months": [words.month(number) for number in range(1, 13)],
        "calendar": _calendar(months, wish, day),
        "has_more_years": not wish.get("years") and len(_years(months)) > YEARS_SHOWN,
        "all_years": f"{wish.address(years='all')}#calendar",
        "bonds": dues.due_by_bond(dues.instalments(request.actor, day=day)),
        "bond": bond,
        "bond_links": wish.address(bond=""),
        "soon_days": SOON,
        "previous": page.previous and wish.address(cursor=page.previous),
        "next": page.next and wish.address(cursor=page.next),
    }  # fmt: skip
    return render(request, "portal/repayments.html", context, status=status)


def _state(state: str, day: dt.date) -> Q:
    conditions = {
        "soon": dues.soon(day), "overdue": Q(is_overdue=True), "open": Q(is_paid=False), "paid": Q(is_paid=True),
    }  # fmt: skip
    return conditions.get(state, Q())


def _months(wish: Asked) -> dict[str, int]:
    """The year and month asked for. What is none of the calendar is left aside."""
    asked_for = {name: given.whole_number(wish.get(name)) for name in LAST}
    return {name: number for name, number in asked_for.items() if number is not None and 1 <= number <= LAST[name]}


def _years(months: Mapping[tuple[int, int], Due]) -> dict[int, Due]:
    """Every year from the first to the last, those without anything too."""
    if not months:
        return {}
    years = {year: Due() for year in range(min(months)[0], max(months)[0] + 1)}
    for (year, _), sums in months.items():
        years[year] += sums
    return years


def _wall(months: Mapping[tuple[int, int], Due]) -> charts.Drawing:
    found = [
        Column(str(year), words.wan_short(sums.total), [("col-fact", float(sums.principal)), ("col-interest", float(sums.interest))])
        for year, sums in _years(months).items()
    ]
    return charts.columns(found, max((column.value for column in found), default=0.0))


def _calendar(months: Mapping[tuple[int, int], Due], wish: Asked, day: dt.date) -> Sequence[tuple[int, Due, list[tuple[Due | None, str]]]]:
    """Years as rows, months as columns; from this year on unless all are asked for."""
    years = _years(months)
    shown = [year for year in years if wish.get("years") or day.year <= year < day.year + YEARS_SHOWN] or list(years)[-YEARS_SHOWN:]
    return [
        (
            year,
            years[year],
            [(months.get((year, month)), f"{wish.address(state='all', year=year, month=month)}#rows") for month in range(1, 13)],
        )
        for year in shown
    ]
