"""A plan made from a template: forwards, backwards, by whom, twice."""

import datetime as dt
from typing import Any

import pytest

from common import clock
from milestones.models import Dependency, Milestone, Template
from milestones.services import milestones as services
from milestones.services import templates
from projects.models import Project
from tests import world

TODAY = clock.today()
API = "/api/v1"


@pytest.fixture
def bridge(people: world.People) -> Project:
    templates.load(actor=world.TESTER)
    return world.project("跨河大桥", at="construction")


def apply(api: Any, project: Project, *, who: str = "approver", query: str = "", **body: Any) -> Any:
    return api(who).send(f"{API}/projects/{project.pk}/apply-template/{query}", {"template": "bridge"} | body)


def dates(project: Project, column: str) -> dict[str, dt.date | None]:
    return dict(Milestone.objects.filter(project=project).order_by("position").values_list("name", column))


def test_all_lists_are_loaded_once_without_a_circle_and_with_whole_weights(bridge: Project) -> None:
    assert templates.load(actor=world.TESTER) == 0
    assert Template.objects.count() == 14
    for template in Template.objects.prefetch_related("steps"):
        steps = list(template.steps.all())
        assert sum(step.weight or 0 for step in steps) == 100, template.code
        assert [step.kind for step in steps].count("start") == 1, template.code
        positions = {step.position: number for number, step in enumerate(steps)}
        assert all(positions[one] < positions[step.position] for step in steps for one in step.after), template.code


def test_forwards_from_the_start_every_lag_is_kept_and_an_approver_gives_due_dates(api: Any, bridge: Project) -> None:
    answer = apply(api, bridge, starts_on="2027-03-01")
    body = answer.json()
    assert (answer.status_code, len(body["created"]), [item["name"] for item in body["dated"]]) == (200, 8, ["开工", "竣工"])
    due = dates(bridge, "due_on")
    assert due == dates(bridge, "baseline_on")
    assert due["开工"] == dt.date(2027, 3, 1) and due["桩基完成"] == dt.date(2027, 3, 1) + dt.timedelta(days=150)
    assert list(due) == [
        "征地拆迁完成",
        "开工",
        "桩基完成",
        "承台完成",
        "主塔封顶",
        "合龙",
        "桥面铺装及附属完成",
        "交工验收",
        "竣工",
        "竣工验收",
    ]
    assert set(Milestone.objects.filter(project=bridge).values_list("basis", flat=True)) == {"estimate"}
    links = Dependency.objects.filter(project=bridge).values_list("before__due_on", "after__due_on", "lag_days")
    assert len(links) == 9 and all((after - before).days == lag for before, after, lag in links)


def test_backwards_from_the_completion_an_editor_gives_forecasts_alone(api: Any, bridge: Project) -> None:
    last = TODAY + dt.timedelta(days=300)
    body = apply(api, bridge, who="editor", completes_on=last.isoformat()).json()
    forecasts = dates(bridge, "forecast_on")
    assert (forecasts["竣工"], forecasts["交工验收"]) == (last, last - dt.timedelta(days=15))
    assert set(dates(bridge, "due_on").values()) == {None}
    assert forecasts["桩基完成"] is None  # that day has passed: no forecast
    assert [(item["name"], item["why"]) for item in body["skipped"]] == [("开工", "past")]


def test_second_time_adds_nothing_and_dates_that_were_given_stay(api: Any, bridge: Project) -> None:
    world.completion(bridge, dt.date(2030, 1, 1))
    apply(api, bridge, starts_on="2027-03-01")
    before = list(Milestone.objects.filter(project=bridge).order_by("pk").values())
    body = apply(api, bridge, starts_on="2028-03-01").json()
    assert (body["created"], body["dated"]) == ([], [])
    assert {item["why"] for item in body["skipped"]} == {"dated"}
    assert list(Milestone.objects.filter(project=bridge).order_by("pk").values()) == before
    assert Dependency.objects.filter(project=bridge).count() == 9
    assert dates(bridge, "due_on")["竣工"] == dt.date(2030, 1, 1)


def test_dry_run_shows_the_dates_and_changes_nothing(api: Any, bridge: Project) -> None:
    body = apply(api, bridge, starts_on="2027-03-01", query="?dry_run=true").json()
    assert len(body["created"]) == 8
    assert Milestone.objects.filter(project=bridge).count() == 2 and not Dependency.objects.exists()
    assert set(dates(bridge, "due_on").values()) == {None}


@pytest.mark.parametrize("days", [{}, {"starts_on": "2027-01-01", "completes_on": "2028-01-01"}, {"starts_on": "2027-02-30"}])
def test_exactly_one_day_is_asked_for(api: Any, bridge: Project, days: dict[str, str]) -> None:
    answer = apply(api, bridge, **days)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/starts_on")


@pytest.mark.parametrize("side", ["starts_on", "completes_on"])
def test_day_that_leads_out_of_all_sense_is_refused(api: Any, bridge: Project, side: str) -> None:
    edge = TODAY + dt.timedelta(days=7300 if side == "starts_on" else -7300)  # itself near enough; the steps from it are not
    for day in (edge, dt.date(2206, 3, 1)):
        answer = apply(api, bridge, **{side: day.isoformat()})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (
            422,
            f"#/{side}",
            "absurd",
        )
    assert Milestone.objects.filter(project=bridge).count() == 2


def test_another_milestone_of_the_same_name_is_not_the_completion(api: Any, bridge: Project) -> None:
    stray = services.create_milestone(bridge.pk, {"name": "竣工"}, actor=world.TESTER, today=TODAY)
    assert apply(api, bridge, starts_on="2027-03-01").status_code == 200
    end = Milestone.objects.get(project=bridge, kind="completion")
    assert end.due_on is not None and Dependency.objects.filter(after=end).exists()
    stray.refresh_from_db()
    assert (stray.due_on, stray.baseline_on, Dependency.objects.filter(after=stray).exists()) == (None, None, False)


def test_circle_with_what_was_linked_before_is_refused(api: Any, bridge: Project) -> None:
    piles = services.create_milestone(bridge.pk, {"name": "桩基完成"}, actor=world.TESTER, today=TODAY)
    caps = services.create_milestone(bridge.pk, {"name": "承台完成"}, actor=world.TESTER, today=TODAY)
    services.edit_milestone(piles.pk, {"depends_on": [{"milestone": caps.pk, "lag_days": 0}]}, version=None, actor=world.TESTER)
    answer = apply(api, bridge, starts_on="2027-03-01")
    assert (answer.status_code, "桩基完成" in answer.json()["errors"][0]["detail"]) == (422, True)
    assert Milestone.objects.filter(project=bridge).count() == 4


def test_administrator_edits_the_steps_as_a_whole_and_retires(api: Any, bridge: Project) -> None:
    made = api("admin").send(
        f"{API}/milestone-templates/",
        {
            "code": "port",
            "name": "港口",
            "steps": [{"position": 1, "name": "开工", "kind": "start"}, {"position": 2, "name": "靠泊", "after": [1]}],
        },
    )
    assert made.status_code == 201, made.content
    url = f"{API}/milestone-templates/{made.json()['id']}/"
    assert api("editor").change(url, {"name": "x"}, match=made["ETag"]).status_code == 403
    changed = api("admin").change(url, {"steps": [{"position": 5, "name": "进场"}]}, match=made["ETag"])
    assert (changed.status_code, [step["name"] for step in changed.json()["steps"]], changed.json()["version"]) == (200, ["进场"], 2)
    assert api("admin").change(url, {"name": "x"}, match=made["ETag"]).status_code == 412
    retired = api("admin").change(url, {"is_retired": True}, match=changed["ETag"])
    assert retired.status_code == 200
    refused = apply(api, bridge, template="port", starts_on="2027-03-01")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/template")
    assert api("admin").send(url, match=retired["ETag"], method="DELETE").status_code == 405


@pytest.mark.parametrize(
    ("steps", "status", "pointer"),
    [
        ([], 400, "#/steps"),
        ([{"position": 1, "name": "甲", "after": [9]}], 400, "#/steps/0/after/0"),
        ([{"position": 1, "name": "甲"}, {"position": 1, "name": "乙"}], 400, "#/steps/1/position"),
        ([{"position": 1, "name": "甲", "kind": "start"}, {"position": 2, "name": "乙", "kind": "start"}], 400, "#/steps/1/kind"),
        ([{"position": 1, "name": "甲", "after": [2]}, {"position": 2, "name": "乙", "after": [1]}], 422, "#/steps"),
    ],
)
def test_wrong_steps_are_named_by_their_place(api: Any, people: world.People, steps: Any, status: int, pointer: str) -> None:
    answer = api("admin").send(f"{API}/milestone-templates/", {"code": "port", "name": "港口", "steps": steps})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert not Template.objects.exists()
