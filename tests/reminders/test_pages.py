"""提醒, 静默, 级次, 委托 and the letter, by a plain client."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from common import clock
from common.recording import recording
from milestones.services import milestones
from reminders.models import Brake, Mute, OfficialLetter, Reminder, Rung
from reminders.selectors import waiting
from reminders.services import deliveries, sweep
from tests import world
from tests.reminders.days import late_project

pytestmark = pytest.mark.django_db


def signed_in(people: world.People, name: str) -> Client:
    client = Client()
    client.force_login(people.users[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def told(people: world.People, sink: Any) -> world.People:
    late_project(days=12, today=clock.today())
    sweep.sweep(now=clock.now())
    deliveries.deliver(clock=clock.now)
    return people


def statements(captured: CaptureQueriesContext) -> list[str]:
    return [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


def beside(page: str, field: str) -> str:
    """The sentence of what is wrong with a field."""
    found = re.search(rf'id="{field}-fault">(.*?)</span>', page, re.S)
    return found[1] if found else ""


def key(page: str) -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', page)
    assert found
    return found[1]


def test_who_is_told_what_and_the_ladder_of_one(told: world.People) -> None:
    client, above = signed_in(told, "editor"), signed_in(told, "supervisor")
    for one in (client, above):
        one.get("/reminders/")
    with CaptureQueriesContext(connection) as first:
        page = client.get("/reminders/").content.decode()
    assert "督办函 T+7" in re.sub(r"<[^>]+>", "", page) and "知悉" in page and "催办疑点" not in page
    mine = Reminder.objects.get(recipient=told.users["editor"], state="sent")
    one = client.get(f"/reminders/?subject={mine.subject_id}&due_on={mine.due_on}").content.decode()
    assert "T+15" in one and "T−15" in one and "✓" in one
    before = re.search(r"T−15.*?</li>", one, re.S)
    assert before and "未发" in before[0] and "待发" not in before[0]  # its day has passed
    with CaptureQueriesContext(connection) as second:
        above.get("/reminders/")

    for captured in (first, second):
        assert len(statements(captured)) <= 8, statements(captured)
    county, other = (told.offices[code].pk for code in ("410782", "410781"))
    for query, is_there in {f"office={county}": True, f"office={other}": False, "kind=milestone": True, "kind=permit": False}.items():
        assert ("督办函 T+7" in re.sub(r"<[^>]+>", "", client.get(f"/reminders/?{query}").content.decode())) is is_there, query
    assert "辉县高速" not in signed_in(told, "outsider").get("/reminders/").content.decode()


def test_what_has_ended_is_not_announced_any_more(told: world.People) -> None:
    mine = Reminder.objects.get(recipient=told.users["editor"], state="sent")
    page = f"/reminders/?subject={mine.subject_id}&due_on={mine.due_on}"
    client = signed_in(told, "editor")
    assert "不再发" not in client.get(page).content.decode()
    milestones.achieve(mine.subject_id, on=clock.today(), actor=world.TESTER, today=clock.today())
    assert "不再发" in client.get(page).content.decode()


def test_what_waits_for_the_next_window_is_told_apart_from_what_leaves(told: world.People) -> None:
    """Everyone has had one message today; what comes up now goes with the next."""
    late_project(days=3, today=clock.today(), name="卫河治理")
    sweep.sweep(now=clock.now())
    page = signed_in(told, "supervisor").get("/reminders/").content.decode()
    assert "正在发出" not in page
    assert re.search(r"另 <b>[1-9]\d*</b> 封待下一窗口 ", page)
    mine = Reminder.objects.filter(recipient=told.users["editor"], state="pending")
    assert {row.delivery.state for row in mine if row.delivery} == {"waiting"}


def test_what_keeps_quiet_and_what_the_brake_holds_is_not_said_to_leave(people: world.People) -> None:
    late_project(days=12, today=clock.today())
    sweep.sweep(now=clock.now())
    ready = waiting.waiting(today=clock.today())
    assert (ready.now > 0, ready.later, ready.is_held) == (True, 0, False)
    with recording(world.TESTER):
        Brake.objects.create(window=clock.today(), message_count=9, limit=5)
    assert "防洪闸已落下" in signed_in(people, "supervisor").get("/reminders/").content.decode()
    with recording(world.TESTER):
        Reminder.objects.update(snoozed_until_on=clock.today() + dt.timedelta(days=3))
    assert waiting.waiting(today=clock.today()) == waiting.Waiting(0, 0, is_held=True)


def test_acknowledging_and_snoozing_in_place(told: world.People) -> None:
    mine = Reminder.objects.get(recipient=told.users["editor"], state="sent")
    back = {"back": "/reminders/?whose=me"}
    assert signed_in(told, "outsider").post(f"/reminders/{mine.pk}/acknowledge/", back).status_code == 404
    answer = signed_in(told, "editor").post(f"/reminders/{mine.pk}/acknowledge/", back)
    assert (answer.status_code, answer["Location"]) == (302, "/reminders/?whose=me")
    waiting = Reminder.objects.filter(recipient__username="bureau", state="pending").first()
    assert waiting is not None
    wrong = signed_in(told, "bureau").post(f"/reminders/{waiting.pk}/snooze/", {"until_on": "2026-13-45"}, follow=True)
    waiting.refresh_from_db()
    assert "未暂缓：" in wrong.content.decode() and waiting.snoozed_until_on is None
    signed_in(told, "bureau").post(f"/reminders/{waiting.pk}/snooze/", {"back": "https://elsewhere.invalid/"})
    waiting.refresh_from_db()
    mine.refresh_from_db()
    assert mine.state == "acknowledged" and mine.acknowledged_at and waiting.snoozed_until_on == clock.today() + dt.timedelta(days=3)


def test_a_mute_by_form(told: world.People) -> None:
    client = signed_in(told, "supervisor")
    form = {"idempotency_key": key(client.get("/mutes/").content.decode()), "reason": "汛期停工", "until_on": ""}
    refused = client.post("/mutes/", form | {"project": "没有的项目"})
    text = refused.content.decode()
    assert refused.status_code == 422 and "没有找到，请填全称或代码。" in text and "汛期停工" in text and "没有的项目" in text
    assert "相近的有：辉县高速。" in client.post("/mutes/", form | {"project": "辉县"}).content.decode()
    until = (clock.today() + dt.timedelta(days=40)).isoformat()
    assert client.post("/mutes/", form | {"project": "辉县高速", "until_on": until}).status_code == 302
    mute = Mute.objects.get()
    assert "不能复核自己提出的静默。" in client.get("/mutes/").content.decode()
    other = signed_in(told, "admin")
    assert "同意" in other.get("/mutes/").content.decode()
    other.post(f"/mutes/{mute.pk}/approve/", {"version": mute.version})
    mute.refresh_from_db()
    assert mute.state == "in_force"
    assert signed_in(told, "editor").post(f"/mutes/{mute.pk}/end/", {}).status_code == 403
    assert "新增静默" not in signed_in(told, "editor").get("/mutes/").content.decode()


def test_the_ladder_is_tried_and_changed(told: world.People) -> None:
    client = signed_in(told, "supervisor")
    client.get("/manage/ladder/")
    with CaptureQueriesContext(connection) as captured:
        page = client.get("/manage/ladder/")
    assert page.status_code == 200 and len(statements(captured)) <= 8, statements(captured)
    looked = client.post("/manage/ladder/", {"act": "look"}).content.decode()

    assert "今后 30 天每天发出" in looked and "今后 30 天每天发出" not in page.content.decode()
    new = {"kind": "after", "days": "3", "counts": "working", "audience": "office", "letter": "reminder", "subject_kind": ""}
    before = Rung.objects.count()
    tried = client.post("/manage/ladder/", new | {"act": "try"})
    assert tried.status_code == 200 and "改后" in tried.content.decode() and Rung.objects.count() == before
    wrong = client.post("/manage/ladder/", new | {"act": "save", "audience": "patron", "days": "1"})
    assert wrong.status_code == 422
    assert "须晚于逾期后首次提醒责任单位" in beside(wrong.content.decode(), "days-new") and 'value="1"' in wrong.content.decode()
    standing = Rung.objects.get(subject_kind=None, kind="after", audience="office", days=1)
    changed = {"rung": standing.pk, "version": standing.version, "act": "save", "days": "many"}
    wrong = client.post("/manage/ladder/", new | changed)
    page = wrong.content.decode()
    assert wrong.status_code == 422 and "天数须为 0 到 250 的整数。" in beside(page, f"days-{standing.pk}") and 'value="many"' in page
    twin = client.post("/manage/ladder/", new | changed | {"days": "7", "letter": "supervision"})
    assert twin.status_code == 409 and "这套级次里已有同一天、同一对象的一级。" in twin.content.decode()
    tried = client.post("/manage/ladder/", new | changed | {"act": "try", "days": "7"})
    assert (tried.status_code, "已有同一天、同一对象的一级" in tried.content.decode()) == (409, True)
    assert client.post("/manage/ladder/", new | {"act": "save"}).status_code == 302
    made = Rung.objects.get(days=3)
    client.post("/manage/ladder/", {"act": "remove", "rung": made.pk, "version": made.version})
    assert not Rung.objects.filter(pk=made.pk).exists()
    assert signed_in(told, "editor").get("/manage/ladder/").status_code == 403


def test_a_deputy_by_form(told: world.People) -> None:
    client = signed_in(told, "approver")
    form = {"idempotency_key": key(client.get("/my/deputy/").content.decode()), "user": str(told.users["reader"].pk), "reason": "出差"}
    refused = client.post("/my/deputy/", form | {"from_on": clock.today().isoformat(), "until_on": ""})
    assert refused.status_code == 422 and "请写明截止日。" in refused.content.decode() and "出差" in refused.content.decode()
    day = clock.today().isoformat()
    assert client.post("/my/deputy/", form | {"from_on": day, "until_on": day}).status_code == 302
    row = Membership.objects.get(delegated_by=told.users["approver"])
    deputy = signed_in(told, "reader")
    assert "您正代 approver先生 办理" in deputy.get("/my/").content.decode()
    assert "谢绝" in deputy.get("/my/deputy/").content.decode()
    said = deputy.post(f"/my/deputy/{row.pk}/end/", {"version": row.version}, follow=True)
    assert "已谢绝，委托人会看到。" in said.content.decode()
    assert "reader先生 谢绝了您至" in client.get("/my/").content.decode()
    assert "谢绝</b>" in client.get("/my/deputy/").content.decode()
    assert (
        client.post(
            "/my/deputy/", form | {"idempotency_key": key(client.get("/my/deputy/").content.decode()), "from_on": day, "until_on": day}
        ).status_code
        == 302
    )
    row = Membership.objects.get(delegated_by=told.users["approver"], declined_on=None)
    assert "reader先生" in client.get("/my/deputy/").content.decode()
    ended = client.post(f"/my/deputy/{row.pk}/end/", {"version": row.version}, follow=True)
    assert "已结束委托。" in ended.content.decode(), re.sub(r"<[^>]+>", " ", ended.content.decode())[-900:]
    assert not Membership.objects.filter(pk=row.pk).exists()


def test_a_letter_on_paper(told: world.People) -> None:
    letter = OfficialLetter.objects.get(kind="supervision")
    page = signed_in(told, "editor").get(f"/letters/{letter.pk}/").content.decode()
    assert f"新项督〔{clock.today().year}〕1号" in page and "辉县市人民政府：" in page and "抄送：市交通运输局" in page
    assert signed_in(told, "outsider").get(f"/letters/{letter.pk}/").status_code == 404
