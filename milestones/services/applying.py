"""Making a project's plan from a template: forwards from a start, or backwards from a completion."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Missing, RuleBroken
from common.recording import recording
from milestones.models import Basis, Dependency, Kind, Milestone, Template, TemplateStep
from milestones.rules import network
from milestones.rules.network import Edge
from milestones.services.dependencies import edge_of, require_no_circle
from milestones.services.milestones import ENDS
from milestones.services.sense import require_sense
from projects.services.locks import lock_project

BORN_AT = {kind: position for kind, _name, position in ENDS}


@dataclass(frozen=True)
class Given:
    """The one day that is given, and what a date of it is worth: `is_due` makes baselines and due dates, else forecasts."""

    starts_on: dt.date | None = None
    completes_on: dt.date | None = None
    is_due: bool = False
    basis: str = Basis.ESTIMATE
    document_no: str = ""

    @property
    def side(self) -> str:
        return "starts_on" if self.completes_on is None else "completes_on"

    @property
    def day(self) -> dt.date:
        day = self.completes_on or self.starts_on
        assert day is not None
        return day


@dataclass
class Applied:
    """What came of it: items of {milestone, name, on, date: due_on | forecast_on | None}; of those skipped why: dated, achieved, past."""

    created: list[dict[str, Any]] = field(default_factory=list)
    dated: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)


def preview_template(project_id: uuid.UUID, template_id: uuid.UUID, given: Given, *, actor: Actor, today: dt.date) -> Applied:
    """What `apply_template` would do; nothing is changed. Raises what it raises."""
    with transaction.atomic():
        applied = apply_template(project_id, template_id, given, actor=actor, today=today)
        transaction.set_rollback(True)
    return applied


def apply_template(project_id: uuid.UUID, template_id: uuid.UUID, given: Given, *, actor: Actor, today: dt.date) -> Applied:
    """Add the milestones that are not there by name, date those without a date, link them. A second time adds nothing.

    Start and completion are the project's own, whatever they are called. Raises Missing, RuleBroken for a retired template,
    for a day that leads to absurd ones, and for a circle with what was linked before.
    """
    with recording(actor):
        lock_project(project_id)
        template = Template.objects.filter(pk=template_id).first()
        if template is None:
            raise Missing
        if template.is_retired:
            raise RuleBroken.at("template", _("该模板已停用，请另选一个。"))
        steps = list(TemplateStep.objects.filter(template=template).order_by("position"))
        days = _days(steps, given)
        for day in (given.day, *days.values()):
            require_sense(day, field=given.side, today=today)
        present = list(Milestone.objects.filter(project_id=project_id).order_by("pk").select_for_update(no_key=True))
        ends = {row.kind: row for row in present if row.kind != Kind.OTHER}
        others = {row.name: row for row in present if row.kind == Kind.OTHER}
        applied = Applied()
        placed: dict[int, Milestone] = {}
        for step in steps:
            row = others.get(step.name) if step.kind == Kind.OTHER else ends.get(step.kind)
            placed[step.position] = _place(step, row, days[step.position], project_id, given, today, applied)
        _link(project_id, steps, placed)
    return applied


def _days(steps: list[TemplateStep], given: Given) -> dict[int, dt.date]:
    """The day of each step by its position. Without a step of the kind in question the first or the last one stands for it."""
    keys: list[Any] = [step.position for step in steps]
    edges = [Edge(position, step.position, step.lag_days) for step in steps for position in step.after]  # type: ignore[arg-type]  # positions stand for ids
    backwards = given.completes_on is not None
    offsets: dict[Any, int] = network.offsets(keys, edges, backwards=backwards)
    anchor = {step.kind: offsets[step.position] for step in steps}.get(Kind.COMPLETION if backwards else Kind.START, 0)
    return {key: network.days_after(given.day, offset - anchor) for key, offset in offsets.items()}


def _place(
    step: TemplateStep, present: Milestone | None, day: dt.date, project_id: uuid.UUID, given: Given, today: dt.date, applied: Applied
) -> Milestone:
    """The milestone of a step: the one that is there, dated if it has no date, or a new one."""
    columns = {} if present is not None and _why_not(present, given) else _dates(day, given, today)
    name = present.name if present else step.name
    item = {"milestone": None, "name": name, "on": day, "date": next((key for key in ("due_on", "forecast_on") if key in columns), None)}
    if present is None:
        marks = {key: getattr(step, key) for key in ("name", "position", "weight", "is_key", "is_evidence_required")}
        made = Milestone(project_id=project_id, kind=Kind.OTHER, **marks, **columns)
        made.save(force_insert=True)
        applied.created.append(item | {"milestone": made.pk})
        return made
    if columns:
        applied.dated.append(item | {"milestone": present.pk})
    else:
        applied.skipped.append(item | {"milestone": present.pk, "why": _why_not(present, given) or "past"})
    if filled := columns | _marks(step, present):
        Milestone.objects.filter(pk=present.pk).update(**filled)
    return present


def _why_not(row: Milestone, given: Given) -> str:
    """Why a milestone is not dated: it happened, or somebody has said a day already."""
    if row.achieved_on is not None:
        return "achieved"
    is_dated = row.due_on is not None or (row.forecast_on is not None and not given.is_due)
    return "dated" if is_dated else ""


def _dates(day: dt.date, given: Given, today: dt.date) -> dict[str, Any]:
    """An approver's day is baseline and due date; another's is a forecast, which is never of a day that has passed."""
    if given.is_due:
        return {"baseline_on": day, "due_on": day, "basis": given.basis, "document_no": given.document_no}
    return {"forecast_on": day, "forecast_reason": _("按节点模板推算")} if day >= today else {}


def _marks(step: TemplateStep, row: Milestone) -> dict[str, Any]:
    """What the ends of a project lack: a weight, the need of evidence, their place among the others."""
    if row.kind == Kind.OTHER:
        return {}
    marks: dict[str, Any] = {}
    if row.weight is None and step.weight is not None:
        marks["weight"] = step.weight
    if step.is_evidence_required and not row.is_evidence_required:
        marks["is_evidence_required"] = True
    if row.position == BORN_AT[Kind(row.kind)] and row.position != step.position:
        marks["position"] = step.position
    return marks


def _link(project_id: uuid.UUID, steps: list[TemplateStep], placed: Mapping[int, Milestone]) -> None:
    """What must come before what, where it is not said already."""
    present = [edge_of(row) for row in Dependency.objects.filter(project_id=project_id)]
    pairs = {(edge.before, edge.after) for edge in present}
    fresh = [
        Edge(placed[position].pk, placed[step.position].pk, step.lag_days)
        for step in steps
        for position in step.after
        if (placed[position].pk, placed[step.position].pk) not in pairs
    ]
    names = dict(Milestone.objects.filter(project_id=project_id).values_list("pk", "name"))
    require_no_circle([*present, *fresh], names, field="template")
    Dependency.objects.bulk_create(
        Dependency(project_id=project_id, before_id=edge.before, after_id=edge.after, lag_days=edge.lag_days) for edge in fresh
    )
