"""The months of the generated works: the plan of the year, what was reported so far, and the month that is open, filed by some."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import Count, Max, Sum
from django.utils import timezone

from accounts.roles import Role
from common import calendar
from common.actors import Actor
from milestones.models import Milestone
from portfolio.services.demonstration import people
from portfolio.services.demonstration.courses import NEARLY, TEN_WAN
from projects.lifecycle import Stage
from projects.models import MonthlyReport, Project, ReportState
from projects.rules import first_of_month
from projects.services import filing, plans, reports

SEASON = (4, 3, 7, 9, 10, 11, 9, 9, 11, 11, 9, 7)  # of a hundred, January to December: little is built in frost
FILED, RETURNED = 0.14, 0.04  # of the works whose office has people
CONTENTS = (
    "按批复工期推进主体工程，完成年度节点。",
    "完成基础工程，主体施工过半。",
    "完成征迁扫尾，全线展开施工。",
    "完成主体工程，启动设备安装。",
)
NARRATIVES = (
    "主体施工正常推进，本月完成两个施工段。",
    "基础工程完成八成，材料供应正常。",
    "设备进场，管线同步施工。",
    "附属工程施工，主体验收准备中。",
)
REASONS = (
    "完成投资与支付凭证不符，请核对后再报。",
    "形象进度与现场照片不一致，请核实。",
    "进展情况过于笼统，请写明完成的部位与工程量。",
)
MORNING = dt.time(10)


def build(projects: Sequence[Project], *, today: dt.date, rng: Random, actor: Actor) -> None:
    """Plan the works of this year and begin its open month. Runs inside the caller's transaction."""
    works = [project for project in projects if project.stage == Stage.CONSTRUCTION and not project.is_package]
    rows = _plans(works, today, rng)
    plans.enter_plans(rows, actor=actor)
    planned = {row["project_id"]: row for row in rows}
    reports.enter_reports(_so_far(works, planned, today, rng), actor=actor)
    reports.enter_reports(_filed(works, planned, today, rng), actor=actor)


def _plans(works: Sequence[Project], today: dt.date, rng: Random) -> list[dict[str, Any]]:
    """What goes on as it went so far, give or take; else a fair part of the whole."""
    done = MonthlyReport.objects.filter(project__in=works, month__year=today.year).values_list("project_id").annotate(Sum("invested"))
    so_far = dict(done)
    return [_plan(project, so_far.get(project.pk), today, rng) for project in works]


def _plan(project: Project, so_far: Decimal | None, today: dt.date, rng: Random) -> dict[str, Any]:
    if so_far:
        wanted = so_far * 12 / max(today.month - 1, 1) * Decimal(rng.randint(97, 125)) / 100
    else:
        wanted = (project.total_investment or Decimal(0)) * Decimal(rng.randint(15, 38)) / 100
    investment = max((wanted / TEN_WAN).to_integral_value() * TEN_WAN, TEN_WAN)
    months = [(investment * share / 100).to_integral_value() for share in SEASON[:-1]]
    return {
        "project_id": project.pk,
        "year": today.year,
        "investment": investment,
        "monthly": [*months, investment - sum(months)],
        "content": rng.choice(CONTENTS),
    }


def _so_far(works: Sequence[Project], planned: Mapping[uuid.UUID, Mapping[str, Any]], today: dt.date, rng: Random) -> list[dict[str, Any]]:
    """The closed months of this year of the works that have no reports from their money: near the plan, up to where they stand."""
    known = set(MonthlyReport.objects.filter(project__in=works).values_list("project_id", flat=True))
    silent = [project.pk for project in works if project.pk not in known]
    reached = _reached(silent)
    rows = []
    for key in silent:
        percent, pace, monthly = reached[key], rng.randint(70, 112), planned[key]["monthly"]
        gained = min(percent, sum(SEASON[: today.month - 1]) * Decimal(rng.randint(20, 60)) / 100)
        for month in range(1, today.month):
            share = Decimal(sum(SEASON[:month])) / sum(SEASON[: today.month - 1])
            rows.append(
                {
                    "project_id": key,
                    "month": dt.date(today.year, month, 1),
                    "invested": (monthly[month - 1] * (pace + rng.randint(-8, 8)) / 100 / TEN_WAN).quantize(Decimal("0.1")) * TEN_WAN,
                    "physical_percent": (percent - gained + gained * share).quantize(Decimal("0.1")),
                    "narrative": rng.choice(NARRATIVES),
                }
            )
    return rows


def _reached(works: Sequence[uuid.UUID]) -> dict[uuid.UUID, Decimal]:
    """How far they are, by the steps that were achieved; the whole only at the end."""
    counted = Milestone.objects.filter(project__in=works).values_list("project_id").annotate(Count("achieved_on"), Count("pk"))
    return {key: Decimal(95 * achieved) / count for key, achieved, count in counted.order_by()}


def _filed(works: Sequence[Project], planned: Mapping[uuid.UUID, Mapping[str, Any]], today: dt.date, rng: Random) -> list[dict[str, Any]]:
    """The reports of this month that were filed up to today. The drafts of all others are opened as every month's are."""
    month = first_of_month(today)
    reached = dict(MonthlyReport.objects.filter(project__in=works).values_list("project_id").annotate(Max("physical_percent")))
    makers, checkers = people.nearest(Role.EDITOR), people.nearest(Role.APPROVER)
    able = [project for project in works if project.office_id in makers and project.office_id in checkers]
    returned = max(round(len(able) * RETURNED), 1)
    rows = []
    for number, project in enumerate(rng.sample(able, min(round(len(able) * FILED) + returned, len(able)))):
        maker, checker = makers[project.office_id], checkers[project.office_id]
        day = today - dt.timedelta(days=rng.randrange(min(today.day, 4)))
        percent = min((reached.get(project.pk) or Decimal(rng.randint(15, 60))) + rng.randint(1, 3), NEARLY)
        row = {
            "project_id": project.pk,
            "month": month,
            "invested": planned[project.pk]["monthly"][month.month - 1],
            "physical_percent": percent,
            "narrative": rng.choice(NARRATIVES),
            "due_on": filing.closing_day_of(month),
            **filing.submitted(actor=maker, today=day, now=_at(day)),
        }
        rows.append(row | (_sent_back(checker, today, rng) if number < returned else {}))
    return rows


def _sent_back(checker: Actor, today: dt.date, rng: Random) -> dict[str, Any]:
    decided = filing.decided(ReportState.RETURNED, actor=checker, now=_at(today), reason=rng.choice(REASONS))
    return decided | {"return_count": 1, "due_on": calendar.working_days_after(today, filing.DAYS_TO_CORRECT)}


def _at(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, MORNING))
