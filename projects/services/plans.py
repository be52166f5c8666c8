"""Yearly plans: drafted, submitted, sent back, approved, and revised as a new revision beside the old ones."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common import calendar
from common.actors import Actor
from common.errors import RuleBroken
from common.recording import recording
from projects import parts, rules
from projects.errors import NotMovable, PlanTaken
from projects.models import Plan, ReportState
from projects.services import filing
from projects.services.locks import lock_part, lock_project, lock_projects
from projects.services.reports import BATCH, DECISION, REPORT

WRITTEN = ("investment", "monthly", "content")


def enter_plans(rows: Collection[Mapping[str, Any]], *, actor: Actor) -> None:
    """Enter plans as their source states them, approved unless a row says otherwise. Whole or not at all (IntegrityError)."""
    with recording(actor):
        lock_projects(row["project_id"] for row in rows)
        Plan.objects.bulk_create([Plan(**{"state": ReportState.APPROVED, **row}) for row in rows], batch_size=BATCH)


def create_plan(fields: Mapping[str, Any], *, actor: Actor) -> Plan:
    """The first plan of a project and year, as a draft. Raises RuleBroken and PlanTaken."""
    plan = Plan(**fields)
    if not rules.FIRST_YEAR <= plan.year <= rules.LAST_YEAR:
        years = {"first": rules.FIRST_YEAR, "last": rules.LAST_YEAR}
        raise RuleBroken.at("year", _("年度须在 %(first)s 到 %(last)s 之间。") % years)
    with recording(actor):
        project = lock_project(plan.project_id)
        if project.is_package:
            raise RuleBroken.at("project", _("打包项目不编年度计划，请在子项目上编制。"))
        _require_no_other(Plan.objects.filter(project_id=plan.project_id, year=plan.year))
        _insert(plan)
    return Plan.objects.get(pk=plan.pk)


def edit_plan(plan_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> Plan:
    """Change a draft or what was sent back. Raises NotMovable and Stale."""
    with recording(actor):
        plan = lock_part(Plan, plan_id, version=version)
        filing.require_movable(plan)
        if changes:
            Plan.objects.filter(pk=plan.pk).update(**dict(changes))
    return Plan.objects.get(pk=plan_id)


def submit(
    plan_id: uuid.UUID,
    changes: Mapping[str, Any] | None = None,
    *,
    version: int | None = None,
    actor: Actor,
    today: dt.date,
    now: dt.datetime,
) -> Plan:
    """File a plan for approval. Raises NotMovable, Stale, and RuleBroken when the months are not the year."""
    with recording(actor):
        plan = lock_part(Plan, plan_id, version=version)
        filing.require_movable(plan)
        for name, value in (changes or {}).items():
            setattr(plan, name, value)
        _require_sum(plan.monthly, plan.investment)
        written = {name: getattr(plan, name) for name in WRITTEN}
        Plan.objects.filter(pk=plan.pk).update(**written, **filing.submitted(actor=actor, today=today, now=now))
        parts.obligation_ended(REPORT, [plan.pk], reason=_("年度计划已报送"), actor=actor)
    return Plan.objects.get(pk=plan_id)


def approve(plan_id: uuid.UUID, *, version: int | None = None, actor: Actor, now: dt.datetime) -> Plan:
    """Agree; from now on this revision counts. Raises SamePerson, NotMovable, AlreadyDecided and Stale."""
    with recording(actor):
        plan = lock_part(Plan, plan_id, version=version)
        filing.require_submitted(plan, actor)
        Plan.objects.filter(pk=plan.pk).update(**filing.decided(ReportState.APPROVED, actor=actor, now=now))
        parts.obligation_ended(DECISION, [plan.pk], reason=_("已审核"), actor=actor)
    return Plan.objects.get(pk=plan_id)


def send_back(plan_id: uuid.UUID, *, reason: str, version: int | None = None, actor: Actor, today: dt.date, now: dt.datetime) -> Plan:
    """Send a plan back to be corrected within two working days.

    Raises RuleBroken (no reason), SamePerson, NotMovable, AlreadyDecided and Stale.
    """
    reason = filing.require_reason(reason)
    with recording(actor):
        plan = lock_part(Plan, plan_id, version=version)
        filing.require_submitted(plan, actor)
        Plan.objects.filter(pk=plan.pk).update(
            **filing.decided(ReportState.RETURNED, actor=actor, now=now, reason=reason),
            due_on=calendar.working_days_after(today, filing.DAYS_TO_CORRECT),
        )
        parts.obligation_ended(DECISION, [plan.pk], reason=_("已退回"), actor=actor)
    return Plan.objects.get(pk=plan_id)


def revise(plan_id: uuid.UUID, *, version: int | None = None, actor: Actor) -> Plan:
    """A new revision as a draft, a copy of the one that counts (年中调整). The old ones stay.

    Raises NotMovable for what is not approved or no longer counts, and PlanTaken while another revision is open.
    """
    with recording(actor):
        plan = lock_part(Plan, plan_id, version=version)
        of_year = Plan.objects.filter(project_id=plan.project_id, year=plan.year)
        if plan.state != ReportState.APPROVED:
            raise NotMovable(_("尚未审核通过，请直接修改该计划，不必修订。"), plan.state, allowed=[ReportState.APPROVED])
        _require_no_other(of_year.exclude(state=ReportState.APPROVED))
        last = of_year.order_by("-revision").values_list("revision", flat=True)[0]
        if plan.revision != last:
            raise NotMovable(_("已有更新的版次，请在最新版次上修订。"), plan.state)
        copy = {name: getattr(plan, name) for name in WRITTEN}
        made = Plan(project_id=plan.project_id, year=plan.year, revision=last + 1, **copy)
        _insert(made)
    return Plan.objects.get(pk=made.pk)


def _require_no_other(plans: Any) -> None:
    taken = plans.order_by("-revision").values_list("pk", flat=True).first()
    if taken is not None:
        raise PlanTaken(id=str(taken))


def _insert(plan: Plan) -> None:
    """The project is locked, so that only writes past the services could still meet the database's refusal."""
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError as error:
        if "plan_a_project" not in str(error):
            raise
        raise PlanTaken from error


def _require_sum(monthly: Sequence[Decimal], investment: Decimal) -> None:
    total = sum(monthly, Decimal(0))
    if total != investment:
        values = {"sum": f"{total:,.2f} 元", "year": f"{investment:,.2f} 元"}
        raise RuleBroken.at("monthly", _("十二个月合计 %(sum)s，与年度计划投资 %(year)s 不一致，请改成一致。") % values, "differs")
