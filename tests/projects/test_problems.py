"""The problem list and the permits: terms, closing, holding, who owes what, and what the project's status says of it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from common import clock
from common.recording import recording
from projects.models import Problem, Project
from reminders.models import Reminder, Rung
from reminders.selectors.of_projects import PERMITS, PROBLEMS
from reminders.sources import Source
from tests import files, world

API = "/api/v1"


@pytest.fixture
def project(people: world.People) -> Project:
    return world.project(at="construction")


def new(client: Any, project: Project, **fields: Any) -> Any:
    body = {"project": str(project.pk), "kind": "land", "text": "征地未完", "raised_on": "2025-03-01", "level_needed": "city"}
    return client.send(f"{API}/problems/", body | fields)


def owed(source: Source) -> list[tuple[str, dt.date]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT subject_name, due_on FROM ({source.obligations}) o ORDER BY due_on")
        return cursor.fetchall()


def remind(project: Project, kind: str, key: str, due_on: str, user: Any) -> Reminder:
    with recording(world.TESTER):
        return Reminder.objects.create(
            subject_kind=kind, subject_id=key, subject_name="x", project=project, due_on=due_on, rung=Rung.objects.first(),
            recipient=user, due_at=clock.now(),
        )  # fmt: skip


def fault(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["pointer"]


def test_term_is_seven_days_a_month_where_complex_and_the_office_is_the_projects(api: Any, project: Project) -> None:
    client = api("editor")
    row = new(client, project).json()
    assert (row["due_on"], row["office"]["code"], row["state"]) == ("2025-03-08", "410782", "open")
    assert new(client, project, raised_on="2025-01-31", is_complex=True).json()["due_on"] == "2025-02-28"
    assert new(client, project, raised_on="2024-12-05", is_complex=True).json()["due_on"] == "2025-01-05"
    assert new(client, project, due_on="2025-06-30").json()["due_on"] == "2025-06-30"


def test_problem_that_breaks_a_rule_is_refused_at_its_field(api: Any, project: Project) -> None:
    client = api("editor")
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    for day in (tomorrow, "9999-12-31"):
        assert fault(new(client, project, raised_on=day)) == (422, "#/raised_on")
    assert fault(new(client, project, due_on="2025-02-28")) == (422, "#/due_on")
    assert fault(new(client, project, state="on_hold")) == (422, "#/hold_reason")
    assert fault(new(client, project, office="410781")) == (422, "#/office")  # who cannot see the project cannot answer for it
    assert fault(new(client, project, text="")) == (400, "#/text")
    assert fault(new(client, project, state="closed")) == (400, "#/state")
    assert new(api("reader"), project).status_code == 403
    assert fault(new(api("outsider"), project)) == (400, "#/project")
    assert not Problem.objects.exists()
    assert new(client, project, office="410700-JTJ").status_code == 201  # the authority


def test_closing_needs_a_day_and_a_note_or_evidence_and_reopening_a_reason(api: Any, project: Project) -> None:
    client = api("editor")
    url = f"{API}/problems/{new(client, project).json()['id']}/"
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    foreign = client.post(f"{API}/evidence/", {"project": str(world.project("他").pk), "file": files.upload(files.photo())}).json()["id"]
    own = client.post(f"{API}/evidence/", {"project": str(project.pk), "file": files.upload(files.photo())}).json()["id"]
    assert fault(client.send(f"{url}close/", {"on": "2025-03-05"})) == (422, "#/note")
    assert fault(client.send(f"{url}close/", {"on": tomorrow, "note": "已清"})) == (422, "#/on")
    assert fault(client.send(f"{url}close/", {"on": "2025-02-28", "note": "已清"})) == (422, "#/on")
    assert fault(client.send(f"{url}close/", {"on": "2025-03-05", "evidence": foreign})) == (422, "#/evidence")
    assert client.send(f"{url}reopen/", {"reason": "又"}).status_code == 409
    closed = client.send(f"{url}close/", {"on": "2025-03-05", "evidence": own}).json()
    assert (closed["state"], closed["closed_on"], closed["closing_evidence"]["id"]) == ("closed", "2025-03-05", own)
    assert client.send(f"{url}close/", {"on": "2025-03-05", "note": "再"}).status_code == 409
    assert client.change(url, {"measures": "x"}, match=client.get(url)["ETag"]).status_code == 409
    evidence = f"{API}/evidence/{own}/"
    assert client.send(evidence, match=client.get(evidence)["ETag"], method="DELETE").json()["code"] == "in_use"
    assert fault(client.send(f"{url}reopen/", {})) == (400, "#/reason")
    again = client.send(f"{url}reopen/", {"reason": "又占地"}).json()
    assert (again["state"], again["closed_on"], again["reopen_reason"]) == ("working", None, "又占地")


def test_open_problem_is_owed_until_it_is_closed_held_or_its_project_rests(api: Any, people: world.People, project: Project) -> None:
    client = api("editor")
    row = new(client, project).json()
    url, due = f"{API}/problems/{row['id']}/", dt.date(2025, 3, 8)
    assert owed(PROBLEMS) == [("征地未完", due)]
    reminder = remind(project, "problem", row["id"], "2025-03-08", people.users["editor"])
    client.change(url, {"measures": "每日调度"}, match=client.get(url)["ETag"])
    reminder.refresh_from_db()
    assert reminder.state == "pending"  # nothing about the day changed
    client.change(url, {"state": "on_hold", "hold_reason": "等省里"}, match=client.get(url)["ETag"])
    reminder.refresh_from_db()
    assert (reminder.state, owed(PROBLEMS)) == ("cancelled", [])
    held = client.get(url).json()
    assert (held["is_overdue"], client.get(f"{API}/problems/?state=on_hold").json()["results"][0]["id"]) == (False, row["id"])
    assert client.change(url, {"state": "working"}, match=client.get(url)["ETag"]).json()["hold_reason"] == ""
    assert owed(PROBLEMS) == [("征地未完", due)]
    with recording(world.TESTER):
        Project.objects.filter(pk=project.pk).update(stage="cancelled")
    assert owed(PROBLEMS) == []


def test_count_of_open_problems_follows_the_day_asked_about(api: Any, project: Project) -> None:
    client = api("editor")
    url = f"{API}/problems/{new(client, project).json()['id']}/"
    new(client, project, raised_on="2025-05-01", state="on_hold", hold_reason="等")
    client.send(f"{url}close/", {"on": "2025-04-10", "note": "已清"})
    count = lambda query: client.get(f"{API}/projects/{project.pk}/{query}").json()["status"]["open_problem_count"]  # noqa: E731
    assert [count(query) for query in ("", "?as_of=2025-02-01", "?as_of=2025-03-15", "?as_of=2025-04-10")] == [1, 0, 1, 0]
    (row,) = client.get(f"{API}/projects/?fields=status.open_problem_count").json()["results"]
    assert row["status"]["open_problem_count"] == 1


def test_problems_are_filtered(api: Any, project: Project) -> None:
    client = api("editor")
    late = new(client, project).json()["id"]
    far = new(client, project, due_on="2099-01-01", level_needed="province").json()["id"]
    for query, expected in (
        (f"project={project.pk}", [late, far]),
        ("is_overdue=true", [late]),
        ("is_overdue=false", [far]),
        ("level_needed=province", [far]),
        ("office=410782&due_on__lte=2025-12-31", [late]),
        ("due_on__gte=2026-01-01", [far]),
        ("state=closed", []),
    ):
        assert [row["id"] for row in client.get(f"{API}/problems/?{query}").json()["results"]] == expected, query


def test_permit_is_listed_once_owed_until_done_and_completed_with_its_document(api: Any, people: world.People, project: Project) -> None:
    client, body = api("editor"), {"project": str(project.pk), "kind": "environment", "due_on": "2025-03-08"}
    row = client.send(f"{API}/permits/", body).json()
    url = f"{API}/permits/{row['id']}/"
    assert (row["state"], row["kind_display"], row["is_overdue"]) == ("not_started", "环评", True)
    assert client.send(f"{API}/permits/", body).json()["code"] == "duplicate"
    assert owed(PERMITS) == [("环评", dt.date(2025, 3, 8))]
    reminder = remind(project, "permit", row["id"], "2025-03-08", people.users["editor"])
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    assert fault(client.send(f"{url}complete/", {"on": tomorrow})) == (422, "#/on")
    assert client.change(url, {"done_on": "2025-03-01"}, match=client.get(url)["ETag"]).json()["code"] == "read_only"
    done = client.send(f"{url}complete/", {"on": "2025-03-05", "number": "新环审〔2025〕1号"}).json()
    assert (done["state"], done["done_on"], done["number"], done["is_overdue"]) == ("done", "2025-03-05", "新环审〔2025〕1号", False)
    reminder.refresh_from_db()
    assert (reminder.state, owed(PERMITS)) == ("cancelled", [])
    assert client.send(f"{url}complete/", {"on": "2025-03-05"}).status_code == 409
    again = client.change(url, {"state": "in_progress"}, match=client.get(url)["ETag"]).json()
    assert (again["done_on"], owed(PERMITS)) == (None, [("环评", dt.date(2025, 3, 8))])
    client.change(url, {"state": "not_applicable"}, match=client.get(url)["ETag"])
    assert owed(PERMITS) == []
