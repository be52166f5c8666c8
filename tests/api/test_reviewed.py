"""Faults that a review found once, and that must not come back."""

import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from projects.models import Project
from tests import world


def test_half_a_place_is_refused_and_lists_stay_whole(api: Any) -> None:
    project = world.project()
    path = f"/api/v1/projects/{project.pk}/"
    answer = api("editor").change(path, {"location": {"lon": 113.5}}, match=api("editor").get(path)["ETag"])
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/location/lat")
    assert api("editor").get("/api/v1/projects/").status_code == 200


def test_money_in_history_is_exact(api: Any) -> None:
    project = world.project()
    path = f"/api/v1/projects/{project.pk}/"
    money = {"amount": "9999999999999999.99", "currency": "CNY"}
    assert api("editor").change(path, {"total_investment": money}, match=api("editor").get(path)["ETag"]).status_code == 200
    fields = api("editor").get(path + "history/").json()["results"][0]["fields"]
    assert fields == [{"name": "total_investment", "before": None, "after": money}]


def test_digits_of_other_scripts_are_no_project_code(api: Any) -> None:
    project = world.project()
    path = f"/api/v1/projects/{project.pk}/"
    answer = api("editor").change(path, {"code": "٢٤١٢-410700-04-01-123456"}, match=api("editor").get(path)["ETag"])
    assert answer.status_code == 400


def test_the_authority_edits_a_project_but_cannot_take_it_over(api: Any, people: world.People) -> None:
    project = world.project()
    path = f"/api/v1/projects/{project.pk}/"
    tag = api("bureau").get(path)["ETag"]
    assert api("bureau").change(path, {"office": "410700-JTJ"}, match=tag).status_code == 403
    assert api("bureau").change(path, {"office": "410782", "scale": "双向六车道"}, match=tag).status_code == 200


def test_those_who_are_chased_cannot_silence_the_chase(api: Any) -> None:
    project = world.project()
    path = f"/api/v1/projects/{project.pk}/"
    tag = api("editor").get(path)["ETag"]
    assert api("editor").change(path, {"reminders_from_on": "2099-12-31"}, match=tag).status_code == 403
    assert api("admin").change(path, {"reminders_from_on": "2099-12-31"}, match=tag).status_code == 200


def test_a_suspended_project_goes_back_and_moves_follow_in_time(api: Any) -> None:
    path = f"/api/v1/projects/{world.project(at='construction').pk}/transitions/"
    assert api("editor").send(path, {"to": "suspended", "on": "2026-01-10", "reason": "资金"}).status_code == 200
    assert api("editor").send(path, {"to": "construction", "on": "2026-01-01"}).status_code == 422
    assert api("editor").send(path, {"to": "construction", "on": "2026-02-01", "reason": "复工"}).json()["stage"] == "construction"


def test_the_same_part_twice_is_a_duplicate(api: Any, people: world.People) -> None:
    body = {"project": str(world.project().pk), "user": str(people.users["editor"].pk), "part": "team"}
    assert api("editor").send("/api/v1/assignments/", body).status_code == 201
    assert api("editor").send("/api/v1/assignments/", body).json()["code"] == "duplicate"


@pytest.mark.parametrize("query", ["stage=", "q=%20", "ordering=name,-name", "fields=,"])
def test_a_parameter_without_a_value_never_means_all(api: Any, query: str) -> None:
    assert api("editor").get(f"/api/v1/projects/?{query}").status_code == 400


def test_writes_refuse_unknown_parameters(api: Any, people: world.People) -> None:
    milestone = world.completion(world.project(at="construction"))
    answer = api("editor").send(f"/api/v1/milestones/{milestone.pk}/achieve/?dry_run=true", {"on": "2026-01-01"})
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_parameter")


@pytest.mark.django_db(transaction=True)
def test_bulk_changes_that_cross_do_not_deadlock() -> None:
    people = world.people()
    first, second = (world.completion(world.project(name)) for name in ("甲高速", "乙高速"))
    versions = {row.pk: row.version for row in (first, second)}
    answers: list[int] = []
    start = threading.Barrier(8)

    def change(number: int) -> None:
        client: Any = people.client("editor")
        rows = [first, second] if number % 2 else [second, first]
        start.wait()
        body = [{"id": str(row.pk), "version": versions[row.pk], "note": f"第{number}次"} for row in rows]
        answers.append(client.change("/api/v1/milestones/", body).status_code)
        connection.close()

    threads = [threading.Thread(target=change, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(answers) == {200: 1, 412: 7}
    assert Project.objects.count() == 2
