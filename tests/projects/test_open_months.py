"""Which months are opened for whom, and who is told of them."""

import datetime as dt
import runpy
import threading
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.utils import timezone

from common import calendar
from common.actors import system
from common.recording import recording
from projects.models import MonthlyReport, Project, Status
from projects.services import months, plans, reports, revisions
from reminders.models import Reminder
from reminders.selectors.reminders import obligations
from reminders.services.sweep import sweep
from tests import filing, world
from tests.filing import NOW, TODAY, month


def opened(today: dt.date = TODAY) -> list[str]:
    months.open_months(today=today)
    return [f"{row:%Y-%m}" for row in MonthlyReport.objects.filter(state="draft").order_by("month").values_list("month", flat=True)]


@pytest.mark.parametrize("stage", ["reserve", "preparation", "completed", "operation", "cancelled"])
def test_only_what_is_under_construction_owes_a_month(people: world.People, stage: str) -> None:
    world.project(at=stage)
    assert opened() == []


def test_package_owes_no_month(people: world.People) -> None:
    world.project(at="construction", is_package=True)
    assert opened() == []


def test_present_month_is_opened_from_its_first_day_and_due_on_the_closing_day(people: world.People, settings: Any) -> None:
    settings.REPORT_CLOSING_DAY = 25
    project = world.project(at="construction")
    assert opened(dt.date(2025, 12, 31)) == ["2025-12"]
    assert opened(dt.date(2026, 1, 1)) == ["2025-12", "2026-01"]
    report = MonthlyReport.objects.latest("month")
    assert (report.project_id, report.due_on, report.state, report.submitted_by_id) == (project.pk, dt.date(2026, 2, 25), "draft", None)


def test_twice_is_once(people: world.People) -> None:
    world.project(at="construction")
    assert [months.open_months(today=TODAY) for _ in range(2)] == [1, 0]


def test_months_missed_since_the_last_report_are_opened_but_no_more_than_twelve(people: world.People) -> None:
    project = world.project(at="construction")
    filing.entered(project, month(10, 2025))
    assert opened() == ["2025-11", "2025-12", "2026-01"]
    old = world.project("旧", at="construction")
    filing.entered(old, month(1, 2020))
    months.open_months(today=TODAY)
    assert MonthlyReport.objects.filter(project=old, state="draft").count() == 12


def test_opened_month_counts_nowhere(people: world.People) -> None:
    project = world.project(at="construction")
    before = Status.objects.get(pk=project.pk)
    opened()
    after = Status.objects.get(pk=project.pk)
    assert (after.updated_at, after.last_reported_month) == (before.updated_at, None)


@pytest.mark.django_db(transaction=True)
def test_many_workers_open_each_month_once(request: Any) -> None:
    world.people()
    for number in range(20):
        filing.entered(world.project(f"项目{number}", at="construction"), month(10, 2025))
    begin = threading.Barrier(3)

    def work() -> None:
        begin.wait()
        months.open_months(today=TODAY)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert MonthlyReport.objects.filter(state="draft").count() == 60


def owed(people: world.People, name: str, today: dt.date = TODAY) -> list[tuple[str, str, dt.date]]:
    rows = obligations(people.principal(name), today=today, after=None, limit=50)
    return [(row["kind"], row["subject"]["name"], row["due_on"]) for row in rows if row["kind"] != "milestone"]


def test_month_is_owed_by_its_office_then_by_the_approver_then_by_nobody(people: world.People) -> None:
    project = world.project(at="construction")
    report = filing.draft(project)
    assert owed(people, "editor") == [("report", "2026-01 月报", report.due_on)]
    assert owed(people, "outsider") == []
    filing.submitted(people, report)
    waits = [("report_decision", "2026-01 月报待审核", dt.date(2026, 1, 30))]
    assert (owed(people, "editor"), owed(people, "approver")) == ([], waits)
    reports.send_back(report.pk, reason="x", actor=people.principal("approver"), today=TODAY, now=NOW)
    again = [("report", "2026-01 月报（已退回）", dt.date(2026, 1, 30))]
    assert (owed(people, "editor"), owed(people, "approver")) == (again, again)
    filing.submitted(people, report)
    reports.approve(report.pk, actor=people.principal("approver"), now=NOW)
    assert (owed(people, "editor"), owed(people, "approver")) == ([], [])


def test_plans_and_revisions_wait_for_the_approver_too(people: world.People) -> None:
    project = world.project(at="construction")
    editor = people.principal("editor")
    plan = filing.entered_plan(project, state="draft")
    plans.submit(plan.pk, actor=editor, today=TODAY, now=NOW)
    revisions.revise(filing.entered(project, month(6, 2025)).pk, {"narrative": "改"}, reason="漏报", actor=editor, today=TODAY)
    assert {name for kind, name, _due in owed(people, "approver") if kind == "report_decision"} == {
        "2026 年度计划待审核",
        "2025-06 月报修订待审核",
    }


def test_project_that_is_suspended_or_silent_owes_no_month(people: world.People) -> None:
    for name, fields in {
        "停": {"stage": "suspended", "stage_before_suspension": "construction"},
        "静": {"reminders_from_on": dt.date(2026, 3, 1)},
    }.items():
        project = world.project(name, at="construction")
        filing.draft(project)
        with recording(world.TESTER):
            Project.objects.filter(pk=project.pk).update(**fields)
    assert owed(people, "editor") == []


def test_reminders_of_a_month_end_with_the_act_that_ends_it(people: world.People) -> None:
    report = filing.draft(world.project(at="construction"), due_on=calendar.working_days_after(TODAY, 1))
    sweep(now=NOW, actor=system("sweep"))
    assert ("report", "pending") in Reminder.objects.values_list("subject_kind", "state")
    filing.submitted(people, report)
    told = Reminder.objects.filter(subject_kind="report").exclude(state="superseded")
    assert set(told.values_list("state", "state_reason")) == {("cancelled", "月报已报送")}
    sweep(now=timezone.make_aware(dt.datetime(2026, 2, 3, 10)), actor=system("sweep"))
    told = Reminder.objects.filter(subject_kind="report_decision", state="pending")
    assert {reminder.recipient.username for reminder in told} >= {"approver"}
    assert "editor" not in {reminder.recipient.username for reminder in told}
    reports.approve(report.pk, actor=people.principal("approver"), now=NOW)
    assert not Reminder.objects.filter(subject_kind="report_decision", state="pending").exists()


@pytest.mark.parametrize("day", ["0", "29"])
def test_closing_day_that_not_every_month_has_is_refused_at_start(monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    monkeypatch.setenv("REPORT_CLOSING_DAY", day)
    with pytest.raises(ImproperlyConfigured, match=f"1 到 28.*{day}"):
        runpy.run_path(str(configured.BASE_DIR / "config/settings.py"))
