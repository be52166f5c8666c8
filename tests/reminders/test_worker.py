"""From the tick of a real beat, through a real queue and worker, to a message at a real server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection

from common import clock
from reminders.models import Delivery, Reminder
from tests import world
from tests.reminders.days import late_project

CELERY = [sys.executable, "-m", "celery", "-A", "config"]
PATIENCE = 30  # seconds; it takes about five


@pytest.fixture
def ladder(transactional_db: None) -> None:
    world.ladder()  # a transactional test before this one emptied the tables
    world.money_rules()


@pytest.fixture
def start(sink: Any, settings: Any, ladder: None) -> Iterator[Callable[..., None]]:
    database = connection.settings_dict
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{database['USER']}@{database['HOST']}:{database['PORT']}/{database['NAME']}",
        "EMAIL_URL": f"smtp://127.0.0.1:{settings.EMAIL_PORT}",
        "REMINDER_WINDOW": "every 00:00-24:00",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        quiet = subprocess.DEVNULL
        started.append(subprocess.Popen([*CELERY, *words], env=environment, stdout=quiet, stderr=quiet, start_new_session=True))

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_beat_queue_worker_and_mail_do_it_by_themselves_and_a_second_beat_does_no_harm(sink: Any, start: Callable[..., None]) -> None:
    world.people()
    late_project(days=7, today=clock.today())
    start("worker", "--concurrency", "1", "--without-mingle", "--without-gossip")
    start("beat")
    wait_until(lambda: Reminder.objects.exists())
    start("beat")  # its first tick comes at once, the first beat's next one in twenty seconds
    wait_until(lambda: Delivery.objects.filter(state="sent").count() == 2)
    assert sorted(message["To"] for message in sink.messages) == ["approver@example.invalid", "editor@example.invalid"]
    assert {message["Message-ID"] for message in sink.messages} == set(Delivery.objects.values_list("message_id", flat=True))
    assert set(Reminder.objects.filter(state="sent").values_list("recipient__username", flat=True)) == {"editor", "approver"}
