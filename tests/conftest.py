"""The database as the product meets it: made and migrated by the owner, used by the role that runs."""

import datetime as dt
import os
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
from django.db import connections
from django.utils import translation

from tests import databases, world

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright leaves an event loop in the thread

# How fast examples come says something of the machine, nothing of the product.
hypothesis.settings.register_profile("any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("any machine")

databases.MADE |= {"peopled": (databases.PLAIN, world.people), "report": (databases.PLAIN, world.report)}
stand: dict[str, Any] = {"databases": None, "kind": databases.PLAIN}


def enter(found: databases.Databases) -> None:
    """Use what the test now beginning needs, before any of its fixtures opens a transaction."""
    kind = stand["kind"]
    if kind in databases.MADE:
        found.made(kind)
    found.use(kind)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: Any) -> None:
    found = stand["databases"]
    if found and (spoilt := stand.pop("spoilt", None)):
        with stand["blocker"].unblock():
            found.forget(spoilt)
    lent = found.lent.get(item.module.__name__, databases.PLAIN) if found else databases.PLAIN
    stand["kind"] = next((kind for kind in reversed(databases.MADE) if kind in item.fixturenames), lent)
    marker = item.get_closest_marker("django_db")
    if stand["kind"] in databases.MADE and marker and marker.kwargs.get("transaction"):
        stand["spoilt"] = stand["kind"]
    if found:
        with stand["blocker"].unblock():
            enter(found)


@pytest.fixture(scope="session")
def all_databases(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[databases.Databases]:
    """Migrated by the owner once for every state of the code, then handed over to `app`."""
    prefix = connections["default"].creation._get_test_db_name()
    with django_db_blocker.unblock():
        found = databases.Databases(prefix)
        stand.update(databases=found, blocker=django_db_blocker)
        enter(found)
    yield found
    with django_db_blocker.unblock():
        stand["databases"] = None
        found.close()


@pytest.fixture(scope="session")
def django_db_setup(all_databases: databases.Databases) -> None:
    """What pytest-django waits for before a test touches the database."""


@pytest.fixture(scope="session", autouse=True)
def _files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Before anything is made: what is built once a worker keeps its files as long as the worker lives."""
    from django.conf import settings

    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "files"


@pytest.fixture(autouse=True)
def _plain_settings(settings: Any) -> None:
    translation.activate(settings.LANGUAGE_CODE)  # the language of an earlier test's request must not be this one's
    settings.RATE_LIMIT = 0
    settings.CACHES = {"default": settings.CACHES["default"] | {"KEY_PREFIX": uuid.uuid4().hex}}  # the same person called in other tests
    settings.REMINDER_WINDOW = "every 00:00-24:00"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def peopled(all_databases: databases.Databases) -> world.People:
    return all_databases.made("peopled")


@pytest.fixture
def people(peopled: world.People, db: None) -> world.People:
    """A small city: a transport bureau, two counties, and one person of each kind."""
    return peopled


@pytest.fixture
def api(people: world.People) -> Callable[..., Any]:
    """`api("editor").get("/api/v1/projects/")`: a client that calls as that person."""
    return people.client


@pytest.fixture
def today() -> dt.date:
    from common import clock

    return clock.today()


@pytest.fixture
def report(all_databases: databases.Databases, db: None) -> None:
    """The city's real report."""
