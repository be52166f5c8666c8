"""节点 and 调整申请 by form: what is shown, what is kept, who may, and where one is led."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import selectors as accounts
from accounts.models import Membership, Office, User
from common import clock
from common.recording import recording
from milestones.models import DateChange, Dependency, Milestone, MilestoneEvidence
from milestones.services import date_changes, milestones
from projects.models import Evidence
from tests import files
from tests.portal.conftest import City
from tests.world import TESTER

LATER = dt.date(2027, 6, 30)


@pytest.fixture
def late(city: City) -> Milestone:
    """An overdue milestone of an office in reach of `county` and `chief`."""
    with recording(TESTER):
        office = Office.objects.get(code="410782")
        chief = User.objects.create(username="chief", name="孙局", office=office)
        Membership.objects.create(user=chief, office=office, role="approver")
    city.users["chief"] = chief
    found: Any = Milestone.objects.filter(
        project__office=office, due_on__isnull=False, achieved_on=None, project__stage="construction"
    ).first()
    assert found is not None
    return found


def url(name: str, milestone: Milestone) -> str:
    return reverse(name, args=[milestone.pk])


def asked(city: City, milestone: Milestone, *, by: str = "county") -> DateChange:
    actor = accounts.person(city.users[by], today=clock.today())
    return date_changes.ask(milestone.pk, to_on=LATER, reason="汛期停工", actor=actor, today=clock.today())


def behind(milestone: Milestone, name: str = "绿化") -> Milestone:
    """A successor that is expected on the day its predecessor is due."""
    fields = {"name": name, "due_on": milestone.due_on, "basis": "approved"}
    made = milestones.create_milestone(milestone.project_id, fields, actor=TESTER, today=clock.today())
    with recording(TESTER):
        Dependency.objects.create(project_id=milestone.project_id, before=milestone, after=made)
    return made


def statements(client: Client, address: str) -> int:
    """Of a page that was seen before: what all pages keep for a minute is not asked again. The session is written each time."""
    client.get(address)
    with CaptureQueriesContext(connection) as caught:
        client.get(address)
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")) for q in caught)


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_day_without_a_year_is_the_coming_one_of_a_forecast_and_the_last_one_of_an_achievement(city: City, late: Milestone) -> None:
    client, soon = city.signed_in("county"), clock.today() + dt.timedelta(days=90)
    short = f"{soon.month}月{soon.day}日"
    assert client.post(url("milestone-forecast", late), {"forecast_on": short, "reason": "雨", "take": "none"}).status_code == 302
    late.refresh_from_db()
    assert late.forecast_on == soon
    assert client.post(url("milestone-achieve", late), {"on": short}).status_code == 302
    late.refresh_from_db()
    assert late.achieved_on == soon.replace(year=soon.year - 1)


def test_page_shows_four_dates_and_opens_the_form_of_achieving(city: City, late: Milestone) -> None:
    client = city.signed_in("county")
    page = text(client, url("milestone", late))
    assert statements(client, url("milestone", late)) <= 8
    assert str(late.due_on) in page and "未报预测" in page and "按基线" not in page
    assert f'action="{url("milestone-achieve", late)}"' in page
    assert f'value="{clock.today()}"' in page
    assert page.count("btn primary") == 1


def test_dates_that_moved_are_drawn_and_told_in_a_table(city: City, late: Milestone) -> None:
    client, was = city.signed_in("county"), late.due_on
    assert 'id="trend"' not in text(client, url("milestone", late))
    chief = accounts.person(city.users["chief"], today=clock.today())
    date_changes.approve(asked(city, late).pk, actor=chief, today=clock.today(), now=clock.now())
    page = text(client, url("milestone", late))
    assert statements(client, url("milestone", late)) <= 8
    _, _, trend = page.partition('id="trend"')
    table = trend.partition("</table>")[0]
    assert f'<td class="nowrap">{was}</td><td class="nowrap">{was}</td>' in table
    assert f'<td class="nowrap">{was}</td><td class="nowrap">{LATER}</td>' in table
    assert "孙局" in table


def test_hidden_milestone_is_absent(city: City, late: Milestone) -> None:
    assert city.signed_in("nobody").get(url("milestone", late)).status_code == 404
    assert city.signed_in("nobody").post(url("milestone-achieve", late), {"on": "2025-01-01"}).status_code == 404


def test_who_only_reads_sees_no_form_and_cannot_send_one(city: City, late: Milestone) -> None:
    client = city.signed_in("leader")
    assert '<form method="post" class="body' not in text(client, url("milestone", late))
    assert client.post(url("milestone-achieve", late), {"on": "2025-01-01"}).status_code == 403
    assert Milestone.objects.get(pk=late.pk).achieved_on is None


def test_achieving_leads_back_to_where_it_was_said(city: City, late: Milestone) -> None:
    client = city.signed_in("county")
    data = {"on": clock.today().isoformat(), "note": "已验收", "version": str(late.version)}
    answer = client.post(url("milestone-achieve", late), data | {"next": "/projects/?q=x"})
    assert (answer.status_code, answer.url) == (302, "/projects/?q=x")
    assert Milestone.objects.get(pk=late.pk).achieved_on == clock.today()


def test_another_site_is_never_led_to(city: City, late: Milestone) -> None:
    data = {"on": clock.today().isoformat(), "next": "https://example.com/"}
    assert city.signed_in("county").post(url("milestone-achieve", late), data).url == url("milestone", late)


def test_future_day_stands_beside_its_field_with_what_was_typed(city: City, late: Milestone) -> None:
    ahead = (clock.today() + dt.timedelta(days=1)).isoformat()
    answer = city.signed_in("county").post(url("milestone-achieve", late), {"on": ahead, "note": "已验收"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "完成日期不能晚于今天" in page
    assert 'value="已验收"' in page
    assert f'value="{ahead}"' in page


def test_page_that_was_overtaken_is_told_so(city: City, late: Milestone) -> None:
    answer = city.signed_in("county").post(url("milestone-achieve", late), {"on": "2025-01-01", "version": str(late.version + 7)})
    assert (answer.status_code, "保存期间已被他人修改" in answer.content.decode()) == (412, True)


def test_open_predecessor_is_named_and_only_an_approver_may_pass_it(city: City, late: Milestone) -> None:
    after = behind(late)
    refused = city.signed_in("county").post(url("milestone-achieve", after), {"on": clock.today().isoformat()})
    assert refused.status_code == 409
    assert late.name in refused.content.decode()
    assert "越过前置节点的原因" not in refused.content.decode()
    chief = city.signed_in("chief")
    assert "越过前置节点的原因" in text(chief, url("milestone", after))
    data = {"on": clock.today().isoformat(), "override_reason": "分段验收"}
    assert chief.post(url("milestone-achieve", after), data).status_code == 302


def test_forecast_names_the_successors_before_it_is_saved(city: City, late: Milestone) -> None:
    after, client = behind(late), city.signed_in("county")
    data = {"forecast_on": LATER.isoformat(), "reason": "汛期", "version": str(late.version)}
    shown = client.post(url("milestone-forecast", late), data)
    assert (shown.status_code, "绿化" in shown.content.decode()) == (200, True)
    assert Milestone.objects.get(pk=late.pk).forecast_on != LATER
    assert client.post(url("milestone-forecast", late), data | {"take": "chosen", "also": str(after.pk)}).status_code == 302
    assert Milestone.objects.get(pk=after.pk).forecast_on == LATER


def test_forecast_of_this_milestone_alone_leaves_the_successors(city: City, late: Milestone) -> None:
    after = behind(late)
    data = {"forecast_on": LATER.isoformat(), "reason": "汛期", "take": "none"}
    city.signed_in("county").post(url("milestone-forecast", late), data)
    assert (Milestone.objects.get(pk=late.pk).forecast_on, Milestone.objects.get(pk=after.pk).forecast_on) == (LATER, None)


def test_after_a_late_achievement_the_forecasts_behind_it_are_proposed(city: City, late: Milestone) -> None:
    after, client = behind(late), city.signed_in("county")
    client.post(url("milestone-achieve", late), {"on": clock.today().isoformat()})
    assert url("milestone-follow", late) in text(client, url("milestone", late))
    client.post(url("milestone-follow", late), {"also": str(after.pk)})
    assert Milestone.objects.get(pk=after.pk).forecast_on == clock.today()
    assert url("milestone-follow", late) not in text(client, url("milestone", late))


def test_taking_an_achievement_back_needs_a_reason(city: City, late: Milestone) -> None:
    client = city.signed_in("county")
    client.post(url("milestone-achieve", late), {"on": clock.today().isoformat()})
    assert client.post(url("milestone-reopen", late), {}).status_code == 422
    assert client.post(url("milestone-reopen", late), {"reason": "误报"}).status_code == 302
    assert Milestone.objects.get(pk=late.pk).achieved_on is None


def test_first_date_is_set_by_an_approver(city: City, late: Milestone) -> None:
    undated = milestones.create_milestone(late.project_id, {"name": "绿化"}, actor=TESTER, today=clock.today())
    data = {"due_on": LATER.isoformat(), "basis": "approved"}
    assert city.signed_in("county").post(url("milestone-first-date", undated), data).status_code == 403
    assert city.signed_in("chief").post(url("milestone-first-date", undated), data).status_code == 302
    assert Milestone.objects.get(pk=undated.pk).due_on == LATER


def test_asking_shows_days_and_effects_and_keeps_what_was_typed(city: City, late: Milestone) -> None:
    behind(late)
    client = city.signed_in("county")
    assert "填写新的日期" in text(client, url("ask-date-change", late))
    fragment = client.post(url("ask-date-change-check", late), {"to_on": LATER.isoformat()}).content.decode()
    assert f"推迟 {(LATER - late.due_on).days:,} 天" in fragment
    assert "绿化" in fragment
    assert "不再逾期" in fragment
    refused = client.post(url("ask-date-change", late), {"to_on": LATER.isoformat(), "document_no": "新发改1号"})
    assert (refused.status_code, 'value="新发改1号"' in refused.content.decode()) == (422, True)
    answer = client.post(url("ask-date-change", late), {"to_on": LATER.isoformat(), "reason": "汛期停工", "cause": "weather"})
    made = DateChange.objects.get(milestone=late)
    assert (answer.status_code, answer.url, made.cause) == (302, reverse("date-change", args=[made.pk]), "weather")


def test_the_forecast_is_the_day_that_is_asked_for_first(city: City, late: Milestone) -> None:
    with recording(TESTER):
        Milestone.objects.filter(pk=late.pk).update(forecast_on=LATER)
    assert f'value="{LATER}"' in text(city.signed_in("county"), url("ask-date-change", late))


def test_the_asker_sees_no_decision_and_takes_it_back(city: City, late: Milestone) -> None:
    change, client = asked(city, late), city.signed_in("county")
    page = text(client, reverse("date-change", args=[change.pk]))
    assert "不能审批自己的申请" in page
    assert 'value="approve"' not in page
    decide = reverse("date-change-decide", args=[change.pk])
    assert client.post(decide, {"act": "approve"}).status_code == 403
    assert client.post(decide, {"act": "withdraw"}).status_code == 302
    change.refresh_from_db()
    assert change.state == "withdrawn"


def test_approver_decides_on_the_same_page(city: City, late: Milestone) -> None:
    change, client = asked(city, late), city.signed_in("chief")
    decide = reverse("date-change-decide", args=[change.pk])
    assert "不再逾期" in text(client, reverse("date-change", args=[change.pk]))
    assert statements(client, reverse("date-change", args=[change.pk])) <= 8
    refused = client.post(decide, {"act": "reject"})
    assert (refused.status_code, "退回须写明原因" in refused.content.decode()) == (422, True)
    assert client.post(decide, {"act": "approve", "version": "1", "next": "/date-changes/"}).url == "/date-changes/"
    assert Milestone.objects.get(pk=late.pk).due_on == LATER
    again = client.post(decide, {"act": "reject", "note": "再议"})
    assert (again.status_code, "该申请已处理" in again.content.decode()) == (409, True)


def test_list_shows_what_waits_unless_another_state_is_asked_for(city: City, late: Milestone) -> None:
    change, client = asked(city, late), city.signed_in("chief")
    link = reverse("date-change", args=[change.pk])
    assert link in text(client, "/date-changes/")
    assert link not in text(client, "/date-changes/?state=approved")
    assert link in text(client, "/date-changes/?state=all")
    assert link not in text(city.signed_in("nobody"), "/date-changes/")
    assert city.signed_in("nobody").get(link).status_code == 404


def test_photo_comes_with_the_form_and_proves_the_milestone(city: City, late: Milestone) -> None:
    with recording(TESTER):
        Milestone.objects.filter(pk=late.pk).update(is_evidence_required=True)
    client, today = city.signed_in("county"), clock.today().isoformat()
    refused = client.post(url("milestone-achieve", late), {"on": today})
    assert (refused.status_code, "该节点须附佐证" in refused.content.decode()) == (422, True)
    assert client.post(url("milestone-achieve", late), {"on": today, "file": files.upload(files.photo(), "现场.jpg")}).status_code == 302
    assert "现场.jpg" in text(client, url("milestone", late))


def test_photo_is_not_lost_when_something_else_is_wrong(city: City, late: Milestone) -> None:
    client = city.signed_in("county")
    for wrong in ("", (clock.today() + dt.timedelta(days=1)).isoformat()):
        page = client.post(url("milestone-achieve", late), {"on": wrong, "file": files.upload(files.photo(), "现场.jpg")}).content.decode()
        assert "已上传：现场.jpg" in page
    kept = Evidence.objects.get(project=late.project_id)
    assert client.post(url("milestone-achieve", late), {"on": clock.today().isoformat(), "evidence": str(kept.pk)}).status_code == 302
    assert MilestoneEvidence.objects.get(milestone=late).evidence_id == kept.pk


def test_file_that_is_not_what_its_name_says_is_refused_beside_its_field(city: City, late: Milestone) -> None:
    data = {"on": clock.today().isoformat(), "file": files.upload(b"<html></html>", "现场.jpg"), "note": "已验收"}
    answer = city.signed_in("county").post(url("milestone-achieve", late), data)
    page = answer.content.decode()
    assert (answer.status_code, 'id="file-fault"' in page, 'value="已验收"' in page) == (422, True, True)


def test_document_comes_with_the_request(city: City, late: Milestone) -> None:
    data = {"to_on": LATER.isoformat(), "reason": "汛期停工", "file": files.upload(files.PDF, "批文.pdf")}
    assert city.signed_in("county").post(url("ask-date-change", late), data).status_code == 302
    made = DateChange.objects.get(milestone=late)
    assert made.document is not None
    assert made.document.name == "批文.pdf"
