"""What changes the plan of a project: a template, a baseline, one more milestone, and what must come before one."""

import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from common import clock
from common.errors import Conflict, DomainError
from milestones.models import Kind
from milestones.selectors.plan import Plan
from milestones.services import applying, baselines
from milestones.services import milestones as services
from milestones.services.applying import Given
from portal.forms import fields
from portal.forms import schedule as forms
from portal.forms.schedule import Line
from portal.views import tabs
from portal.views.access import SignedIn, signed_in
from portal.views.once import status_of
from portal.views.schedule.page import Open, fields_of, found_of, head, mark, may_decide, page, the_milestone


class PlanMoved(Conflict):
    """What the template would do is no longer what was shown."""

    code = "plan_moved"
    sentence = _("推算结果与刚才显示的不同，没有套用。请核对下面的新结果后再套用。")


@signed_in
@require_POST
def apply(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    """First the plan that would come of it; then, the same plan still, it is made."""
    project, found, opened = _opened(request, project_id, "template")
    shown = request.POST.get("shown", "")
    if project.may_edit and not opened.form.faults and not shown:
        return page(request, project, found, opened, status=_preview(request, project, opened))

    def act() -> str:
        applied = applying.apply_template(*_of_template(request, project, opened), actor=request.actor, today=clock.today())
        if mark(applied) != shown:
            raise PlanMoved
        return gettext("已套用模板：新增节点 %(created)s 个，补日期 %(dated)s 个。") % {
            "created": len(applied.created), "dated": len(applied.dated),
        }  # fmt: skip

    def again(alert: str, status: int) -> HttpResponse:
        opened.alert = alert
        if status == HTTPStatus.CONFLICT:
            _preview(request, project, opened)
        return page(request, project, found, opened, status=status)

    return tabs.answered(request, project, opened.form, act, again=again, to=_plan(project), is_once=True)


@signed_in
@require_POST
def keep(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    """A picture of the dates as they stand, under a name."""
    project, found, opened = _opened(request, project_id, "baseline")
    values = opened.form.values

    def act() -> str:
        kept = baselines.take(project.pk, name=values["name"], note=values.get("note", ""), actor=request.actor)
        return gettext("已存基线：%(name)s。") % {"name": kept.name}

    return _answered(request, project, found, opened, act)


@signed_in
@require_POST
def add(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    """One more milestone; a date of it is from who decides, and is its baseline."""
    project, found, opened = _opened(request, project_id, "add")
    if may_decide(request, project):
        forms.require_basis(opened.form)
    values = opened.form.values

    def act() -> str:
        columns = {"name": values["name"], "position": _position(found, values.get("place"))}
        if "due_on" in values:
            columns |= {name: values[name] for name in ("due_on", "basis", "document_no") if name in values}
        made = services.create_milestone(project.pk, columns, actor=request.actor, today=clock.today())
        return gettext("已新增节点：%(name)s。") % {"name": made.name}

    return _answered(request, project, found, opened, act)


@signed_in
@require_POST
def wait(request: SignedIn, project_id: uuid.UUID, milestone_id: uuid.UUID) -> HttpResponse:
    """What must come before one milestone, as a whole."""
    project = head(request, project_id)
    found = found_of(request, project)
    milestone = the_milestone(found, milestone_id)
    lines = forms.read_lines(request.POST, found.milestones)
    opened = Open("predecessors", lines=lines, milestone=milestone)
    if project.may_edit and "more" in request.POST:
        for line in lines.lines:
            line.fault = line.lag_fault = ""
        lines.lines.append(Line())
        return page(request, project, found, opened)

    def act() -> str:
        services.edit_milestone(milestone_id, {"depends_on": lines.items}, version=tabs.version(request), actor=request.actor)
        return gettext("已改前置节点：%(name)s。") % {"name": milestone.name}

    def again(alert: str, status: int) -> HttpResponse:
        opened.alert = alert
        return page(request, project, found, opened, status=status)

    return tabs.answered(request, project, lines, act, again=again, to=f"{_plan(project)}#{milestone_id}")


def _opened(request: SignedIn, project_id: uuid.UUID, name: str) -> tuple[Any, Plan, Any]:
    project = head(request, project_id)
    found = found_of(request, project)
    return project, found, Open(name, fields.read(request.POST, fields_of(request, project, found, name), today=clock.today()))


def _answered(request: SignedIn, project: Any, found: Plan, opened: Open, act: Callable[[], str]) -> HttpResponse:
    def again(alert: str, status: int) -> HttpResponse:
        opened.alert = alert
        return page(request, project, found, opened, status=status)

    return tabs.answered(request, project, opened.form, act, again=again, to=_plan(project), is_once=True)


def _plan(project: Any) -> str:
    return reverse("project-milestones", args=[project.pk])


def _preview(request: SignedIn, project: Any, opened: Any) -> int:
    """Put the plan into the form, or what stands against it; the status of the page."""
    try:
        opened.applied = applying.preview_template(*_of_template(request, project, opened), actor=request.actor, today=clock.today())
    except DomainError as refusal:
        sides = dict(forms.SIDES)
        refusal.faults = [fault._replace(path=("day",)) if fault.path[-1] in sides else fault for fault in refusal.faults]
        if not opened.form.refuse(refusal):
            opened.alert = str(refusal.faults[0].detail if refusal.faults else refusal.detail)
        return status_of(refusal)
    return 200


def _of_template(request: SignedIn, project: Any, opened: Any) -> tuple[uuid.UUID, uuid.UUID, Given]:
    values = opened.form.values
    said = {name: values[name] for name in ("basis", "document_no") if name in values}
    days = {values["side"]: values["day"]}
    return project.pk, uuid.UUID(values["template"]), Given(is_due=may_decide(request, project), **days, **said)


def _position(found: Plan, place: str | None) -> int:
    """Behind the milestone that was named, else before the completion: of one position the younger stands behind."""
    if place is not None:
        return int(the_milestone(found, uuid.UUID(place)).position)
    end = next((row.position for row in found.milestones if row.kind == Kind.COMPLETION), 0)
    return max((row.position for row in found.milestones if row.position < end), default=0)
