"""What the pages of months show: one month beside the others of its project and the plan, and the months of a project by year."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, Subquery
from django.db.models.functions import Cast, ExtractYear, JSONObject

from accounts.roles import Principal
from common.decisions import RequestState
from common.errors import Missing
from projects import rules
from projects.models import MonthlyReport, Plan, Project, ReportRevision, ReportState
from projects.rules import Month


@dataclass(frozen=True)
class Sheet:
    """A report with its project; the other months; the plan of its year, None where none is approved. Amounts in yuan.

    The report carries `revisions` as plain rows, the newest first.
    """

    report: Any
    others: Sequence[Month]

    @property
    def plan_of_year(self) -> Decimal | None:
        return self.report.planned_year

    @property
    def plan_of_month(self) -> Decimal | None:
        monthly = self.report.planned_months
        return None if monthly is None else monthly[self.report.month.month - 1]

    @cached_property
    def earlier(self) -> Month | None:
        """The last month before that says how far the works had come."""
        return rules.before(self.others, self.report.month)

    @cached_property
    def year_before(self) -> Decimal:
        """What was invested in the year up to this month, without it."""
        return rules.total_up_to(self.others, Month(self.report.month, Decimal(0), None, ""))

    @property
    def may_be_unchanged(self) -> bool:
        return self.earlier is not None and len(rules.unchanged_around(self.others, self.report.month)) < rules.MOST_UNCHANGED

    @property
    def waiting(self) -> dict[str, Any] | None:
        """The revision that is not decided."""
        return next((row for row in self.report.revisions if row["state"] == RequestState.REQUESTED), None)


def sheet(report_id: uuid.UUID, actor: Principal) -> Sheet:
    """Raises Missing when the report is absent or hidden."""
    plan = Plan.objects.filter(project=OuterRef("project"), year=ExtractYear(OuterRef("month")), state=ReportState.APPROVED)
    newest = plan.order_by("-revision")
    report = (
        MonthlyReport.objects.visible_to(actor)
        .filter(pk=report_id)
        .select_related("project__office", "project__authority")
        .annotate(
            planned_year=Subquery(newest.values("investment")[:1]),
            planned_months=Subquery(newest.values("monthly")[:1]),
            planned_content=Subquery(newest.values("content")[:1]),
            revisions=_revisions(),
        )
        .first()
    )
    if report is None:
        raise Missing
    for row in report.revisions:
        _read(row)
    return Sheet(report, neighbours(report.project_id, but=report.month))


def neighbours(project_id: uuid.UUID, *, but: dt.date) -> list[Month]:
    """The other reports of a project. Who judges or sees one month of it may know them all."""
    rows = MonthlyReport.objects.filter(project_id=project_id).exclude(month=but)
    return [Month(*row) for row in rows.values_list("month", "invested", "physical_percent", "state", "no_change")]


def home_of(subject_id: uuid.UUID, actor: Principal) -> tuple[str, uuid.UUID]:
    """What a subject of an obligation of months is, and the report or plan on whose page it stands. Raises Missing."""
    revision = ReportRevision.objects.visible_to(actor).filter(pk=subject_id).values_list("report_id", flat=True).first()
    if revision is not None:
        return "revision", revision
    if Plan.objects.visible_to(actor).filter(pk=subject_id).exists():
        return "plan", subject_id
    raise Missing


def project_of(project_id: uuid.UUID, actor: Principal) -> Project:
    """Raises Missing."""
    found = Project.objects.visible_to(actor).select_related("office", "authority").filter(pk=project_id).first()
    if found is None:
        raise Missing
    return found


def months_of(project_id: uuid.UUID, actor: Principal) -> list[MonthlyReport]:
    """Every report of a project, the oldest first."""
    return list(MonthlyReport.objects.visible_to(actor).of_projects([project_id]).order_by("month"))


def plans_of(project_id: uuid.UUID, actor: Principal) -> list[Plan]:
    """Every plan of a project, the newest year and revision first."""
    return list(Plan.objects.visible_to(actor).of_projects([project_id]).order_by("-year", "-revision"))


def plan(plan_id: uuid.UUID, actor: Principal) -> tuple[Plan, Plan | None, bool]:
    """A plan, the revision before it, and whether it is the newest. Raises Missing."""
    found = Plan.objects.visible_to(actor).select_related("project__office", "project__authority").filter(pk=plan_id).first()
    if found is None:
        raise Missing
    of_year = list(Plan.objects.filter(project_id=found.project_id, year=found.year).order_by("revision"))
    before = next((row for row in reversed(of_year) if row.revision < found.revision), None)
    return found, before, of_year[-1].revision == found.revision


def _revisions() -> ArraySubquery:
    rows = ReportRevision.objects.filter(report=OuterRef("pk")).order_by("-number")
    amounts = {name: Cast(name, CharField()) for name in ("from_invested", "invested", "from_physical_percent", "physical_percent")}
    names = (
        "number", "from_narrative", "narrative", "reason", "state", "requested_by_id", "requested_by_name", "decision_due_on",
        "decided_by_name", "decided_at", "decision_note", "version", "created_at",
    )  # fmt: skip
    return ArraySubquery(rows.values(row=JSONObject(id=F("pk"), **amounts, **{name: F(name) for name in names})))


def _read(row: dict[str, Any]) -> None:
    """Keys, amounts, days and instants, which JSON holds as texts, as what they are."""
    for name in ("from_invested", "invested", "from_physical_percent", "physical_percent"):
        row[name] = None if row[name] is None else Decimal(row[name])
    row |= {
        "id": uuid.UUID(row["id"]),
        "requested_by_id": uuid.UUID(row["requested_by_id"]),
        "decision_due_on": dt.date.fromisoformat(row["decision_due_on"]),
        "created_at": dt.datetime.fromisoformat(row["created_at"]),
        "decided_at": row["decided_at"] and dt.datetime.fromisoformat(row["decided_at"]),
        "state_word": RequestState(row["state"]).label,
    }
