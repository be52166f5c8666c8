"""What is counted stays within its limit however many workers take at the same moment."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Office, User
from common.recording import recording
from reminders.models import ContactPoint, Delivery, OfficialLetter, Reminder
from reminders.rules import ROBOT_MESSAGES
from reminders.services import claims, letters
from tests import world
from tests.reminders.days import WEDNESDAY, late_project, moment, sweep_at

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 4


@pytest.fixture
def office(transactional_db: None) -> Office:
    with recording(world.TESTER):
        return Office.objects.create(code="410782", name="辉县市人民政府", kind="county", path="/410782/")


def waiting(office: Office, count: int, **fields: Any) -> None:
    with recording(world.TESTER):
        for number in range(count):
            user = User.objects.create(name=f"众{number}", username=f"crowd{number}", office=office)
            Delivery.objects.create(recipient=user, message_id=f"<crowd{number}@x>", **fields)


def at_once(work: Callable[[], None]) -> None:
    begin = threading.Barrier(WORKERS)

    def run() -> None:
        begin.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _number in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def taken() -> int:
    return Delivery.objects.filter(state="sending").count()


def take_all() -> None:
    while claims.claim_next(now=moment(WEDNESDAY)):
        pass


def test_a_robot_whose_last_turn_is_being_taken_is_passed_by(office: Office) -> None:
    """The worker that took it has not committed, so nobody can count it: its lock on the robot says so."""
    with recording(world.TESTER):
        robot = ContactPoint.objects.create(office=office, channel="dingtalk", url="http://127.0.0.1/")
    waiting(office, ROBOT_MESSAGES + 2, channel="dingtalk", contact_point=robot)
    for _number in range(ROBOT_MESSAGES - 1):
        claims.claim_next(now=moment(WEDNESDAY))
    with transaction.atomic():
        claims.claim_next(now=moment(WEDNESDAY))
        at_once(take_all)
        assert taken() == ROBOT_MESSAGES
    at_once(take_all)
    assert taken() == ROBOT_MESSAGES


def test_the_brake_is_passed_by_no_more_than_one_message_of_each_other_worker(office: Office, settings: Any) -> None:
    settings.REMINDER_STORM_LIMIT = 10
    waiting(office, 40, channel="email")
    at_once(take_all)
    assert 10 <= taken() < 10 + WORKERS


def test_no_message_is_taken_by_two(office: Office) -> None:
    waiting(office, 40, channel="email")
    at_once(take_all)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sending", 1)}


def test_letters_of_messages_that_leave_at_once_are_numbered_without_gap(people: world.People) -> None:
    for number in range(12):
        late_project(days=40, name=f"工程{number}")
    sweep_at(WEDNESDAY)
    items = list(Reminder.objects.filter(rung__letter="supervision", rung__audience="office", recipient__username="editor"))

    def issue() -> None:
        while items:
            with recording(world.TESTER), suppress(IndexError):
                letters.issue([Reminder.objects.select_related("rung").get(pk=items.pop().pk)], today=WEDNESDAY)

    at_once(issue)
    numbers = OfficialLetter.objects.filter(kind="supervision").order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 13))
