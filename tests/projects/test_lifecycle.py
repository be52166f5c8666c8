"""A project moves along its stages, is registered, edited and deleted by the rules."""

import datetime as dt
import itertools
from typing import Any

import pytest

from common.errors import Missing
from common.recording import recording
from milestones.models import Milestone
from projects import lifecycle
from projects.errors import IllegalTransition
from projects.lifecycle import TRANSITIONS, Stage
from projects.models import Project, StageMove, Status
from projects.services import projects
from tests import world

DAY = dt.date(2025, 6, 30)
# written out by hand, so that the table in lifecycle.py cannot be its own proof
MOVES = {
    ("reserve", "preparation"), ("reserve", "cancelled"),
    ("preparation", "construction"), ("preparation", "suspended"), ("preparation", "cancelled"),
    ("construction", "completed"), ("construction", "suspended"), ("construction", "cancelled"),
    ("completed", "operation"), ("suspended", "cancelled"),
}  # fmt: skip


def at(stage: str, *, remembered: str = "preparation") -> Project:
    project = world.project(f"项目{stage}")
    before = remembered if stage == Stage.SUSPENDED else None
    with recording(world.TESTER):
        Project.objects.filter(pk=project.pk).update(stage=stage, stage_before_suspension=before)
        Milestone.objects.filter(project=project).update(achieved_on=DAY)  # no gate is closed
    return Project.objects.get(pk=project.pk)


def move(project: Project, to: str, *, on: dt.date = DAY) -> Project:
    return projects.move_project(project.pk, to=to, on=on, actor=world.TESTER, today=DAY)


@pytest.mark.parametrize(("stage", "target"), list(itertools.product(Stage.values, Stage.values)))
def test_moves_over_the_full_square_of_stages(stage: str, target: str) -> None:
    if (stage, target) in MOVES:
        lifecycle.require(stage, target)
    else:
        with pytest.raises(IllegalTransition):
            lifecycle.require(stage, target)
    assert set(TRANSITIONS) == set(Stage)


def test_service_makes_exactly_the_moves_of_the_table(people: world.People) -> None:
    for stage in Stage.values:
        for target in Stage.values:
            project = at(stage)
            if (stage, target) in MOVES | {("suspended", "preparation")}:
                assert move(project, target).stage == target
                assert StageMove.objects.filter(project=project, from_stage=stage, to_stage=target, on=DAY).count() == 1
            else:
                with pytest.raises(IllegalTransition):
                    move(project, target)
                assert Project.objects.get(pk=project.pk).stage == stage


@pytest.mark.parametrize("stage", ["preparation", "construction"])
def test_suspended_project_goes_back_only_to_where_it_stood(people: world.People, stage: str) -> None:
    project = move(at(stage), "suspended")
    assert project.stage_before_suspension == stage
    other = {"preparation": "construction", "construction": "preparation"}[stage]
    with pytest.raises(IllegalTransition) as refused:
        move(project, other)
    assert refused.value.extra["allowed"] == [stage, "cancelled"]
    back = move(project, stage)
    assert (back.stage, back.stage_before_suspension) == (stage, None)


def test_suspended_project_may_be_cancelled_and_forgets(people: world.People) -> None:
    project = move(move(at("construction"), "suspended"), "cancelled")
    assert (project.stage, project.stage_before_suspension) == ("cancelled", None)


@pytest.mark.parametrize(
    ("stage", "target", "kind"), [("preparation", "construction", "start"), ("construction", "completed", "completion")]
)
def test_move_needs_the_milestone_of_its_gate_achieved_by_its_day(
    api: Any, people: world.People, stage: str, target: str, kind: str
) -> None:
    project = world.project(at=stage)
    url = f"/api/v1/projects/{project.pk}/"
    body = {"to": target, "on": "2025-06-30", "reason": ""}
    blocked = api("editor").send(f"{url}transitions/", body)
    assert (blocked.status_code, blocked.json()["code"]) == (409, "blocked")
    assert [blocker["code"] for blocker in blocked.json()["blockers"]] == [f"{kind}_not_achieved"]
    shown = next(row for row in api("editor").get(url).json()["next_stages"] if row["stage"] == target)
    assert (shown["allowed"], shown["blockers"]) == (False, blocked.json()["blockers"])

    with recording(world.TESTER):
        Milestone.objects.filter(project=project, kind=kind).update(achieved_on=DAY + dt.timedelta(days=1))
    assert api("editor").send(f"{url}transitions/", body).status_code == 409  # not yet on that day
    with recording(world.TESTER):
        Milestone.objects.filter(project=project, kind=kind).update(achieved_on=DAY)
    moved = api("editor").send(f"{url}transitions/", body)
    assert (moved.status_code, moved.json()["stage"]) == (200, target)


def test_illegal_move_names_the_allowed_ones_and_changes_nothing(api: Any, people: world.People) -> None:
    project = world.project()
    answer = api("editor").send(f"/api/v1/projects/{project.pk}/transitions/", {"to": "operation", "on": "2025-06-30", "reason": ""})
    assert (answer.status_code, answer.json()["code"], answer.json()["allowed"]) == (
        409,
        "illegal_transition",
        ["preparation", "cancelled"],
    )
    assert Project.objects.get(pk=project.pk).stage == "reserve"


def test_move_dated_in_the_future_is_refused(api: Any, people: world.People, today: dt.date) -> None:
    project = world.project()
    body = {"to": "preparation", "on": (today + dt.timedelta(days=1)).isoformat(), "reason": ""}
    answer = api("editor").send(f"/api/v1/projects/{project.pk}/transitions/", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "future_date")


def test_suspending_cancels_pending_reminders(people: world.People) -> None:
    from django.utils import timezone

    from reminders.models import Reminder, Rung

    project = at("construction")
    milestone = Milestone.objects.get(project=project, kind="completion")
    with recording(world.TESTER):
        reminder = Reminder.objects.create(
            subject_kind="milestone", subject_id=milestone.pk, subject_name="竣工", project=project, due_on=DAY, rung=Rung.objects.first(),
            recipient=people.users["editor"], due_at=timezone.now(),
        )  # fmt: skip
    move(project, "suspended")
    reminder.refresh_from_db()
    assert reminder.state == "cancelled"


def test_new_project_begins_in_reserve_with_the_authority_of_its_sector(api: Any) -> None:
    body = {"name": "九峰山快速路", "sector": "transport", "region": "410782", "office": "410782"}
    made = api("editor").send("/api/v1/projects/", body)
    row = made.json()
    assert (made.status_code, row["stage"], row["authority"]["code"]) == (201, "reserve", "410700-JTJ")
    assert made["Location"].endswith(f"/api/v1/projects/{row['id']}/")
    assert row["status"]["start"]["milestone"] and row["status"]["completion"]["milestone"]
    assert row["status"]["milestone_count"] == 2


@pytest.mark.parametrize("missing", ["name", "sector", "region", "office"])
def test_new_project_needs_name_sector_region_and_office(api: Any, missing: str) -> None:
    body = {"name": "九峰山快速路", "sector": "transport", "region": "410782", "office": "410782"}
    body.pop(missing)
    answer = api("editor").send("/api/v1/projects/", body)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (400, [f"#/{missing}"])
    assert not Project.objects.exists()


def test_new_project_is_not_for_a_foreign_office(api: Any) -> None:
    body = {"name": "九峰山快速路", "sector": "transport", "region": "410782", "office": "410781"}
    assert api("editor").send("/api/v1/projects/", body).status_code == 403
    assert not Project.objects.exists()


def test_second_project_with_a_code_is_a_duplicate(api: Any) -> None:
    world.project(code="2412-410700-04-01-123456")
    body = {"name": "另一个", "sector": "water", "region": "410782", "office": "410782", "code": "2412-410700-04-01-123456"}
    answer = api("editor").send("/api/v1/projects/", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")


@pytest.mark.parametrize("stage", Stage.values)
def test_only_a_project_in_reserve_can_be_deleted(people: world.People, stage: str) -> None:
    project = at(stage)
    url, client = f"/api/v1/projects/{project.pk}/", people.client("editor")
    answer = client.send(url, method="DELETE", match=client.get(url)["ETag"])
    assert answer.status_code == (204 if stage == "reserve" else 409)
    assert Project.objects.filter(pk=project.pk).exists() == (stage != "reserve")
    if stage != "reserve":
        assert answer.json()["code"] == "in_use"


def test_package_with_members_cannot_be_deleted_nor_become_a_plain_project(people: world.People) -> None:
    package = world.project("打包", is_package=True)
    world.project("子项目", package=package)
    url, client = f"/api/v1/projects/{package.pk}/", people.client("editor")
    tag = client.get(url)["ETag"]
    assert client.send(url, method="DELETE", match=tag).json()["code"] == "in_use"
    plain = client.change(url, {"is_package": False}, match=tag)
    assert (plain.status_code, plain.json()["errors"][0]["pointer"]) == (422, "#/is_package")


def test_package_is_a_package_and_never_a_member(people: world.People) -> None:
    package, other, single = world.project("甲", is_package=True), world.project("乙", is_package=True), world.project("丙")
    client = people.client("editor")

    def put(project: Project, target: Project) -> Any:
        url = f"/api/v1/projects/{project.pk}/"
        return client.change(url, {"package": str(target.pk)}, match=client.get(url)["ETag"])

    assert put(single, single).status_code == 422
    assert put(package, other).status_code == 422
    assert put(world.project("丁"), single).status_code == 422
    assert put(single, package).json()["package"] == {"id": str(package.pk), "name": "甲", "code": None}


def test_years_end_after_they_start(api: Any) -> None:
    body = {"name": "倒置", "sector": "water", "region": "410782", "office": "410782", "starts_year": 2026, "ends_year": 2025}
    answer = api("editor").send("/api/v1/projects/", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/ends_year")


def test_renamed_office_shows_in_the_status_row(people: world.People) -> None:
    project = world.project()
    office = people.offices["410782"]
    with recording(world.TESTER):
        type(office).objects.filter(pk=office.pk).update(name="辉县市政府")
    assert Status.objects.get(pk=project.pk).office_name == "辉县市政府"


def test_edit_of_an_absent_project_is_missing(people: world.People) -> None:
    with pytest.raises(Missing):
        projects.edit_project(people.users["editor"].pk, {"name": "无"}, version=None, actor=world.TESTER)


class TestBulk:
    """`PATCH /projects/` over several rows."""

    url = "/api/v1/projects/"

    def items(self, *projects: Project) -> list[dict[str, Any]]:
        return [{"id": str(project.pk), "version": project.version, "scale": f"规模{number}"} for number, project in enumerate(projects)]

    def scales(self) -> list[str]:
        return list(Project.objects.order_by("name").values_list("scale", flat=True))

    def test_bulk_change_answers_with_the_rows_in_the_order_asked(self, api: Any, people: world.People) -> None:
        items = self.items(world.project("乙"), world.project("甲"))
        answer = api("editor").change(self.url, items)
        assert (answer.status_code, [row["scale"] for row in answer.json()["results"]]) == (200, ["规模0", "规模1"])

    def test_bulk_change_is_whole_or_not_at_all(self, api: Any, people: world.People) -> None:
        first, second = world.project("甲"), world.project("乙")
        items = self.items(first, second)
        items[1]["version"] = 99
        answer = api("editor").change(self.url, items)
        assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (412, "precondition_failed", "#/1")
        items[1] |= {"version": 1, "ends_year": 2020, "starts_year": 2021}
        answer = api("editor").change(self.url, items)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/1/ends_year")
        items[1] = {"id": str(second.pk), "version": 1, "nature": "gibtsnicht"}
        answer = api("editor").change(self.url, items)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/1/nature")
        assert self.scales() == ["", ""]

    def test_partial_bulk_change_judges_each_row_by_itself(self, api: Any, people: world.People) -> None:
        mine, stale, hidden = world.project("甲"), world.project("乙"), world.project("丙", office="410781", region="410781")
        items = self.items(mine, stale, hidden)
        items[1]["version"] = 99
        answer = api("editor").change(f"{self.url}?partial=true", [*items, {"id": str(mine.pk)}])
        rows = answer.json()["results"]
        assert (answer.status_code, [row["status"] for row in rows]) == (207, [200, 412, 404, 400])
        assert [row["problem"] and row["problem"]["code"] for row in rows] == [None, "precondition_failed", "not_found", "validation"]
        assert sorted(self.scales()) == ["", "", "规模0"]

    @pytest.mark.parametrize("body", [{}, [], "x", [1], [None], [{"version": 1}], [{"id": "x", "version": 1}]])
    def test_bulk_change_of_another_shape_is_refused(self, api: Any, body: Any) -> None:
        assert api("editor").change(self.url, body).status_code == 400
