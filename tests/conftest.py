"""The database as the product meets it: made and migrated by the owner, used by the role that runs."""

import datetime as dt
import os
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.utils import translation

from tests import world

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright leaves an event loop in the thread

OWNER = urllib.parse.urlparse(os.environ.get("OWNER_DATABASE_URL", ""))
GRANT = "GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO app"  # only here: that is how transactional tests clean up


@pytest.fixture(scope="session")
def django_db_setup(
    request: Any, django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    """Create and migrate as owner, then hand over to `app`."""
    from django.test.utils import setup_databases, teardown_databases

    database = connections["default"].settings_dict
    runner = {name: database[name] for name in ("USER", "PASSWORD")}
    owner = {"USER": OWNER.username or runner["USER"], "PASSWORD": OWNER.password or ""}
    with django_db_blocker.unblock():
        database |= owner
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
        with connection.cursor() as cursor:
            if runner["USER"] != owner["USER"]:
                cursor.execute(GRANT)
        connection.close()
        database |= runner
    yield
    with django_db_blocker.unblock():
        connection.close()
        database |= owner
        teardown_databases(made, verbosity=0)


@pytest.fixture(autouse=True)
def _plain_settings(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    translation.activate(settings.LANGUAGE_CODE)  # the language of an earlier test's request must not be this one's
    settings.RATE_LIMIT = 0
    settings.MEDIA_ROOT = tmp_path_factory.getbasetemp() / "files"
    settings.REMINDER_WINDOW = "every 00:00-24:00"
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture
def people(db: None) -> world.People:
    """A small city: a transport bureau, two counties, and one person of each kind."""
    return world.people()


@pytest.fixture
def api(people: world.People) -> Callable[..., Any]:
    """`api("editor").get("/api/v1/projects/")`: a client that calls as that person."""
    return people.client


@pytest.fixture
def today() -> dt.date:
    from common import clock

    return clock.today()


@pytest.fixture
def report(db: None) -> None:
    """The city's real report."""
    call_command("load_work_days", verbosity=0)
    call_command("load_report", verbosity=0)
