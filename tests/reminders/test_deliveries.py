"""A claim inside the window, judged once more, sent, recorded; failures are kept, retried, and lose nothing."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Membership
from common.recording import recording
from local import ports
from milestones.models import Milestone
from milestones.services import milestones
from projects.models import Project
from reminders import channels, notifications
from reminders.channels.message import Address
from reminders.models import Delivery, Reminder
from reminders.services import answers, claims, deliveries
from tests import world
from tests.reminders.days import (
    FRIDAY,
    SATURDAY,
    THURSDAY,
    WEDNESDAY,
    WORKING_HOURS,
    another_late,
    deliver_at,
    late_project,
    moment,
    sweep_at,
)  # fmt: skip

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("day", "hour", "minute", "left"),
    [
        (WEDNESDAY, 7, 0, 0),
        (WEDNESDAY, 8, 29, 0),
        (WEDNESDAY, 8, 30, 2),
        (WEDNESDAY, 17, 59, 2),
        (WEDNESDAY, 18, 0, 0),
        (SATURDAY, 10, 0, 0),
    ],
)
def test_messages_leave_in_working_hours_only(
    people: world.People, sink: Any, settings: Any, day: dt.date, hour: int, minute: int, left: int
) -> None:
    settings.REMINDER_WINDOW = WORKING_HOURS
    late_project()
    sweep_at(WEDNESDAY)
    assert deliver_at(day, hour, minute) == len(sink.messages) == left


def test_a_retry_does_not_cross_into_the_night(people: world.People, sink: Any, settings: Any) -> None:
    settings.REMINDER_WINDOW = WORKING_HOURS
    late_project()
    sweep_at(FRIDAY)
    sink.refuse_message = "451 4.3.0 not now"
    assert deliver_at(FRIDAY, 17, 59) == 0
    sink.refuse_message = ""
    assert deliver_at(FRIDAY, 18, 30) == deliver_at(SATURDAY) == 0
    assert deliver_at(FRIDAY + dt.timedelta(days=3)) == 2
    assert set(Delivery.objects.values_list("window", flat=True)) == {FRIDAY}


def test_a_person_gets_one_digest_a_window(people: world.People, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    assert deliver_at(WEDNESDAY) == 2
    another_late(project, "又一个")
    sweep_at(WEDNESDAY, 11)
    assert deliver_at(WEDNESDAY, 12) == 0
    assert deliver_at(THURSDAY) == 2


def achieved() -> None:
    Milestone.objects.filter(due_on__isnull=False).update(achieved_on=WEDNESDAY)


def moved() -> None:
    Milestone.objects.filter(due_on__isnull=False).update(due_on=FRIDAY)


def suspended() -> None:
    Project.objects.update(stage="suspended", stage_before_suspension="construction")


def hidden() -> None:
    Membership.objects.filter(user__username__in=["editor", "approver"]).delete()


def deleted() -> None:
    Milestone.objects.all().delete()


@pytest.mark.parametrize("change", [achieved, moved, suspended, hidden, deleted])
def test_what_ended_behind_the_services_back_is_let_go_at_the_claim(people: world.People, sink: Any, change: Callable[[], None]) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    with recording(world.TESTER):
        change()
    assert deliver_at(WEDNESDAY) == 0
    assert sink.messages == []
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}
    assert not Delivery.objects.exists()


def test_what_is_achieved_between_claim_and_judgement_is_not_sent(people: world.People, sink: Any) -> None:
    project = late_project()
    kept = another_late(project, "仍未完成")
    sweep_at(WEDNESDAY)
    claim = deliveries.claim_next(now=moment(WEDNESDAY))
    assert claim is not None
    milestones.achieve(world.completion(project).pk, on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    assert [item.subject_id for item in deliveries.judge(claim, today=WEDNESDAY, actor=deliveries.DELIVERER)] == [kept.pk]


def test_acknowledged_and_snoozed_before_the_claim_are_not_sent(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    mine, other = (Reminder.objects.get(recipient__username=name) for name in ("editor", "approver"))
    answers.acknowledge(mine.pk, actor=people.principal("editor"))
    answers.snooze(other.pk, until_on=FRIDAY, reason="", actor=people.principal("approver"), today=WEDNESDAY)
    assert deliver_at(WEDNESDAY) == 0
    assert sink.messages == []
    assert set(Reminder.objects.values_list("recipient__username", "state", "delivery")) == {
        ("editor", "acknowledged", None),
        ("approver", "pending", None),
    }


def test_acknowledged_between_send_and_record_counts_as_told(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    claim = deliveries.claim_next(now=moment(WEDNESDAY))
    assert claim is not None
    (item,) = deliveries.judge(claim, today=WEDNESDAY, actor=deliveries.DELIVERER)
    answers.acknowledge(item.pk, actor=people.principal(claim.delivery.recipient.username or ""))
    assert deliveries.record_sent(claim, [item.pk], now=moment(WEDNESDAY), actor=deliveries.DELIVERER)
    item.refresh_from_db()
    assert (item.state, item.sent_at) == ("acknowledged", moment(WEDNESDAY))


def test_two_workers_never_hold_one_message(people: world.People) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    claims = [deliveries.claim_next(now=moment(WEDNESDAY)) for _worker in range(3)]
    assert len({claim.delivery.pk for claim in claims if claim}) == 2
    assert claims[2] is None


def test_who_lost_the_lease_records_nothing(people: world.People) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    slow = deliveries.claim_next(now=moment(WEDNESDAY))
    assert slow is not None
    fast = deliveries.claim_next(now=moment(WEDNESDAY, 11))
    assert fast is not None
    assert fast.delivery.pk == slow.delivery.pk
    assert not deliveries.record_sent(slow, [], now=moment(WEDNESDAY, 11), actor=deliveries.DELIVERER)
    assert deliveries.record_sent(fast, [], now=moment(WEDNESDAY, 11), actor=deliveries.DELIVERER)


def send_without_record(day: dt.date = WEDNESDAY) -> None:
    """A worker that dies between the server's yes and the record."""
    while claim := deliveries.claim_next(now=moment(day)):
        items = deliveries.judge(claim, today=day, actor=deliveries.DELIVERER)
        mail = channels.adapters()["email"]
        mail.send(notifications.digest(claim.delivery, items, today=day), Address(claim.delivery.recipient.email))
        mail.close()


def test_a_copy_after_a_crash_bears_the_same_message_id(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    send_without_record()
    assert deliver_at(WEDNESDAY, 10, 1) == 0
    assert deliver_at(WEDNESDAY, 10, 3) == 2
    assert len(sink.messages) == 4
    assert {message["Message-ID"] for message in sink.messages} == set(Delivery.objects.values_list("message_id", flat=True))
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 2)}


def test_a_message_that_may_have_left_keeps_its_window_when_nothing_is_left_of_it(people: world.People, sink: Any) -> None:
    project = late_project()
    sweep_at(WEDNESDAY)
    send_without_record()
    milestones.achieve(world.completion(project).pk, on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    another_late(project, "又一个")
    assert deliver_at(WEDNESDAY, 10, 3) == 0
    sweep_at(WEDNESDAY, 11)
    assert deliver_at(WEDNESDAY, 11) == 0
    assert [delivery.state for delivery in Delivery.objects.order_by("id")] == ["dead", "dead", "waiting", "waiting"]
    assert deliver_at(THURSDAY) == 2


def test_without_a_server_the_message_waits_with_its_error_and_loses_nothing(people: world.People, sink: Any, settings: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    ids = set(Delivery.objects.values_list("message_id", flat=True))
    working, settings.EMAIL_PORT = settings.EMAIL_PORT, ports.free_port()
    assert deliver_at(WEDNESDAY) == 0
    delivery = Delivery.objects.filter(state="failed")[0]
    assert "ConnectionRefusedError" in delivery.last_error
    assert delivery.next_try_at == moment(WEDNESDAY, 10, 1)
    deliver_at(WEDNESDAY)
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}
    deliver_at(WEDNESDAY, 10, 1)
    assert set(Delivery.objects.values_list("next_try_at", flat=True)) == {moment(WEDNESDAY, 10, 3)}
    assert set(Reminder.objects.values_list("state", "sent_at")) == {("pending", None)}
    settings.EMAIL_PORT = working
    assert deliver_at(WEDNESDAY, 10, 3) == 2
    assert {message["Message-ID"] for message in sink.messages} == ids
    assert set(Delivery.objects.values_list("state", "last_error")) == {("sent", "")}


def test_a_server_that_says_later_is_asked_later(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_message = "451 4.3.0 not now"
    deliver_at(WEDNESDAY)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}
    assert "not now" in Delivery.objects.all()[0].last_error
    sink.refuse_message = ""
    assert deliver_at(WEDNESDAY, 10, 1) == 2


def test_a_refused_person_is_a_dead_letter_and_the_items_wait_for_the_next_window(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_person = "550 5.1.1 no such person"
    deliver_at(WEDNESDAY)
    assert {(d.state, "no such person" in d.last_error) for d in Delivery.objects.all()} == {("dead", True)}
    assert set(Reminder.objects.values_list("state", "delivery")) == {("pending", None)}
    sink.refuse_person = ""
    sweep_at(WEDNESDAY, 11)
    assert deliver_at(WEDNESDAY, 11) == 0
    sweep_at(THURSDAY)
    assert deliver_at(THURSDAY) == 2


def test_a_person_refused_for_now_is_not_dead(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_person = "450 4.2.1 mailbox busy"
    deliver_at(WEDNESDAY)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}


def test_a_worker_whose_lease_ended_sends_nothing(people: world.People, sink: Any) -> None:
    late_project()
    sweep_at(WEDNESDAY)
    slow = claims.claim_next(now=moment(WEDNESDAY))
    assert slow is not None
    others = [claims.claim_next(now=moment(WEDNESDAY, 10, 3)) for _number in range(2)]
    assert slow.delivery.pk in {claim.delivery.pk for claim in others if claim}  # another takes it over, and has not sent it yet
    assert deliveries.judge(slow, today=WEDNESDAY, actor=deliveries.DELIVERER) == []
