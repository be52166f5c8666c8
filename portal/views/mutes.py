"""静默: what is silent, why, until when, by whose word; and the form for one more."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import Office
from accounts.roles import Act
from common import clock
from common.decisions import is_own
from common.errors import DomainError, Missing
from portal.forms import fields
from portal.forms.fields import Field, Form
from portal.views import given
from portal.views.access import SignedIn, for_act, signed_in
from portal.views.once import key_of, once, status_of
from projects.models import Project
from reminders.api.serializers.ladder import MuteInput, MuteNoteInput
from reminders.lifecycle import MuteScope, MuteState
from reminders.selectors import mutes as selectors
from reminders.services import mutes as services
from reminders.services.mutes import Scope

SHOWN = 100
NEAR = 5  # names offered where what was typed is part of them
FIELDS = (
    Field("project", gettext_lazy("项目"), hint=gettext_lazy("名称或代码；打包项目连同子项目")),
    Field("office", gettext_lazy("或单位"), hint=gettext_lazy("名称或代码；连同下级单位。与项目二选一")),
    Field(
        "until_on", gettext_lazy("静默至"), kind="day", is_required=True, is_ahead=True, hint=gettext_lazy("含当天；超过 30 天须另一人复核")
    ),
    Field("reason", gettext_lazy("原因"), kind="long", is_required=True, shape=MuteInput),
)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def mutes(request: SignedIn) -> HttpResponse:
    if request.method != "POST":
        return _page(request, fields.empty(FIELDS, {"project": request.GET.get("project", "")}))
    if not request.actor.may(Act.SUPERVISE):
        raise Http404
    form = fields.read(request.POST, FIELDS, today=clock.today())
    scope = _scope(form, request)
    if form.faults or scope is None:
        return _page(request, form, status=422)
    try:
        return once(request, lambda: _made(request, scope, form))
    except DomainError as refusal:
        alert = "" if form.refuse(refusal) else str(refusal.detail)
        return _page(request, form, alert=alert, refusal=refusal, status=status_of(refusal))


@for_act(Act.SUPERVISE)
@require_POST
def decide(request: SignedIn, mute_id: uuid.UUID, act: str) -> HttpResponse:
    """Approve, reject or end; what is refused is said above the list."""
    stand: dict[str, Any] = {"actor": request.actor, "now": clock.now(), "today": clock.today()}
    stand["version"] = given.whole_number(request.POST.get("version", ""))
    note = request.POST.get("note", "").strip()[: MuteNoteInput().fields["note"].max_length]
    done = {
        "approve": gettext("已同意，静默生效。"),
        "reject": gettext("已退回。"),
        "end": gettext("已结束静默，积压的提醒在下一窗口发出。"),
    }
    if act not in done:
        raise Http404
    try:
        if act == "end":
            services.end(mute_id, **stand)
        elif act == "approve":
            services.approve(mute_id, note=note, **stand)
        else:
            services.reject(mute_id, note=note, **stand)
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, done[act])
    return HttpResponseRedirect(reverse("mutes"))


def _made(request: SignedIn, scope: Scope, form: Form) -> str:
    made = services.create(scope, reason=form.values["reason"], until_on=form.values["until_on"], actor=request.actor, today=clock.today())
    is_waiting = made.state == MuteState.REQUESTED
    messages.success(request, gettext("超过 30 天，已提交另一人复核。") if is_waiting else gettext("已静默。到期后积压的提醒自动发出。"))
    return reverse("mutes")


def _not_found(rows: QuerySet, named: str) -> str:
    """With those whose names contain what was typed, if they are few enough to choose from."""
    near = list(rows.filter(name__icontains=named).order_by("name").values_list("name", flat=True)[: NEAR + 1])
    if not near or len(near) > NEAR:
        return gettext("没有找到，请填全称或代码。")
    return gettext("没有找到，请填全称或代码。相近的有：%(names)s。") % {"names": "、".join(near)}


def _scope(form: Form, request: SignedIn) -> Scope | None:
    """The one project or office that was named; a fault beside the field otherwise."""
    project, office = (form.values.get(name, "") for name in ("project", "office"))
    if bool(project) == bool(office):
        form.entry("project").fault = gettext("请填项目或单位其中一项。")
        return None
    rows, named = (Project.objects.visible_to(request.actor), project) if project else (Office.objects.all(), office)
    found = list(rows.filter(name=named)[:2]) or list(rows.filter(code=named)[:1])
    if len(found) != 1:
        sentence = gettext("有多个同名，请填代码。") if found else _not_found(rows, named)
        form.entry("project" if project else "office").fault = sentence
        return None
    return Scope(MuteScope.PROJECT if project else MuteScope.OFFICE, found[0].pk)


def _page(request: SignedIn, form: Form, *, alert: str = "", refusal: object = None, status: int = 200) -> HttpResponse:
    today = clock.today()
    rows = [
        _worded(selectors.shape(row), today, request)
        for row in selectors.mutes(request.actor).order_by("-created_at", "-id").values_list(*selectors.COLUMNS)[:SHOWN]
    ]
    context = {
        "area": "reminders",
        "rows": sorted(rows, key=lambda row: not row["is_open"]),
        "form": form,
        "alert": alert,
        "key": key_of(request, refusal),
        "is_open": bool(form.faults or alert or request.GET.get("project")),
    }
    return render(request, "portal/mutes.html", context, status=status)


def _worded(row: dict[str, Any], today: Any, request: SignedIn) -> dict[str, Any]:
    is_open = row["until_on"] >= today and row["state"] in (MuteState.IN_FORCE, MuteState.REQUESTED)
    is_waiting = is_open and row["state"] == MuteState.REQUESTED
    run_out = row["until_on"] < today and row["state"] in (MuteState.IN_FORCE, MuteState.REQUESTED)
    return row | {
        "is_open": is_open,
        "word": gettext("已到期") if run_out else MuteState(row["state"]).label,
        "color": "amber" if is_waiting else "green" if is_open else "grey",
        "scope_word": MuteScope(row["scope"]["kind"]).label,
        "may_decide": is_waiting and not is_own(row["requested_by"]["id"], request.actor),
        "is_own": is_waiting and row["requested_by"]["id"] == request.actor.id,
    }
