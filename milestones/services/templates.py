"""Templates of the kinds of work: loaded, and edited by the administrator."""

import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common import tables
from common.actors import Actor
from common.errors import Fault, Malformed, Missing, RuleBroken, Stale
from common.recording import recording
from milestones.errors import TemplateExists
from milestones.models import Kind, Template, TemplateStep
from milestones.rules import network
from milestones.rules.network import Edge

STEPS = Path(__file__).resolve().parent.parent / "data/templates.csv"


def load(*, actor: Actor) -> int:
    """Add the templates whose codes are missing, never touch what is there; return how many are new.

    The steps are those of the field's practice; their days and weights are a proposal, to be changed by the city.
    """
    known = set(Template.objects.values_list("code", flat=True))
    rows = [row for row in tables.rows(STEPS) if row["template"] not in known]
    fresh = {row["template"]: Template(code=row["template"], name=row["template_name"]) for row in rows}
    steps = [
        TemplateStep(
            template=fresh[row["template"]],
            position=int(row["position"]),
            name=row["name"],
            kind=row["kind"],
            weight=row["weight"],
            is_key=row["is_key"] == "true",
            is_evidence_required=row["is_evidence_required"] == "true",
            after=[int(position) for position in row["after"].split()],
            lag_days=int(row["lag_days"]),
        )
        for row in rows
    ]
    with recording(actor):
        Template.objects.bulk_create(fresh.values())
        TemplateStep.objects.bulk_create(steps)
    return len(fresh)


def create_template(fields: Mapping[str, Any], *, actor: Actor) -> Template:
    """A new kind of work with its steps. Raises TemplateExists, and what `_judge` raises."""
    columns = dict(fields)
    steps = columns.pop("steps")
    _judge(steps)
    template = Template(**columns)
    with recording(actor):
        try:
            with transaction.atomic():
                template.save(force_insert=True)
        except IntegrityError as error:
            raise TemplateExists.at("code") from error
        _write_steps(template.pk, steps)
    return Template.objects.get(pk=template.pk)


def edit_template(template_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> Template:
    """Change the name, retire it or offer it again, replace its steps as a whole. What was made from it stays. Raises Missing and Stale."""
    columns = dict(changes)
    steps = columns.pop("steps", None)
    if steps is not None:
        _judge(steps)
    with recording(actor):
        template = Template.objects.select_for_update(no_key=True).filter(pk=template_id).first()
        if template is None:
            raise Missing
        if version is not None and template.version != version:
            raise Stale
        if steps is not None:
            TemplateStep.objects.filter(template=template).delete()
            _write_steps(template.pk, steps)
            columns["revision"] = F("revision") + 1
        if columns:
            Template.objects.filter(pk=template.pk).update(**columns)
    return Template.objects.get(pk=template_id)


def _write_steps(template_id: uuid.UUID, steps: Sequence[Mapping[str, Any]]) -> None:
    TemplateStep.objects.bulk_create(TemplateStep(template_id=template_id, **step) for step in steps)


def _judge(steps: Sequence[Mapping[str, Any]]) -> None:
    """Positions and names once, one start and one completion at most, predecessors that are there, no circle.

    Raises Malformed, and RuleBroken for a circle.
    """
    positions = {step["position"] for step in steps}
    seen: set[tuple[str, Any]] = set()
    faults: list[Fault] = []
    for index, step in enumerate(steps):
        ends = () if step["kind"] == Kind.OTHER else ("kind",)
        for name in ("position", "name", *ends):
            if (name, step[name]) in seen:
                faults.append(Fault(("steps", index, name), "repeated", _("只能出现一次。")))
            seen.add((name, step[name]))
        faults += [
            Fault(("steps", index, "after", place), "does_not_exist", _("没有这个顺序号的步骤。"))
            for place, position in enumerate(step["after"])
            if position not in positions
        ]
    if faults:
        raise Malformed(faults=faults)
    names: dict[Any, str] = {step["position"]: step["name"] for step in steps}
    if found := network.circle([Edge(position, step["position"], 0) for step in steps for position in step["after"]]):
        raise RuleBroken.at("steps", _("前后关系成环：%s。") % " → ".join(names[key] for key in found), "circle")
