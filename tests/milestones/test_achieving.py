"""What must be so before a milestone counts as achieved: files that prove it, and what comes before it."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.recording import recording
from milestones.models import Dependency, Milestone, MilestoneEvidence
from milestones.services import milestones as services
from projects.models import Evidence, Project
from tests import world

DAY = dt.date(2025, 3, 10)


@pytest.fixture
def project(people: world.People) -> Project:
    return world.project(at="construction")


def step(project: Project, name: str, *, after: Milestone | None = None, achieved: dt.date | None = None, **fields: Any) -> Milestone:
    """A milestone, behind another one where one is named."""
    made = services.create_milestone(project.pk, {"name": name} | fields, actor=world.TESTER, today=clock.today())
    with recording(world.TESTER):
        if after is not None:
            Dependency.objects.create(project=project, before=after, after=made)
    if achieved is not None:
        services.achieve(made.pk, on=achieved, actor=world.TESTER, today=achieved)
    return Milestone.objects.get(pk=made.pk)


def photo(project: Project, name: str = "现场.jpg") -> Evidence:
    with recording(world.TESTER):
        sha256 = uuid.uuid4().hex * 2
        return Evidence.objects.create(project=project, kind="photo", name=name, media_type="image/jpeg", size=1, sha256=sha256)


def call(milestone: Milestone, act: str = "achieve") -> str:
    return f"/api/v1/milestones/{milestone.pk}/{act}/"


def is_achieved(milestone: Milestone) -> bool:
    return Milestone.objects.get(pk=milestone.pk).achieved_on is not None


def test_files_of_the_project_prove_it(api: Any, project: Project) -> None:
    milestone, proof = step(project, "封顶"), photo(project)
    answer = api("editor").send(call(milestone), {"on": DAY.isoformat(), "evidence": [str(proof.pk), str(proof.pk)]})
    assert (answer.status_code, answer.json()["evidence"]) == (200, [{"id": str(proof.pk), "name": "现场.jpg"}])


def test_file_of_another_project_is_refused_at_its_place(api: Any, project: Project) -> None:
    milestone, ours, foreign = step(project, "封顶"), photo(project), photo(world.project("别的项目", office="410781"))
    answer = api("editor").send(call(milestone), {"on": DAY.isoformat(), "evidence": [str(ours.pk), str(foreign.pk)]})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/evidence/1")
    assert not is_achieved(milestone)
    assert not MilestoneEvidence.objects.exists()


def test_where_proof_is_asked_for_none_is_not_enough(api: Any, project: Project) -> None:
    milestone = step(project, "封顶", is_evidence_required=True)
    refused = api("editor").send(call(milestone), {"on": DAY.isoformat()})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"], is_achieved(milestone)) == (422, "#/evidence", False)
    assert api("editor").send(call(milestone), {"on": DAY.isoformat(), "evidence": [str(photo(project).pk)]}).status_code == 200


def test_proof_of_an_achievement_taken_back_still_counts(api: Any, project: Project) -> None:
    milestone = step(project, "封顶", is_evidence_required=True)
    api("editor").send(call(milestone), {"on": DAY.isoformat(), "evidence": [str(photo(project).pk)]})
    api("editor").send(call(milestone, "reopen"), {"reason": "日期有误"})
    assert api("editor").send(call(milestone), {"on": DAY.isoformat()}).status_code == 200


def test_whether_proof_is_asked_for_is_set_by_patch(api: Any, project: Project) -> None:
    path = f"/api/v1/milestones/{step(project, '封顶').pk}/"
    answer = api("editor").change(path, {"is_evidence_required": True}, match=api("editor").get(path)["ETag"])
    assert (answer.status_code, answer.json()["is_evidence_required"]) == (200, True)


def test_only_who_decides_lets_off_proof(api: Any, project: Project) -> None:
    milestone = step(project, "封顶", is_evidence_required=True)
    path, change = f"/api/v1/milestones/{milestone.pk}/", {"is_evidence_required": False}
    refused = api("editor").change(path, change, match=api("editor").get(path)["ETag"])
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (403, "#/is_evidence_required")
    many = api("editor").change("/api/v1/milestones/", [change | {"id": str(milestone.pk), "version": milestone.version}])
    assert (many.status_code, many.json()["errors"][0]["pointer"]) == (403, "#/0/is_evidence_required")
    assert api("editor").send(call(milestone), {"on": DAY.isoformat()}).status_code == 422
    assert api("approver").change(path, change, match=api("editor").get(path)["ETag"]).status_code == 200


def test_open_predecessors_stand_in_the_way_by_name(api: Any, project: Project) -> None:
    before = step(project, "桩基")
    milestone = step(project, "承台", after=before)
    answer = api("editor").send(call(milestone), {"on": DAY.isoformat()})
    assert (answer.status_code, answer.json()["code"]) == (409, "predecessor_open")
    assert answer.json()["predecessors"] == [{"id": str(before.pk), "name": "桩基"}]
    assert "桩基" in answer.json()["detail"]
    services.achieve(before.pk, on=DAY, actor=world.TESTER, today=DAY)
    assert api("editor").send(call(milestone), {"on": DAY.isoformat()}).status_code == 200


def test_an_approver_lets_it_stand_with_a_reason_that_is_kept(api: Any, project: Project) -> None:
    milestone = step(project, "承台", after=step(project, "桩基"))
    assert api("approver").send(call(milestone), {"on": DAY.isoformat()}).status_code == 409
    answer = api("approver").send(call(milestone), {"on": DAY.isoformat(), "override_reason": "桩基分段验收"})
    assert (answer.status_code, answer.json()["override_reason"]) == (200, "桩基分段验收")


def test_an_editor_may_not_let_it_stand(api: Any, project: Project) -> None:
    milestone = step(project, "承台", after=step(project, "桩基"))
    answer = api("editor").send(call(milestone), {"on": DAY.isoformat(), "override_reason": "先做"})
    assert (answer.status_code, is_achieved(milestone)) == (403, False)


def test_day_before_the_predecessors_is_refused_by_name(api: Any, project: Project) -> None:
    milestone = step(project, "承台", after=step(project, "桩基", achieved=DAY))
    body = {"on": (DAY - dt.timedelta(days=1)).isoformat()}
    answer = api("editor").send(call(milestone), body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/on")
    assert "桩基" in answer.json()["detail"]
    assert DAY.isoformat() in answer.json()["detail"]
    assert api("approver").send(call(milestone), body | {"override_reason": "补录"}).status_code == 200


def test_once_a_successor_is_achieved_only_an_approver_reopens(api: Any, project: Project) -> None:
    before = step(project, "桩基", achieved=DAY)
    step(project, "承台", after=before, achieved=DAY)
    answer = api("editor").send(call(before, "reopen"), {"reason": "误报"})
    assert (answer.status_code, answer.json()["code"], is_achieved(before)) == (409, "blocked", True)
    assert answer.json()["blockers"] == [{"code": "successor_achieved", "detail": "后续节点“承台”已于 2025-03-10 完成。"}]
    assert api("approver").send(call(before, "reopen"), {"reason": "误报"}).status_code == 200


def test_a_page_of_milestones_names_their_files_in_one_statement(api: Any, project: Project) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert api("editor").get("/api/v1/milestones/").status_code == 200
        return len(caught)

    statements()  # the first call of a token notes that it was used
    few = statements()
    for number in range(5):
        milestone = step(project, f"第{number}段")
        services.achieve(milestone.pk, on=DAY, evidence=[photo(project).pk], actor=world.TESTER, today=DAY)
    assert statements() == few
