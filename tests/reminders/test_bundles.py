"""One message a person; superiors wait for the office; a message that was tried takes nothing more."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import Membership, User
from common.recording import recording
from local import ports
from reminders.models import Delivery, Reminder, Rung
from reminders.services import answers
from tests import world
from tests.reminders.days import (
    FRIDAY,
    MONDAY,
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    WORKING_HOURS,
    another_late,
    deliver_at,
    late_project,
    sweep_at,
    told,
)

pytestmark = pytest.mark.django_db


def test_everything_for_one_person_is_one_message(people: world.People, sink: Any) -> None:
    for number in range(3):
        late_project(name=f"工程{number}")
    sweep_at(WEDNESDAY)
    assert Delivery.objects.count() == 2
    assert deliver_at(WEDNESDAY) == 2
    assert [message["To"] for message in sink.messages].count("editor@example.invalid") == 1
    assert all(f"工程{number}" in sink.to("editor")[0].get_body(("plain",)).get_content() for number in range(3))


def test_sweeping_again_opens_no_second_message(people: world.People) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    another_late(project, "又一个")
    sweep_at(WEDNESDAY, 11)
    assert Delivery.objects.count() == 2
    assert Reminder.objects.filter(delivery=None).count() == 0


def test_superiors_are_told_the_day_after_the_office(people: world.People, sink: Any) -> None:
    late_project(days=60)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    sweep_at(WEDNESDAY, 15)
    deliver_at(WEDNESDAY, 15)
    assert {message["To"] for message in sink.messages} == {"editor@example.invalid", "approver@example.invalid"}
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert {message["To"] for message in sink.messages[2:]} == {"bureau@example.invalid", "supervisor@example.invalid"}


def test_what_came_due_overnight_is_aboard_when_the_window_opens(people: world.People, sink: Any, settings: Any) -> None:
    """A message that waits already would else leave at half past eight without it, and be the day's only one."""
    settings.REMINDER_WINDOW = WORKING_HOURS
    late_project(days=60, name="早就逾期的")
    late_project(days=8, name="今天满七个工作日的")
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    sweep_at(THURSDAY, 0)
    deliver_at(THURSDAY, 8, 30)
    assert told(recipient__username="bureau", state="sent") == {("bureau", "authority", 30), ("bureau", "authority", 7)}


def test_over_a_weekend_the_superiors_wait_for_monday(people: world.People, sink: Any, settings: Any) -> None:
    settings.REMINDER_WINDOW = WORKING_HOURS
    late_project(days=60)
    sweep_at(FRIDAY)
    assert deliver_at(FRIDAY) == 2
    sweep_at(SATURDAY)
    assert deliver_at(SATURDAY) == 0
    sweep_at(MONDAY)
    assert deliver_at(MONDAY) == 2


def test_as_long_as_the_office_was_not_told_its_superiors_are_not(people: world.People, sink: Any) -> None:
    late_project(days=60)
    sink.refuse_message = "451 4.3.0 not now"
    for day in (WEDNESDAY, THURSDAY, FRIDAY):
        sweep_at(day)
        deliver_at(day)
    assert set(Delivery.objects.values_list("recipient__username", flat=True)) == {"editor", "approver"}


def test_an_office_that_acknowledged_unasked_does_not_shield_itself(people: world.People, sink: Any) -> None:
    late_project(days=9)
    sweep_at(WEDNESDAY)
    for reminder in Reminder.objects.filter(rung__audience="office", state="pending").select_related("recipient"):
        answers.acknowledge(reminder.pk, actor=people.principal(reminder.recipient.username or ""))
    deliver_at(WEDNESDAY)
    assert sink.messages == []
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert [message["To"] for message in sink.messages] == ["bureau@example.invalid"]


def test_an_office_that_puts_off_again_and_again_does_not_shield_itself(people: world.People, sink: Any) -> None:
    late_project(days=9)
    sweep_at(WEDNESDAY)
    for reminder in Reminder.objects.filter(rung__audience="office", state="pending").select_related("recipient"):
        actor = people.principal(reminder.recipient.username or "")
        answers.snooze(reminder.pk, until_on=WEDNESDAY + dt.timedelta(days=30), reason="出差", actor=actor, today=WEDNESDAY)
    deliver_at(WEDNESDAY)
    assert sink.messages == []
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert [message["To"] for message in sink.messages] == ["bureau@example.invalid"]


@pytest.mark.parametrize("loss", [{"is_active": False}, {"email": ""}])
def test_who_stands_in_for_one_that_is_gone_hears_before_any_superior(people: world.People, sink: Any, loss: dict[str, Any]) -> None:
    """On a ladder whose superior follows a day after the office; lost before the message is judged, or before it is bundled."""
    with recording(world.TESTER):
        User.objects.filter(username="approver").update(is_active=False)
        Rung.objects.filter(subject_kind=None, audience="office").exclude(kind="after", days=1).update(is_active=False)
        Rung.objects.filter(subject_kind=None, kind="after", audience="authority", days=7).update(days=2)
        chief = User.objects.create(username="chief", name="市长", email="chief@example.invalid", office=people.offices["410700"])
        Membership.objects.create(user=chief, office=people.offices["410700"], role="editor")
    day = dt.date(2030, 3, 20)  # after all that was written: nothing is touched since the sweep before
    late_project(days=2, today=day)
    sweep_at(day, 8, 20)
    sweep_at(day, 8, 28)
    with recording(world.TESTER):
        User.objects.filter(username="editor").update(**loss)
    for minute in (30, 34):
        deliver_at(day, 8, minute)
        sweep_at(day, 8, minute + 2)
    assert "bureau@example.invalid" not in [message["To"] for message in sink.messages]


def test_a_message_that_was_tried_takes_nothing_more(people: world.People, settings: Any, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    working, settings.EMAIL_PORT = settings.EMAIL_PORT, ports.free_port()
    deliver_at(WEDNESDAY)
    milestone = another_late(project, "后来的")
    sweep_at(WEDNESDAY, 11)
    assert set(Reminder.objects.filter(subject_id=milestone.pk).values_list("delivery", flat=True)) == {None}
    settings.EMAIL_PORT = working
    assert deliver_at(WEDNESDAY, 12) == 2
    assert "后来的" not in sink.text()
    sweep_at(THURSDAY)
    assert deliver_at(THURSDAY) == 2
    assert "后来的" in sink.text()


def test_a_lower_rung_that_waits_in_an_untried_message_gives_way(people: world.People, sink: Any) -> None:
    """The message waited because the person had one that day already; meanwhile the date passed."""
    late_project(name="昨天的")
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    late_project(days=0, name="明天就逾期的")
    project = late_project(days=-1, name="明天到期的")
    sweep_at(WEDNESDAY, 11)
    sweep_at(FRIDAY)
    deliver_at(FRIDAY)
    text = sink.to("editor")[-1].get_body(("plain",)).get_content()
    assert text.count("明天到期的") == 1
    assert told(project=project, recipient__username="editor", state="sent") == {("editor", "office", 1)}


def test_what_is_snoozed_waits_and_then_leaves(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY, 7)
    mine = Reminder.objects.get(recipient__username="editor")
    answers.snooze(mine.pk, until_on=FRIDAY, reason="出差", actor=people.principal("editor"), today=WEDNESDAY)
    deliver_at(WEDNESDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert sink.to("editor") == []
    sweep_at(FRIDAY)
    deliver_at(FRIDAY)
    assert len(sink.to("editor")) == 1
