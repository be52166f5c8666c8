"""The status row equals the facts, whatever was written in whatever order, by however many at once."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import clock
from common.recording import recording
from milestones.models import Milestone
from milestones.services import milestones
from projects.models import Project, Status
from projects.services import projects
from tests import world

DAYS = [None, dt.date(2025, 1, 10), dt.date(2025, 6, 30), dt.date(2027, 1, 1)]
COMPARED = (
    "start_milestone_id", "start_basis", "start_baseline_on", "start_due_on", "start_forecast_on", "start_achieved_on",
    "completion_milestone_id", "completion_basis", "completion_baseline_on", "completion_due_on", "completion_forecast_on",
    "completion_achieved_on", "milestone_count",
    "achieved_count", "open_dues", "next_due_milestone_id", "next_due_name", "next_due_on", "slippage_days",
)  # fmt: skip


def compare(project: Project) -> None:
    """Compute the row anew in Python from the facts and compare."""
    row = Status.objects.get(pk=project.pk)
    present = Project.objects.select_related("sector", "region", "office", "authority").get(pk=project.pk)
    assert (row.name, row.name_pinyin, row.stage, row.total_investment) == (
        present.name, present.name_pinyin, present.stage, present.total_investment,
    )  # fmt: skip
    for name in ("sector", "region", "office", "authority"):
        node = getattr(present, name)
        found = tuple(getattr(row, f"{name}_{part}") for part in ("id", "code", "name"))
        assert found == ((node.pk, node.code, node.name) if node else (None, None, None))
    facts = list(Milestone.objects.filter(project=project))
    opened = sorted((m.due_on, m.position, m.pk, m.name) for m in facts if m.due_on and not m.achieved_on)
    slippage = [((m.achieved_on or m.forecast_on or m.due_on) - m.baseline_on).days for m in facts if m.baseline_on]
    wanted: dict[str, Any] = {
        "milestone_count": len(facts),
        "achieved_count": sum(m.achieved_on is not None for m in facts),
        "open_dues": [due for due, *_rest in opened],
        "next_due_on": opened[0][0] if opened else None,
        "next_due_milestone_id": opened[0][2] if opened else None,
        "next_due_name": opened[0][3] if opened else None,
        "slippage_days": max(slippage, default=None),
        "late_from_on": opened[0][0] if opened and present.stage not in ("reserve", "suspended", "cancelled") else None,
    }
    for kind in ("start", "completion"):
        end = next((m for m in facts if m.kind == kind), None)
        wanted[f"{kind}_milestone_id"] = end and end.pk
        for column in ("basis", "baseline_on", "due_on", "forecast_on", "achieved_on"):
            wanted[f"{kind}_{column}"] = end and getattr(end, column)
    assert {name: getattr(row, name) for name in wanted} == wanted
    assert set(COMPARED) <= set(wanted)


writes = st.lists(
    st.tuples(
        st.sampled_from(["date", "forecast", "achieve", "bulk", "add", "remove", "swap", "stage", "rename", "office", "amount"]),
        st.integers(0, 3),
        st.sampled_from(DAYS),
    ),
    max_size=8,
)


def write(kind: str, number: int, day: dt.date | None, pair: list[Project]) -> None:
    project = pair[number % 2]
    rows = Milestone.objects.filter(project=project).order_by("position", "id")
    one = rows[number % max(1, len(rows)) : number % max(1, len(rows)) + 1]
    ids = [m.pk for m in one]
    with recording(world.TESTER):
        match kind:
            case "date":
                Milestone.objects.filter(pk__in=ids).update(
                    due_on=day, baseline_on=day and day - dt.timedelta(days=number), basis="report" if day else None
                )
            case "forecast":
                Milestone.objects.filter(pk__in=ids).update(forecast_on=day)
            case "achieve":
                Milestone.objects.filter(pk__in=ids).update(achieved_on=day)
            case "bulk":
                Milestone.objects.filter(project__in=pair).update(achieved_on=day)
            case "add":
                Milestone.objects.create(
                    project=project, name="新", position=number, due_on=day, baseline_on=day, basis="approved" if day else None
                )
            case "remove":
                Milestone.objects.filter(pk__in=ids).delete()
            case "swap":
                Milestone.objects.filter(pk__in=ids, kind="other").update(project=pair[1 - number % 2])
            case "stage":
                stage = ["reserve", "construction", "operation", "cancelled"][number]
                Project.objects.filter(pk=project.pk).update(stage=stage)
            case "rename":
                projects.edit_project(project.pk, {"name": f"改名{number}"}, version=None, actor=world.TESTER)
            case "office":
                Project.objects.filter(pk=project.pk).update(authority=None if number else project.authority_id)
            case "amount":
                Project.objects.filter(pk=project.pk).update(total_investment=number or None)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=writes)
def test_status_row_equals_the_facts_after_any_sequence_of_writes(people: world.People, sequence: Any) -> None:
    pair = [world.project("甲"), world.project("乙")]
    for kind, number, day in sequence:
        write(kind, number, day, pair)
    for project in pair:
        compare(project)


def test_status_is_touched_only_by_what_it_shows(people: world.People) -> None:
    project = world.project()
    before = Status.objects.get(pk=project.pk).updated_at
    with recording(world.TESTER):
        Milestone.objects.filter(project=project).update(note="只改备注")
    assert Status.objects.get(pk=project.pk).updated_at == before
    with recording(world.TESTER):
        Milestone.objects.filter(project=project).update(forecast_on=DAYS[1])
    assert Status.objects.get(pk=project.pk).updated_at > before


@pytest.mark.django_db(transaction=True)
def test_two_milestones_achieved_at_once_are_both_counted(request: Any) -> None:
    people = world.people()
    project = world.project(at="construction")
    due = dt.date(2025, 1, 10)
    ids = [m.pk for m in Milestone.objects.filter(project=project)]
    for key in ids:
        milestones.set_first_date(key, due_on=due, basis="approved", actor=world.TESTER, today=clock.today())
    begin = threading.Barrier(2)
    answers = []

    def achieve(key: Any) -> None:
        begin.wait()
        answers.append(people.client("editor").send(f"/api/v1/milestones/{key}/achieve/", {"on": "2025-02-01"}).status_code)
        connection.close()

    threads = [threading.Thread(target=achieve, args=(key,)) for key in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = Status.objects.get(pk=project.pk)
    assert (answers, row.achieved_count, row.open_dues) == ([200, 200], 2, [])


@pytest.mark.django_db(transaction=True)
def test_raw_writes_that_lock_no_project_still_leave_the_right_count(request: Any) -> None:
    """The trigger itself locks first and reads in a second statement: psql and bulk loads need no service."""
    world.people()
    project = world.project(at="construction")
    ids = [m.pk for m in Milestone.objects.filter(project=project)]
    begin = threading.Barrier(2)

    def achieve(key: Any) -> None:
        with recording(world.TESTER):
            begin.wait()
            Milestone.objects.filter(pk=key).update(achieved_on=dt.date(2025, 2, 1))
        connection.close()

    for _round in range(5):
        threads = [threading.Thread(target=achieve, args=(key,)) for key in ids]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Status.objects.get(pk=project.pk).achieved_count == 2
        with recording(world.TESTER):
            Milestone.objects.filter(project=project).update(achieved_on=None)
