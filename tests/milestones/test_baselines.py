"""Named baselines never change; what moved, went and came since; the float and the trend of dates."""

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from common import clock
from common.recording import recording
from milestones.models import Baseline, Dependency, Milestone
from milestones.services import baselines, forecasts
from milestones.services import milestones as services
from projects.models import Project
from tests import world

TODAY = clock.today()
API = "/api/v1"


def on(days: int) -> dt.date:
    return TODAY + dt.timedelta(days=days)


@pytest.fixture
def bridge(people: world.People) -> Project:
    return world.project("跨河大桥", at="construction")


def step(project: Project, name: str, days: int) -> Milestone:
    return services.create_milestone(project.pk, {"name": name, "due_on": on(days), "basis": "approved"}, actor=world.TESTER, today=TODAY)


def test_baseline_is_compared_with_today_and_shows_what_is_gone_and_added(api: Any, bridge: Project) -> None:
    piles, caps = step(bridge, "桩基", 10), step(bridge, "承台", 20)
    made = api("editor").send(f"{API}/baselines/", {"project": str(bridge.pk), "name": "初设批复", "note": "概算"})
    assert (made.status_code, made.json()["taken_by"]) == (201, "editor先生")
    forecasts.forecast(piles.pk, forecast_on=on(17), reason="雨", actor=world.TESTER, today=TODAY)
    with recording(world.TESTER):
        Milestone.objects.filter(pk=caps.pk).delete()
    step(bridge, "合龙", 60)
    rows = api("reader").get(f"{API}/baselines/{made.json()['id']}/").json()["comparison"]
    told = {row["name"]: (row["state"], row["moved_days"]) for row in rows}
    assert told == {"开工": ("kept", None), "竣工": ("kept", None), "桩基": ("moved", 7), "承台": ("gone", None), "合龙": ("added", None)}
    gone = next(row for row in rows if row["name"] == "承台")
    assert (gone["then"]["due_on"], gone["now"]) == (on(20).isoformat(), None)


def test_baseline_can_be_neither_changed_nor_deleted(api: Any, bridge: Project) -> None:
    baseline = baselines.take(bridge.pk, name="初设批复", actor=world.TESTER)
    url = f"{API}/baselines/{baseline.pk}/"
    assert api("admin").change(url, {"name": "x"}, match="*").status_code == 405
    assert api("admin").send(url, method="DELETE", match="*").status_code == 405
    for table in ("milestones_baseline", "milestones_baselinedate"):
        for statement in (f"UPDATE {table} SET name = 'x'", f"DELETE FROM {table}"):
            with recording(world.TESTER), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_name_is_given_once_a_project(api: Any, bridge: Project) -> None:
    body = {"project": str(bridge.pk), "name": "初设批复"}
    assert api("editor").send(f"{API}/baselines/", body).status_code == 201
    again = api("editor").send(f"{API}/baselines/", body)
    assert (again.status_code, again.json()["code"], again.json()["errors"][0]["pointer"]) == (409, "duplicate", "#/name")
    assert Baseline.objects.count() == 1
    assert api("reader").send(f"{API}/baselines/", body).status_code == 403


def test_project_with_a_baseline_is_not_deleted(api: Any, people: world.People) -> None:
    project = world.project("谋划")
    baselines.take(project.pk, name="一稿", actor=world.TESTER)
    url = f"{API}/projects/{project.pk}/"
    answer = api("admin").send(url, method="DELETE", match=api("admin").get(url)["ETag"])
    assert (answer.status_code, answer.json()["code"]) == (409, "in_use")


def test_schedule_tells_float_and_critical_chain(api: Any, bridge: Project) -> None:
    piles, caps, deck = step(bridge, "桩基", 10), step(bridge, "承台", 20), step(bridge, "合龙", 60)
    for before, after, lag in ((piles, deck, 50), (caps, deck, 10)):
        items = [{"milestone": before.pk, "lag_days": lag}]
        known = [{"milestone": row, "lag_days": days} for row, days in after_of(after)]
        services.edit_milestone(after.pk, {"depends_on": [*known, *items]}, version=None, actor=world.TESTER)
    body = api("reader").get(f"{API}/projects/{bridge.pk}/schedule/").json()
    told = {node["name"]: (node["float_days"], node["is_critical"]) for node in body["nodes"]}
    assert told == {"桩基": (0, True), "承台": (30, False), "合龙": (0, True), "开工": (None, False), "竣工": (None, False)}
    assert {(edge["before"], edge["lag_days"]) for edge in body["edges"]} == {(str(piles.pk), 50), (str(caps.pk), 10)}


def after_of(milestone: Milestone) -> list[tuple[Any, int]]:
    return list(Dependency.objects.filter(after=milestone).values_list("before_id", "lag_days"))


def test_trend_tells_each_change_of_a_date_and_who_made_it(api: Any, bridge: Project) -> None:
    piles = step(bridge, "桩基", 10)
    for days in (17, 24):
        body = {"forecast_on": on(days).isoformat(), "reason": "雨"}
        api("editor").send(f"{API}/milestones/{piles.pk}/forecast/", body)
    services.edit_milestone(piles.pk, {"note": "改"}, version=None, actor=world.TESTER)
    rows = api("reader").get(f"{API}/milestones/{piles.pk}/trend/").json()["results"]
    assert [(row["due_on"], row["forecast_on"]) for row in rows] == [
        (on(10).isoformat(), None), (on(10).isoformat(), on(17).isoformat()), (on(10).isoformat(), on(24).isoformat()),
    ]  # fmt: skip
    assert [row["actor"]["name"] for row in rows] == ["tests", "editor先生", "editor先生"]
