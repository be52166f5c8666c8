"""The demonstration is plausible, marked, repeatable, and leaves no trace when it is taken away."""

import json
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from accounts import selectors
from accounts.models import ApiClient, User
from accounts.roles import Role
from common import clock, storage
from common.recording import recording
from milestones.models import Milestone, MilestoneEvidence
from portfolio.services.demonstration import numbers, removal
from projects.models import Evidence, Permit, Problem
from reminders.lifecycle import Channel, SubjectKind
from reminders.models import Delivery, Reminder, Rung
from tests import world
from tests.databases import Databases
from tests.portfolio.conftest import ACTOR, TODAY, Before, counts, generated, projects
from tests.sampling import few

pytestmark = pytest.mark.django_db


def test_the_report_is_untouched(demonstration: Before) -> None:
    assert projects() == demonstration.projects
    assert len(demonstration.projects) == 99


def test_removal_leaves_exactly_the_report(demonstration: Before, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = shutil.copytree(demonstration.files, tmp_path / "files")  # others share what is removed here
    user = User.objects.filter(email__endswith="example")[0]
    tell(user)
    assert Evidence.objects.count() == len(list(storage.kept())) > 0
    assert counts() != demonstration.counts
    removal.remove(actor=ACTOR)
    assert counts() == demonstration.counts
    assert not list(storage.kept())


def test_problems_and_permits_are_late_solved_and_on_hold_and_photos_say_when_and_where(demonstration: Before) -> None:
    assert Problem.objects.filter(state="working", due_on__lt=TODAY).exists()
    assert Problem.objects.filter(state="closed").exists()
    assert Permit.objects.filter(state="in_progress").exists()
    shown = MilestoneEvidence.objects.select_related("evidence", "milestone")
    assert shown
    for row in shown:
        assert row.evidence.taken_at is not None
        assert timezone.localdate(row.evidence.taken_at) == row.milestone.achieved_on
        assert row.evidence.lon is not None


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


def run(path: Path, url: str = "http://127.0.0.1:8000") -> None:
    call_command("demo", size=150, people=path, base_url=url)


@pytest.fixture(scope="class")
def made(request: Any, all_databases: Databases, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file of a first run, and a database in which that run was."""
    path = tmp_path_factory.mktemp("people") / "demo.json"
    with django_db_blocker.unblock():
        all_databases.make("report", world.report)
        all_databases.make("people_file", lambda: run(path), of="report")
        with all_databases.lend("people_file", request.module.__name__):
            yield path


class TestPeopleFile:
    @pytest.fixture
    def path(self, made: Path, db: None, tmp_path: Path) -> Path:
        return Path(shutil.copy2(made, tmp_path))  # with its mode

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
        run(path, "http://127.0.0.1:9000")
        assert self.read(path) == before
        assert json.loads(path.read_text(encoding="utf-8"))["base_url"] == "http://127.0.0.1:9000"

    @pytest.mark.parametrize("content", few([None, "", "{}", "[1]", '{"people": [{"username": 1}]}'], always=[None, "[1]"]))
    def test_a_lost_or_broken_file_is_written_anew(self, path: Path, content: str | None) -> None:
        path.unlink() if content is None else path.write_text(content, encoding="utf-8")
        run(path)
        person = self.read(path)[0]
        assert selectors.client_by_key(person["token"], now=clock.now()) is not None
        assert ApiClient.objects.count() == len(self.read(path))


def test_credit_codes_pass_their_check() -> None:
    """Against the examples of the standard: the check character of a real code is computed by the same sum."""
    for code in ("91350100M000100Y43", "91110000101623741K", "911101066976941872"):
        total = sum(numbers.ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
        assert numbers.ALPHABET[-total % 31] == code[17]
