"""What a digest says: what, whose, how many days late, what to do, one link; in plain text and in HTML."""

import datetime as dt
import re
from typing import Any

import pytest

from accounts import selectors as account_selectors
from accounts.models import Office, User
from accounts.services import deputies
from common.recording import recording
from milestones.models import Milestone
from milestones.services import date_changes, forecasts
from reminders.models import OfficialLetter
from tests import world
from tests.reminders.days import FRIDAY, THURSDAY, WEDNESDAY, deliver_at, late_project, sweep_at

pytestmark = pytest.mark.django_db


def text_of(message: Any, kind: str = "plain") -> str:
    return str(message.get_body((kind,)).get_content())


@pytest.fixture
def message(people: world.People, sink: Any) -> Any:
    late, coming = late_project(days=40, name="辉县<高速> & 连接线"), late_project(days=-1, name="卫河治理")
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    (found,) = sink.to("editor")
    rows = [f"milestone-{world.completion(project).pk}" for project in (late, coming)]
    found.links = [f"http://127.0.0.1:8000/my/?open={row}#{row}" for row in rows]
    return found


def test_the_subject_counts(message: Any) -> None:
    assert message["Subject"].strip() == "重大项目提醒：1 项逾期，1 项将到期"


def test_the_text_says_what_whose_how_late_what_to_do_and_where(message: Any) -> None:
    text = message.get_body(("plain",)).get_content()
    assert text.startswith("editor先生：")
    assert "1. 【督办函 新项督〔2026〕1号】辉县<高速> & 连接线 · 竣工" in text
    assert "责任单位：辉县市人民政府" in text
    assert "应完成：2026-02-06，已逾期 40 天" in text
    assert "2. 【通知】卫河治理 · 竣工" in text
    assert "应完成：2026-03-19，剩 1 天" in text
    assert "请办：完成后请报完成；不能按期的，请报预测日期并申请调整。" in text
    assert [text.count(link) for link in message.links] == [1, 1]


def test_the_html_says_the_same_and_escapes_names(message: Any) -> None:
    html = message.get_body(("html",)).get_content()
    assert "辉县&lt;高速&gt; &amp; 连接线" in html
    assert "<高速>" not in html
    assert "已逾期 40 天" in html
    assert "剩 1 天" in html
    assert "请办：完成后请报完成" in html
    assert [html.count(link) for link in message.links] == [1, 1]


def test_a_digest_can_be_recognized_and_is_not_answered_by_robots(message: Any) -> None:
    assert message["Message-ID"].endswith("@tracker.invalid>")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"


def test_who_hears_in_anothers_stead_is_led_to_where_it_stands(people: world.People, sink: Any) -> None:
    """A supervisor owes nothing: the row among one's duties would not be there."""
    project = late_project(office="410781")
    with recording(world.TESTER):
        User.objects.filter(username="outsider").update(is_active=False)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    (message,) = sink.to("supervisor")
    body = message.get_body(("plain",)).get_content()
    assert "/my/?open=" not in body and "卫辉市人民政府无人可办，故送您：请督促" in body
    assert f"/milestones/{world.completion(project).pk}/" in body


def test_who_reads_of_many_offices_reads_office_by_office(people: world.People, sink: Any) -> None:
    for days, office, name in ((40, "410782", "甲路"), (50, "410781", "乙路"), (45, "410782", "丙路")):
        late_project(days=days, office=office, name=name)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    message = sink.to("bureau")[-1]  # their common authority, told after the offices
    text = text_of(message)
    assert re.findall(r"■ (.*?）)|^(\d)\. .*】(.路)", text, re.M) == [
        ("卫辉市人民政府（1 项）", "", ""), ("", "1", "乙路"), ("辉县市人民政府（2 项）", "", ""), ("", "2", "丙路"), ("", "3", "甲路"),
    ]  # fmt: skip
    assert "责任单位：辉县" not in text and "责任单位：辉县" not in text_of(message, "html")
    assert text.count("请办：请督促责任单位：完成后请报完成") == 3  # a superior is not to do it
    assert text_of(message, "html").count("辉县市人民政府") == 1


def test_a_deputy_reads_for_whom_they_stand_in(people: world.People, sink: Any) -> None:
    late_project(days=2)
    actor = account_selectors.person(people.users["approver"], today=WEDNESDAY)
    deputies.delegate(people.users["reader"].pk, from_on=WEDNESDAY, until_on=FRIDAY, actor=actor, today=WEDNESDAY)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    said = "您代approver先生办理至 2026-03-20，approver先生应办的提醒也发给您"
    (deputy,), (lender,) = sink.to("reader"), sink.to("approver")
    assert said in text_of(deputy) and said in text_of(deputy, "html") and "您代" not in text_of(lender)


def test_two_offices_of_one_name_are_two(people: world.People, sink: Any) -> None:
    with recording(world.TESTER):
        Office.objects.filter(code__in=["410782", "410781"]).update(name="交通运输局")
    for days, office, name in ((40, "410782", "甲路"), (50, "410781", "乙路")):
        late_project(days=days, office=office, name=name)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert text_of(sink.to("bureau")[-1]).count("■ 交通运输局（1 项）") == 2


def test_a_forecast_that_has_passed_is_no_news(people: world.People, sink: Any) -> None:
    milestone = world.completion(late_project(days=40))
    with recording(world.TESTER):
        Milestone.objects.filter(pk=milestone.pk).update(forecast_on=WEDNESDAY - dt.timedelta(days=20), forecast_reason="雨")
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    assert "已报：" not in text_of(sink.to("editor")[0])


@pytest.mark.parametrize(("says", "remark"), [("forecast", "预计 2026-04-30 完成"), ("request", "已申请调整至 2026-05-20，待审批")])
def test_what_the_office_has_said_already_stands_in_the_message_and_in_the_letter(
    people: world.People, sink: Any, says: str, remark: str
) -> None:
    milestone, day = world.completion(late_project(days=40)), {"actor": world.TESTER, "today": WEDNESDAY}
    forecasts.forecast(milestone.pk, forecast_on=dt.date(2026, 4, 30), reason="雨", **day)
    if says == "request":
        editor = account_selectors.person(people.users["editor"], today=WEDNESDAY)
        date_changes.ask(milestone.pk, to_on=dt.date(2026, 5, 20), reason="汛期", actor=editor, today=WEDNESDAY)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    (message,) = sink.to("editor")
    assert f"已报：{remark}" in text_of(message) and f"已报：{remark}" in text_of(message, "html")
    assert OfficialLetter.objects.get(kind="supervision").facts["remark"] == remark
