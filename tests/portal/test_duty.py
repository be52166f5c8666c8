"""待办: what I owe, the worst first; done where it stands; what others owe me; the counts; nothing of what is not mine."""

import datetime as dt
import gzip
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.recording import recording
from funding.models import Bond, Repayment
from funding.services import repayments
from milestones.models import DateChange, MilestoneEvidence
from milestones.services import date_changes, milestones
from portal.views.duties import rows
from projects.models import Assignment, Evidence, Project
from reminders.models import Reminder, Rung
from reminders.selectors import duties
from tests import funding_rows, world
from tests.files import photo
from tests.portal.owed import FRAGMENT, act, groups, milestone, project, signed_in, text
from tests.world import TESTER, People


@pytest.fixture
def editor(people: People) -> Client:
    return signed_in(people, "editor")


@pytest.fixture
def road(people: People) -> Project:
    return project()


def test_the_worst_stands_first_in_groups_by_when_it_is_due(editor: Client, road: Project) -> None:
    for name, days in (("征迁完成", -5), ("大坝到顶", -9), ("今天到期", 0), ("三十天后", 30), ("太远", 31)):
        milestone(road, name, days)
    found = groups(editor)
    assert found["overdue"] == ["大坝到顶", "征迁完成"]
    assert found["week"][0] == "今天到期"
    assert "三十天后" in [name for group in found.values() for name in group]
    page = text(editor)
    assert "太远" not in page
    assert "逾期 9 天" in page and "未报预测" in page and "辉县高速" in page
    tally = editor.get("/my/").context["tally"]
    assert (tally.overdue, tally.open) == (2, 4)


@pytest.mark.parametrize(
    ("day", "due_on", "group"),
    [
        ("2026-11-25", "2026-11-24", "overdue"),
        ("2026-11-25", "2026-11-25", "week"),
        ("2026-11-25", "2026-11-29", "week"),  # the Sunday
        ("2026-11-25", "2026-11-30", "month"),
        ("2026-11-25", "2026-12-01", "ahead"),
        ("2026-11-30", "2026-12-06", "week"),  # a week that reaches into the next month
        ("2026-11-30", "2026-12-07", "ahead"),
    ],
)
def test_a_row_stands_in_the_group_that_counts_it(people: People, road: Project, day: str, due_on: str, group: str) -> None:
    today, due = dt.date.fromisoformat(day), dt.date.fromisoformat(due_on)
    milestones.create_milestone(road.pk, {"name": "节点", "due_on": due, "basis": "approved"}, actor=TESTER, today=clock.today())
    tally = duties.tally(people.principal("editor"), today=today)
    assert rows.span(due, today) == group
    assert {name: getattr(tally, name) for name in ("overdue", "week", "month", "ahead")} == {
        name: int(name == group) for name in ("overdue", "week", "month", "ahead")
    }


def test_who_does_not_answer_owes_nothing_and_sees_no_name(people: People, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    for name in ("reader", "outsider", "supervisor", "finance", "bureau"):
        client = signed_in(people, name)
        assert "大坝到顶" not in text(client)
        assert "大坝到顶" not in text(client, f"?open=milestone-{late.pk}")
        assert act(client, late, "achieve", on=clock.today()).status_code == 409
    late.refresh_from_db()
    assert late.achieved_on is None


def test_a_lead_who_may_not_edit_sees_what_he_owes_without_buttons(people: People, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    with recording(TESTER):
        Assignment.objects.create(project=road, user=people.users["reader"], part="lead")
    client = signed_in(people, "reader")
    page = text(client, f"?open=milestone-{late.pk}")
    assert "大坝到顶" in page and "报完成" not in page and "btn primary" not in page
    assert act(client, late, "achieve", on=clock.today()).status_code == 403


# a row opens its form


def test_what_comes_before_is_passed_over_in_the_row_by_who_may_decide_alone(people: People, editor: Client, road: Project) -> None:
    first, late = milestone(road, "征迁完成", -9), milestone(road, "路基完成", -5)
    waits = {"depends_on": [{"milestone": first.pk, "lag_days": 0}]}
    late = milestones.edit_milestone(late.pk, waits, version=None, actor=TESTER)
    assert "越过前置节点" in text(editor, f"?open=milestone-{late.pk}")
    assert "越过前置节点" not in text(editor, f"?open=milestone-{first.pk}")
    said = {"on": clock.today(), "override_reason": "交叉施工"}
    assert act(editor, late, "achieve", on=clock.today()).status_code == 409
    refused = act(editor, late, "achieve", **said)
    assert refused.status_code == 403 and "只有审核人可以越过前置节点。" in refused.content.decode()
    assert act(signed_in(people, "approver"), late, "achieve", **said).status_code == 200
    late.refresh_from_db()
    assert (late.achieved_on, late.override_reason) == (clock.today(), "交叉施工")


def test_what_happened_before_what_comes_before_asks_for_the_reason(people: People, editor: Client, road: Project) -> None:
    first, late = milestone(road, "征迁完成", -9), milestone(road, "路基完成", -5)
    late = milestones.edit_milestone(late.pk, {"depends_on": [{"milestone": first.pk, "lag_days": 0}]}, version=None, actor=TESTER)
    milestones.achieve(first.pk, on=clock.today(), actor=TESTER, today=clock.today())
    said = {"on": clock.today() - dt.timedelta(days=3)}
    assert "越过前置节点的原因" not in text(editor, f"?open=milestone-{late.pk}")
    approver = signed_in(people, "approver")
    assert "越过前置节点的原因" in act(approver, late, "achieve", **said).content.decode()
    assert act(approver, late, "achieve", **said, override_reason="交叉施工").status_code == 200


def test_a_year_that_looks_wrong_is_asked_after(editor: Client, road: Project) -> None:
    late, other = milestone(road, "大坝到顶", -9), milestone(road, "征迁完成", -5)
    assert "比应完成日期早" not in act(editor, other, "achieve", on=clock.today()).content.decode()
    assert "比应完成日期早 366 天" in act(editor, late, "achieve", on=late.due_on - dt.timedelta(days=366)).content.decode()
    ages = milestone(road, "路面完成", -3)
    assert act(editor, ages, "achieve", on="1926-01-05").status_code == 422


def test_the_address_opens_one_form_with_today_filled_in(editor: Client, road: Project) -> None:
    late, _other = milestone(road, "大坝到顶", -9), milestone(road, "征迁完成", -5)
    page = text(editor, f"?open=milestone-{late.pk}")
    assert page.count("btn primary") == 1
    assert re.search(rf'type="date" name="on" value="{clock.today()}"', page)
    assert f'max="{clock.today()}"' in page
    assert "预测完成日期" in text(editor, f"?open=milestone-{late.pk}&act=forecast")
    assert "btn primary" not in text(editor)


def test_a_link_opens_a_row_beyond_the_page_and_the_horizon(editor: Client, road: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.views.duties.page.SIZE", 2)
    late = [milestone(road, f"节点{n}", n - 9) for n in range(4)]
    far = milestone(road, "太远", 90)
    assert groups(editor)["overdue"] == ["节点0", "节点1"]
    assert groups(editor, f"?open=milestone-{late[3].pk}")["overdue"] == ["节点0", "节点1", "节点3"]
    assert groups(editor, f"?open=milestone-{far.pk}")["ahead"] == ["太远"]
    following = editor.get(f"/my/?open=milestone-{late[3].pk}").context["next"]
    assert groups(editor, following) == {"overdue": ["节点2", "节点3"]}
    assert editor.get(f"/my/{following}").context["next"] is None
    assert groups(editor, f"{following}&open=milestone-{late[0].pk}")["overdue"] == ["节点0", "节点2", "节点3"]
    assert editor.get("/my/?after=nonsense").status_code == 200


def test_a_row_that_is_no_longer_owed_says_so(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    milestones.achieve(late.pk, on=clock.today(), actor=TESTER, today=clock.today())
    assert "该事项已办结，或不归您办。" in text(editor, f"?open=milestone-{late.pk}")
    assert "该事项已办结，或不归您办。" in text(editor, "?open=milestone-01930000-0000-7000-8000-000000000000")
    for nonsense in ("?open=x", "?open=milestone-x", "?open=%00", "?act=achieve"):
        assert editor.get(f"/my/{nonsense}").status_code == 200


def test_a_row_alone_is_a_part_and_a_page_for_who_has_no_scripts(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    path = reverse("duty", args=["milestone", late.pk])
    part = editor.get(f"{path}?act=achieve", headers=FRAGMENT).content.decode()
    assert part.startswith("<li") and "btn primary" in part and "<html" not in part
    assert "btn primary" not in editor.get(path, headers=FRAGMENT).content.decode()
    assert editor.get(f"{path}?act=achieve").url == f"/my/?open=milestone-{late.pk}&act=achieve"


# acts


def test_a_milestone_is_achieved_in_its_row_and_taken_back(editor: Client, road: Project) -> None:
    late, _other = milestone(road, "大坝到顶", -9), milestone(road, "征迁完成", -5)
    answer = act(editor, late, "achieve", on=clock.today().isoformat(), note="验收 12 号").content.decode()
    late.refresh_from_db()
    assert (late.achieved_on, late.note) == (clock.today(), "验收 12 号")
    assert answer.startswith("<li") and f"已报完成：{clock.today()}" in answer and "撤销" in answer
    assert re.search(r'hx-target="#n-overdue".*?>1</span>', answer, re.DOTALL)  # the count of the group, and of the navigation
    assert re.search(r'id="owed-side">1<', answer)
    undone = editor.post(reverse("duty-undo", args=["milestone", late.pk, "achieve"]), headers=FRAGMENT).content.decode()
    late.refresh_from_db()
    assert late.achieved_on is None
    assert "报完成" in undone and re.search(r'id="owed-side">2<', undone)


def test_what_was_done_this_month_is_counted(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    milestone(road, "征迁完成", -5)
    act(editor, late, "achieve", on=clock.today().isoformat())
    tally = editor.get("/my/").context["tally"]
    assert (tally.done, tally.all_month) == (1, 2)


def test_what_is_wrong_stands_beside_its_field_with_what_was_typed(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    tomorrow = clock.today() + dt.timedelta(days=1)
    for in_place in (True, False):
        answer = act(editor, late, "achieve", on=tomorrow.isoformat(), note="照旧", in_place=in_place)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "完成日期不能晚于今天。" in page and 'value="照旧"' in page and 'aria-invalid="true"' in page
        assert ("<html" in page) is not in_place
    assert "不是日期" in act(editor, late, "achieve", on="昨天").content.decode()
    assert "必填。" in act(editor, late, "forecast", forecast_on=tomorrow.isoformat()).content.decode()
    late.refresh_from_db()
    assert late.achieved_on is None and late.forecast_on is None


def test_a_form_that_is_stale_changes_nothing_and_may_be_sent_again(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    seen = late.version
    milestones.edit_milestone(late.pk, {"note": "别人写的"}, version=seen, actor=TESTER)
    answer = act(editor, late, "achieve", on=clock.today().isoformat(), note="我的")
    page = answer.content.decode()
    assert answer.status_code == 412
    assert "保存期间已被他人修改" in page and 'value="我的"' in page
    late.refresh_from_db()
    assert late.achieved_on is None and f'name="version" value="{late.version}"' in page


def test_a_second_press_does_nothing_more(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    act(editor, late, "achieve", on=clock.today().isoformat())
    again = act(editor, late, "achieve", on="2020-01-01")
    assert again.status_code == 409 and "该事项已办结" in again.content.decode()
    late.refresh_from_db()
    assert late.achieved_on == clock.today()


def test_a_new_forecast_leaves_the_row_owed_and_says_it(editor: Client, road: Project) -> None:
    late, day = milestone(road, "大坝到顶", -9), clock.today() + dt.timedelta(days=20)
    answer = act(editor, late, "forecast", forecast_on=day.isoformat(), reason="雨季").content.decode()
    assert f"预测已改为 {day}" in answer and "报完成" in answer and f"预测 {day}" in answer
    late.refresh_from_db()
    assert late.forecast_on == day


def test_without_scripts_the_act_leads_back_with_a_line(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    answer = act(editor, late, "achieve", on=clock.today().isoformat(), in_place=False)
    assert (answer.status_code, answer.url) == (302, "/my/")
    assert "大坝到顶：已报完成" in text(editor)


def test_no_deed_by_another_name(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    assert act(editor, late, "pay").status_code == 403
    assert editor.post(reverse("duty-undo", args=["milestone", late.pk, "forecast"])).status_code == 404
    assert editor.post(reverse("duty-undo", args=["nothing", late.pk, "x"])).status_code == 404
    assert editor.get(reverse("duty-act", args=["milestone", late.pk, "achieve"])).status_code == 405


def test_only_who_may_edit_takes_back(people: People, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    milestones.achieve(late.pk, on=clock.today(), actor=TESTER, today=clock.today())
    path = reverse("duty-undo", args=["milestone", late.pk, "achieve"])
    assert [signed_in(people, name).post(path).status_code for name in ("reader", "outsider")] == [403, 404]
    late.refresh_from_db()
    assert late.achieved_on is not None


# who asks, who decides


@pytest.fixture
def change(people: People, road: Project) -> DateChange:
    late = milestone(road, "大坝到顶", -9)
    return date_changes.ask(
        late.pk, to_on=clock.today() + dt.timedelta(days=30), reason="雨季", actor=people.principal("editor"), today=clock.today()
    )


def test_a_date_change_is_agreed_to_in_one_press_by_another(people: People, change: DateChange) -> None:
    approver = signed_in(people, "approver")
    page = text(approver)
    assert "原因：雨季" in page and "推迟 39 天" in page and "申请人：editor先生" in page
    answer = act(approver, change, "approve", kind="date_change")
    assert answer.status_code == 200 and "已同意" in answer.content.decode()
    change.refresh_from_db()
    assert change.state == "approved"


def test_a_date_change_is_sent_back_with_a_reason(people: People, change: DateChange) -> None:
    approver = signed_in(people, "approver")
    assert act(approver, change, "reject", kind="date_change", note="").status_code == 422
    assert act(approver, change, "reject", kind="date_change", note="理由不足").status_code == 200
    change.refresh_from_db()
    assert (change.state, change.decision_note) == ("rejected", "理由不足")


def test_who_asked_sees_it_waiting_and_no_button(people: People, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    mine = date_changes.ask(
        late.pk, to_on=clock.today() + dt.timedelta(days=30), reason="雨季", actor=people.principal("approver"), today=clock.today()
    )
    approver = signed_in(people, "approver")
    page = text(approver)
    assert re.search(r"等别人办.*大坝到顶", page, re.DOTALL)
    assert 'data-deed="approve"' not in page
    assert act(approver, mine, "approve", kind="date_change").status_code in (403, 409)
    mine.refresh_from_db()
    assert mine.state == "requested"


def test_money_that_was_asked_for_waits_for_finance(people: People) -> None:
    clerk = people.principal("finance")
    pot = funding_rows.source(issued="1000.00")
    funding_rows.request("withdraw", pot, "10.00", state="requested", requested_by_id=clerk.id, requested_by_name=clerk.name)
    page = text(signed_in(people, "finance"))
    assert f"资金申请：{pot.name}" in page and "市财政局" in page
    assert pot.name not in text(signed_in(people, "finance_approver"))


def test_an_instalment_is_collected_in_its_row(people: People) -> None:
    pot = funding_rows.source(issued="1000.00", on=clock.today() - dt.timedelta(days=380))
    with recording(TESTER):
        Bond.objects.create(
            source=pot, code="2305001", tendered_on=pot.issued_on, interest_from_on=pot.issued_on, rate_percent="2.0000", tenor_years=5,
            matures_on=pot.issued_on.replace(year=pot.issued_on.year + 5, day=min(pot.issued_on.day, 28)),
            repayment_method="at_maturity", interest_frequency="yearly", principal_frequency="yearly",
        )  # fmt: skip
        repayments.reschedule(pot.pk, actor=TESTER)
    due = Repayment.objects.filter(bond__source=pot).earliest("due_on")
    finance = signed_in(people, "finance")
    assert "登记归集" in text(finance)
    assert "登记归集" not in text(signed_in(people, "finance_approver"))
    answer = act(finance, due, "pay", kind="repayment", paid_on=clock.today().isoformat(), document_no="1号").content.decode()
    due.refresh_from_db()
    assert due.paid_on == clock.today()
    assert "已登记归集" in answer and "撤销" not in answer


def test_letters_that_came_are_told_with_their_date(people: People, editor: Client, road: Project) -> None:
    late, user = milestone(road, "大坝到顶", -9), people.users["editor"]
    with recording(TESTER):
        Reminder.objects.create(
            subject_kind="milestone", subject_id=late.pk, subject_name=late.name, project=road, due_on=late.due_on,
            rung=Rung.objects.filter(letter="supervision").first(), recipient=user, state="sent", due_at=clock.now(), sent_at=clock.now(),
        )  # fmt: skip
    page = text(editor)
    assert re.search(r"督办函 \d\d-\d\d 已发", page)
    assert re.search(r"收到的提醒.*督办函 · 大坝到顶", page, re.DOTALL)
    kept = Reminder.objects.get(recipient=user)
    assert editor.post(reverse("reminder-acknowledge", args=[kept.pk]), {"back": "/my/"}).url == "/my/"
    assert reverse("reminder-acknowledge", args=[kept.pk]) not in text(editor)


# the page around it


def test_nothing_owed_says_what_is_due_next(editor: Client, road: Project) -> None:
    assert "没有欠办。" in text(editor) and "今后也没有定了日期的事项。" in text(editor)
    far = milestone(road, "太远", 90)
    page = text(editor)
    assert "没有欠办。" in page and f"下一个到期：{far.due_on} 太远 · 辉县高速" in page


def test_what_was_reported_this_month_counts_as_done_this_month_whenever_it_happened(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -70)
    before = editor.get("/my/").context["tally"].done
    assert act(editor, late, "achieve", on=clock.today() - dt.timedelta(days=60)).status_code == 200
    assert editor.get("/my/").context["tally"].done == before + 1
    milestones.reopen(late.pk, reason="误报", actor=TESTER, today=clock.today())
    assert editor.get("/my/").context["tally"].done == before


def test_home_is_what_one_owes_for_those_who_file_or_decide(people: People) -> None:
    homes = {name: signed_in(people, name).get("/").url for name in world.PEOPLE}
    assert {name for name, url in homes.items() if url == "/my/"} == {
        "editor",
        "approver",
        "outsider",
        "bureau",
        "finance",
        "finance_approver",
    }
    assert Client().get("/").url == "/board/"
    assert Client().get("/my/?open=milestone-x").url == "/sign-in/?next=/my/%3Fopen%3Dmilestone-x"


def test_the_navigation_counts_what_is_overdue_on_every_page(editor: Client, road: Project) -> None:
    milestone(road, "大坝到顶", -9)
    assert re.search(r'id="owed-side">1<', editor.get("/board/").content.decode())


@pytest.mark.parametrize("query", ["", "open"])
def test_a_full_page_takes_at_most_eight_statements_and_twenty_kilobytes(people: People, editor: Client, query: str) -> None:
    for n in range(12):
        road = project(f"项目{n}")
        for m in range(5):
            late = milestone(road, f"节点{m}", m - 40)
    date_changes.ask(
        late.pk, to_on=clock.today() + dt.timedelta(days=30), reason="雨", actor=people.principal("editor"), today=clock.today()
    )
    path = f"/my/?open=milestone-{late.pk}" if query else "/my/"
    editor.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = editor.get(path)
    statements = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(statements) <= 8, "\n".join(statements)
    assert len(gzip.compress(answer.content)) <= 20_000
    assert answer.context["next"]


def test_the_list_alone_is_a_part(editor: Client) -> None:
    part = editor.get("/my/", headers=FRAGMENT).content.decode()
    assert 'id="duties"' in part and "<html" not in part


def test_photos_prove_the_milestone_and_what_is_no_photo_is_refused_beside_the_field(editor: Client, road: Project) -> None:
    late = milestone(road, "大坝到顶", -9)
    late = milestones.edit_milestone(late.pk, {"is_evidence_required": True}, version=late.version, actor=TESTER)
    assert "现场照片（必需）" in text(editor, f"?open=milestone-{late.pk}")
    today = clock.today().isoformat()
    without = act(editor, late, "achieve", on=today)
    assert without.status_code == 422 and "该节点须附佐证" in without.content.decode()
    fake = act(editor, late, "achieve", on=today, photos=[SimpleUploadedFile("现场.jpg", b"<html>", "image/jpeg")])
    assert fake.status_code == 422 and re.search(r'id="[^"]+photos_error"', fake.content.decode())
    assert act(editor, late, "achieve", on=today, photos=[SimpleUploadedFile("现场.jpg", photo(), "image/jpeg")]).status_code == 200
    late.refresh_from_db()
    assert late.achieved_on == clock.today()
    assert MilestoneEvidence.objects.get(milestone=late).evidence.name == "现场.jpg"


def test_photo_is_kept_where_the_deed_is_refused_and_too_large_a_one_is_told_beside_its_field(editor: Client, road: Project) -> None:
    first, late = milestone(road, "先做", -20), milestone(road, "大坝到顶", -9)
    milestones.edit_milestone(late.pk, {"depends_on": [{"milestone": first.pk, "lag_days": 0}]}, version=None, actor=TESTER)
    late.refresh_from_db()
    today = clock.today().isoformat()
    refused = act(editor, late, "achieve", on=today, photos=[SimpleUploadedFile("现场.jpg", photo(), "image/jpeg")])
    kept = Evidence.objects.get()
    assert refused.status_code == 409 and "已上传：现场.jpg" in refused.content.decode()
    big = SimpleUploadedFile("大.jpg", photo() + bytes(16 << 20), "image/jpeg")
    page = act(editor, late, "achieve", on=today, evidence=str(kept.pk), photos=[big]).content.decode()
    assert re.search(r'id="[^"]+photos_error"', page) and "文件过大" in page and "已上传：现场.jpg" in page
    milestones.achieve(first.pk, on=clock.today(), actor=TESTER, today=clock.today())
    assert act(editor, late, "achieve", on=today, evidence=str(kept.pk)).status_code == 200
    assert MilestoneEvidence.objects.get(milestone=late).evidence_id == kept.pk
