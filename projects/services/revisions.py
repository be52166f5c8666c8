"""Corrections of months that are approved: asked for with a reason, decided by another person, and kept for ever."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from common import calendar
from common.actors import Actor
from common.decisions import RequestState, decided, require_another, require_maker, require_open
from common.errors import Conflict, InUse, Missing, RuleBroken, Stale
from common.recording import recording
from projects import parts
from projects.errors import NotMovable
from projects.models import MonthlyReport, ReportRevision, ReportState
from projects.services import filing
from projects.services.locks import lock_part, lock_project
from projects.services.reports import DECISION

REVISED = ("invested", "physical_percent", "narrative")


def revise(
    report_id: uuid.UUID, changes: Mapping[str, Any], *, reason: str, version: int | None = None, actor: Actor, today: dt.date
) -> ReportRevision:
    """Ask that an approved month say something else.

    Raises NotMovable (not approved), InUse (one waits already), RuleBroken (no reason, nothing changes) and Stale.
    """
    if not reason.strip():
        raise RuleBroken.at("reason", _("请写明修订原因。"), "required")
    with recording(actor):
        report = lock_part(MonthlyReport, report_id, version=version)
        if report.state != ReportState.APPROVED:
            raise NotMovable(_("尚未审核通过，请直接修改月报，不必修订。"), report.state, allowed=[ReportState.APPROVED])
        said = {name: getattr(report, name) for name in REVISED}
        wanted = said | {name: changes[name] for name in REVISED if name in changes}
        if wanted == said:
            raise RuleBroken.at("invested", _("与原月报相同，没有要修订的内容。"), "same")
        earlier = ReportRevision.objects.filter(report=report)
        if earlier.filter(state=RequestState.REQUESTED).exists():
            raise InUse(_("该月报已有一项修订在等待审核。"))
        assert actor.id is not None  # asked for by a person or a client, never by the system
        made = ReportRevision(
            report=report, project_id=report.project_id, number=(earlier.aggregate(last=Max("number"))["last"] or 0) + 1,
            **{f"from_{name}": value for name, value in said.items()}, **wanted, reason=reason.strip(),
            requested_by_id=actor.id, requested_by_name=actor.name,
            decision_due_on=calendar.working_days_after(today, filing.DAYS_TO_DECIDE),
        )  # fmt: skip
        made.save(force_insert=True)
    return ReportRevision.objects.get(pk=made.pk)


def approve(revision_id: uuid.UUID, *, version: int | None = None, actor: Actor, now: dt.datetime) -> ReportRevision:
    """Agree; the report's figures move in the same transaction.

    Raises SamePerson, AlreadyDecided, Stale, and Conflict where the report was sent back or corrected since the revision was asked for.
    """
    with recording(actor):
        revision, report = _locked(revision_id, version)
        require_another(revision.requested_by_id, actor)
        require_open(revision.state)
        _require_unmoved(report, revision)
        MonthlyReport.objects.filter(pk=revision.report_id).update(
            **{name: getattr(revision, name) for name in REVISED}, no_change=False, correction_reason=revision.reason
        )
        _decide(revision, RequestState.APPROVED, actor=actor, now=now)
    return ReportRevision.objects.get(pk=revision_id)


def reject(revision_id: uuid.UUID, *, note: str, version: int | None = None, actor: Actor, now: dt.datetime) -> ReportRevision:
    """Send it back with a reason. Raises SamePerson, AlreadyDecided and Stale."""
    with recording(actor):
        revision, _report = _locked(revision_id, version)
        require_another(revision.requested_by_id, actor)
        require_open(revision.state)
        _decide(revision, RequestState.REJECTED, note=note, actor=actor, now=now)
    return ReportRevision.objects.get(pk=revision_id)


def withdraw(revision_id: uuid.UUID, *, version: int | None = None, actor: Actor, now: dt.datetime) -> ReportRevision:
    """Take one's own back before it is decided. Raises Denied, AlreadyDecided and Stale."""
    with recording(actor):
        revision, _report = _locked(revision_id, version)
        require_maker(revision.requested_by_id, actor)
        require_open(revision.state)
        _decide(revision, RequestState.WITHDRAWN, actor=actor, now=now)
    return ReportRevision.objects.get(pk=revision_id)


def _require_unmoved(report: MonthlyReport, revision: ReportRevision) -> None:
    """What was agreed to is the step from the old figures to the new ones: where the old ones are gone, nobody has asked for it."""
    if report.state != ReportState.APPROVED:
        raise Conflict(_("该月报已退回重报，不能再按这项修订改数；请退回修订，重报通过后如仍需更正，再提修订。"))
    if any(getattr(report, name) != getattr(revision, f"from_{name}") for name in REVISED):
        raise Conflict(_("提出修订后月报已有更正，与修订前的内容不符；请退回修订，由提出人按现在的月报重新提出。"))


def _locked(revision_id: uuid.UUID, version: int | None) -> tuple[ReportRevision, MonthlyReport]:
    """Project, report, revision."""
    keys = ReportRevision.objects.filter(pk=revision_id).values_list("project_id", "report_id").first()
    if keys is None:
        raise Missing
    lock_project(keys[0])
    report = MonthlyReport.objects.select_for_update(no_key=True).get(pk=keys[1])
    revision = ReportRevision.objects.select_for_update(no_key=True).get(pk=revision_id)
    if version is not None and revision.version != version:
        raise Stale
    return revision, report


def _decide(revision: ReportRevision, state: str, *, actor: Actor, now: dt.datetime, note: str = "") -> None:
    ReportRevision.objects.filter(pk=revision.pk).update(**decided(state, actor=actor, now=now, note=note))
    parts.obligation_ended(DECISION, [revision.pk], reason=_("已审核"), actor=actor)
