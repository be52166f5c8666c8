"""节点 of a project by form: the plan and its float, baselines, templates shown before they are applied, predecessors."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Office, User
from common import clock
from common.recording import recording
from milestones.models import Baseline, Dependency, Milestone, Template
from milestones.services import baselines, forecasts, milestones
from projects.models import Project
from tests.portal.conftest import City
from tests.world import TESTER, project

TODAY = clock.today()


def on(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


@pytest.fixture
def bridge(city: City) -> Project:
    """A project without dates, of an office in reach of `county` and `chief`, who may decide."""
    with recording(TESTER):
        office = Office.objects.get(code="410782")
        chief = User.objects.create(username="chief", name="孙局", office=office)
        Membership.objects.create(user=chief, office=office, role="approver")
    city.users["chief"] = chief
    return project("跨河大桥", sector="transport.expressway", at="construction")


@pytest.fixture
def template(bridge: Project) -> Template:
    return Template.objects.get(code="bridge")


def step(bridge: Project, name: str, days: int, *, after: Milestone | None = None, lag: int = 0) -> Milestone:
    made = milestones.create_milestone(
        bridge.pk, {"name": name, "due_on": on(days), "basis": "approved", "position": 500}, actor=TESTER, today=TODAY
    )
    if after is not None:
        waits = {"depends_on": [{"milestone": after.pk, "lag_days": lag}]}
        made = milestones.edit_milestone(made.pk, waits, version=None, actor=TESTER)
    return made


def url(name: str, bridge: Project, *keys: Any) -> str:
    return reverse(name, args=[bridge.pk, *keys])


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def sent(client: Client, address: str, **data: Any) -> Any:
    return client.post(address, {"idempotency_key": str(uuid.uuid4())} | data)


def statements(caught: CaptureQueriesContext) -> int:
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE", 'UPDATE "django_session"')) for q in caught)


def row_of(page: str, milestone: Milestone) -> str:
    return page.split(f'id="{milestone.pk}"')[1].split("</tr>")[0]


def waits_for(milestone: Milestone) -> dict[str, int]:
    return dict(Dependency.objects.filter(after=milestone).values_list("before__name", "lag_days"))


def test_rows_name_predecessors_float_and_the_critical_chain(city: City, bridge: Project) -> None:
    piles, caps = step(bridge, "桩基", 10), step(bridge, "承台", 20)
    deck = step(bridge, "合龙", 60, after=piles, lag=50)
    waits = {"depends_on": [{"milestone": piles.pk, "lag_days": 50}, {"milestone": caps.pk, "lag_days": 10}]}
    milestones.edit_milestone(deck.pk, waits, version=None, actor=TESTER)
    kept = baselines.take(bridge.pk, name="初设批复", actor=TESTER)
    for address in (url("project-milestones", bridge), f"{url('project-milestones', bridge)}?baseline={kept.pk}&form=template"):
        client = city.signed_in("county")
        with CaptureQueriesContext(connection) as caught:
            page = text(client, address)
        assert statements(caught) <= 8, (address, [q["sql"][:70] for q in caught])
    assert "关键线路" in row_of(page, piles) and "关键线路" in row_of(page, deck)
    assert "浮动 30 天" in row_of(page, caps) and "关键线路" not in row_of(page, caps)
    assert "桩基" in row_of(page, deck) and "隔 50 天" in row_of(page, deck) and "承台" in row_of(page, deck)
    assert page.count("btn primary") == 1


def test_baseline_tells_what_moved_went_and_came(city: City, bridge: Project) -> None:
    piles, caps = step(bridge, "桩基", 10), step(bridge, "承台", 20)
    client = city.signed_in("county")
    assert sent(client, url("schedule-baseline", bridge), name="初设批复").status_code == 302
    kept = Baseline.objects.get(project=bridge)
    forecasts.forecast(piles.pk, forecast_on=on(17), reason="雨", actor=TESTER, today=TODAY)
    with recording(TESTER):
        Milestone.objects.filter(pk=caps.pk).delete()
    deck = step(bridge, "合龙", 60)
    page = text(client, f"{url('project-milestones', bridge)}?baseline={kept.pk}")
    assert "推迟 7 天" in row_of(page, piles) and on(10).isoformat() in row_of(page, piles)
    assert "新增" in row_of(page, deck)
    assert "<del>承台</del>" in page and "推迟 1 个" in page and "删除 1 个" in page
    assert "与基线比</th>" not in text(client, f"{url('project-milestones', bridge)}?baseline={uuid.uuid4()}")


def test_name_of_a_baseline_that_is_taken_stands_beside_it(city: City, bridge: Project) -> None:
    baselines.take(bridge.pk, name="初设批复", actor=TESTER)
    answer = sent(city.signed_in("county"), url("schedule-baseline", bridge), name="初设批复", note="概算调整")
    page = answer.content.decode()
    assert (answer.status_code, "已有同名的基线" in page, 'value="概算调整"' in page) == (409, True, True)
    assert sent(city.signed_in("county"), url("schedule-baseline", bridge), name="").status_code == 422


def test_template_is_shown_before_it_is_applied_and_an_editor_gives_forecasts(city: City, bridge: Project, template: Template) -> None:
    client, address = city.signed_in("county"), url("schedule-template", bridge)
    assert "推算的日期记为预测" in text(client, url("project-milestones", bridge))
    data = {"template": str(template.pk), "side": "starts_on", "day": on(30).isoformat()}
    shown = sent(client, address, **data)
    assert (shown.status_code, "套用后将变动 10 个节点" in shown.content.decode()) == (200, True)
    assert on(180).isoformat() in shown.content.decode()
    assert Milestone.objects.filter(project=bridge).count() == 2
    mark = shown.context["opened"].shown
    assert sent(client, address, shown=mark, **data).status_code == 302
    made = Milestone.objects.get(project=bridge, name="桩基完成")
    assert (made.forecast_on, made.due_on) == (on(180), None)


def test_another_plan_than_the_one_shown_is_not_carried_out(city: City, bridge: Project, template: Template) -> None:
    client, address = city.signed_in("chief"), url("schedule-template", bridge)
    number = "新发改〔2026〕1号"
    data = {
        "template": str(template.pk),
        "side": "completes_on",
        "day": on(900).isoformat(),
        "basis": "approved",
        "document_no": number,
    }
    mark = sent(client, address, **data).context["opened"].shown
    refused = sent(client, address, shown=mark, **data | {"day": on(901).isoformat()})
    assert (refused.status_code, "与刚才显示的不同" in refused.content.decode()) == (409, True)
    assert Milestone.objects.filter(project=bridge).count() == 2
    assert sent(client, address, shown=mark, **data).status_code == 302
    end = Milestone.objects.get(project=bridge, kind="completion")
    assert (end.due_on, end.baseline_on, end.basis, end.document_no) == (on(900), on(900), "approved", number)


def test_days_that_have_passed_are_said_to_be_overdue_at_once(city: City, bridge: Project, template: Template) -> None:
    address = url("schedule-template", bridge)
    data = {"template": str(template.pk), "side": "starts_on", "day": on(-100).isoformat(), "basis": "approved"}
    page = sent(city.signed_in("chief"), address, **data).content.decode()
    passed = page.count("日期已过</b>")
    assert 0 < passed < 10 and f"其中 {passed} 个节点的应完成日期已过" in page
    assert "应完成日期已过" not in sent(city.signed_in("chief"), address, **data | {"day": on(1000).isoformat()}).content.decode()
    assert "应完成日期已过" not in sent(city.signed_in("county"), address, **data).content.decode()  # an editor's days are forecasts


def test_double_press_applies_once(city: City, bridge: Project, template: Template) -> None:
    client, address = city.signed_in("county"), url("schedule-template", bridge)
    data = {"template": str(template.pk), "side": "starts_on", "day": on(30).isoformat()}
    data |= {"shown": sent(client, address, **data).context["opened"].shown, "idempotency_key": str(uuid.uuid4())}
    assert [client.post(address, data).status_code for _ in range(2)] == [302, 302]
    assert Milestone.objects.filter(project=bridge).count() == 10


def test_rough_day_stands_beside_its_field(city: City, bridge: Project, template: Template) -> None:
    answer = sent(city.signed_in("county"), url("schedule-template", bridge), template=str(template.pk), side="starts_on", day="2027-02-30")
    assert (answer.status_code, 'value="2027-02-30"' in answer.content.decode()) == (422, True)


def test_day_of_an_absurd_year_stands_beside_its_field(city: City, bridge: Project, template: Template) -> None:
    answer = sent(city.signed_in("county"), url("schedule-template", bridge), template=str(template.pk), side="starts_on", day="2207-03-01")
    assert (answer.status_code, "核对年份" in answer.context["opened"].form.entry("day").fault) == (422, True)


@pytest.mark.parametrize("day", [dt.date(9999, 12, 31), dt.date(2206, 12, 31), dt.date(1900, 1, 1)])
def test_no_date_that_stands_already_breaks_a_page(city: City, bridge: Project, day: dt.date) -> None:
    piles, deck = step(bridge, "桩基", 10), step(bridge, "合龙", 60)
    with recording(TESTER):
        Milestone.objects.filter(pk=piles.pk).update(baseline_on=day, due_on=day, forecast_on=day)
        Dependency.objects.create(project=bridge, before=piles, after=deck, lag_days=9)
    client, plan = city.signed_in("chief"), url("project-milestones", bridge)
    one, ask = reverse("milestone", args=[piles.pk]), reverse("ask-date-change", args=[piles.pk])
    for address in (plan, f"{plan}?window=year", one, ask, reverse("project", args=[bridge.pk]), "/my/", "/board/", "/projects/"):
        assert client.get(address).status_code == 200, address
    assert str(day) in text(client, plan)


def test_predecessors_are_replaced_as_a_whole(city: City, bridge: Project) -> None:
    piles, caps, deck = step(bridge, "桩基", 10), step(bridge, "承台", 20), step(bridge, "合龙", 60)
    client, address = city.signed_in("county"), url("schedule-predecessors", bridge, deck.pk)
    more = client.post(address, {"before": [str(piles.pk), ""], "lag_days": ["五十", ""], "more": "1"})
    assert more.content.decode().count('name="lag_days"') == 3 and 'value="五十"' in more.content.decode()
    data = {"before": [str(piles.pk), str(caps.pk), ""], "lag_days": ["50", "１０天", ""], "version": str(deck.version)}
    answer = client.post(address, data)
    assert (answer.status_code, answer.url) == (302, f"{url('project-milestones', bridge)}#{deck.pk}")
    assert waits_for(deck) == {"桩基": 50, "承台": 10}
    assert client.post(address, {"before": ["", str(caps.pk)], "lag_days": ["", "10"]}).status_code == 302
    assert waits_for(deck) == {"承台": 10}


def test_circle_is_named_and_what_was_typed_stays(city: City, bridge: Project) -> None:
    piles = step(bridge, "桩基", 10)
    caps = step(bridge, "承台", 20, after=piles)
    address = url("schedule-predecessors", bridge, piles.pk)
    answer = city.signed_in("county").post(address, {"before": [str(caps.pk)], "lag_days": ["7"]})
    page = answer.content.decode()
    assert (answer.status_code, 'value="7"' in page) == (422, True)
    assert "桩基 → 承台 → 桩基" in page or "承台 → 桩基 → 承台" in page
    assert waits_for(piles) == {}


@pytest.mark.parametrize(
    ("before", "lag", "said"),
    [
        ("own", "三天", "整数天"),
        ("own", "9999", "整数天"),
        ("", "5", "请选择前置节点"),
        ("x", "5", "请从列表中选择"),
        ("strange", "5", "请从列表中选择"),
    ],
)
def test_wrong_line_is_told_beside_it(city: City, bridge: Project, before: str, lag: str, said: str) -> None:
    piles, deck = step(bridge, "桩基", 10), step(bridge, "合龙", 60)
    key = {"own": str(piles.pk), "strange": str(uuid.uuid4())}.get(before, before)
    answer = city.signed_in("county").post(url("schedule-predecessors", bridge, deck.pk), {"before": [key], "lag_days": [lag]})
    assert said in answer.content.decode() and answer.status_code == 422
    assert waits_for(deck) == {}


def test_milestone_that_stands_twice_is_told_beside_its_line(city: City, bridge: Project) -> None:
    piles, deck = step(bridge, "桩基", 10), step(bridge, "合龙", 60)
    data = {"before": ["", str(piles.pk), str(piles.pk)], "lag_days": ["", "5", "6"]}
    answer = city.signed_in("county").post(url("schedule-predecessors", bridge, deck.pk), data)
    lines = answer.context["opened"].lines.lines
    assert [bool(line.fault) for line in lines] == [False, False, True] and waits_for(deck) == {}


def test_predecessors_that_were_overtaken_are_not_written(city: City, bridge: Project) -> None:
    piles, deck = step(bridge, "桩基", 10), step(bridge, "合龙", 60)
    data = {"before": [str(piles.pk)], "lag_days": ["5"], "version": str(deck.version + 7)}
    assert city.signed_in("county").post(url("schedule-predecessors", bridge, deck.pk), data).status_code == 412
    assert waits_for(deck) == {}


def test_new_milestone_stands_before_the_completion_or_where_one_says(city: City, bridge: Project) -> None:
    client, address = city.signed_in("county"), url("schedule-add", bridge)
    piles = step(bridge, "桩基", 10)
    assert sent(client, address, name="绿化").status_code == 302
    assert sent(client, address, name="围堰", place=str(Milestone.objects.get(project=bridge, kind="start").pk)).status_code == 302
    names = list(Milestone.objects.filter(project=bridge).order_by("position", "id").values_list("name", flat=True))
    assert names == ["开工", "围堰", piles.name, "绿化", "竣工"]


def test_only_who_decides_dates_a_new_milestone_and_says_on_what_it_rests(city: City, bridge: Project) -> None:
    address, data = url("schedule-add", bridge), {"name": "绿化", "due_on": on(90).isoformat()}
    assert sent(city.signed_in("county"), address, **data | {"basis": "approved"}).status_code == 302
    assert Milestone.objects.get(project=bridge, name="绿化").due_on is None
    refused = sent(city.signed_in("chief"), address, **data | {"name": "亮化"})
    assert (refused.status_code, "有日期须写明依据" in refused.content.decode()) == (422, True)
    assert sent(city.signed_in("chief"), address, **data | {"name": "亮化", "basis": "approved"}).status_code == 302
    made = Milestone.objects.get(project=bridge, name="亮化")
    assert (made.due_on, made.baseline_on) == (on(90), on(90))


def test_who_only_reads_sees_the_plan_without_forms_and_who_may_not_see_nothing(city: City, bridge: Project, template: Template) -> None:
    deck = step(bridge, "合龙", 60)
    page = text(city.signed_in("leader"), url("project-milestones", bridge))
    assert "合龙" in page and 'id="act"' not in page and "加前置" not in page
    posts = [("schedule-template", ()), ("schedule-baseline", ()), ("schedule-add", ()), ("schedule-predecessors", (deck.pk,))]
    full = {"name": "甲", "template": str(template.pk), "side": "starts_on", "day": on(1).isoformat()}
    for name, keys in posts:
        assert sent(city.signed_in("leader"), url(name, bridge, *keys), **full).status_code == 403
        assert sent(city.signed_in("nobody"), url(name, bridge, *keys), **full).status_code == 404
    assert city.signed_in("nobody").get(url("project-milestones", bridge)).status_code == 404
    assert Milestone.objects.filter(project=bridge).count() == 3 and not Baseline.objects.exists()
