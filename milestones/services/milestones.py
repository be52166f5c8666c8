"""Every change of a milestone: created, dated, achieved, reopened, edited. Forecasts stand in `forecasts`."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Denied, Fault, FutureDate
from common.recording import recording
from milestones.errors import AlreadyAchieved, AlreadyDated, NotAchieved
from milestones.models import Kind, Milestone
from milestones.rules import lateness
from milestones.services import achieving, date_changes, dependencies
from milestones.services.sense import require_sense
from projects.services.locks import lock_part, lock_project, lock_projects
from reminders.lifecycle import SubjectKind
from reminders.services import settlement

ENDS = [(Kind.START, "开工", 0), (Kind.COMPLETION, "竣工", 1000)]


def create_ends(project_ids: list[uuid.UUID]) -> None:
    """Give new projects their start and completion milestones, undated. Runs inside the caller's transaction."""
    Milestone.objects.bulk_create(
        Milestone(project_id=project_id, kind=kind, name=name, position=position, is_key=True)
        for project_id in project_ids
        for kind, name, position in ENDS
    )


def create_milestone(project_id: uuid.UUID, fields: Mapping[str, Any], *, actor: Actor, today: dt.date) -> Milestone:
    """Add a milestone of kind other. A due date given with it is its baseline. Raises RuleBroken for an absurd one."""
    if fields.get("due_on") is not None:
        require_sense(fields["due_on"], field="due_on", today=today)
    with recording(actor):
        lock_project(project_id)
        milestone = Milestone(project_id=project_id, kind=Kind.OTHER, **fields)
        milestone.baseline_on = milestone.due_on
        milestone.save(force_insert=True)
    return Milestone.objects.get(pk=milestone.pk)


def edit_milestone(
    milestone_id: uuid.UUID, changes: Mapping[str, Any], *, may_decide: bool = False, version: int | None, actor: Actor
) -> Milestone:
    """Change name, position, weight, key, note, the need of evidence or the predecessors (`depends_on`). Dates move by calls of their own.

    Raises what `dependencies.replace` raises, and Denied where evidence shall no longer be needed unless the actor `may_decide`.
    """

    def edited(milestone: Milestone) -> Mapping[str, Any]:
        columns = dict(changes)
        if milestone.is_evidence_required and not columns.get("is_evidence_required", True) and not may_decide:
            sentence = _("只有审核人可以免除佐证要求。")
            raise Denied(sentence, faults=[Fault(("is_evidence_required",), Denied.code, sentence)])
        wanted = columns.pop("depends_on", None)
        if wanted is not None and dependencies.replace(milestone, wanted):
            columns["dependency_revision"] = F("dependency_revision") + 1
        return columns

    return change(milestone_id, edited, version=version, actor=actor)


def lock_projects_of(milestone_ids: list[uuid.UUID]) -> None:
    """Lock the projects of many milestones in id order, before the first of them is changed."""
    lock_projects(Milestone.objects.filter(pk__in=milestone_ids).values_list("project_id", flat=True))


def set_first_date(
    milestone_id: uuid.UUID, *, due_on: dt.date, basis: str, document_no: str = "", version: int | None = None, actor: Actor, today: dt.date
) -> Milestone:
    """Date an undated milestone: baseline and due.

    Raises AlreadyDated (later moves need an approved date change) and RuleBroken for an absurd day: a baseline is never mended.
    """
    require_sense(due_on, field="due_on", today=today)

    def dated(milestone: Milestone) -> Mapping[str, Any]:
        if milestone.due_on is not None:
            raise AlreadyDated
        return {"baseline_on": due_on, "due_on": due_on, "basis": basis, "document_no": document_no}

    return change(milestone_id, dated, version=version, actor=actor)


def achieve(
    milestone_id: uuid.UUID,
    *,
    on: dt.date,
    note: str = "",
    evidence: Sequence[uuid.UUID] = (),
    override_reason: str = "",
    version: int | None = None,
    actor: Actor,
    today: dt.date,
) -> Milestone:
    """Record that a milestone happened. In the same transaction its pending reminders are cancelled and an open request to move
    its date is withdrawn.

    `override_reason` lets it stand before its predecessors; only who may decide gives one, which the door judges.
    Raises FutureDate, AlreadyAchieved, PredecessorOpen, and RuleBroken for evidence, an absurd day and one before a predecessor's.
    """
    if on > today:
        raise FutureDate.at("on", _("完成日期不能晚于今天。"), FutureDate.code)
    require_sense(on, field="on", today=today)

    def achieved(milestone: Milestone) -> Mapping[str, Any]:
        if milestone.achieved_on is not None:
            raise AlreadyAchieved(achieved_on=milestone.achieved_on.isoformat())
        if not override_reason:
            achieving.require_order(milestone, on)
        achieving.attach(milestone, evidence)
        return {"achieved_on": on, "reported_on": today, "override_reason": override_reason} | ({"note": note} if note else {})

    with recording(actor):
        milestone = change(milestone_id, achieved, version=version, actor=actor)
        settlement.cancel(SubjectKind.MILESTONE, [milestone_id], reason="已完成", actor=actor)
        date_changes.withdraw_of_achieved(milestone_id, actor=actor)
    return milestone


def reopen(
    milestone_id: uuid.UUID, *, reason: str, may_decide: bool = False, version: int | None = None, actor: Actor, today: dt.date
) -> Milestone:
    """Take an achievement back. The earlier one stays in history, and what was late stays late.

    Raises NotAchieved, and SuccessorsAchieved unless the actor `may_decide`.
    """

    def reopened(milestone: Milestone) -> Mapping[str, Any]:
        if milestone.achieved_on is None:
            raise NotAchieved
        if not may_decide:
            achieving.require_no_follower(milestone)
        missed = lateness.missed_on(
            due_on=milestone.due_on, achieved_on=milestone.achieved_on, missed_due_on=milestone.missed_due_on, today=today
        )
        return {"achieved_on": None, "reported_on": None, "missed_due_on": missed, "reopen_reason": reason, "override_reason": ""}

    return change(milestone_id, reopened, version=version, actor=actor)


def change(milestone_id: uuid.UUID, changes: Any, *, version: int | None, actor: Actor) -> Milestone:
    """Lock the project, then the milestone; ask for the changes of the row as it stands; write them."""
    with recording(actor):
        columns = changes(lock_part(Milestone, milestone_id, version=version))
        if columns:
            Milestone.objects.filter(pk=milestone_id).update(**columns)
    return Milestone.objects.get(pk=milestone_id)
