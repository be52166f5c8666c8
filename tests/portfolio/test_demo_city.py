"""The generated city, built once: plausible, marked, repeatable, with money in every state."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count, F, Q

from accounts import selectors
from accounts.models import Membership, User
from accounts.roles import Role
from common import clock
from common.decisions import RequestState
from common.errors import InUse
from funding.models import (
    Allocation,
    FundingSource,
    Transfer,
    TransferRequest,
)
from funding.selectors import findings
from history.models import Change
from milestones.models import DateChange, Dependency, Kind, Milestone
from milestones.selectors.network import schedule_of
from portfolio.models import CommitmentKind, CommitmentProject
from portfolio.selectors import audit
from portfolio.services.demonstration import city, removal
from projects.lifecycle import UNHURRIED, Stage
from projects.models import Assignment, MonthlyReport, Part, Plan, Project, ReportState, Status
from reminders.models import Mute
from tests.funding_rows import move, source
from tests.portfolio.conftest import ACTOR, SIZE, TODAY, Before, generated

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(demonstration: Before, settings: Any) -> None:
    """The city for one test, and its files."""
    settings.MEDIA_ROOT = demonstration.files


def picture() -> list[tuple[object, ...]]:
    return list(
        Milestone.objects.order_by("project__name", "position").values_list(
            "project__name", "project__stage", "name", "due_on", "achieved_on"
        )
    )


def without_editor() -> set[object]:
    offices = Membership.objects.filter(role__in=[Role.EDITOR, Role.APPROVER]).values("office")
    return set(Project.objects.exclude(office__in=offices).values_list("pk", flat=True))


def test_the_city_has_the_size_asked_for_and_every_generated_project_is_marked(demo: None) -> None:
    assert Project.objects.count() == Status.objects.count() == SIZE
    assert len(generated()) == SIZE - 99
    assert len({project.name for project in Project.objects.all()}) == SIZE


def test_a_tenth_is_overdue_and_only_where_dates_press(demo: None) -> None:
    overdue = Status.objects.filter(late_from_on__lt=TODAY)
    assert overdue.count() == SIZE // 10
    assert not overdue.filter(stage__in=UNHURRIED).exists()
    days = sorted((TODAY - row.late_from_on).days for row in overdue if row.late_from_on)
    assert days[0] <= 10
    assert days[-1] > 60


def test_dates_agree_with_the_stage(demo: None) -> None:
    built = Status.objects.filter(pk__in=generated(), stage__in=[Stage.CONSTRUCTION, Stage.COMPLETED, Stage.OPERATION])
    assert not built.filter(start_achieved_on=None).exists()
    assert not Status.objects.filter(stage=Stage.COMPLETED, completion_achieved_on=None).exists()
    assert not Status.objects.exclude(stage__in=[Stage.COMPLETED, Stage.OPERATION]).exclude(completion_achieved_on=None).exists()
    assert not Milestone.objects.filter(achieved_on__gt=TODAY).exists()
    moved = set(DateChange.objects.filter(state="approved").values_list("milestone", "from_on", "to_on"))
    assert moved == set(Milestone.objects.exclude(due_on=None).exclude(baseline_on=F("due_on")).values_list("pk", "baseline_on", "due_on"))
    assert not Milestone.objects.filter(forecast_on__lte=TODAY).exists()


def test_every_project_has_both_ends_and_a_plan(demo: None) -> None:
    ends = Count("pk", filter=Q(kind__in=[Kind.START, Kind.COMPLETION]))
    counts = Milestone.objects.filter(project__in=generated()).values("project").annotate(all=Count("pk"), ends=ends)
    assert {row["ends"] for row in counts} == {2}
    assert min(row["all"] for row in counts) >= 5
    assert max(row["all"] for row in counts) <= 12


def test_works_are_planned_for_the_year_month_by_month(demo: None) -> None:
    works = Project.objects.filter(pk__in=generated(), stage=Stage.CONSTRUCTION, is_package=False)
    plans = Plan.objects.filter(project__in=works, year=TODAY.year, state=ReportState.APPROVED)
    assert plans.count() == works.count() > 0
    assert all(sum(plan.monthly) == plan.investment > 0 for plan in plans)
    assert not Plan.objects.exclude(pk__in=plans).exists()


def test_open_month_is_filed_by_some_and_sent_back_to_few_with_a_reason(demo: None) -> None:
    month = TODAY.replace(day=1)
    filed = MonthlyReport.objects.filter(month=month, state=ReportState.SUBMITTED)
    returned = MonthlyReport.objects.filter(month=month, state=ReportState.RETURNED)
    owed = Project.objects.filter(pk__in=generated(), stage=Stage.CONSTRUCTION, is_package=False).exclude(
        pk__in=MonthlyReport.objects.filter(month=month).values("project")
    )
    assert owed.count() > filed.count() > returned.count() > 0
    assert not returned.filter(return_reason="").exists()
    assert not filed.filter(submitted_at__date__gt=TODAY).exists()
    assert not (filed | returned).exclude(submitted_by_id__in=User.objects.values("pk")).exists()


def test_closed_months_lead_up_to_where_the_works_stand(demo: None) -> None:
    works = Project.objects.filter(pk__in=generated(), stage=Stage.CONSTRUCTION, is_package=False)
    by_project: dict[uuid.UUID, list[MonthlyReport]] = {}
    for report in MonthlyReport.objects.filter(project__in=works, month__lt=TODAY.replace(day=1)).order_by("month"):
        by_project.setdefault(report.project_id, []).append(report)
    assert set(by_project) == set(works.values_list("pk", flat=True))
    for reports in by_project.values():
        percents = [report.physical_percent for report in reports]
        assert percents == sorted(percents) and 0 <= percents[0] <= percents[-1] <= 100
        assert {report.state for report in reports} == {ReportState.APPROVED}


def test_some_works_say_what_waits_for_what_and_keep_to_it(demo: None) -> None:
    links = list(Dependency.objects.select_related("before", "after"))
    assert links and all(link.before.project_id == link.after.project_id for link in links)
    for link in links:
        assert link.before.due_on + dt.timedelta(days=link.lag_days) <= link.after.due_on
        assert link.after.achieved_on is None or link.before.achieved_on is not None
    floats = [days for key in {link.project_id for link in links} for days in schedule_of(key).floats.values()]
    assert 0 in floats and any(days > 0 for days in floats)


def test_packages_total_their_members(demo: None) -> None:
    packages = Project.objects.filter(is_package=True)
    assert packages
    for package in packages:
        members = Project.objects.filter(package=package)
        assert package.total_investment == sum(member.total_investment or 0 for member in members)


@pytest.mark.deep
def test_the_same_seed_gives_the_same_city(demo: None, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # what is taken back here would take the photos of the city that the others share
    first = picture()
    removal.remove(actor=ACTOR)
    city.build(seed=1, size=SIZE, today=TODAY, actor=ACTOR)
    assert picture() == first
    removal.remove(actor=ACTOR)
    city.build(seed=2, size=SIZE, today=TODAY, actor=ACTOR)
    assert picture() != first


def test_a_second_run_changes_nothing(demo: None) -> None:
    before = Change.objects.count()
    assert city.build(seed=2, size=SIZE, today=TODAY, actor=ACTOR) == city.Built()
    assert Change.objects.count() == before


def test_everybody_has_a_place(demo: None) -> None:
    memberships = Membership.objects.select_related("office")
    assert {row.role for row in memberships} == set(Role.values)
    assert not [row for row in memberships if row.role in (Role.READER, Role.EDITOR, Role.APPROVER) and row.office.parent_id is None]
    promised = CommitmentProject.objects.filter(commitment__kind=CommitmentKind.COMPLETE_THIS_YEAR).values_list("project", flat=True)
    for part in (Part.PATRON, Part.LEAD):
        assert set(promised) - set(Assignment.objects.filter(part=part).values_list("project", flat=True)) <= without_editor()


def test_dates_are_asked_for_and_moved_two_projects_are_silent_and_one_person_is_stood_in_for(demo: None) -> None:
    assert set(DateChange.objects.values_list("state", flat=True)) == {"requested", "approved"}
    assert sorted(Mute.objects.values_list("state", flat=True)) == ["in_force", "requested"]
    deputy = Membership.objects.exclude(delegated_by=None).select_related("user").get()
    assert deputy.role in {grant.role for grant in selectors.person(deputy.user, today=TODAY).grants}


def test_money_is_in_every_state_and_every_rule_finds_something(demo: None) -> None:
    today = clock.today()  # what plans and projects say holds since they were written
    everybody = selectors.person(User.objects.filter(memberships__role=Role.AUDITOR)[0], today=today)
    silent = {rule for rule, count in findings.counts_by_rule(everybody, today=today).items() if not count}
    assert silent <= {"spending_goal", "capital_share", "cover_ratio_high"}  # a parameter, and what only a large city is sure of
    requests = set(TransferRequest.objects.values_list("state", flat=True))
    assert requests == set(RequestState.values)
    assert set(Transfer.objects.values_list("kind", flat=True)) >= {"issue", "grant", "withdraw", "receive", "pay", "adjust_money"}
    assert Transfer.objects.filter(sign=-1).exists()
    assert not FundingSource.objects.filter(is_demonstration=False).exists()
    assert set(Allocation.objects.values_list("project", flat=True)) <= set(generated())


def test_money_is_as_the_ledger_replays_it(demo: None) -> None:
    broken = [finding for finding in audit.findings(now=clock.now(), today=TODAY) if finding.count and not finding.is_remark]
    assert [finding.name for finding in broken if not finding.name.startswith("应催未催")] == []


def test_removal_refuses_to_take_money_that_is_real(demo: None) -> None:
    project = Project.objects.get(pk=generated()[0])
    move("issue", pot := source(), "100.00")
    move("grant", pot, "50.00", project)
    with pytest.raises(InUse, match=project.name):
        removal.remove(actor=ACTOR)
    assert Project.objects.filter(pk=project.pk).exists()
