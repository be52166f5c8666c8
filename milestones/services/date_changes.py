"""A due date moves by a request that another person approves, and by nothing else."""

import datetime as dt
import uuid

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from common import calendar
from common.actors import Actor
from common.decisions import RequestState, decided, require_another, require_maker, require_open
from common.errors import Conflict, RuleBroken
from common.recording import recording
from milestones.errors import AlreadyAchieved, AlreadyAsked
from milestones.models import Cause, DateChange, Milestone
from milestones.rules import lateness
from milestones.selectors.impact import impact
from milestones.services.sense import require_sense
from projects.models import Evidence
from projects.services.locks import lock_part
from reminders.lifecycle import SubjectKind
from reminders.services import settlement

DECIDED_WITHIN = 2  # working days: approvals do not rot


def ask(
    milestone_id: uuid.UUID,
    *,
    to_on: dt.date,
    reason: str,
    cause: str = Cause.OTHER,
    document_no: str = "",
    document_id: uuid.UUID | None = None,
    version: int | None = None,
    actor: Actor,
    today: dt.date,
) -> DateChange:
    """Ask for another due date. What it would bring about is judged now and kept.

    Raises AlreadyAchieved, AlreadyAsked, and RuleBroken for a milestone without a date, a day that is no move or an absurd one,
    and a document that is not the project's.
    """
    with recording(actor):
        milestone = lock_part(Milestone, milestone_id, version=version)
        from_on = _movable(milestone)
        if to_on == from_on:
            raise RuleBroken.at("to_on", _("与现在的应完成日期相同，没有调整。请填写新的日期。"), "unchanged")
        require_sense(to_on, field="to_on", today=today, from_on=from_on)
        if document_id is not None and not Evidence.objects.filter(pk=document_id, project_id=milestone.project_id).exists():
            raise RuleBroken.at("document", _("本项目没有这个文件，请先上传到本项目。"), "does_not_exist")
        assert actor.id is not None  # a date is asked for by a person or a client, never by the system
        change = DateChange.objects.create(
            project_id=milestone.project_id,
            milestone=milestone,
            from_on=from_on,
            to_on=to_on,
            cause=cause,
            reason=reason,
            document_no=document_no,
            document_id=document_id,
            impact=[effect.stored() for effect in impact(milestone, to_on, today=today)],
            decision_due_on=calendar.working_days_after(today, DECIDED_WITHIN),
            requested_by_id=actor.id,
            requested_by_name=actor.name,
        )
    return DateChange.objects.get(pk=change.pk)


def approve(
    change_id: uuid.UUID, *, note: str = "", version: int | None = None, actor: Actor, today: dt.date, now: dt.datetime
) -> DateChange:
    """Agree: the due date moves, the baseline never; a date that had passed unachieved is kept, so that what was late stays late.

    Raises SamePerson, AlreadyDecided, Stale, AlreadyAchieved, and Conflict when the date is no longer the one that was to move.
    """
    with recording(actor):
        change = _lock(change_id, version)
        require_another(change.requested_by_id, actor)
        require_open(change.state)
        milestone = Milestone.objects.select_for_update(no_key=True).get(pk=change.milestone_id)
        if milestone.achieved_on is not None:
            raise AlreadyAchieved(achieved_on=milestone.achieved_on.isoformat())
        if milestone.due_on != change.from_on:
            raise Conflict(_("申请后应完成日期已变动，请退回，由申请人按现在的日期重新申请。"))
        missed = lateness.missed_on(due_on=milestone.due_on, achieved_on=None, missed_due_on=milestone.missed_due_on, today=today)
        Milestone.objects.filter(pk=milestone.pk).update(due_on=change.to_on, missed_due_on=missed)
        settlement.cancel(SubjectKind.MILESTONE, [milestone.pk], reason="应完成日期已调整", actor=actor)
        _decide(change, RequestState.APPROVED, note=note, actor=actor, now=now)
    return DateChange.objects.get(pk=change_id)


def reject(change_id: uuid.UUID, *, note: str, version: int | None = None, actor: Actor, now: dt.datetime) -> DateChange:
    """Send it back with a reason. Raises SamePerson, AlreadyDecided and Stale."""
    with recording(actor):
        change = _lock(change_id, version)
        require_another(change.requested_by_id, actor)
        require_open(change.state)
        _decide(change, RequestState.REJECTED, note=note, actor=actor, now=now)
    return DateChange.objects.get(pk=change_id)


def withdraw(change_id: uuid.UUID, *, note: str = "", version: int | None = None, actor: Actor, now: dt.datetime) -> DateChange:
    """Take one's own request back before it is decided. Raises Denied, AlreadyDecided and Stale."""
    with recording(actor):
        change = _lock(change_id, version)
        require_maker(change.requested_by_id, actor)
        require_open(change.state)
        _decide(change, RequestState.WITHDRAWN, note=note, actor=actor, now=now)
    return DateChange.objects.get(pk=change_id)


def withdraw_of_achieved(milestone_id: uuid.UUID, *, actor: Actor) -> None:
    """The open request of a milestone that was achieved has lost its object. Runs under the lock of the project."""
    change = DateChange.objects.filter(milestone_id=milestone_id, state=RequestState.REQUESTED).select_for_update(no_key=True).first()
    if change is not None:
        _decide(change, RequestState.WITHDRAWN, note=_("节点已报完成，申请自动撤回。"), actor=actor, now=Now())


def _movable(milestone: Milestone) -> dt.date:
    """The date that may be asked to move."""
    if milestone.achieved_on is not None:
        raise AlreadyAchieved(achieved_on=milestone.achieved_on.isoformat())
    if milestone.due_on is None:
        raise RuleBroken.at("milestone", _("该节点尚未定日期，无从调整；请由审核人定首个日期（first-date）。"), "undated")
    first = DateChange.objects.filter(milestone=milestone, state=RequestState.REQUESTED).first()
    if first is not None:
        raise AlreadyAsked(first.pk, by=first.requested_by_name, at=first.created_at, to_on=first.to_on)
    return milestone.due_on


def _lock(change_id: uuid.UUID, version: int | None) -> DateChange:
    return lock_part(DateChange, change_id, version=version)


def _decide(change: DateChange, state: str, *, note: str, actor: Actor, now: dt.datetime | Now) -> None:
    columns = decided(state, actor=actor, now=now, note=note)
    DateChange.objects.filter(pk=change.pk).update(**columns)
    settlement.cancel(SubjectKind.DATE_CHANGE, [change.pk], reason=str(RequestState(state).label), actor=actor)
