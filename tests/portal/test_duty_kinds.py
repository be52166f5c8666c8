"""Months, problems and permits done from 待办: filed, left unchanged, corrected, decided, solved."""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from common import clock
from projects.models import MonthlyReport, Project
from projects.services import plans, reports
from reminders.models import Reminder
from reminders.services import sweep
from tests import filing
from tests.portal.owed import act, project, signed_in, text
from tests.world import People

FILLED = {"invested": "300", "physical_percent": "46.5", "narrative": "桩基完成"}


def this_month() -> dt.date:
    return clock.today().replace(day=1)


def earlier(months: int) -> dt.date:
    first = this_month()
    for _n in range(months):
        first = (first - dt.timedelta(days=1)).replace(day=1)
    return first


def owed_month(of: Project, *, percent: str | None = "40.00", **fields: Any) -> MonthlyReport:
    """A draft of this month, due in five days, after a month that says how far the works are."""
    if percent:
        filing.entered(of, earlier(1), "100.00", percent)
    return filing.draft(of, this_month(), due_on=clock.today() + dt.timedelta(days=5), **fields)


@pytest.fixture
def editor(people: People) -> Client:
    return signed_in(people, "editor")


def test_a_month_is_filed_in_its_row_with_the_percent_of_the_month_before_to_begin_with(editor: Client, people: People) -> None:
    report = owed_month(project())
    page = text(editor, f"?open=report-{report.pk}")
    assert 'name="physical_percent" value="40.00"' in page
    assert "超计划原因" not in page and "更正说明" not in page
    assert act(editor, report, "submit", kind="report", **FILLED).status_code == 200
    report.refresh_from_db()
    assert (report.state, report.invested, report.physical_percent) == ("submitted", Decimal("3000000.00"), Decimal("46.50"))
    assert re.search(r"等别人办.*月报待审核", text(editor), re.DOTALL)


def test_a_percent_that_falls_asks_for_its_reason_in_the_row(editor: Client, people: People) -> None:
    report = owed_month(project())
    wrong = act(editor, report, "submit", kind="report", **FILLED | {"physical_percent": "30"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert "低于" in page and "更正说明" in page and "桩基完成</textarea>" in page
    assert (
        act(editor, report, "submit", kind="report", **FILLED | {"physical_percent": "30", "correction_reason": "核减"}).status_code == 200
    )


def test_the_lines_of_a_long_narrative_are_kept_in_the_row(editor: Client, people: People) -> None:
    long = "第一行\n" + "长" * 6000
    report = owed_month(project(), narrative=long)
    assert f"{long}</textarea>" in text(editor, f"?open=report-{report.pk}")
    assert act(editor, report, "submit", kind="report", **FILLED | {"narrative": long}).status_code == 200


@pytest.mark.parametrize(
    ("field", "typed"), [("physical_percent", "101"), ("physical_percent", "很多"), ("invested", "很多"), ("narrative", "")]
)
def test_a_month_badly_typed_changes_nothing(editor: Client, people: People, field: str, typed: str) -> None:
    report = owed_month(project())
    answer = act(editor, report, "submit", kind="report", **FILLED | {field: typed})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.content.decode()
    report.refresh_from_db()
    assert report.state == "draft"


def test_no_change_is_one_press_and_the_third_in_a_row_is_refused_with_the_reason(editor: Client, people: People) -> None:
    road = project()
    filing.entered(road, earlier(3), "100.00", "40.00")
    for n in (2, 1):
        filing.entered(road, earlier(n), "0.00", "40.00", no_change=True)
    report = owed_month(road, percent=None)
    page = text(editor)
    assert 'data-deed="no-change"' not in page and "已连续两月无变化，本月须填报" in page
    answer = act(editor, report, "no-change", kind="report")
    assert answer.status_code == 422 and "连续不能超过两个月" in answer.content.decode()
    other = owed_month(project("卫河治理"))
    assert 'data-deed="no-change"' in text(editor)
    assert "已报“本月无变化”" in act(editor, other, "no-change", kind="report").content.decode()
    other.refresh_from_db()
    assert (other.state, other.no_change) == ("submitted", True)


def test_no_change_is_not_offered_where_no_month_says_how_far_the_works_are(editor: Client, people: People) -> None:
    report = owed_month(project(), percent=None)
    page = text(editor)
    assert 'data-deed="submit"' in page and 'data-deed="no-change"' not in page
    assert act(editor, report, "no-change", kind="report").status_code == 422


def test_a_returned_month_shows_its_reason_until_it_is_filed_again(editor: Client, people: People) -> None:
    report = owed_month(project())
    reports.submit(
        report.pk, filing.WHOLE | {"physical_percent": Decimal(45)}, actor=people.principal("editor"), today=clock.today(), now=clock.now()
    )
    reports.send_back(report.pk, reason="累计不符", actor=people.principal("approver"), today=clock.today(), now=clock.now())
    report.refresh_from_db()
    page = text(editor)
    assert "退回原因：累计不符" in page and "修改后再报" in page and "本月无变化" not in page
    assert act(editor, report, "submit", kind="report", **FILLED).status_code == 200


def test_a_returned_plan_is_owed_until_it_is_filed_again(editor: Client, people: People) -> None:
    author, now = people.principal("editor"), {"today": clock.today(), "now": clock.now()}
    columns = {"project": project(), "year": clock.today().year, "investment": Decimal(1200), "monthly": [Decimal(100)] * 12}
    plan = plans.create_plan(columns, actor=author)
    plans.submit(plan.pk, actor=author, **now)
    assert "已退回" not in text(editor)
    plans.send_back(plan.pk, reason="偏低", actor=people.principal("approver"), **now)
    sweep.sweep(now=clock.now())
    told = Reminder.objects.filter(subject_id=plan.pk)
    assert (f"{plan.year} 年度计划（已退回）", "pending") in set(told.values_list("subject_name", "state"))
    page = text(editor)
    assert "退回原因：偏低" in page and f"/plans/{plan.pk}/?next=/my/" in page
    assert editor.get(f"/reports/{plan.pk}/").url == f"/plans/{plan.pk}/"
    (owed,) = people.client("editor").get("/api/v1/me/obligations/").json()["results"]
    assert owed["subject"]["id"] == str(plan.pk)
    plans.submit(plan.pk, actor=author, **now)
    assert "已退回" not in text(editor) and not told.filter(state="pending").exists()


def test_all_that_may_be_left_unchanged_are_by_two_presses(editor: Client, people: People) -> None:
    drafts = [owed_month(project(f"项目{n}")) for n in range(3)]
    new = owed_month(project("新开工"), percent=None)
    assert "3 份月报都无变化" in text(editor)
    page = editor.get("/my/unchanged/").content.decode()
    assert page.count("checked") == 3 and "新开工" not in page
    assert editor.post("/my/unchanged/", {"report": [new.pk]}).status_code == 409
    assert editor.post("/my/unchanged/", {"report": []}).status_code == 409
    assert editor.post("/my/unchanged/", {"report": [row.pk for row in drafts[:2]]}).url == "/my/"
    assert [MonthlyReport.objects.get(pk=row.pk).state for row in drafts] == ["submitted", "submitted", "draft"]
    assert signed_in(people, "outsider").post("/my/unchanged/", {"report": [drafts[2].pk]}).status_code == 409
    assert signed_in(people, "reader").get("/my/unchanged/").status_code == 403


def test_a_filed_month_is_agreed_to_or_sent_back_by_another(people: People) -> None:
    approver, first, second = signed_in(people, "approver"), owed_month(project("一")), owed_month(project("二"))
    for report in (first, second):
        whole = filing.WHOLE | {"physical_percent": Decimal(45)}
        reports.submit(report.pk, whole, actor=people.principal("editor"), today=clock.today(), now=clock.now())
        report.refresh_from_db()
    page = text(approver)
    assert "报送人：editor先生" in page and "形象进度 45.00%" in page
    assert act(approver, first, "approve", kind="report_decision").status_code == 200
    assert act(approver, second, "reject", kind="report_decision", note="").status_code == 422
    assert act(approver, second, "reject", kind="report_decision", note="累计不符").status_code == 200
    assert [MonthlyReport.objects.get(pk=row.pk).state for row in (first, second)] == ["approved", "returned"]


def test_who_filed_has_no_button_to_agree(people: People) -> None:
    report = owed_month(project())
    whole = filing.WHOLE | {"physical_percent": Decimal(45)}
    reports.submit(report.pk, whole, actor=people.principal("approver"), today=clock.today(), now=clock.now())
    assert 'data-deed="approve"' not in text(signed_in(people, "approver"))
