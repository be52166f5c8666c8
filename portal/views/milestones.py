"""节点: what was promised, is expected and happened; and the acts by which it changes."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.roles import Act
from common import clock
from common.decisions import RequestState
from common.errors import Denied, DomainError, Missing, Stale
from milestones.selectors import network
from milestones.selectors.network import Proposal
from milestones.selectors.sheet import moved, sheet
from milestones.services import forecasts
from milestones.services import milestones as services
from portal import charts
from portal.forms import fields
from portal.forms import milestones as forms
from portal.forms.fields import Field, Form
from portal.templatetags import words
from portal.views import attached, given
from portal.views.access import SignedIn, signed_in
from portal.views.back import back
from portal.views.once import status_of
from portal.views.standing import reported, standing
from portal.views.trends import trend_of
from projects.models import Evidence

WORDS = {
    "achieve": gettext_lazy("报完成"),
    "forecast": gettext_lazy("改预测"),
    "reopen": gettext_lazy("撤销完成"),
    "first-date": gettext_lazy("定首个日期"),
}


@dataclass
class Open:
    """The form that stands open, what is wrong with it as a whole, and the successors that would move with it."""

    name: str
    form: Form
    alert: str = ""
    proposals: Sequence[Proposal] = ()
    kept: Sequence[Evidence] = ()


@signed_in
@require_GET
def milestone(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    found = _found(request, milestone_id)
    offered = _offered(request, found)
    wished = request.GET.get("form", "")
    name = wished if wished in offered else next(iter(offered), "")
    return _page(request, found, Open(name, _empty(request, found, name)) if (name and name != "reopen") or wished == name else None)


@signed_in
@require_POST
def achieve(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    """It happened. Leads back to where it was said, or to the page, which proposes what follows for the successors."""
    found = _found(request, milestone_id)
    form = fields.read(request.POST, _fields(request, found, "achieve"), today=clock.today())
    opened = Open("achieve", form)
    if form.faults:
        opened.kept = attached.kept_in_any_case(request, found.project_id, form, may=request.actor.may(Act.EDIT, found.project.offices))

    def act() -> str:
        _require(request, found, Act.EDIT)
        opened.kept = attached.kept(request, found.project_id)
        override = form.values.get("override_reason", "")
        services.achieve(
            milestone_id, on=form.values["on"], note=form.values.get("note", ""), override_reason=override,
            evidence=[row.pk for row in opened.kept], **_stand(request),
        )  # fmt: skip
        return reported(found.name, opened.form.values["on"], found.due_on)

    return _done(request, found, opened, act)


@signed_in
@require_POST
def forecast(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    """Another day is expected. Where successors would move with it they are named first; then taken one by one, or left."""
    found, today = _found(request, milestone_id), clock.today()
    opened = Open("forecast", fields.read(request.POST, forms.FORECAST, today=today))
    take = request.POST.get("take", "")
    if not opened.form.faults and not take:
        opened.proposals = network.ripple_of(found.project_id, found.pk, opened.form.values["forecast_on"], today=today)
        if opened.proposals and opened.form.values["forecast_on"] >= today:
            return _page(request, found, opened)

    def act() -> str:
        _require(request, found, Act.EDIT)
        also = _chosen(request) if take == "chosen" else []
        values = {name: opened.form.values[name] for name in ("forecast_on", "reason")}
        forecasts.forecast(milestone_id, also=also, **values, **_stand(request))
        if also:
            return gettext("已改预测，并改后续节点 %(n)s 个。") % {"n": len(also)}
        return gettext("已改预测。")

    return _done(request, found, opened, act)


@signed_in
@require_POST
def follow(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    """The forecasts of the successors follow the day on which it was achieved."""
    found = _found(request, milestone_id)

    def act() -> str:
        _require(request, found, Act.EDIT)
        also = _chosen(request)
        forecasts.follow(milestone_id, also=also, actor=request.actor, today=clock.today())
        return gettext("已改后续节点 %(n)s 个的预测。") % {"n": len(also)}

    return _done(request, found, Open("", Form([])), act)


@signed_in
@require_POST
def reopen(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    found = _found(request, milestone_id)
    form = fields.read(request.POST, forms.REOPEN, today=clock.today())

    def act() -> str:
        _require(request, found, Act.EDIT)
        may_decide = request.actor.may(Act.DECIDE, found.project.offices)
        services.reopen(milestone_id, reason=form.values["reason"], may_decide=may_decide, **_stand(request))
        return gettext("已撤销完成：%(name)s。") % {"name": found.name}

    return _done(request, found, Open("reopen", form), act)


@signed_in
@require_POST
def first_date(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    found = _found(request, milestone_id)
    form = fields.read(request.POST, forms.FIRST, today=clock.today())

    def act() -> str:
        _require(request, found, Act.DECIDE)
        services.set_first_date(
            milestone_id, due_on=form.values["due_on"], basis=form.values["basis"], document_no=form.values.get("document_no", ""),
            **_stand(request),
        )  # fmt: skip
        return gettext("已定应完成日期。")

    return _done(request, found, Open("first-date", form), act)


def _done(request: SignedIn, found: Any, opened: Open, act: Any) -> HttpResponse:
    """Back with a line that says what was done; or the page again with what is wrong, what was typed kept."""
    if opened.form.faults:
        return _page(request, found, opened, status=422)
    try:
        result = act()
    except Missing as error:
        raise Http404 from error
    except Stale:
        opened.alert = gettext("保存期间已被他人修改，没有保存。下面是现在的情况，请核对后再保存。")
        return _page(request, _found(request, found.pk), opened, status=412)
    except DomainError as refusal:
        if not opened.form.refuse(attached.at_file(refusal, "evidence")):
            opened.alert = str(refusal.faults[0].detail if refusal.faults else refusal.detail)
        return _page(request, _found(request, found.pk), opened, status=status_of(refusal))
    messages.success(request, result)
    return HttpResponseRedirect(back(request, reverse("milestone", args=[found.pk])))


def _page(request: SignedIn, found: Any, opened: Open | None, *, status: int = 200) -> HttpResponse:
    today = clock.today()
    days = (found.baseline_on, found.due_on, found.forecast_on, found.achieved_on)
    window = charts.two_years(today) if all(day is None or charts.two_years(today).has(day) for day in days) else charts.whole(days, today)
    count, total = moved(found.moves)
    may_edit = request.actor.may(Act.EDIT, found.project.offices)
    context = {
        "area": "projects",
        "milestone": found,
        "project": found.project,
        "state": standing(found, found.project.stage, today),
        "lane": charts.lane(
            baseline=found.baseline_on, due=found.due_on, forecast=found.forecast_on, achieved=found.achieved_on, window=window, today=today
        ),
        "ticks": charts.ticks(window),
        "trend": trend_of(found, today),
        "opened": opened,
        "offered": [(name, WORDS[name], opened is not None and opened.name == name) for name in _offered(request, found)],
        "asked": next((row for row in found.moves if row["state"] == RequestState.REQUESTED), None),
        "may_ask": may_edit and found.achieved_on is None and found.due_on is not None,
        "moved": {"count": count, "days": total},
        "follow": _following(found, today) if may_edit else [],
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
        "slippage_word": gettext("未报预测") if _is_silent(found) else words.slippage(found.slippage_days),
    }  # fmt: skip
    return render(request, "portal/milestone.html", context, status=status)


def _is_silent(found: Any) -> bool:
    """Late, and nobody says until when: the deviation of its due date from the baseline would say that all is well."""
    return bool(found.is_overdue and found.forecast_on is None)


def _offered(request: SignedIn, found: Any) -> list[str]:
    """The forms that stand to reason, the most likely first."""
    may = {act: request.actor.may(act, found.project.offices) for act in (Act.EDIT, Act.DECIDE)}
    if found.achieved_on is not None:
        return ["reopen"] if may[Act.EDIT] else []
    first = ["first-date"] if found.due_on is None and may[Act.DECIDE] else []
    return first + (["achieve", "forecast"] if may[Act.EDIT] else [])


def _fields(request: SignedIn, found: Any, name: str) -> Sequence[Field]:
    if name == "achieve":
        return forms.achieving(found, may_decide=request.actor.may(Act.DECIDE, found.project.offices))
    return {"forecast": forms.FORECAST, "reopen": forms.REOPEN, "first-date": forms.FIRST}[name]


def _empty(request: SignedIn, found: Any, name: str) -> Form:
    known = {"on": clock.today().isoformat(), "forecast_on": found.forecast_on.isoformat() if found.forecast_on else ""}
    return fields.empty(_fields(request, found, name), known) if name else Form([])


def _following(found: Any, today: dt.date) -> list[Proposal]:
    if found.achieved_on is None or not found.after:
        return []
    return network.ripple_of(found.project_id, found.pk, found.achieved_on, today=today)


def _chosen(request: SignedIn) -> list[uuid.UUID]:
    return [key for text in request.POST.getlist("also") if (key := given.key(text)) is not None]


def _stand(request: SignedIn) -> dict[str, Any]:
    return {"version": given.whole_number(request.POST.get("version", "")), "actor": request.actor, "today": clock.today()}


def _require(request: SignedIn, found: Any, act: str) -> None:
    if not request.actor.may(act, found.project.offices):
        raise Denied


def _found(request: SignedIn, milestone_id: uuid.UUID) -> Any:
    try:
        return sheet(milestone_id, request.actor, today=clock.today())
    except Missing as error:
        raise Http404 from error
