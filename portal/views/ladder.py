"""级次: the ladders, one row a rung, and what they send in the next thirty days."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.roles import Act
from common import clock
from common.errors import DomainError, Missing
from portal import charts
from portal.charts import Column
from portal.views import given
from portal.views.access import SignedIn, for_act
from portal.views.once import status_of
from reminders.api.serializers.ladder import RungInput
from reminders.lifecycle import Audience, Letter, RungKind, SubjectKind
from reminders.models import Rung
from reminders.services import preview, rungs
from reminders.services.preview import Preview

FIELDS = ("subject_kind", "kind", "days", "audience", "letter", "counts")


@for_act(Act.SUPERVISE)
@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: SignedIn) -> HttpResponse:
    """One form a rung, one for a new rung: tried (`try`), or done."""
    if request.method != "POST":
        return _page(request, tried=None)
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    rung_id = given.key(request.POST.get("rung", ""))
    act = request.POST.get("act", "")
    kept = typed | {"rung": str(rung_id or "")}
    try:
        if act == "remove" and rung_id is not None:
            rungs.remove(rung_id, version=given.whole_number(request.POST.get("version", "")), actor=request.actor)
            return _done(request, gettext("已停用这一级。"))
        values, fault = _understood(typed)
        if values is None:
            return _page(request, tried=None, typed=kept, fault=fault, status=422)
        if act == "try":
            return _page(request, tried=_with(rung_id, values), typed=kept)
        if rung_id is None:
            rungs.create(values, actor=request.actor)
            return _done(request, gettext("已新增一级。"))
        values.pop("subject_kind")
        rungs.edit(rung_id, values, version=given.whole_number(request.POST.get("version", "")), actor=request.actor)
        return _done(request, gettext("已保存。"))
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        return _page(request, tried=None, typed=kept, fault=str(refusal.detail), status=status_of(refusal))


def _done(request: SignedIn, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("ladder"))


def _understood(typed: dict[str, str]) -> tuple[dict[str, Any] | None, str]:
    """The values of a rung, or the sentence of what is wrong."""
    days = given.whole_number(typed["days"])
    if days is None or days > RungInput().fields["days"].max_value:
        return None, gettext("天数须为 0 到 250 的整数。")
    choices = {"kind": RungKind.values, "audience": Audience.values, "letter": Letter.values}
    if any(typed[name] not in values for name, values in choices.items()) or typed["subject_kind"] not in ("", *SubjectKind.values):
        return None, gettext("请选择先后、对象和函件。")
    picked = {name: typed[name] for name in choices}
    return picked | {"subject_kind": typed["subject_kind"] or None, "days": days, "in_working_days": typed["counts"] != "calendar"}, ""


def _with(rung_id: uuid.UUID | None, values: dict[str, Any]) -> list[Rung]:
    """All rungs in force, with one of them changed or one added."""
    standing = list(Rung.objects.filter(is_active=True))
    if rung_id is None:
        return [*standing, Rung(**values)]
    for rung in standing:
        if rung.pk == rung_id:
            for name, value in values.items():
                if name != "subject_kind":
                    setattr(rung, name, value)
    return standing


def _page(
    request: SignedIn, *, tried: list[Rung] | None, typed: dict[str, str] | None = None, fault: str = "", status: int = 200
) -> HttpResponse:
    now = clock.now()
    today = preview.preview(None, now=now, actor=request.actor)
    wanted = preview.preview(tried, now=now, actor=request.actor) if tried is not None else None
    groups: dict[str | None, list[Rung]] = {None: []}
    for rung in Rung.objects.filter(is_active=True).order_by("-kind", "days", "audience"):
        groups.setdefault(rung.subject_kind, []).append(rung)
    for found in groups.values():
        found.sort(key=lambda rung: (-rung.days if rung.kind == RungKind.BEFORE else rung.days, rung.audience))
    context = {
        "area": "reminders",
        "groups": [(SubjectKind(kind).label if kind else gettext("通用"), found) for kind, found in groups.items()],
        "kinds": RungKind.choices,
        "audiences": Audience.choices,
        "letters": Letter.choices,
        "subject_kinds": SubjectKind.choices,
        "typed": typed or {},
        "fault": fault,
        "today_preview": today,
        "wanted": wanted,
        "chart": _bars(today),
        "wanted_chart": wanted and _bars(wanted, top=max(load.messages for load in (*today.days.values(), *wanted.days.values()))),
        "days": [(day, load, wanted and wanted.days.get(day)) for day, load in today.days.items()],
        "sum": sum(load.messages for load in today.days.values()),
        "wanted_sum": wanted and sum(load.messages for load in wanted.days.values()),
    }
    return render(request, "portal/ladder.html", context, status=status)


def _bars(found: Preview, *, top: int | None = None) -> charts.Drawing:
    columns = [Column(f"{day:%m-%d}", str(load.messages), [("col-fact", float(load.messages))]) for day, load in found.days.items()]
    return charts.columns(columns, float(top if top is not None else max((load.messages for load in found.days.values()), default=0)))
