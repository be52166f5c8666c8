"""级次: the ladders, one row a rung, and what they send in the next thirty days."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
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
FIELD_OF = {"in_working_days": "counts"}  # where the page names a field otherwise than the domain


@dataclass(frozen=True)
class RungForm:
    """A step in its form: as it stands, or as it was typed with the sentences of what is wrong. `rung` is None for a new one."""

    rung: Rung | None
    typed: Mapping[str, str]
    is_open: bool = False
    faults: Mapping[str, str] = field(default_factory=dict)
    alert: str = ""

    @property
    def key(self) -> str:
        return str(self.rung.pk) if self.rung else "new"


@dataclass(frozen=True)
class Answer:
    """What was typed into which form, what is wrong with it, and what it would send."""

    rung_id: uuid.UUID | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    alert: str = ""
    now: Preview | None = None
    wanted: Preview | None = None


@for_act(Act.SUPERVISE)
@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: SignedIn) -> HttpResponse:
    """One form a rung, one for a new rung: tried (`try`), or done. `look` previews the ladders as they stand."""
    if request.method != "POST":
        return _page(request, Answer())
    typed = {name: request.POST.get(name, "").strip() for name in FIELDS}
    rung_id = given.key(request.POST.get("rung", ""))
    looks = request.POST.get("act") == "look"
    try:
        if looks:
            return _page(request, Answer(now=preview.preview(None, now=clock.now(), actor=request.actor)))
        return _changed(request, rung_id, typed)
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        faults = {FIELD_OF.get(str(fault.path[-1]), str(fault.path[-1])): str(fault.detail) for fault in refusal.faults}
        alert = "" if faults and set(faults) <= set(FIELDS) else str(refusal.detail)
        return _page(request, Answer(rung_id, {} if looks else typed, faults, alert), status=status_of(refusal))


def _changed(request: SignedIn, rung_id: uuid.UUID | None, typed: dict[str, str]) -> HttpResponse:
    act, version = request.POST.get("act", ""), given.whole_number(request.POST.get("version", ""))
    if act == "remove" and rung_id is not None:
        rungs.remove(rung_id, version=version, actor=request.actor)
        return _done(request, gettext("已停用这一级。"))
    values, faults = _understood(typed)
    if faults:
        return _page(request, Answer(rung_id, typed, faults), status=422)
    if act == "try":
        wanted = preview.preview(_with(rung_id, values), now=clock.now(), actor=request.actor)
        return _page(request, Answer(rung_id, typed, now=preview.preview(None, now=clock.now(), actor=request.actor), wanted=wanted))
    if rung_id is None:
        rungs.create(values, actor=request.actor)
        return _done(request, gettext("已新增一级。"))
    values.pop("subject_kind")
    rungs.edit(rung_id, values, version=version, actor=request.actor)
    return _done(request, gettext("已保存。"))


def _done(request: SignedIn, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return HttpResponseRedirect(reverse("ladder"))


def _understood(typed: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of a rung, and the sentences of what is wrong by field."""
    faults: dict[str, str] = {}
    days = given.whole_number(typed["days"])
    if days is None or days > RungInput().fields["days"].max_value:
        faults["days"] = gettext("天数须为 0 到 250 的整数。")
    choices = {"kind": RungKind.values, "audience": Audience.values, "letter": Letter.values, "subject_kind": ["", *SubjectKind.values]}
    faults |= {name: gettext("请选择一项。") for name, values in choices.items() if typed[name] not in values}
    picked = {name: typed[name] for name in ("kind", "audience", "letter")}
    counts = {"days": days, "in_working_days": typed["counts"] != "calendar"}
    return {**picked, **counts, "subject_kind": typed["subject_kind"] or None}, faults


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


def _page(request: SignedIn, answer: Answer, *, status: int = 200) -> HttpResponse:
    standing = list(Rung.objects.filter(is_active=True))
    if answer.rung_id and answer.rung_id not in {rung.pk for rung in standing}:
        raise Http404
    standing.sort(key=lambda rung: (-rung.days if rung.kind == RungKind.BEFORE else rung.days, rung.audience))
    groups: dict[str | None, list[RungForm]] = {None: []}
    for rung in standing:
        groups.setdefault(rung.subject_kind, []).append(_form(rung, answer))
    context = {
        "area": "reminders",
        "groups": [(SubjectKind(kind).label if kind else gettext("通用"), found) for kind, found in groups.items()],
        "new": _form(None, answer),
        "kinds": RungKind.choices,
        "audiences": Audience.choices,
        "letters": Letter.choices,
        "subject_kinds": SubjectKind.choices,
        "alert": answer.alert if not answer.typed else "",
    } | _load(answer)
    return render(request, "portal/ladder.html", context, status=status)


def _form(rung: Rung | None, answer: Answer) -> RungForm:
    if answer.typed and answer.rung_id == (rung.pk if rung else None):
        return RungForm(rung, answer.typed, is_open=True, faults=answer.faults, alert=answer.alert)
    if rung is None:
        return RungForm(None, {})
    counts = "working" if rung.in_working_days else "calendar"
    shown = {"kind": rung.kind, "days": str(rung.days), "audience": rung.audience, "letter": rung.letter, "counts": counts}
    return RungForm(rung, shown)


def _load(answer: Answer) -> dict[str, Any]:
    """What the thirty days hold, now and as tried; nothing before somebody asks."""
    now, wanted = answer.now, answer.wanted
    if now is None:
        return {}
    top = max((load.messages for found in (now, wanted) if found for load in found.days.values()), default=0)
    return {
        "now": now,
        "wanted": wanted,
        "chart": _bars(now, top),
        "wanted_chart": wanted and _bars(wanted, top),
        "days": [(day, load, wanted and wanted.days.get(day)) for day, load in now.days.items()],
        "sum": sum(load.messages for load in now.days.values()),
        "wanted_sum": wanted and sum(load.messages for load in wanted.days.values()),
    }


def _bars(found: Preview, top: int) -> charts.Drawing:
    columns = [Column(f"{day:%m-%d}", str(load.messages), [("col-fact", float(load.messages))]) for day, load in found.days.items()]
    return charts.columns(columns, float(top))
