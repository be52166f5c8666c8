"""What offices asked for: dates that moved and dates that are to move, two silences, one deputy."""

import datetime as dt
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from django.db.models import F
from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from common import calendar
from common.actors import Actor
from common.decisions import RequestState, decided
from milestones.models import Cause, DateChange, Milestone
from milestones.services.date_changes import DECIDED_WITHIN
from portfolio.services.demonstration import people
from projects.models import Project
from reminders.lifecycle import MuteScope, MuteState
from reminders.models import Mute

MOVED, ASKED = 40, 15
SILENCES = (
    (20, "防汛应急响应，全线停工，复工后恢复"),
    (75, "设计方案重大调整，等待省级部门批复"),
)  # days; of more than thirty another decides
AWAY = 9  # days
DECIDED_AT = dt.time(15, 20)


def build(projects: Sequence[Project], *, today: dt.date, rng: Random) -> None:
    """Runs inside the transaction that makes the city. Whose forecast is later than the due date has a reason to ask."""
    checkers = people.nearest(Role.APPROVER)
    makers = checkers | people.nearest(Role.EDITOR)
    own = {project.pk: project.office_id for project in projects if project.office_id in makers}
    later = Milestone.objects.filter(project__in=list(own), achieved_on=None, forecast_on__gt=F("due_on"))
    later = later.order_by("due_on", "project__name")
    late = list(later.filter(due_on__lt=today))
    decided_by_two = {office for office in makers.keys() & checkers.keys() if makers[office] != checkers[office]}
    coming = [row for row in later.filter(due_on__gt=today) if own[row.project_id] in decided_by_two]
    moved, asked = _drawn(coming, MOVED, rng), _drawn(late, ASKED, rng)
    changes = [_change(milestone, makers[own[milestone.project_id]], today) for milestone in moved + asked]
    for change in changes[: len(moved)]:
        _agree(change, checkers[own[change.project_id]], today)
    DateChange.objects.bulk_create(changes)
    Milestone.objects.bulk_update(moved, ["due_on"])
    _silence([milestone.project_id for milestone in _drawn(late, len(SILENCES), rng)], people.nearest(Role.SUPERVISOR), today)
    _delegate(today)


def _drawn(rows: list[Milestone], count: int, rng: Random) -> list[Milestone]:
    return rng.sample(rows, min(count, (len(rows) + 1) // 2))


def _change(milestone: Milestone, maker: Actor, today: dt.date) -> DateChange:
    assert milestone.due_on is not None and milestone.forecast_on is not None and maker.id is not None
    return DateChange(
        project_id=milestone.project_id, milestone=milestone, from_on=milestone.due_on, to_on=milestone.forecast_on,
        cause=_cause(milestone), reason=milestone.forecast_reason, decision_due_on=calendar.working_days_after(today, DECIDED_WITHIN),
        requested_by_id=maker.id, requested_by_name=maker.name,
    )  # fmt: skip


def _agree(change: DateChange, checker: Actor, today: dt.date) -> None:
    now = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=1), DECIDED_AT))
    for column, value in decided(RequestState.APPROVED, actor=checker, now=now, note="同意，请抢抓工期。").items():
        setattr(change, column, value)
    change.milestone.due_on = change.to_on


def _cause(milestone: Milestone) -> str:
    """By the words of the reason."""
    words = {"征迁": Cause.LAND, "用地": Cause.LAND, "雨": Cause.WEATHER, "设计": Cause.DESIGN, "资金": Cause.FUNDS, "管控": Cause.POLICY}
    return next((cause for word, cause in words.items() if word in milestone.forecast_reason), Cause.CONSTRUCTION)


def _silence(projects: list[Any], supervisors: Mapping[Any, Actor], today: dt.date) -> None:
    supervisor = next(iter(supervisors.values()), None)
    if supervisor is None or supervisor.id is None:
        return
    Mute.objects.bulk_create(
        Mute(
            scope_kind=MuteScope.PROJECT, project_id=project, reason=reason, from_on=today, until_on=today + dt.timedelta(days=days),
            state=MuteState.IN_FORCE if days <= 30 else MuteState.REQUESTED,
            requested_by_id=supervisor.id, requested_by_name=supervisor.name,
        )
        for project, (days, reason) in zip(projects, SILENCES, strict=False)
    )  # fmt: skip


def _delegate(today: dt.date) -> None:
    """The first approver is away, and who files for the same office decides in their stead."""
    own = Membership.objects.filter(user__in=people.all_people(), delegated_by=None)
    for lender in own.filter(role=Role.APPROVER).order_by("user__username"):
        deputy = own.filter(role=Role.EDITOR, office=lender.office_id).order_by("user__username").first()
        if deputy is not None:
            Membership.objects.create(
                user=deputy.user, office_id=lender.office_id, role=Role.APPROVER, valid_from_on=today,
                valid_until_on=today + dt.timedelta(days=AWAY), delegated_by_id=lender.user_id, delegation_reason="外出培训",
            )  # fmt: skip
            return
