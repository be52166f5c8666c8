"""One matrix of dates feeds the rules in Python, their twins in SQL, the status row and the past."""

import datetime as dt
import itertools
from typing import Any, NamedTuple

import pytest
from django.db import connection

from common.recording import recording
from milestones.models import Kind, Milestone
from milestones.rules import lateness as rules
from projects.lifecycle import UNHURRIED, Stage
from projects.models import Project, StageMove, Status
from projects.selectors import lists
from tests import world
from tests.databases import MADE, Databases

TODAY = dt.date(2025, 6, 30)
PAST, FUTURE = TODAY - dt.timedelta(days=10), TODAY + dt.timedelta(days=10)
YESTERDAY = TODAY - dt.timedelta(days=1)
STAGES = [Stage.RESERVE, Stage.CONSTRUCTION, Stage.SUSPENDED, Stage.CANCELLED, Stage.OPERATION]
DATED = [(None, None), *itertools.product([PAST, TODAY], [PAST, YESTERDAY, TODAY, FUTURE])]


class Facts(NamedTuple):
    baseline_on: dt.date | None
    due_on: dt.date | None
    forecast_on: dt.date | None
    achieved_on: dt.date | None
    missed_due_on: dt.date | None


MATRIX = [
    Facts(baseline, due, forecast, achieved, missed)
    for (baseline, due), forecast, achieved, missed in itertools.product(
        DATED, [None, PAST, FUTURE], [None, PAST, TODAY, FUTURE], [None, PAST, TODAY]
    )
]


def happened(facts: Facts, day: dt.date) -> dt.date | None:
    return facts.achieved_on if rules.has_happened(facts.achieved_on, today=day) else None


def expected(facts: Facts, stage: str, day: dt.date) -> dict[str, Any]:
    """What `rules.py` says of a milestone."""
    lateness = {"due_on": facts.due_on, "achieved_on": facts.achieved_on, "today": day}
    return {
        "is_overdue": rules.is_overdue(**lateness, presses=stage not in UNHURRIED),
        "overdue_days": rules.overdue_days(**lateness, presses=stage not in UNHURRIED),
        "slippage_days": rules.slippage_days(
            baseline_on=facts.baseline_on, due_on=facts.due_on, forecast_on=facts.forecast_on, achieved_on=happened(facts, day)
        ),
        "was_late": rules.was_late(**lateness, missed_due_on=facts.missed_due_on),
        "achieved_by": happened(facts, day),
    }


def expected_status(rows: list[tuple[Facts, Milestone]], stage: str, day: dt.date) -> dict[str, Any]:
    """What the status row must say of all the milestones of one project."""
    opened = sorted(
        (facts.due_on, milestone.position, milestone.pk) for facts, milestone in rows if facts.due_on and happened(facts, day) is None
    )
    late = [due for due, _position, _pk in opened if due < day] if stage not in UNHURRIED else []
    slippages = [slip for facts, _milestone in rows if (slip := expected(facts, stage, day)["slippage_days"]) is not None]
    return {
        "milestone_count": len(rows),
        "achieved_count": sum(happened(facts, day) is not None for facts, _milestone in rows),
        "open_dues": [due for due, _position, _pk in opened],
        "next_due_on": opened[0][0] if opened else None,
        "next_due_milestone_id": opened[0][2] if opened else None,
        "overdue_count": len(late),
        "is_overdue": bool(late),
        "overdue_days": (day - late[0]).days if late else 0,
        "slippage_days": max(slippages, default=None),
    }


def make_matrix() -> dict[str, tuple[Project, list[tuple[Facts, Milestone]]]]:
    """A project in each stage that bears the whole matrix."""
    made = {}
    with recording(world.TESTER):
        for stage in STAGES:
            project = world.project(f"矩阵{stage}")
            before = {"stage_before_suspension": Stage.CONSTRUCTION} if stage == Stage.SUSPENDED else {}
            Project.objects.filter(pk=project.pk).update(stage=stage, **before)
            Milestone.objects.filter(project=project).delete()
            milestones = [
                Milestone(
                    project=project,
                    name=f"节点{number}",
                    position=number % 3,
                    basis="approved" if facts.due_on else None,
                    **facts._asdict(),
                )
                for number, facts in enumerate(MATRIX)
            ]
            Milestone.objects.bulk_create(milestones)
            made[stage] = (project, list(zip(MATRIX, milestones, strict=True)))
    return made


MADE["matrix"] = ("peopled", make_matrix)


@pytest.fixture
def matrix(all_databases: Databases, people: world.People) -> dict[str, tuple[Project, list[tuple[Facts, Milestone]]]]:
    return all_databases.made("matrix")


def test_lateness_in_sql_equals_the_rules_in_python(matrix: Any) -> None:
    for day in (PAST, YESTERDAY, TODAY, FUTURE):
        judged = {row["pk"]: row for row in Milestone.objects.judged(today=day).values("pk", *expected(MATRIX[0], "reserve", day))}
        for stage, (_project, rows) in matrix.items():
            for facts, milestone in rows:
                assert judged[milestone.pk] == {"pk": milestone.pk} | expected(facts, stage, day), (stage, day, facts)


def test_overdue_rows_are_exactly_those_the_rules_call_overdue(matrix: Any) -> None:
    late = set(Milestone.objects.overdue(today=TODAY).values_list("pk", flat=True))
    assert late == {
        milestone.pk for stage, (_p, rows) in matrix.items() for facts, milestone in rows if expected(facts, stage, TODAY)["is_overdue"]
    }
    assert late


def test_open_rows_are_those_without_an_achievement(matrix: Any) -> None:
    assert Milestone.objects.open().count() == sum(facts.achieved_on is None for facts in MATRIX) * len(STAGES)


def test_status_row_equals_the_rules_over_all_milestones_of_its_project(matrix: Any) -> None:
    for stage, (project, rows) in matrix.items():
        # today's row counts every recorded achievement: none may lie in the future of a real today
        real = [(facts._replace(achieved_on=facts.achieved_on and min(facts.achieved_on, TODAY)), milestone) for facts, milestone in rows]
        with recording(world.TESTER):
            Milestone.objects.filter(project=project, achieved_on__gt=TODAY).update(achieved_on=TODAY)
        wanted = expected_status(real, stage, TODAY)
        assert Status.objects.judged(today=TODAY).values(*wanted).get(pk=project.pk) == wanted, stage


@pytest.mark.parametrize("day", [PAST, YESTERDAY, TODAY])
def test_status_as_of_a_day_counts_only_achievements_up_to_it(matrix: Any, people: world.People, day: dt.date) -> None:
    past = lists.statuses(people.principal("admin"), today=FUTURE, as_of=day)
    for stage, (project, rows) in matrix.items():
        wanted = expected_status(rows, stage, day)
        assert past.values(*wanted).get(pk=project.pk) == wanted, stage


@pytest.mark.parametrize("dates", [(None, None), (PAST, None), (PAST, PAST), (PAST, TODAY), (FUTURE, None), (TODAY, None)])
def test_end_dates_of_the_status_row_are_those_of_the_milestones(people: world.People, dates: Any) -> None:
    due, achieved = dates
    project = world.project()
    for kind, end in ((Kind.START, "start"), (Kind.COMPLETION, "completion")):
        with recording(world.TESTER):
            Milestone.objects.filter(project=project, kind=kind).update(
                baseline_on=due, due_on=due, basis="report" if due else None, achieved_on=achieved, forecast_on=FUTURE
            )
        status = Status.objects.get(pk=project.pk)
        found = [getattr(status, f"{end}_{name}") for name in ("basis", "baseline_on", "due_on", "forecast_on", "achieved_on")]
        assert found == ["report" if due else None, due, due, FUTURE, achieved]
        assert getattr(status, f"{end}_milestone_id") == Milestone.objects.get(project=project, kind=kind).pk


def test_stage_of_a_past_day_is_read_from_the_moves(people: world.People) -> None:
    project = world.project(at="construction")
    world.completion(project, PAST - dt.timedelta(days=5))
    with recording(world.TESTER):
        StageMove.objects.create(project=project, from_stage="construction", to_stage="suspended", on=YESTERDAY)
        Project.objects.filter(pk=project.pk).update(stage="suspended", stage_before_suspension="construction")
    admin = people.principal("admin")
    seen = {
        day: lists.statuses(admin, today=TODAY, as_of=day).values_list("stage", "is_overdue").get(pk=project.pk)
        for day in (PAST, YESTERDAY, TODAY)
    }
    assert seen == {PAST: ("construction", True), YESTERDAY: ("suspended", False), TODAY: ("suspended", False)}


def test_dates_press_in_sql_in_the_same_stages_as_in_python(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stage, projects_dates_press(stage) FROM unnest(%s::text[]) stage", [Stage.values])
        assert dict(cursor.fetchall()) == {stage: stage not in UNHURRIED for stage in Stage.values}
