"""调整申请: what moves, by how much, what else moves; asked for by one, decided by another."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.roles import Act
from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, paginate
from common.decisions import RequestState, is_own
from common.errors import Denied, DomainError, Missing, SamePerson
from milestones.api.serializers.date_changes import DecisionInput
from milestones.models import DateChange
from milestones.selectors import date_changes as selectors
from milestones.selectors.impact import impact
from milestones.selectors.sheet import moved, sheet
from milestones.services import date_changes as services
from portal.forms import fields
from portal.forms import milestones as forms
from portal.forms.fields import Form
from portal.forms.limits import within
from portal.forms.typed import Unread
from portal.views import attached, given
from portal.views.access import SignedIn, for_act, signed_in
from portal.views.back import back
from portal.views.once import status_of
from reminders.lifecycle import SubjectKind
from reminders.selectors.turns import turns

ALL = "all"
STATES = {
    RequestState.REQUESTED.value: gettext_lazy("待审批"),
    RequestState.APPROVED.value: gettext_lazy("已同意"),
    RequestState.REJECTED.value: gettext_lazy("已退回"),
    RequestState.WITHDRAWN.value: gettext_lazy("已撤回"),
    ALL: gettext_lazy("全部"),
}
COLORS = {"requested": "amber", "approved": "green", "rejected": "red", "withdrawn": "grey"}
PROMISES = {"kept": gettext_lazy("可兑现"), "broken": gettext_lazy("不能兑现")}
PAGE_SIZE = 50


@signed_in
@require_GET
def date_changes(request: SignedIn) -> HttpResponse:
    """Those that wait, unless the address names another state; the newest first."""
    state = request.GET.get("state", "")
    state = state if state in STATES else RequestState.REQUESTED.value
    rows = selectors.date_changes(request.actor)
    shown = rows if state == ALL else rows.filter(state=state)
    try:
        page = paginate(
            shown, selectors.COLUMNS, [Key("created_at", descending=True)], size=PAGE_SIZE, cursor=request.GET.get("cursor", ""),
            bound_to=f"date-changes-page {state}",
        )  # fmt: skip
    except BadQuery:
        return HttpResponseRedirect(f"{request.path}?state={state}")
    listed = [selectors.shape(row) for row in page.rows]
    waiting = [row["id"] for row in listed if row["state"] == RequestState.REQUESTED]
    turn = turns(SubjectKind.DATE_CHANGE, waiting, today=clock.today())
    context = {
        "area": "reminders",
        "states": [(value, word, value == state) for value, word in STATES.items()],
        "state": state,
        "rows": [(row, COLORS[row["state"]], STATES[row["state"]], turn.get(row["id"])) for row in listed],
        "previous": page.previous and f"?state={state}&cursor={page.previous}",
        "next": page.next and f"?state={state}&cursor={page.next}",
    }
    return render(request, "portal/date_changes.html", context)


@signed_in
@require_GET
def date_change(request: SignedIn, change_id: uuid.UUID) -> HttpResponse:
    return _page(request, change_id)


@signed_in
@require_POST
def decide(request: SignedIn, change_id: uuid.UUID) -> HttpResponse:
    """Approve, reject or withdraw; a refusal changes nothing and is said on the page."""
    change = DateChange.objects.visible_to(request.actor).select_related("project").filter(pk=change_id).first()
    act, note = request.POST.get("act", ""), request.POST.get("note", "").strip()
    if change is None or act not in ("approve", "reject", "withdraw"):
        raise Http404
    stand: dict[str, Any] = {
        "version": given.whole_number(request.POST.get("version", "")), "actor": request.actor, "now": clock.now(),
    }  # fmt: skip
    try:
        note = _note(act, note)
        _require(request, change, act)
        if act == "approve":
            services.approve(change_id, note=note, today=clock.today(), **stand)
        elif act == "reject":
            services.reject(change_id, note=note, **stand)
        else:
            services.withdraw(change_id, note=note, **stand)
    except Unread as unread:
        return _page(request, change_id, note=note, note_fault=str(unread), status=422)
    except DomainError as refusal:
        return _page(request, change_id, note=note, alert=str(refusal.detail), status=status_of(refusal))
    done = {
        "approve": _("已同意，应完成日期改为 %(day)s。"),
        "reject": _("已退回，日期没有变动。"),
        "withdraw": _("已撤回，日期没有变动。"),
    }
    messages.success(request, done[act] % {"day": change.to_on.isoformat()})
    return HttpResponseRedirect(back(request, reverse("date-change", args=[change_id])))


def _note(act: str, note: str) -> str:
    """Raises Unread where a return gives no reason, or where it is too long."""
    if act == "reject" and not note:
        raise Unread(_("退回须写明原因。"))
    return str(within(DecisionInput, "note", note)) if note else ""


def _require(request: SignedIn, change: DateChange, act: str) -> None:
    if act != "withdraw" and is_own(change.requested_by_id, request.actor):
        raise SamePerson
    if not request.actor.may(Act.EDIT if act == "withdraw" else Act.DECIDE, change.project.offices):
        raise Denied


def _page(
    request: SignedIn, change_id: uuid.UUID, *, note: str = "", note_fault: str = "", alert: str = "", status: int = 200
) -> HttpResponse:
    values = selectors.date_changes(request.actor).filter(pk=change_id).values_list(*selectors.COLUMNS).first()
    if values is None:
        raise Http404
    change = selectors.shape(values)
    found = sheet(change["milestone"]["id"], request.actor, today=clock.today())
    is_open, is_mine = change["state"] == RequestState.REQUESTED, change["requested_by"]["id"] == request.actor.id
    context = {
        "area": "reminders",
        "change": change,
        "milestone": found,
        "project": found.project,
        "color": COLORS[change["state"]],
        "state_word": STATES[change["state"]],
        "effects": told(change["impact"]),
        "earlier": [row for row in found.moves if row["id"] != change["id"] and row["state"] == RequestState.APPROVED],
        "order": change["earlier"]["count"] + 1,
        "sum": change["earlier"]["days"] + change["days"],
        "is_mine": is_mine,
        "may_decide": is_open
        and not is_own(change["requested_by"]["id"], request.actor)
        and request.actor.may(Act.DECIDE, found.project.offices),
        "may_withdraw": is_open and is_mine,
        "turn": turns(SubjectKind.DATE_CHANGE, [change_id] if is_open else [], today=clock.today()).get(change_id),
        "note": note,
        "note_fault": note_fault,
        "alert": alert,
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
    }
    return render(request, "portal/date_change.html", context, status=status)


@for_act(Act.EDIT)
def ask(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    """Choose a day and see what it brings about; then submit."""
    found = _movable(request, milestone_id)
    if request.method != "POST":
        expected = found.forecast_on if found.forecast_on and found.forecast_on != found.due_on else None
        return _asking(request, found, fields.empty(forms.MOVE, {"to_on": expected.isoformat() if expected else ""}), to_on=expected)
    form = fields.read(request.POST, forms.MOVE, today=clock.today())
    if form.faults or "check" in request.POST:
        is_check = "check" in request.POST
        may = request.actor.may(Act.EDIT, found.project.offices)
        kept = [] if is_check else attached.kept_in_any_case(request, found.project_id, form, may=may)
        return _asking(request, found, form, to_on=form.values.get("to_on"), kept=kept, status=200 if is_check else 422)
    files: Sequence[Any] = ()
    try:
        if not request.actor.may(Act.EDIT, found.project.offices):
            raise Denied
        files = attached.kept(request, found.project_id)
        made = services.ask(
            milestone_id, document_id=files[0].pk if files else None, version=given.whole_number(request.POST.get("version", "")),
            actor=request.actor, today=clock.today(), **form.values,
        )  # fmt: skip
    except DomainError as refusal:
        is_placed = form.refuse(attached.at_file(refusal, "document"))
        alert = "" if is_placed else str(refusal.faults[0].detail if refusal.faults else refusal.detail)
        return _asking(request, found, form, to_on=form.values.get("to_on"), alert=alert, kept=files, status=status_of(refusal))
    messages.success(request, _("已提交，等待审批。"))
    return HttpResponseRedirect(back(request, reverse("date-change", args=[made.pk])))


@for_act(Act.EDIT)
@require_POST
def check(request: SignedIn, milestone_id: uuid.UUID) -> HttpResponse:
    """What the day that was typed would bring about: a fragment."""
    found = _movable(request, milestone_id)
    form = fields.read(request.POST, forms.MOVE, today=clock.today())
    return render(request, "portal/parts/date_effect.html", _effect(found, form.values.get("to_on")))


def _asking(
    request: SignedIn, found: Any, form: Form, *, to_on: dt.date | None, alert: str = "", kept: Sequence[Any] = (), status: int = 200
) -> HttpResponse:
    context = {
        "area": "reminders",
        "milestone": found,
        "project": found.project,
        "form": form,
        "kept": kept,
        "alert": alert,
        "asked": next((row for row in found.moves if row["state"] == RequestState.REQUESTED), None),
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
    } | _effect(found, to_on)
    return render(request, "portal/ask_date_change.html", context, status=status)


def _effect(found: Any, to_on: dt.date | None) -> dict[str, Any]:
    """The diff of a day; None and the day in force are none."""
    count, total = moved(found.moves)
    if to_on is None or found.due_on is None or to_on == found.due_on:
        return {"milestone": found, "to_on": None, "order": count + 1}
    days = (to_on - found.due_on).days
    effects = [effect.stored() for effect in impact(found, to_on, today=clock.today())]
    return {"milestone": found, "to_on": to_on, "days": days, "order": count + 1, "sum": total + days, "effects": told(effects)}


def told(effects: list[dict[str, Any]]) -> dict[str, Any]:
    """What a move brings about, sorted for the page: days as dates, states as words."""
    found: dict[str, Any] = {"successors": [], "promises": [], "overdue": None}
    for effect in effects:
        if effect["kind"] == "successor":
            before, after = (effect[side] and dt.date.fromisoformat(effect[side]) for side in ("from", "to"))
            found["successors"].append(
                {"name": effect["subject"]["name"], "before": before, "after": after, "days": before and (after - before).days}
            )
        elif effect["kind"] == "commitment":
            words = {"before": PROMISES[effect["from"]], "after": PROMISES[effect["to"]], "is_broken": effect["to"] == "broken"}
            found["promises"].append(words | {"name": effect["subject"]["name"]})
        elif effect["kind"] == "overdue":
            found["overdue"] = {"before": effect["from"], "after": effect["to"]}
    return found


def _movable(request: SignedIn, milestone_id: uuid.UUID) -> Any:
    try:
        found = sheet(milestone_id, request.actor, today=clock.today())
    except Missing as error:
        raise Http404 from error
    if found.due_on is None or found.achieved_on is not None:
        raise Http404
    return found
