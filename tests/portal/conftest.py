"""The city's real report, people who read it, and letters that left."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from playwright.sync_api import Browser, sync_playwright
from pytest_django.live_server_helper import LiveServer

from accounts.models import Membership, Office, User
from common import clock
from common.recording import recording
from milestones.models import Milestone
from portal.views import demonstration, frame
from reminders.models import Reminder, Rung
from tests import world
from tests.browser import launch
from tests.databases import Databases
from tests.world import TESTER

PASSWORD = "right-horse-battery"
PEOPLE = {
    "leader": ("张明", "supervisor", "410700-ZDB"),
    "county": ("王工", "editor", "410782"),
    "clerk": ("赵科", "finance", "410700-CZJ"),
    "checker": ("钱科", "finance_approver", "410700-CZJ"),
    "nobody": ("赵工", "reader", "410700-JYJ"),
}


@pytest.fixture(autouse=True)
def _within_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages keep some numbers for a minute: who counts statements must not cross into the next, nor meet those of an earlier test."""
    now = time.monotonic()
    for module in (frame, demonstration):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now))
    frame._overdue.cache_clear()


@dataclass(frozen=True)
class City:
    """Who may sign in and has done so once, and when it is."""

    users: dict[str, User]
    sessions: dict[str, str]
    today: dt.date

    def signed_in(self, name: str) -> Client:
        client = Client()
        client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions.get(name) or sign_in(self.users[name])  # a test may add a person
        return client


@pytest.fixture(scope="module")
def loaded(request: Any, all_databases: Databases, django_db_blocker: Any) -> Iterator[City]:
    """The city, made once a worker, and copied for each module; a test's own changes are rolled back around it."""
    with django_db_blocker.unblock():
        all_databases.make("report", world.report)
        made = all_databases.make("city", make_city, of="report")
        with all_databases.lend("city", request.module.__name__):
            yield made


@pytest.fixture
def city(loaded: City, db: None) -> City:
    demonstration.forget()
    return loaded


@dataclass(frozen=True)
class Served:
    """The city behind a server in another thread, which sees what is committed."""

    city: City
    url: str

    def session(self, name: str) -> Any:
        """The cookie of somebody who signs in now: what a test leaves in its session is committed too."""
        return {"name": settings.SESSION_COOKIE_NAME, "value": sign_in(self.city.users[name]), "url": self.url}


@pytest.fixture(scope="module")
def served(loaded: City, django_db_blocker: Any) -> Iterator[Served]:
    """For a whole module: its tests make what they change, and none counts what another made."""
    server = LiveServer("localhost")
    with django_db_blocker.unblock():
        yield Served(loaded, server.url)
        server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = launch(playwright)
        yield found
        found.close()


@pytest.fixture
def count_of() -> Callable[[Client, str], int]:
    """How many projects the list behind a link holds."""
    return lambda client, link: client.get(link).context["totals"].projects


def make_city() -> City:
    demonstration.forget()
    with recording(TESTER):
        password = make_password(PASSWORD)
        users = {name: _person(name, *PEOPLE[name], password) for name in PEOPLE}
        _told(users["county"])
    return City(users, {name: sign_in(user) for name, user in users.items()}, clock.today())


def sign_in(user: User) -> str:
    """The key of a new session."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _person(username: str, name: str, role: str, office_code: str, password: str) -> User:
    office = Office.objects.get(code=office_code)
    user = User.objects.create(username=username, name=name, office=office, password=password)
    Membership.objects.create(user=user, office=office, role=role)
    return user


def _told(recipient: User) -> None:
    """One letter about the latest milestone of 九峰山."""
    rung = Rung.objects.filter(kind="after", days=1).first() or Rung.objects.create(
        kind="after", days=1, audience="office", letter="reminder"
    )
    late: Any = Milestone.objects.filter(project__name__contains="九峰山", due_on__isnull=False, achieved_on=None).earliest("due_on")
    Reminder.objects.create(
        subject_kind="milestone", subject_id=late.pk, subject_name=late.name, project=late.project, due_on=late.due_on, rung=rung,
        recipient=recipient, recipient_office=recipient.office, state="sent", due_at=clock.now(), sent_at=clock.now(),
    )  # fmt: skip
