"""Yearly plans: twelve months that are the year, revisions beside the old ones, and the figure that lists show."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from common.errors import AlreadyDecided, RuleBroken, SamePerson
from common.recording import recording
from projects.errors import NotMovable, PlanTaken
from projects.models import Plan, Project, Status
from projects.selectors import lists
from projects.services import plans
from tests import filing, world
from tests.filing import NOW, TODAY

API = "/api/v1"
TWELVE = [Decimal("100.00")] * 12


@pytest.fixture
def project(people: world.People) -> Project:
    return world.project(at="construction")


def drafted(people: world.People, project: Project, **fields: Any) -> Plan:
    columns = {"project": project, "year": 2026, "investment": Decimal(1200), "monthly": TWELVE}
    return plans.create_plan(columns | fields, actor=people.principal("editor"))


def approved(people: world.People, plan: Plan) -> Plan:
    plans.submit(plan.pk, actor=people.principal("editor"), today=TODAY, now=NOW)
    return plans.approve(plan.pk, actor=people.principal("approver"), now=NOW)


def planned(people: world.People, project: Project, today: dt.date = TODAY, as_of: dt.date | None = None) -> Decimal:
    return lists.statuses(people.principal("editor"), today=today, as_of=as_of).get(pk=project.pk).planned_this_year


def test_plan_counts_when_another_has_approved_it(people: world.People, project: Project) -> None:
    plan = drafted(people, project)
    assert (plan.revision, planned(people, project)) == (1, 0)
    plan = plans.submit(plan.pk, actor=people.principal("editor"), today=TODAY, now=NOW)
    assert (planned(people, project), plan.decision_due_on) == (0, dt.date(2026, 1, 30))
    with pytest.raises(SamePerson):
        plans.approve(plan.pk, actor=people.principal("editor"), now=NOW)
    plans.approve(plan.pk, actor=people.principal("approver"), now=NOW)
    assert planned(people, project) == 1200
    assert planned(people, project, dt.date(2027, 1, 1)) == 0  # another year
    with pytest.raises(AlreadyDecided):
        plans.approve(plan.pk, actor=people.principal("admin"), now=NOW)


def test_months_must_be_the_year_and_the_refusal_names_both_sums(people: world.People, project: Project) -> None:
    plan = drafted(people, project, investment=Decimal("1200.01"))
    with pytest.raises(RuleBroken) as refused:
        plans.submit(plan.pk, actor=people.principal("editor"), today=TODAY, now=NOW)
    (fault,) = refused.value.faults
    assert (fault.path, "1,200.00 元" in fault.detail, "1,200.01 元" in fault.detail) == (("monthly",), True, True)
    plans.submit(plan.pk, {"investment": Decimal(1200)}, actor=people.principal("editor"), today=TODAY, now=NOW)


@pytest.mark.parametrize(
    "fields",
    [
        {"monthly": TWELVE[:11], "investment": Decimal(1100)},
        {"monthly": [*TWELVE, Decimal(0)]},
        {"monthly": [Decimal(-1), Decimal(201), *TWELVE[2:]]},
        {"investment": Decimal(1201)},
        {"revision": 0},
        {"submitted_by_id": "0199b0a0-0000-7000-8000-000000000001", "decided_by_id": "0199b0a0-0000-7000-8000-000000000001"},
    ],
)
def test_plan_that_cannot_be_is_refused_by_the_database(project: Project, fields: dict[str, Any]) -> None:
    whole = {"project_id": project.pk, "year": 2026, "investment": Decimal(1200), "monthly": TWELVE}
    with pytest.raises(IntegrityError), transaction.atomic():
        plans.enter_plans([whole | fields], actor=world.TESTER)
    plans.enter_plans([whole], actor=world.TESTER)


def test_revision_is_a_copy_that_counts_only_once_approved_and_the_first_stays(people: world.People, project: Project) -> None:
    first = approved(people, drafted(people, project, content="主体完工"))
    second = plans.revise(first.pk, actor=people.principal("editor"))
    assert (second.revision, second.state, second.monthly, second.content) == (2, "draft", TWELVE, "主体完工")
    changes = {"investment": Decimal(2400), "monthly": [Decimal(200)] * 12}
    plans.edit_plan(second.pk, changes, version=second.version, actor=people.principal("editor"))
    assert planned(people, project) == 1200
    with pytest.raises(PlanTaken) as taken:
        plans.revise(first.pk, actor=people.principal("editor"))
    assert taken.value.extra == {"id": str(second.pk)}
    approved(people, second)
    assert planned(people, project) == 2400
    assert Plan.objects.get(pk=first.pk).investment == 1200
    with pytest.raises(NotMovable):
        plans.revise(first.pk, actor=people.principal("editor"))


def test_plan_is_returned_corrected_and_never_edited_after(people: world.People, project: Project) -> None:
    plan, editor, approver = drafted(people, project), people.principal("editor"), people.principal("approver")
    with pytest.raises(NotMovable):
        plans.send_back(plan.pk, reason="x", actor=approver, today=TODAY, now=NOW)
    plans.submit(plan.pk, actor=editor, today=TODAY, now=NOW)
    acts: list[Callable[[], Any]] = [
        lambda: plans.edit_plan(plan.pk, {"content": "x"}, version=None, actor=editor),
        lambda: plans.submit(plan.pk, actor=editor, today=TODAY, now=NOW),
        lambda: plans.revise(plan.pk, actor=editor),
    ]
    for act in acts:
        with pytest.raises(NotMovable):
            act()
    with pytest.raises(RuleBroken):
        plans.send_back(plan.pk, reason="", actor=approver, today=TODAY, now=NOW)
    returned = plans.send_back(plan.pk, reason="偏低", actor=approver, today=TODAY, now=NOW)
    assert (returned.state, returned.return_reason, returned.due_on) == ("returned", "偏低", dt.date(2026, 1, 30))
    approved(people, returned)


def test_one_plan_a_year_and_none_of_a_package(people: world.People, project: Project) -> None:
    first = drafted(people, project)
    with pytest.raises(PlanTaken) as taken:
        drafted(people, project)
    assert taken.value.extra == {"id": str(first.pk)}
    drafted(people, project, year=2027)
    with pytest.raises(RuleBroken):
        drafted(people, world.project("打包", is_package=True))
    with pytest.raises(RuleBroken):
        drafted(people, project, year=1999)


def test_past_day_shows_the_plan_that_was_approved_by_then(api: Any, people: world.People, project: Project) -> None:
    for revision, investment, day in ((1, "1200.00", dt.datetime(2025, 2, 1, 10)), (2, "2400.00", dt.datetime(2025, 7, 1, 10))):
        filing.entered_plan(project, 2025, investment, revision=revision, decided_at=timezone.make_aware(day))
    filing.entered_plan(project, 2024, "12.00")  # entered as a fact, without a day
    for day, wanted in {
        "2024-12-31": "12.00",
        "2025-01-31": "0.00",
        "2025-02-01": "1200.00",
        "2025-06-30": "1200.00",
        "2025-07-01": "2400.00",
    }.items():
        row = api("editor").get(f"{API}/projects/?as_of={day}").json()["results"][0]["status"]
        detail = api("editor").get(f"{API}/projects/{project.pk}/?as_of={day}").json()["status"]
        total = api("editor").get(f"{API}/summary/?group_by=stage&as_of={day}").json()
        assert row["planned_this_year"] == detail["planned_this_year"] == {"amount": wanted, "currency": "CNY"}, day
        assert total["total"]["planned_this_year"] == total["results"][0]["planned_this_year"] == {"amount": wanted, "currency": "CNY"}, day


def test_status_follows_every_kind_of_write(people: world.People, project: Project) -> None:
    other = world.project("乙")
    plan = filing.entered_plan(project)
    stored = lambda: [Status.objects.get(pk=one.pk).planned for one in (project, other)]  # noqa: E731
    assert stored() == [{"2026": "1200.00"}, {}]
    rows = Plan.objects.filter(pk=plan.pk)
    for changes, wanted in [
        ({"year": 2027}, [{"2027": "1200.00"}, {}]),
        ({"project": other}, [{}, {"2027": "1200.00"}]),
        ({"state": "returned"}, [{}, {}]),
        ({"state": "approved"}, [{}, {"2027": "1200.00"}]),
        ({"investment": Decimal(2400), "monthly": [Decimal(200)] * 12}, [{}, {"2027": "2400.00"}]),
    ]:
        with recording(world.TESTER):
            rows.update(**changes)
        assert stored() == wanted
    before = Status.objects.get(pk=other.pk).updated_at
    with recording(world.TESTER):
        rows.update(content="不改数字")
    assert Status.objects.get(pk=other.pk).updated_at == before
    with recording(world.TESTER):
        rows.delete()
    assert stored() == [{}, {}]
