"""Reports and plans for tests, made through the product's own services; January 2026 unless a test says otherwise."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from projects.models import MonthlyReport, Plan, Project
from projects.services import plans, reports
from tests import world

MONTH = dt.date(2026, 1, 1)
TODAY = dt.date(2026, 1, 28)  # a Wednesday
NOW = timezone.make_aware(dt.datetime(2026, 1, 28, 10))
WHOLE = {"invested": Decimal("100.00"), "physical_percent": Decimal("40.00"), "narrative": "桩基完成"}


def month(number: int, year: int = 2026) -> dt.date:
    return dt.date(year, number, 1)


def entered(project: Project, first: dt.date, invested: str = "0.00", percent: str | None = None, **fields: Any) -> MonthlyReport:
    """A report as registration enters it: approved, if nothing else is said."""
    row = {"project_id": project.pk, "month": first, "invested": Decimal(invested), "physical_percent": percent and Decimal(percent)}
    reports.enter_reports([row | fields], actor=world.TESTER)
    return MonthlyReport.objects.get(project=project, month=first)


def draft(project: Project, first: dt.date = MONTH, **fields: Any) -> MonthlyReport:
    due_on = fields.pop("due_on", dt.date(2026, 2, 5))
    return entered(project, first, state="draft", due_on=due_on, **fields)


def submitted(people: world.People, report: MonthlyReport, by: str = "editor", **fields: Any) -> MonthlyReport:
    return reports.submit(report.pk, WHOLE | fields, actor=people.principal(by), today=TODAY, now=NOW)


def entered_plan(project: Project, year: int = 2026, investment: str = "1200.00", **fields: Any) -> Plan:
    monthly = [Decimal(investment) / 12] * 12
    row = {"project_id": project.pk, "year": year, "investment": Decimal(investment), "monthly": monthly}
    plans.enter_plans([row | fields], actor=world.TESTER)
    return Plan.objects.filter(project=project, year=year).latest("revision")
