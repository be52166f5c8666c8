"""A person is told by the first of their channels that works: what fails goes on to the next, in the same window, and nothing is lost."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import Office, User
from common.recording import recording
from reminders.models import ContactPoint, Delivery, Reminder
from reminders.rules import ROBOT_MESSAGES
from reminders.services import claims, deliveries
from tests import world
from tests.reminders.days import THURSDAY, WEDNESDAY, deliver_at, late_project, moment, sweep_at, told
from tests.reminders.robots import Robot, hangs_up, says

pytestmark = pytest.mark.django_db


@pytest.fixture
def robot(settings: Any) -> Iterator[Robot]:
    settings.CHANNEL_ALLOW_PRIVATE = True
    with Robot() as found:
        yield found


def point(robot: Robot, *, user: User | None = None, office: str = "", channel: str = "wecom", **fields: Any) -> ContactPoint:
    with recording(world.TESTER):
        return ContactPoint.objects.create(
            user=user, office=Office.objects.get(code=office) if office else None, channel=channel, url=f"{robot.url}&{channel}", **fields
        )


def without_mail(*names: str) -> None:
    with recording(world.TESTER):
        User.objects.filter(username__in=names).update(email="")


def states() -> list[tuple[str, str, str]]:
    return list(Delivery.objects.order_by("id").values_list("recipient__username", "channel", "state"))


def test_mail_comes_first_and_the_robot_stays_silent(people: world.People, sink: Any, robot: Robot) -> None:
    point(robot, office="410782")
    late_project()
    sweep_at(WEDNESDAY)
    assert deliver_at(WEDNESDAY) == 2
    assert robot.calls == []


def test_who_has_only_a_robot_is_told_by_it_by_name(people: world.People, sink: Any, robot: Robot) -> None:
    point(robot, office="410782")
    without_mail("editor")
    late_project()
    sweep_at(WEDNESDAY)
    assert deliver_at(WEDNESDAY) == 2
    (call,) = robot.calls
    assert "editor先生" in call.json()["markdown"]["content"]
    assert told(state="sent") == {("editor", "office", 1), ("approver", "office", 1)}


def test_ones_own_comes_before_the_offices_and_the_nearest_office_before_the_farther(people: world.People, robot: Robot) -> None:
    without_mail("editor", "approver")
    point(robot, office="410700", channel="feishu")
    point(robot, office="410782", channel="wecom")
    point(robot, user=people.users["editor"], channel="dingtalk")
    late_project()
    sweep_at(WEDNESDAY)
    assert set(states()) == {("editor", "dingtalk", "waiting"), ("approver", "wecom", "waiting")}


def test_a_refused_mail_goes_to_the_robot_in_the_same_window(people: world.People, sink: Any, robot: Robot) -> None:
    point(robot, user=people.users["editor"])
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_person = "550 5.1.1 no such person"
    assert deliver_at(WEDNESDAY) == 0
    sweep_at(WEDNESDAY, 10, 2)
    assert deliver_at(WEDNESDAY, 10, 2) == 1
    assert len(robot.calls) == 1
    assert set(states()) == {("editor", "email", "dead"), ("approver", "email", "dead"), ("editor", "wecom", "sent")}
    sink.refuse_person = ""
    sweep_at(WEDNESDAY, 15)
    assert deliver_at(WEDNESDAY, 15) == 0  # the approver has no other channel, and waits for the next window
    sweep_at(THURSDAY)
    assert deliver_at(THURSDAY) == 1
    assert told(state="pending") == set()


def fail_until_given_up(day: dt.date = WEDNESDAY) -> None:
    """The tries of the half hour."""
    for minute in (0, 1, 3, 7, 15, 31):
        deliver_at(day, 10, minute)


def test_a_mailbox_that_is_always_busy_is_given_up_after_half_an_hour(people: world.People, sink: Any, robot: Robot) -> None:
    point(robot, user=people.users["editor"])
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_person = "450 4.2.1 mailbox busy"
    for minute in (0, 1, 3, 7):
        deliver_at(WEDNESDAY, 10, minute)
    assert set(Delivery.objects.values_list("state", "failures", flat=False)) == {("failed", 4)}
    deliver_at(WEDNESDAY, 10, 15)
    assert set(Delivery.objects.values_list("state", "failures")) == {("dead", 5)}
    sweep_at(WEDNESDAY, 10, 16)
    assert deliver_at(WEDNESDAY, 10, 16) == 1
    assert len(robot.calls) == 1


def test_a_robot_that_fails_gives_way_to_the_next(people: world.People, sink: Any, robot: Robot) -> None:
    without_mail("editor")
    point(robot, user=people.users["editor"], channel="dingtalk")
    point(robot, office="410782", channel="wecom")
    late_project()
    sweep_at(WEDNESDAY)
    robot.behave = lambda request: says(503)(request) if "dingtalk" in request.path else request.answer()
    fail_until_given_up()
    sweep_at(WEDNESDAY, 10, 32)
    deliver_at(WEDNESDAY, 10, 32)
    assert {state for who, channel, state in states() if (who, channel) == ("editor", "wecom")} == {"sent"}
    assert Delivery.objects.get(channel="dingtalk").last_error == "对方出错（HTTP 503）"


def test_what_may_have_arrived_is_tried_where_it_was_and_only_given_up_with_the_channel(
    people: world.People, sink: Any, robot: Robot
) -> None:
    without_mail("editor")
    point(robot, user=people.users["editor"], channel="wecom")
    point(robot, office="410782", channel="feishu")
    late_project()
    sweep_at(WEDNESDAY)
    robot.behave = hangs_up
    deliver_at(WEDNESDAY)
    sweep_at(WEDNESDAY, 10, 1)
    assert [entry for entry in states() if entry[0] == "editor"] == [("editor", "wecom", "failed")]
    assert Delivery.objects.get(recipient__username="editor").may_have_arrived
    robot.behave = says()
    assert deliver_at(WEDNESDAY, 10, 1) == 1
    assert {call.path.rpartition("&")[2] for call in robot.calls} == {"wecom"}


def test_a_worker_that_died_may_have_told(people: world.People) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    first = claims.claim_next(now=moment(WEDNESDAY))
    assert first is not None
    assert not first.delivery.may_have_arrived
    again = claims.claim_next(now=moment(WEDNESDAY, 11))
    assert again is not None
    assert (again.delivery.pk, again.delivery.may_have_arrived) == (first.delivery.pk, True)


def test_a_point_that_was_switched_off_gives_way(people: world.People, sink: Any, robot: Robot) -> None:
    without_mail("editor")
    own = point(robot, user=people.users["editor"], channel="dingtalk")
    point(robot, office="410782", channel="wecom")
    late_project()
    sweep_at(WEDNESDAY)
    with recording(world.TESTER):
        ContactPoint.objects.filter(pk=own.pk).update(is_active=False)
    deliver_at(WEDNESDAY)
    sweep_at(WEDNESDAY, 10, 2)
    deliver_at(WEDNESDAY, 10, 2)
    assert [call.path.rpartition("&")[2] for call in robot.calls] == ["wecom"]


def test_who_lost_every_channel_is_let_go(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    without_mail("editor")
    deliver_at(WEDNESDAY)
    assert told(state="cancelled") == {("editor", "office", 1)}


def crowd(robot: Robot, count: int, **fields: Any) -> ContactPoint:
    """So many messages wait for one robot."""
    shared = point(robot, office="410782", channel="dingtalk", **fields)
    with recording(world.TESTER):
        for number in range(count):
            user = User.objects.create(name=f"众{number}", username=f"crowd{number}", office=Office.objects.get(code="410782"))
            Delivery.objects.create(recipient=user, channel="dingtalk", contact_point=shared, message_id=f"<crowd{number}@x>")
    return shared


def claimed(now: dt.datetime) -> int:
    return sum(claims.claim_next(now=now) is not None for _number in range(ROBOT_MESSAGES + 5))


def test_a_robot_is_given_twenty_a_minute_by_all_workers_together(people: world.People, robot: Robot) -> None:
    crowd(robot, ROBOT_MESSAGES + 3)
    assert claimed(moment(WEDNESDAY)) == ROBOT_MESSAGES
    assert claimed(moment(WEDNESDAY, 10, 1)) == 0  # a call of the minute before may have come late
    assert claimed(moment(WEDNESDAY, 10, 1) + dt.timedelta(seconds=15)) == 3


def test_a_robot_that_throttles_is_left_alone_for_ten_minutes(people: world.People, sink: Any, robot: Robot) -> None:
    point(robot, office="410782", channel="dingtalk")
    without_mail("editor", "approver")
    late_project()
    sweep_at(WEDNESDAY)
    robot.behave = says(200, {"errcode": 130101, "errmsg": "send too fast"})
    assert deliver_at(WEDNESDAY) == 0
    assert len(robot.calls) == 1  # the second person's message did not even try
    assert ContactPoint.objects.get().throttled_until == moment(WEDNESDAY, 10, 10)
    robot.behave = says()
    assert deliver_at(WEDNESDAY, 10, 9) == 0
    assert deliver_at(WEDNESDAY, 10, 11) == 2


def test_items_of_a_dead_letter_are_remembered(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_person = "550 5.1.1 no such person"
    deliver_at(WEDNESDAY)
    dead = Delivery.objects.get(recipient__username="editor")
    assert dead.carried == list(Reminder.objects.filter(recipient__username="editor").values_list("pk", flat=True))
    assert deliveries.MOST_FAILURES == 5
