"""Predecessors of a milestone: one project, never a circle, the whole set at once."""

import threading
import uuid
from typing import Any

import pytest
from django.db import connection

from common import clock
from milestones.models import Dependency, Milestone
from milestones.services import milestones as services
from projects.models import Project
from tests import world


@pytest.fixture
def bridge(people: world.People) -> Project:
    return world.project("跨河大桥", at="construction")


def step(project: Project, name: str, position: int = 500) -> Milestone:
    return services.create_milestone(project.pk, {"name": name, "position": position}, actor=world.TESTER, today=clock.today())


def path(milestone: Milestone) -> str:
    return f"/api/v1/milestones/{milestone.pk}/"


def wait(api: Any, after: Milestone, *before: Milestone | uuid.UUID, lag: int = 0, who: str = "editor") -> Any:
    """`after` waits for these and no others."""
    tag = f'"{Milestone.objects.get(pk=after.pk).version}.0000000000000000"'
    items = [{"milestone": str(getattr(one, "pk", one)), "lag_days": lag} for one in before]
    return api(who).change(path(after), {"depends_on": items}, match=tag)


def edges(project: Project) -> set[tuple[str, str, int]]:
    rows = Dependency.objects.filter(project=project).values_list("before__name", "after__name", "lag_days")
    return set(rows)


def test_predecessors_are_served_by_details_and_lists_in_their_order(api: Any, bridge: Project, django_assert_num_queries: Any) -> None:
    piles, caps, deck = step(bridge, "桩基", 10), step(bridge, "承台", 20), step(bridge, "合龙", 30)
    answer = wait(api, deck, caps, piles, lag=7)
    wanted = [{"milestone": str(piles.pk), "lag_days": 7}, {"milestone": str(caps.pk), "lag_days": 7}]
    assert (answer.status_code, answer.json()["depends_on"]) == (200, wanted)
    rows = {row["name"]: row["depends_on"] for row in api("reader").get(f"/api/v1/milestones/?project={bridge.pk}").json()["results"]}
    assert (rows["合龙"], rows["桩基"]) == (wanted, [])
    expanded = api("reader").get("/api/v1/projects/?expand=milestones").json()["results"][0]["milestones"]
    assert {row["name"]: row["depends_on"] for row in expanded} == rows


def test_whole_set_is_replaced_and_the_version_tells_it(api: Any, bridge: Project) -> None:
    piles, caps, deck = step(bridge, "桩基"), step(bridge, "承台"), step(bridge, "合龙")
    assert wait(api, deck, piles, lag=5).json()["version"] == 2
    assert wait(api, deck, piles, lag=5).json()["version"] == 2  # nothing changed
    assert wait(api, deck, piles, lag=6).json()["version"] == 3
    assert wait(api, deck, caps, lag=1).json()["version"] == 4
    assert edges(bridge) == {("承台", "合龙", 1)}
    assert wait(api, deck).json()["depends_on"] == []
    assert edges(bridge) == set()


def test_patch_of_something_else_leaves_the_predecessors(api: Any, bridge: Project) -> None:
    piles, deck = step(bridge, "桩基"), step(bridge, "合龙")
    wait(api, deck, piles)
    answer = api("editor").change(path(deck), {"note": "改"}, match='"2.0000000000000000"')
    assert answer.json()["depends_on"] == [{"milestone": str(piles.pk), "lag_days": 0}]


def test_circle_is_refused_by_name_and_changes_nothing(api: Any, bridge: Project) -> None:
    piles, caps, deck = step(bridge, "桩基"), step(bridge, "承台"), step(bridge, "合龙")
    wait(api, caps, piles)
    wait(api, deck, caps)
    answer = wait(api, piles, deck)
    body = answer.json()
    assert (answer.status_code, body["errors"][0]["pointer"], body["errors"][0]["code"]) == (422, "#/depends_on", "circle")
    named = body["errors"][0]["detail"].split("：")[1].split("。")[0].split(" → ")
    assert named[0] == named[-1] and "→".join([*named, *named[1:]]).find("桩基→承台→合龙→桩基") >= 0
    assert edges(bridge) == {("桩基", "承台", 0), ("承台", "合龙", 0)}
    own = wait(api, piles, piles)
    assert (own.status_code, "桩基 → 桩基" in own.json()["errors"][0]["detail"]) == (422, True)


@pytest.mark.parametrize("kind", ["absent", "foreign", "hidden"])
def test_milestone_of_another_project_is_refused_at_its_place_like_an_absent_one(api: Any, bridge: Project, kind: str) -> None:
    piles, deck = step(bridge, "桩基"), step(bridge, "合龙")
    other = {"foreign": {}, "hidden": {"office": "410781", "region": "410781", "sector": "water"}}.get(kind)
    wrong = uuid.uuid4() if other is None else world.completion(world.project("别的", **other)).pk
    answer = wait(api, deck, piles, wrong)
    error = answer.json()["errors"][0]
    assert (answer.status_code, error["pointer"], error["code"]) == (400, "#/depends_on/1/milestone", "does_not_exist")
    assert edges(bridge) == set()


@pytest.mark.parametrize(
    ("items", "pointer"),
    [
        ("x", "#/depends_on"),
        ([1], "#/depends_on/0"),
        ([{"lag_days": 1}], "#/depends_on/0/milestone"),
        ([{"milestone": "@", "lag_days": -1}], "#/depends_on/0/lag_days"),
        ([{"milestone": "@", "lag_days": 3651}], "#/depends_on/0/lag_days"),
        ([{"milestone": "@", "lag": 1}], "#/depends_on/0/lag"),
        ([{"milestone": "@"}, {"milestone": "@"}], "#/depends_on/1/milestone"),
    ],
)
def test_malformed_predecessors_are_named_by_their_place(api: Any, bridge: Project, items: Any, pointer: str) -> None:
    piles, deck = step(bridge, "桩基"), step(bridge, "合龙")
    if isinstance(items, list):
        items = [item | {"milestone": str(piles.pk)} if isinstance(item, dict) and item.get("milestone") == "@" else item for item in items]
    answer = api("editor").change(path(deck), {"depends_on": items, "note": "改"}, match='"1.0000000000000000"')
    assert answer.status_code == 400
    assert any(error["pointer"].startswith(pointer) for error in answer.json()["errors"]), answer.json()
    assert Milestone.objects.get(pk=deck.pk).version == 1


def test_bulk_change_takes_predecessors_and_names_a_circle_by_its_item(api: Any, bridge: Project) -> None:
    piles, deck = step(bridge, "桩基"), step(bridge, "合龙")
    items = [
        {"id": str(deck.pk), "version": 1, "depends_on": [{"milestone": str(piles.pk)}]},
        {"id": str(piles.pk), "version": 1, "depends_on": [{"milestone": str(deck.pk)}]},
    ]
    answer = api("editor").change("/api/v1/milestones/", items)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/1/depends_on")
    assert edges(bridge) == set()
    assert api("editor").change("/api/v1/milestones/", items[:1]).status_code == 200
    assert edges(bridge) == {("桩基", "合龙", 0)}


@pytest.mark.django_db(transaction=True)
def test_of_two_opposite_edges_at_once_exactly_one_lands(db: None) -> None:
    people = world.people()
    project = world.project("跨河大桥", at="construction")
    for turn in range(4):
        one, two = step(project, f"甲{turn}"), step(project, f"乙{turn}")
        begin, statuses = threading.Barrier(2), []

        def send(after: Milestone, before: Milestone, begin: Any = begin, statuses: Any = statuses) -> None:
            try:
                begin.wait()
                statuses.append(wait(people.client, after, before).status_code)
            finally:
                connection.close()

        threads = [threading.Thread(target=send, args=pair) for pair in ((one, two), (two, one))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 422]
    assert Dependency.objects.count() == 4
