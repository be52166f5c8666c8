"""问题: what stands in a project's way, by when who removes it, and the acts on each in its place."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from common import clock
from common.ids import uuid7
from portal.forms import fields
from portal.forms import problems as forms
from portal.forms.fields import Form
from portal.views import tabs
from portal.views.access import SignedIn, signed_in
from projects.models import Evidence, Problem, ProblemState
from projects.selectors.problems import problems as seen
from projects.services import problems as services

SOON = 3  # days before the term from which the lamp is amber, as reminders begin
FORMS = {"close": forms.CLOSE, "edit": forms.EDIT, "reopen": forms.REOPEN, "new": forms.NEW}
WORDS = {
    "close": gettext_lazy("销号"), "edit": gettext_lazy("保存"), "reopen": gettext_lazy("恢复办理"), "new": gettext_lazy("登记问题"),
}  # fmt: skip
ORDER = {ProblemState.OPEN: 0, ProblemState.WORKING: 0, ProblemState.ON_HOLD: 1, ProblemState.CLOSED: 2}


@dataclass(frozen=True)
class Open:
    """The form that stands open: its name, the problem it is about (none for a new one), and what is wrong with it as a whole."""

    name: str
    key: uuid.UUID | None
    form: Form
    alert: str = ""
    kept: Sequence[Evidence] = ()

    @property
    def press(self) -> Any:
        return WORDS[self.name]


@signed_in
@require_GET
def problems(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    project = tabs.head(request, project_id)
    rows = _rows(request, project)
    return _page(request, project, _wished(request, rows) if project.may_edit else None, rows=rows)


@signed_in
@require_POST
def new(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    """Put a problem on the list."""
    project = tabs.head(request, project_id)
    today = clock.today()
    form = fields.read(request.POST, forms.NEW, today=today)

    def act() -> str:
        services.raise_problem(form.values | {"project": project}, actor=request.actor, today=today)
        return gettext("已登记问题。")

    return _answered(request, project, "new", None, form, act)


@signed_in
@require_POST
def close(request: SignedIn, problem_id: uuid.UUID) -> HttpResponse:
    """It is solved."""
    problem, project = _found(request, problem_id)
    today = clock.today()
    form = fields.read(request.POST, forms.CLOSE, today=today)
    kept = tabs.proof(request, project, form)
    evidence = next(iter(kept), None)

    def act() -> str:
        services.close_problem(
            problem_id, on=form.values["on"], note=form.values.get("note", ""), evidence=evidence, version=tabs.version(request),
            actor=request.actor, today=today,
        )  # fmt: skip
        return gettext("已销号。")

    return _answered(request, project, "close", problem.pk, form, act, kept)


@signed_in
@require_POST
def edit(request: SignedIn, problem_id: uuid.UUID) -> HttpResponse:
    """How it is worked on, by when, or why not for now."""
    problem, project = _found(request, problem_id)
    today = clock.today()
    form = fields.read(request.POST, forms.EDIT, today=today)

    def act() -> str:
        changes = {field.name: form.values.get(field.name, "") for field in forms.EDIT}
        services.edit_problem(problem_id, changes, version=tabs.version(request), actor=request.actor, today=today)
        return gettext("已保存。")

    return _answered(request, project, "edit", problem.pk, form, act)


@signed_in
@require_POST
def reopen(request: SignedIn, problem_id: uuid.UUID) -> HttpResponse:
    """It is not solved after all."""
    problem, project = _found(request, problem_id)
    form = fields.read(request.POST, forms.REOPEN, today=clock.today())

    def act() -> str:
        services.reopen_problem(problem_id, reason=form.values["reason"], version=tabs.version(request), actor=request.actor)
        return gettext("已恢复，重新列入清单。")

    return _answered(request, project, "reopen", problem.pk, form, act)


def _answered(
    request: SignedIn, project: Any, name: str, key: uuid.UUID | None, form: Form, act: Any, kept: Sequence[Evidence] = ()
) -> HttpResponse:
    def again(alert: str, status: int) -> HttpResponse:
        return _page(request, project, Open(name, key, form, alert, kept), status=status)

    anchor = f"#{key}" if key else ""
    to = reverse("project-problems", args=[project.pk]) + anchor
    return tabs.answered(request, project, form, act, again=again, to=to, is_once=name == "new")


def _found(request: SignedIn, problem_id: uuid.UUID) -> tuple[Problem, Any]:
    problem = seen(request.actor, today=clock.today()).filter(pk=problem_id).first()
    if problem is None:
        raise Http404
    return problem, tabs.head(request, problem.project_id)


def _wished(request: SignedIn, rows: list[Any]) -> Open | None:
    """The form that the address asks for: of one problem, closing it unless another is named; or of a new one."""
    wish, name = request.GET.get("open", ""), request.GET.get("form", "")
    today = clock.today()
    if wish == "new":
        return Open("new", None, fields.empty(forms.NEW, {"raised_on": today.isoformat()}))
    problem = next((row for row in rows if str(row.pk) == wish), None)
    if problem is None:
        return None
    if problem.state == ProblemState.CLOSED:
        name = "reopen"
    elif name != "edit":
        name = "close"
    known = {field.name: str(getattr(problem, field.name, "") or "") for field in FORMS[name]} | {"on": today.isoformat()}
    return Open(name, problem.pk, fields.empty(FORMS[name], known))


def _rows(request: SignedIn, project: Any) -> list[Any]:
    """What is pressing by its term, then what is on hold, then what is closed."""
    rows = seen(request.actor, today=clock.today()).filter(project=project).select_related("office", "closing_evidence")
    return sorted(rows.order_by("due_on", "id"), key=lambda row: ORDER[ProblemState(row.state)])


def _page(request: SignedIn, project: Any, opened: Open | None, *, rows: list[Any] | None = None, status: int = 200) -> HttpResponse:
    today = clock.today()
    shown = _rows(request, project) if rows is None else rows
    for row in shown:
        row.anchor, row.lamp = str(row.pk), _lamp(row, today)
        row.opened = opened if opened is not None and opened.key == row.pk else None
    closed = [row for row in shown if row.state == ProblemState.CLOSED]
    context = {
        "area": "projects",
        "tab": "problems",
        "project": project,
        "today": today,
        "opened": opened,
        "pressing": shown[: len(shown) - len(closed)],
        "closed": sorted(closed, key=lambda row: row.closed_on, reverse=True),
        "late": sum(row.overdue_days > 0 for row in shown),
        "key": str(uuid7()),
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
    }
    return render(request, "portal/problems.html", context, status=status)


def _lamp(row: Any, today: dt.date) -> str:
    if row.state == ProblemState.CLOSED:
        return "green"
    if row.overdue_days:
        return "red"
    return "amber" if row.state != ProblemState.ON_HOLD and (row.due_on - today).days <= SOON else "grey"
