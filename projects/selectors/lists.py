"""Rows of projects from the read model: one statement a page, no join a row."""

import datetime as dt
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import CharField, OuterRef, Subquery
from django.db.models.functions import Cast, JSONObject

from accounts.roles import Principal
from common.shapes import money, ref
from projects.lifecycle import Stage
from projects.models import Assignment, Part, Project, ProjectTag, Status, StatusAsOf
from projects.querysets import StatusQuerySet
from projects.selectors.reports import month_text


def statuses(actor: Principal, *, today: dt.date, as_of: dt.date | None = None) -> StatusQuerySet:
    """The projects the actor may see, judged by today, or by the facts of a past day."""
    if as_of is None:
        return Status.objects.visible_to(actor).judged(today=today)
    with connection.cursor() as cursor:  # the view reads the day from here; every reader of a past day sets it anew
        cursor.execute("SELECT set_config('app.as_of', %s, false)", [as_of.isoformat()])
    return StatusAsOf.objects.visible_to(actor).judged(today=as_of)


def with_people_and_tags(queryset: StatusQuerySet, actor: Principal, *, today: dt.date) -> StatusQuerySet:
    """Adds what a row shows of other tables, as subqueries of the page's rows."""
    holders = Assignment.objects.valid(today=today).filter(project_id=OuterRef("pk")).order_by("id")
    tags = ProjectTag.objects.filter(project_id=OuterRef("pk")).order_by("tag__label")
    package = Project.objects.visible_to(actor).filter(pk=OuterRef("project__package_id"))
    return queryset.annotate(
        lead=Subquery(holders.filter(part=Part.LEAD).values(row=JSONObject(name="user__name", phone="user__phone"))[:1]),
        patron=Subquery(holders.filter(part=Part.PATRON).values(row=JSONObject(name="user__name"))[:1]),
        tags=ArraySubquery(tags.values("tag__label")),
        total_text=Cast("total_investment", CharField()),
        capital_text=Cast("project__capital", CharField()),
        **{f"{name}_text": Cast(name, CharField()) for name in FIGURES},
        package_name=Subquery(package.values("name")[:1]),  # one out of reach is not named
        package_code=Subquery(package.values("code")[:1]),
    )


FIGURES = ("allocated", "received", "paid", "planned_this_year", "invested_this_year", "invested_total", "physical_percent")
COLUMNS = (
    "project_id", "project__code", "name", "project__aliases", "project__is_package", "project__package_id", "package_name", "package_code",
    "sector_id", "sector_code", "sector_name", "region_id", "region_code", "region_name", "office_id", "office_code", "office_name",
    "authority_id", "authority_code", "authority_name", "project__unit_name", "project__unit_uscc", "stage", "project__nature",
    "project__approval_mode", "project__level", "project__scale", "total_text", "capital_text", "project__starts_year",
    "project__ends_year", "project__lon", "project__lat", "lead", "patron", "project__is_public", "tags", "project__reminders_from_on",
    "start_milestone_id", "start_basis", "start_baseline_on", "start_due_on", "start_forecast_on", "start_achieved_on",
    "completion_milestone_id", "completion_basis", "completion_baseline_on", "completion_due_on", "completion_forecast_on",
    "completion_achieved_on", "milestone_count", "achieved_count", "overdue_count", "next_due_milestone_id", "next_due_name",
    "next_due_on", "is_overdue", "overdue_days", "slippage_days", *(f"{name}_text" for name in FIGURES),
    "funding_kinds", "last_reported_month", "project__version", "project__created_at", "updated_at",
)  # fmt: skip


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["project_id"],
        "code": f["project__code"],
        "name": f["name"],
        "aliases": f["project__aliases"],
        "is_package": f["project__is_package"],
        "package": None if f["package_name"] is None else ref(f["project__package_id"], f["package_name"], f["package_code"]),
        "sector": ref(f["sector_id"], f["sector_name"], f["sector_code"]),
        "region": ref(f["region_id"], f["region_name"], f["region_code"]),
        "office": ref(f["office_id"], f["office_name"], f["office_code"]),
        "authority": ref(f["authority_id"], f["authority_name"], f["authority_code"]),
        "unit": {"name": f["project__unit_name"], "uscc": f["project__unit_uscc"]},
        "stage": f["stage"],
        "stage_display": Stage(f["stage"]).label,
        "nature": f["project__nature"],
        "approval_mode": f["project__approval_mode"],
        "level": f["project__level"],
        "scale": f["project__scale"],
        "total_investment": money(f["total_text"]),
        "capital": money(f["capital_text"]),
        "starts_year": f["project__starts_year"],
        "ends_year": f["project__ends_year"],
        "location": None if f["project__lon"] is None else {"lon": float(f["project__lon"]), "lat": float(f["project__lat"])},
        "lead": f["lead"],
        "patron": f["patron"],
        "is_public": f["project__is_public"],
        "tags": f["tags"],
        "reminders_from_on": f["project__reminders_from_on"],
        "status": _status(f),
        "version": f["project__version"],
        "created_at": f["project__created_at"],
        "updated_at": f["updated_at"],
    }


def _status(f: dict[str, Any]) -> dict[str, Any]:
    next_due = {"milestone": f["next_due_milestone_id"], "name": f["next_due_name"], "due_on": f["next_due_on"]}
    return {
        "start": _dates(f, "start"),
        "completion": _dates(f, "completion"),
        "milestone_count": f["milestone_count"],
        "achieved_count": f["achieved_count"],
        "overdue_count": f["overdue_count"],
        "next_due": next_due if f["next_due_on"] is not None else None,
        "is_overdue": f["is_overdue"],
        "overdue_days": f["overdue_days"],
        "slippage_days": f["slippage_days"],
        "allocated": money(f["allocated_text"]),
        "received": money(f["received_text"]),
        "paid": money(f["paid_text"]),
        "funding_kinds": f["funding_kinds"],
        "planned_this_year": money(f["planned_this_year_text"]),
        "invested_this_year": money(f["invested_this_year_text"]),
        "invested_total": money(f["invested_total_text"]),
        "physical_percent": f["physical_percent_text"],
        "last_reported_month": month_text(f["last_reported_month"]),
        "open_problem_count": None,
        "finding_count": None,
        "lamp": None,
    }


def _dates(f: dict[str, Any], end: str) -> dict[str, Any]:
    return {
        "milestone": f[f"{end}_milestone_id"],
        "basis": f[f"{end}_basis"],
        "baseline_on": f[f"{end}_baseline_on"],
        "due_on": f[f"{end}_due_on"],
        "forecast_on": f[f"{end}_forecast_on"],
        "achieved_on": f[f"{end}_achieved_on"],
    }
