"""`python -m tests.storm_flood`: every project overdue at one midnight. Exits non-zero when somebody hears late, twice, or nothing."""

import datetime as dt
import logging
import os
import subprocess
import sys
import tempfile
import time
import zoneinfo
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from local import ports
from tests import lent_database

CITY = zoneinfo.ZoneInfo("Asia/Shanghai")
MORNING = dt.datetime(2025, 10, 22, 8, 30, tzinfo=CITY)  # a Wednesday; the window of working days opens
SETTING_UP = dt.timedelta(seconds=45)  # that beat, worker and the night's sweep have before it opens
LATER = [MORNING.replace(hour=11), MORNING.replace(hour=17, minute=30)]
BOUND = 300.0  # seconds from the opening to the last message
CELERY = [sys.executable, "-m", "celery", "-q", "-A", "tests.storm_flood.app"]


class Post:
    """An SMTP server that says yes, and keeps when and to whom."""

    def __init__(self) -> None:
        self.came: list[tuple[float, str]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.came += [(time.time(), person) for person in envelope.rcpt_tos]
        return "250 OK"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    began, post, port = time.monotonic(), Post(), ports.free_port()
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    os.environ |= {"EMAIL_URL": f"smtp://127.0.0.1:{port}", "REMINDER_WINDOW": "working 08:30-18:00"}
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with lent_database.lend(f"storm_flood_{os.getpid()}") as owner:
            passed = _flood(owner, post)
    finally:
        controller.stop()
    say(f"flood: {'ok' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s")
    return 0 if passed else 1


def _flood(owner: psycopg.Connection, post: Post) -> bool:
    import django

    django.setup()
    from tests.storm_flood import city

    people = city.build(due_on=MORNING.date() - dt.timedelta(days=1))
    pending = lambda: _one(owner, "SELECT count(*) FROM reminders_reminder WHERE state = 'pending' AND subject_kind = 'milestone'")  # noqa: E731
    with _system(MORNING - SETTING_UP) as opened:
        raised = _wait(pending, patience=SETTING_UP.total_seconds())
        _wait(lambda: len(post.came) >= people, patience=SETTING_UP.total_seconds() + BOUND)
    opening = opened + SETTING_UP.total_seconds()
    early, took = sum(at < opening for at, _person in post.came), max((at for at, _person in post.came), default=0) - opening
    for moment in LATER:
        with _system(moment):
            _rest(owner)
    heard = Counter(person for _at, person in post.came)
    say(f"owed      {city.PROJECTS} projects late since midnight, {people} people, {raised} reminders in the first look")
    pace = len(post.came) / max(took, 1)
    say(f"messages  {len(post.came)} to {len(heard)} people, the last {took:.0f} s after the window opened: {pace:.0f} a second")
    return all(
        _verdict(name, found)
        for name, found in [
            ("people who heard nothing", people - len(heard)),
            ("people who heard twice on that day", sum(number > 1 for number in heard.values())),
            ("messages before the window", early),
            ("late milestones nobody was told of", pending()),
            (f"messages later than {BOUND:.0f} s", sum(at > opening + BOUND for at, _person in post.came)),
        ]
    )


@contextmanager
def _system(moment: dt.datetime) -> Iterator[float]:
    """Beat and worker as `make run` starts them, at this moment of the city's clock; lend the real second at which that was."""
    began = time.time()
    surroundings = os.environ | {"FLOOD_SHIFT": repr(moment.timestamp() - began)}
    with tempfile.TemporaryFile() as output:
        words = [["worker", "--loglevel", "WARNING", "--concurrency", "2"], ["beat", "--loglevel", "WARNING"]]
        running = [
            subprocess.Popen([*CELERY, *word], env=surroundings, stdout=output, stderr=output, start_new_session=True) for word in words
        ]
        try:
            yield began
        finally:
            for process in running:
                process.terminate()
                process.wait()


def _rest(owner: psycopg.Connection) -> None:
    """Until the whole city was looked at once more and what is ready had its chance to leave."""
    look = lambda: _one(owner, "SELECT completed_at FROM reminders_sweepstate")  # noqa: E731
    before = look()
    _wait(lambda: look() != before, patience=60)
    time.sleep(25)  # a delivery comes every twenty seconds


def _one(owner: psycopg.Connection, query: LiteralString) -> Any:
    row = owner.execute(query).fetchone()
    return row and row[0]


def _wait(found: Callable[[], int], *, patience: float) -> int:
    """What it found, or what it finds when patience ends."""
    deadline = time.monotonic() + patience
    while not (value := found()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return value


def _verdict(name: str, found: int) -> bool:
    say(f"   {'FAILED' if found else 'ok    '} {found:>5}  {name}")
    return not found


if __name__ == "__main__":
    sys.exit(main())
