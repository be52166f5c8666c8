"""月报 and 年度计划 by form: what is shown, what is kept, who may, and where one is led. Amounts are typed in 万元."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from projects.models import MonthlyReport, Plan, Project, ReportRevision
from projects.rules import first_of_month, months_later
from projects.services import reports, revisions
from reminders.selectors import duties
from tests import filing, world
from tests.portal import owed
from tests.portal.owed import signed_in
from tests.world import People

WAN = Decimal(10_000)
WHOLE = {"invested": "3,000", "physical_percent": "46", "narrative": "桩基完成"}


@pytest.fixture
def road(people: People) -> Project:
    return owed.project()


@pytest.fixture
def month() -> dt.date:
    return first_of_month(clock.today())


@pytest.fixture
def draft(road: Project, month: dt.date) -> MonthlyReport:
    return filing.draft(road, month, due_on=clock.today() + dt.timedelta(days=5))


def url(name: str, *keys: Any) -> str:
    return reverse(name, args=[getattr(key, "pk", key) for key in keys])


def page(client: Client, name: str, *keys: Any, query: str = "") -> str:
    answer = client.get(url(name, *keys) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def filed(people: People, draft: MonthlyReport, by: str = "editor", **more: str) -> Any:
    """What the form answers."""
    return signed_in(people, by).post(url("report-submit", draft), {"version": fresh(draft).version, **WHOLE, **more})


def decided(people: People, report: MonthlyReport, act: str, by: str = "approver", **more: str) -> Any:
    return signed_in(people, by).post(url("report-decide", report), {"act": act, "version": fresh(report).version, **more})


def test_month_stands_beside_its_plan_and_what_came_before(people: People, road: Project, draft: MonthlyReport, month: dt.date) -> None:
    filing.entered_plan(road, month.year, "120000000.00", content="主体封顶")
    filing.entered(road, months_later(month, -1), "5000000.00", "40.00")
    client = signed_in(people, "editor")
    with CaptureQueriesContext(connection) as caught:
        shown = page(client, "report", draft)
    assert sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE", 'UPDATE "django_session"')) for q in caught) <= 8
    assert "1,000.00" in shown  # of the month
    assert "12,000.00" in shown
    assert "主体封顶" in shown
    assert "40.00%" in shown
    assert shown.count("btn primary") == 1


def test_month_is_filed_in_wan_and_leads_back_to_where_it_was_asked(people: People, draft: MonthlyReport) -> None:
    answer = filed(people, draft, next="/my/")
    assert (answer.status_code, answer.url) == (302, "/my/")
    report = fresh(draft)
    assert (report.state, report.invested, report.physical_percent) == ("submitted", 3000 * WAN, 46)
    assert filed(people, draft, next="https://example.com/").status_code == 409  # filed already


def test_nothing_is_a_fine_amount_and_no_amount_is_none(people: People, draft: MonthlyReport) -> None:
    empty = filed(people, draft, invested="")
    assert (empty.status_code, "必填。" in empty.content.decode()) == (422, True)
    assert filed(people, draft, invested="0").status_code == 302
    assert fresh(draft).invested == 0


def test_what_is_wrong_stands_beside_its_field_in_wan_and_what_was_typed_is_kept(
    people: People, road: Project, draft: MonthlyReport, month: dt.date
) -> None:
    filing.entered_plan(road, month.year, "12000000.00")
    answer = filed(people, draft, year_total="2999")
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "本年累计填的是 2,999.00 万元" in shown
    assert "超过年度计划 1,200.00 万元" in shown
    assert 'id="plan_reason-fault"' in shown
    assert 'value="3,000"' in shown
    assert fresh(draft).state == "draft"
    assert filed(people, draft, plan_reason="提前施工").status_code == 302


def test_percent_that_falls_asks_for_a_word_which_the_form_then_holds(
    people: People, road: Project, draft: MonthlyReport, month: dt.date
) -> None:
    filing.entered(road, months_later(month, -1), "0.00", "50.00")
    answer = filed(people, draft)
    assert answer.status_code == 422
    assert 'id="correction_reason"' in answer.content.decode()
    assert 'id="correction_reason"' not in page(signed_in(people, "editor"), "report", draft)
    assert filed(people, draft, correction_reason="上月误报").status_code == 302


def test_number_that_is_none_is_said_and_not_kept(people: People, draft: MonthlyReport) -> None:
    answer = filed(people, draft, physical_percent="一百")
    assert (answer.status_code, "不是数字：一百" in answer.content.decode()) == (422, True)
    assert "0 到 100" in filed(people, draft, physical_percent="101").content.decode()


def test_draft_is_kept_however_little_it_says(people: People, draft: MonthlyReport) -> None:
    data = {"version": draft.version, "draft": "1", "narrative": "写到一半"}
    assert signed_in(people, "editor").post(url("report-submit", draft), data).status_code == 302
    report = fresh(draft)
    assert (report.state, report.narrative, report.physical_percent) == ("draft", "写到一半", None)
    assert "写到一半" in page(signed_in(people, "editor"), "report", draft)


def test_no_change_is_one_act_and_is_not_offered_a_third_time(people: People, road: Project, month: dt.date) -> None:
    filing.entered(road, months_later(month, -3), "0.00", "40.00")
    drafts = [filing.draft(road, months_later(month, -back)) for back in (2, 1, 0)]
    client = signed_in(people, "editor")
    for draft in drafts[:2]:
        assert 'formaction="' in page(client, "report", draft)
        assert client.post(url("report-no-change", draft), {"version": draft.version}).status_code == 302
        assert fresh(draft).no_change
    assert 'formaction="' not in page(client, "report", drafts[2])
    refused = client.post(url("report-no-change", drafts[2]), {"version": drafts[2].version})
    assert (refused.status_code, "连续不能超过两个月" in refused.content.decode()) == (422, True)


def test_overtaken_form_is_told_so_and_keeps_what_was_typed(people: People, draft: MonthlyReport) -> None:
    answer = signed_in(people, "editor").post(url("report-submit", draft), {"version": draft.version + 3, **WHOLE})
    assert answer.status_code == 412
    assert "保存期间已被他人修改" in answer.content.decode()
    assert "桩基完成" in answer.content.decode()


def test_returned_month_shows_its_reason_until_it_is_approved(people: People, draft: MonthlyReport) -> None:
    filed(people, draft)
    assert decided(people, draft, "return").status_code == 422  # without a reason
    assert decided(people, draft, "return", reason="金额与支付不符").status_code == 302
    editor = signed_in(people, "editor")
    assert "金额与支付不符" in page(editor, "report", draft)
    filed(people, draft, invested="2800")
    assert "金额与支付不符" in page(editor, "report", draft)
    assert decided(people, draft, "approve").status_code == 302
    assert "金额与支付不符" not in page(editor, "report", draft)
    assert fresh(draft).invested == 2800 * WAN


def test_who_filed_is_offered_no_decision_and_cannot_send_one(people: People, draft: MonthlyReport) -> None:
    filed(people, draft, by="approver")
    client = signed_in(people, "approver")
    assert 'value="approve"' not in page(client, "report", draft)
    assert decided(people, draft, "approve").status_code == 403
    assert decided(people, draft, "approve", by="editor").status_code == 403
    assert fresh(draft).state == "submitted"


def test_reader_sees_no_form_and_a_stranger_sees_nothing(people: People, road: Project, draft: MonthlyReport) -> None:
    reader, outsider = signed_in(people, "reader"), signed_in(people, "outsider")
    assert "report-submit" not in page(reader, "report", draft) and "<textarea" not in page(reader, "report", draft)
    assert filed(people, draft, by="reader").status_code == 403
    assert outsider.get(url("report", draft)).status_code == 404
    assert filed(people, draft, by="outsider").status_code == 404
    assert outsider.get(url("project-reports", road)).status_code == 404


@pytest.fixture
def closed(people: People, road: Project, month: dt.date) -> MonthlyReport:
    """An approved month that is long closed."""
    draft = filing.draft(road, months_later(month, -4))
    filed(people, draft)
    reports.approve(draft.pk, actor=people.principal("approver"), now=clock.now())
    return fresh(draft)


def revised(people: People, closed: MonthlyReport, **more: str) -> Any:
    data = {"version": closed.version, **WHOLE, "invested": "2500", "reason": "重复计入"} | more
    return signed_in(people, "editor").post(url("report-revise", closed), data)


def test_closed_month_moves_by_a_correction_that_another_decides(people: People, closed: MonthlyReport) -> None:
    assert decided(people, closed, "return", reason="x").status_code == 409
    editor, approver = signed_in(people, "editor"), signed_in(people, "approver")
    assert 'name="reason"' in page(editor, "report", closed, query="?form=revise")
    assert revised(people, closed, reason="").status_code == 422
    assert revised(people, closed).status_code == 302
    revision = ReportRevision.objects.get()
    assert fresh(closed).invested == 3000 * WAN
    assert "不能审批自己的申请" in page(editor, "report", closed)
    assert "重复计入" in page(approver, "report", closed)
    path = url("report-revision-decide", closed, revision)
    assert editor.post(path, {"act": "approve"}).status_code == 403
    assert approver.post(path, {"act": "reject"}).status_code == 422
    assert approver.post(path, {"act": "approve", "version": revision.version}).status_code == 302
    assert fresh(closed).invested == 2500 * WAN
    assert "历次更正" in page(editor, "report", closed)


def test_decisions_count_as_done_for_who_may_decide_and_what_was_taken_back_does_not(
    people: People, road: Project, closed: MonthlyReport
) -> None:
    def done() -> int:
        return duties.tally(people.principal("approver"), today=clock.today()).done

    before = done()
    assert before >= 1  # the month was approved just now
    revised(people, closed)
    revisions.withdraw(ReportRevision.objects.get().pk, actor=people.principal("editor"), now=clock.now())
    assert done() == before
    revised(people, fresh(closed))
    waiting = ReportRevision.objects.get(state="requested")
    revisions.reject(waiting.pk, note="属实", actor=people.principal("approver"), now=clock.now())
    assert done() == before + 1


def test_correction_is_taken_back_by_who_asked(people: People, closed: MonthlyReport) -> None:
    revised(people, closed)
    path = url("report-revision-decide", closed, ReportRevision.objects.get())
    assert signed_in(people, "approver").post(path, {"act": "withdraw"}).status_code == 403
    assert signed_in(people, "editor").post(path, {"act": "withdraw"}).status_code == 302
    assert fresh(closed).invested == 3000 * WAN


def test_letters_about_plans_and_corrections_lead_to_their_pages(people: People, road: Project, closed: MonthlyReport) -> None:
    revised(people, closed)
    revision, plan = ReportRevision.objects.get(), filing.entered_plan(road)
    client = signed_in(people, "approver")
    assert client.get(url("report", revision)).url == f"{url('report', closed)}#revision"
    assert client.get(url("report", plan)).url == url("plan", plan)
    for hidden in (revision, plan):
        assert signed_in(people, "outsider").get(url("report", hidden)).status_code == 404


def test_months_of_a_project_stand_by_year_with_plan_done_and_sum(people: People, road: Project, month: dt.date) -> None:
    filing.entered_plan(road, 2025, "12000000.00")
    for number, invested in ((1, "1000000.00"), (2, "2500000.00")):
        filing.entered(road, dt.date(2025, number, 1), invested, "10.00")
    filing.draft(road, dt.date(2025, 3, 1), invested="7770000.00")
    client = signed_in(people, "editor")
    with CaptureQueriesContext(connection) as caught:
        shown = page(client, "project-reports", road, query="?year=2025")
    assert sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE", 'UPDATE "django_session"')) for q in caught) <= 8
    rows = client.get(url("project-reports", road) + "?year=2025").context["rows"]
    assert [(row.plan, row.done, row.cumulative) for row in rows[:3]] == [
        (100 * WAN, 100 * WAN, 100 * WAN),
        (100 * WAN, 250 * WAN, 350 * WAN),
        (100 * WAN, None, None),  # what is not filed counts nowhere
    ]
    assert "777.00" not in shown
    assert "填报 2025-03 月报" in shown
    assert url("project-reports", road) in page(client, "project", road)


def plan_data(investment: str = "1200", each: str = "100", **more: Any) -> dict[str, Any]:
    return {"investment": investment, **{f"month_{n}": each for n in range(1, 13)}, "content": "主体封顶", **more}


def test_plan_is_made_checked_filed_and_approved_by_another(people: People, road: Project) -> None:
    editor, approver = signed_in(people, "editor"), signed_in(people, "approver")
    wrong = editor.post(url("new-plan", road), plan_data("1300", year="2026"))
    assert wrong.status_code == 422
    assert "十二个月合计 1,200.00 万元，与年度计划投资 1,300.00 万元 不一致" in wrong.content.decode()
    assert not Plan.objects.exists()
    made = editor.post(url("new-plan", road), plan_data(year="2026"))
    plan = Plan.objects.get()
    assert (made.status_code, plan.state, plan.investment, plan.monthly) == (302, "submitted", 1200 * WAN, [100 * WAN] * 12)
    assert editor.post(url("new-plan", road), plan_data(year="2026")).status_code == 409  # a second press
    assert 'value="approve"' not in page(editor, "plan", plan)
    assert 'value="approve"' in page(approver, "plan", plan)
    decide = url("plan-decide", plan)
    assert editor.post(decide, {"act": "approve"}).status_code == 403
    assert approver.post(decide, {"act": "return"}).status_code == 422
    assert approver.post(decide, {"act": "return", "reason": "分月不匀"}).status_code == 302
    assert "分月不匀" in page(editor, "plan", plan)
    again = plan_data("600", "50", version=fresh(plan).version)
    assert editor.post(url("plan", plan), again).status_code == 302
    assert approver.post(decide, {"act": "approve", "version": fresh(plan).version}).status_code == 302
    assert (fresh(plan).state, fresh(plan).investment) == ("approved", 600 * WAN)


def test_plan_that_counts_is_revised_beside_the_old_one(people: People, road: Project) -> None:
    first = filing.entered_plan(road, 2026, "12000000.00")
    editor = signed_in(people, "editor")
    answer = editor.post(url("plan-decide", first), {"act": "revise", "version": first.version})
    second = Plan.objects.get(revision=2)
    assert answer.url == url("plan", second)
    kept = editor.post(url("plan", second), plan_data("2400", draft="1", version=second.version))
    assert kept.status_code == 302  # a draft need not add up
    assert fresh(second).investment == 2400 * WAN
    assert editor.post(url("plan", second), plan_data("2400", version=fresh(second).version)).status_code == 422
    assert editor.post(url("plan", second), plan_data("2400", "200", version=fresh(second).version)).status_code == 302
    assert "与第 1 版对照" in page(editor, "plan", second)
    assert fresh(first).investment == 1200 * WAN


def test_sum_of_the_months_is_told_while_one_types_and_keeps_nothing(people: People, road: Project) -> None:
    client = signed_in(people, "editor")
    assert "比年度计划少 100.00 万元" in client.post(url("plan-check"), plan_data("1300")).content.decode()
    assert "与年度计划一致" in client.post(url("plan-check"), plan_data()).content.decode()
    assert "比年度计划多" in client.post(url("new-plan", road), plan_data("1100", check="1")).content.decode()
    assert not Plan.objects.exists()


def test_who_reads_makes_no_plan(people: People, road: Project) -> None:
    reader = signed_in(people, "reader")
    assert reader.get(url("new-plan", road)).status_code == 403
    assert reader.post(url("new-plan", road), plan_data()).status_code == 403
    assert signed_in(people, "outsider").get(url("new-plan", road)).status_code == 404
    assert not Plan.objects.exists()


def test_package_has_no_plan_of_its_own(people: People) -> None:
    package = world.project("打包", is_package=True)
    answer = signed_in(people, "editor").post(url("new-plan", package), plan_data(year="2026"))
    assert (answer.status_code, "打包项目不编年度计划" in answer.content.decode()) == (422, True)
