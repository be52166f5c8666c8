"""Months, their revisions and yearly plans over HTTP: shapes, order of judgement, and who may."""

from typing import Any

import pytest

from projects.models import MonthlyReport, Plan, Project
from tests import filing, world
from tests.filing import month

API = "/api/v1"
BODY = {"invested": {"amount": "100.00", "currency": "CNY"}, "physical_percent": "40.00", "narrative": "桩基完成"}


@pytest.fixture
def project(people: world.People) -> Project:
    return world.project(at="construction")


def pointers(answer: Any) -> set[str]:
    return {error["pointer"] for error in answer.json()["errors"]}


def test_month_goes_from_hand_to_hand(api: Any, project: Project) -> None:
    editor, approver = api("editor"), api("approver")
    made = editor.send(f"{API}/reports/", {"project": str(project.pk), "month": "2026-01"})
    assert (made.status_code, made.json()["state"], made.json()["due_on"]) == (201, "draft", "2026-02-05")
    url = f"{API}/reports/{made.json()['id']}/"
    again = editor.send(f"{API}/reports/", {"project": str(project.pk), "month": "2026-01"})
    assert (again.status_code, again.json()["code"], again.json()["id"]) == (409, "duplicate", made.json()["id"])
    assert editor.change(url, BODY).status_code == 428
    saved = editor.change(url, {"narrative": "写到一半"}, match=made["ETag"])
    assert (saved.status_code, saved.json()["narrative"]) == (200, "写到一半")
    assert pointers(editor.send(f"{url}submit/", {})) == {"#/physical_percent"}
    filed = editor.send(f"{url}submit/", BODY | {"year_total": BODY["invested"]}, match=saved["ETag"])
    assert (filed.status_code, filed.json()["state"], filed.json()["submitted_by"]["name"]) == (200, "submitted", "editor先生")
    assert (editor.send(f"{url}submit/", BODY).json()["code"], editor.change(url, {}, match=filed["ETag"]).status_code) == (
        "illegal_transition",
        409,
    )
    assert editor.send(f"{url}approve/").status_code == 403
    assert pointers(approver.send(f"{url}return/", {})) == {"#/reason"}
    back = approver.send(f"{url}return/", {"reason": "金额有误"})
    assert (back.json()["state"], back.json()["return_count"], back.json()["return_reason"]) == ("returned", 1, "金额有误")
    assert approver.send(f"{url}return/", {"reason": "x"}).json()["code"] == "already_decided"
    assert editor.send(f"{url}submit/", {}).status_code == 200
    assert approver.send(f"{url}approve/").json()["state"] == "approved"
    revised = editor.send(f"{url}revise/", {"invested": {"amount": "7.00"}, "reason": "漏报"})
    assert (revised.status_code, revised.json()["from_invested"]["amount"], revised.json()["month"]) == (201, "100.00", "2026-01")
    assert editor.send(f"{revised['Location']}approve/").json()["code"] == "permission_denied"
    assert approver.send(f"{revised['Location']}approve/").json()["state"] == "approved"
    assert editor.get(url).json()["invested"]["amount"] == "7.00"


def test_own_month_is_not_decided(api: Any, people: world.People, project: Project) -> None:
    report = filing.submitted(people, filing.draft(project), by="approver")
    for act, body in (("approve", {}), ("return", {"reason": "x"})):
        answer = api("approver").send(f"{API}/reports/{report.pk}/{act}/", body)
        assert (answer.status_code, answer.json()["code"]) == (403, "same_person")


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"physical_percent": "100.01"}, 400, "#/physical_percent"),
        ({"physical_percent": "1.001"}, 400, "#/physical_percent"),
        ({"invested": {"amount": "1,0"}}, 400, "#/invested/amount"),
        ({"state": "approved"}, 422, "#/state"),
        ({"no_change": True}, 422, "#/no_change"),
        ({"monat": "x"}, 400, "#/monat"),
    ],
)
def test_draft_of_another_shape_is_refused_at_its_field(api: Any, project: Project, body: Any, status: int, pointer: str) -> None:
    report = filing.draft(project)
    url = f"{API}/reports/{report.pk}/"
    answer = api("editor").change(url, body, match=api("editor").get(url)["ETag"])
    assert (answer.status_code, pointers(answer)) == (status, {pointer})
    assert MonthlyReport.objects.get(pk=report.pk).version == report.version


@pytest.mark.parametrize(("text", "status"), [("2026-13", 400), ("202601", 400), ("2999-01", 422), ("1999-12", 422)])
def test_month_of_another_form_or_time_is_refused(api: Any, project: Project, text: str, status: int) -> None:
    answer = api("editor").send(f"{API}/reports/", {"project": str(project.pk), "month": text})
    assert (answer.status_code, pointers(answer)) == (status, {"#/month"})


def test_no_change_alone_and_for_many(api: Any, project: Project) -> None:
    filing.entered(project, month(10, 2025), percent="46.50")
    made = [filing.draft(project, first) for first in (month(11, 2025), month(12, 2025), month(1))]
    done = api("editor").send(f"{API}/reports/{made[0].pk}/no-change/")
    assert (done.status_code, done.json()["no_change"], done.json()["physical_percent"]) == (200, True, "46.50")
    bulk = f"{API}/reports/no-change/"
    left = [str(report.pk) for report in made[1:]]
    assert api("editor").send(bulk, {"reports": left, "expected_count": 1}).status_code == 409
    third = api("editor").send(bulk, {"reports": left, "expected_count": 2})
    assert (third.status_code, pointers(third)) == (422, {"#/reports/1"})
    assert api("editor").send(bulk, {"reports": left[:1], "expected_count": 1}).json()["results"][0]["state"] == "submitted"
    hidden = api("outsider").send(bulk, {"reports": left[1:], "expected_count": 1})
    assert (hidden.status_code, pointers(hidden)) == (400, {"#/reports/0"})


def test_plan_goes_from_hand_to_hand(api: Any, project: Project) -> None:
    editor, approver = api("editor"), api("approver")
    whole = {"investment": {"amount": "1200.00"}, "monthly": [{"amount": "100.00"}] * 12}
    assert pointers(editor.send(f"{API}/plans/", whole | {"project": str(project.pk), "year": 2026, "monthly": []})) == {"#/monthly"}
    made = editor.send(f"{API}/plans/", whole | {"project": str(project.pk), "year": 2026, "investment": {"amount": "1.00"}})
    assert (made.status_code, made.json()["revision"], made.json()["monthly"][0]["amount"]) == (201, 1, "100.00")
    url = f"{API}/plans/{made.json()['id']}/"
    assert pointers(editor.send(f"{url}submit/")) == {"#/monthly"}
    assert editor.change(url, {"investment": {"amount": "1200.00"}}, match=made["ETag"]).status_code == 200
    assert editor.send(f"{url}submit/").json()["state"] == "submitted"
    assert approver.send(f"{url}return/", {"reason": "偏低"}).json()["return_reason"] == "偏低"
    editor.send(f"{url}submit/")
    assert approver.send(f"{url}approve/").json()["state"] == "approved"
    assert editor.get(f"{API}/projects/{project.pk}/history/").status_code == 200
    second = editor.send(f"{url}revise/")
    assert (second.status_code, second.json()["revision"], second.json()["state"]) == (201, 2, "draft")
    found = editor.get(f"{API}/plans/?project={project.pk}&year=2026&state=approved").json()["results"]
    assert [row["revision"] for row in found] == [1]
    assert editor.get(f"{API}/plans/?year=x").status_code == 400
    assert Plan.objects.count() == 2
