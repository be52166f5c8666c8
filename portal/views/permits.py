"""手续: the sixteen permits of a project, how each stands, and the acts on it in its row."""

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
from portal.forms import fields
from portal.forms import problems as forms
from portal.forms.fields import Form
from portal.views import tabs
from portal.views.access import SignedIn, signed_in
from projects.models import Evidence, Permit, PermitKind, PermitState
from projects.selectors.problems import permits as seen
from projects.services import permits as services

FORMS = {"complete": forms.COMPLETE, "edit": forms.PERMIT_EDIT}
WORDS = {"complete": gettext_lazy("报办结"), "edit": gettext_lazy("保存")}
UNFINISHED = (PermitState.NOT_STARTED, PermitState.IN_PROGRESS)


@dataclass(frozen=True)
class Open:
    """The form that stands open, the kind of permit it is about, and what is wrong with it as a whole."""

    name: str
    kind: str
    form: Form
    alert: str = ""
    kept: Sequence[Evidence] = ()

    @property
    def press(self) -> Any:
        return WORDS[self.name]


@signed_in
@require_GET
def permits(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    project = tabs.head(request, project_id)
    return _page(request, project, None, wish=request.GET.get("open", ""), name=request.GET.get("form", ""))


@signed_in
@require_POST
def complete(request: SignedIn, project_id: uuid.UUID, kind: str) -> HttpResponse:
    """It was granted: the day, the number, the document."""
    project, today = _of(request, project_id, kind), clock.today()
    form = fields.read(request.POST, forms.COMPLETE, today=today)
    kept = tabs.proof(request, project, form)
    evidence = next(iter(kept), None)

    def act() -> str:
        row = _row(project, kind) or services.list_permit({"project": project, "kind": kind}, actor=request.actor)
        services.complete_permit(
            row.pk, on=form.values["on"], number=form.values.get("number", ""), evidence=evidence, version=tabs.version(request),
            actor=request.actor, today=today,
        )  # fmt: skip
        return gettext("已报办结：%(permit)s。") % {"permit": PermitKind(kind).label}

    return _answered(request, project, "complete", kind, form, act, kept)


@signed_in
@require_POST
def edit(request: SignedIn, project_id: uuid.UUID, kind: str) -> HttpResponse:
    """How it stands, with whom, and by when; one without a row is put on the list."""
    project = _of(request, project_id, kind)
    form = fields.read(request.POST, forms.PERMIT_EDIT, today=clock.today())

    def act() -> str:
        changes = {field.name: form.values.get(field.name, "") for field in forms.PERMIT_EDIT} | {"due_on": form.values.get("due_on")}
        row = _row(project, kind)
        if row is None:
            services.list_permit(changes | {"project": project, "kind": kind}, actor=request.actor)
        else:
            services.edit_permit(row.pk, changes, version=tabs.version(request), actor=request.actor)
        return gettext("已保存：%(permit)s。") % {"permit": PermitKind(kind).label}

    return _answered(request, project, "edit", kind, form, act)


def _answered(request: SignedIn, project: Any, name: str, kind: str, form: Form, act: Any, kept: Sequence[Evidence] = ()) -> HttpResponse:
    def again(alert: str, status: int) -> HttpResponse:
        return _page(request, project, Open(name, kind, form, alert, kept), status=status)

    row = _row(project, kind)
    to = f"{reverse('project-permits', args=[project.pk])}#{row.pk if row else kind}"
    return tabs.answered(request, project, form, act, again=again, to=to)


def _of(request: SignedIn, project_id: uuid.UUID, kind: str) -> Any:
    if kind not in PermitKind.values:
        raise Http404
    return tabs.head(request, project_id)


def _row(project: Any, kind: str) -> Permit | None:
    return Permit.objects.filter(project=project, kind=kind).first()


def _page(request: SignedIn, project: Any, opened: Open | None, *, wish: str = "", name: str = "", status: int = 200) -> HttpResponse:
    known = {row.kind: row for row in seen(request.actor, today=clock.today()).filter(project=project).select_related("evidence")}
    rows: list[Any] = []
    for kind in PermitKind:
        row = known.get(kind) or Permit(project=project, kind=kind, version=0)
        row.anchor = str(row.pk) if kind in known else kind.value
        row.late = getattr(row, "overdue_days", 0)
        row.lamp = "green" if row.state == PermitState.DONE else "grey"
        row.is_owed = row.state in UNFINISHED
        rows.append(row)
    if wish and project.may_edit:
        opened = next((_opened(row, name) for row in rows if wish in (row.anchor, row.kind)), None)
    context = {
        "area": "projects",
        "tab": "permits",
        "project": project,
        "rows": [(row, opened if opened is not None and opened.kind == row.kind else None) for row in rows],
        "done": sum(row.state == PermitState.DONE for row in rows),
        "needed": sum(row.state != PermitState.NOT_APPLICABLE for row in rows),
        "late": sum(row.late > 0 for row in rows),
        "next": request.POST.get("next", "") or request.GET.get("next", ""),
    }
    return render(request, "portal/permits.html", context, status=status)


def _opened(row: Any, name: str) -> Open:
    """The form of a row: completing it unless another is named, or it is done or not needed."""
    name = "edit" if name == "edit" or not row.is_owed else "complete"
    known = {field.name: str(getattr(row, field.name, None) or "") for field in FORMS[name]}
    if row.state == PermitState.DONE:
        known["state"] = PermitState.IN_PROGRESS
    return Open(name, row.kind, fields.empty(FORMS[name], known | {"on": clock.today().isoformat()}))
