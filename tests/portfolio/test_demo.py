"""The demonstration is plausible, marked, repeatable, and leaves no trace when it is taken away."""

import datetime as dt
import json
import stat
import uuid
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Q

from accounts import selectors
from accounts.models import ApiClient, Membership, User
from accounts.roles import Role
from common import clock
from common.actors import system
from common.errors import InUse
from common.recording import recording
from funding.lifecycle import RequestState
from funding.models import (
    Allocation,
    BalancePlan,
    Bond,
    FindingReply,
    FundingSource,
    Repayment,
    Transfer,
    TransferRequest,
    YearPlan,
)
from funding.selectors import findings
from history.models import Change
from milestones.models import Kind, Milestone
from portfolio.models import CommitmentKind, CommitmentProject
from portfolio.selectors import audit
from portfolio.services.demonstration import city, numbers, removal
from projects.lifecycle import UNHURRIED, Stage
from projects.models import Assignment, MonthlyReport, Part, Project, ProjectTag, Status, Tag
from reminders.lifecycle import Channel, SubjectKind
from reminders.models import Delivery, Reminder, Rung
from tests.funding_rows import move, source

pytestmark = pytest.mark.django_db

ACTOR = system("test")
TODAY = dt.date(2026, 3, 18)
SIZE = 400


@pytest.fixture
def report() -> None:
    call_command("load_report")


@pytest.fixture
def demo(report: None) -> None:
    city.build(seed=1, size=SIZE, today=TODAY, actor=ACTOR)


def generated() -> list[uuid.UUID]:
    return list(ProjectTag.objects.filter(tag__label="演示").values_list("project", flat=True))


def picture() -> list[tuple[object, ...]]:
    return list(
        Milestone.objects.order_by("project__name", "position").values_list(
            "project__name", "project__stage", "name", "due_on", "achieved_on"
        )
    )


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
    assert not Milestone.objects.exclude(baseline_on=F("due_on")).exclude(due_on=None).exists()
    assert not Milestone.objects.filter(forecast_on__lte=TODAY).exists()


def test_every_project_has_both_ends_and_a_plan(demo: None) -> None:
    ends = Count("pk", filter=Q(kind__in=[Kind.START, Kind.COMPLETION]))
    counts = Milestone.objects.filter(project__in=generated()).values("project").annotate(all=Count("pk"), ends=ends)
    assert {row["ends"] for row in counts} == {2}
    assert min(row["all"] for row in counts) >= 5
    assert max(row["all"] for row in counts) <= 12


def test_packages_total_their_members(demo: None) -> None:
    packages = Project.objects.filter(is_package=True)
    assert packages
    for package in packages:
        members = Project.objects.filter(package=package)
        assert package.total_investment == sum(member.total_investment or 0 for member in members)


def test_the_report_is_untouched(report: None) -> None:
    before = sorted(Project.objects.values_list("pk", "version", "name"))
    city.build(seed=1, size=SIZE, today=TODAY, actor=ACTOR)
    assert sorted(Project.objects.exclude(pk__in=generated()).values_list("pk", "version", "name")) == before


def test_the_same_seed_gives_the_same_city(demo: None) -> None:
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


def without_editor() -> set[object]:
    offices = Membership.objects.filter(role__in=[Role.EDITOR, Role.APPROVER]).values("office")
    return set(Project.objects.exclude(office__in=offices).values_list("pk", flat=True))


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


def test_removal_leaves_exactly_the_report(report: None) -> None:
    models = (
        Project, Status, Milestone, Tag, ProjectTag, Assignment, User, Membership, ApiClient, Reminder, Delivery, FundingSource, YearPlan,
        Bond, Allocation, TransferRequest, Transfer, Repayment, BalancePlan, FindingReply, MonthlyReport,
    )  # fmt: skip
    before = [model.objects.count() for model in models]
    city.build(seed=1, size=SIZE, today=TODAY, actor=ACTOR)
    user = User.objects.filter(email__endswith="example")[0]
    tell(user)
    removal.remove(actor=ACTOR)
    assert [model.objects.count() for model in models] == before


def tell(user: User) -> None:
    """A message about a project of the report, as the sweep would have made it."""
    real = Milestone.objects.exclude(project__in=generated())[0]
    with recording(ACTOR):
        delivery = Delivery.objects.create(recipient=user, channel=Channel.EMAIL, message_id="one@example")
        Reminder.objects.create(
            subject_kind=SubjectKind.MILESTONE,
            subject_id=real.pk,
            subject_name=real.name,
            project_id=real.project_id,
            due_on=TODAY,
            rung=Rung.objects.all()[0],
            recipient=user,
            due_at=clock.now(),
            delivery=delivery,
        )


class TestPeopleFile:
    @pytest.fixture
    def path(self, report: None, tmp_path: Path) -> Path:
        path = tmp_path / "demo.json"
        self.run(path)
        return path

    def run(self, path: Path, url: str = "http://127.0.0.1:8000") -> None:
        call_command("demo", size=150, people=path, base_url=url)

    def read(self, path: Path) -> list[dict[str, str]]:
        return json.loads(path.read_text(encoding="utf-8"))["people"]

    def test_it_opens_the_door(self, path: Path) -> None:
        people = self.read(path)
        assert people[0]["role"] == Role.ADMIN
        assert 20 <= len(people) <= 34
        assert set(people[0]) == {"username", "password", "role", "office", "token"}
        for person in people[:2]:
            client = selectors.client_by_key(person["token"], now=clock.now())
            assert client is not None
            assert client.user is not None
            assert client.user.username == person["username"]
            assert client.user.check_password(person["password"])

    def test_only_its_owner_reads_it(self, path: Path) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_second_run_keeps_the_secrets_and_tells_the_new_address(self, path: Path) -> None:
        before = self.read(path)
        self.run(path, "http://127.0.0.1:9000")
        assert self.read(path) == before
        assert json.loads(path.read_text(encoding="utf-8"))["base_url"] == "http://127.0.0.1:9000"

    @pytest.mark.parametrize("content", [None, "", "{}", "[1]", '{"people": [{"username": 1}]}'])
    def test_a_lost_or_broken_file_is_written_anew(self, path: Path, content: str | None) -> None:
        path.unlink() if content is None else path.write_text(content, encoding="utf-8")
        self.run(path)
        person = self.read(path)[0]
        assert selectors.client_by_key(person["token"], now=clock.now()) is not None
        assert ApiClient.objects.count() == len(self.read(path))


def test_credit_codes_pass_their_check() -> None:
    """Against the examples of the standard: the check character of a real code is computed by the same sum."""
    for code in ("91350100M000100Y43", "91110000101623741K", "911101066976941872"):
        total = sum(numbers.ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
        assert numbers.ALPHABET[-total % 31] == code[17]
