"""Above the limit a window is held before the first message leaves, one mail asks the operators, and a person lets go."""

from typing import Any

import pytest

from accounts.models import User
from common.errors import AlreadyDecided
from common.recording import recording
from reminders import notifications
from reminders.models import Brake, Delivery
from reminders.services import brakes, claims
from tests import world
from tests.reminders.days import THURSDAY, WEDNESDAY, deliver_at, late_project, moment, sweep_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def flood(people: world.People, settings: Any) -> None:
    settings.REMINDER_STORM_LIMIT = 1
    late_project()
    sweep_at(WEDNESDAY)


def alarms(sink: Any) -> list[Any]:
    return [message for message in sink.messages if message["Subject"].strip().startswith("防洪闸")]


def test_above_the_limit_nothing_leaves_and_the_operators_are_asked_once(flood: None, sink: Any) -> None:
    for minute in (0, 1, 2):
        assert deliver_at(WEDNESDAY, 10, minute) == 0
    (alarm,) = alarms(sink)
    assert alarm["To"] == "admin@example.invalid"
    assert "2 封提醒，超过上限 1 封" in alarm.get_content()
    assert len(sink.messages) == 1
    assert list(Brake.objects.values_list("window", "message_count", "limit", "state")) == [(WEDNESDAY, 2, 1, "held")]


def test_a_released_window_leaves_and_the_next_is_judged_anew(flood: None, sink: Any, people: world.People) -> None:
    deliver_at(WEDNESDAY)
    brake = Brake.objects.get()
    brakes.release(brake.pk, actor=people.principal("supervisor"), now=moment(WEDNESDAY, 11))
    assert deliver_at(WEDNESDAY, 11) == 2
    with pytest.raises(AlreadyDecided):
        brakes.release(brake.pk, actor=people.principal("supervisor"), now=moment(WEDNESDAY, 12))
    late_project(name="又一个", days=2)
    sweep_at(THURSDAY)
    assert deliver_at(THURSDAY) == 0
    assert Brake.objects.filter(state="held").count() == 1


def test_messages_are_counted_not_obligations(people: world.People, sink: Any, settings: Any) -> None:
    settings.REMINDER_STORM_LIMIT = 2
    for number in range(4):
        late_project(name=f"工程{number}")
    sweep_at(WEDNESDAY)
    assert deliver_at(WEDNESDAY) == 2
    assert not Brake.objects.exists()


def test_a_full_window_still_retries_what_it_counted(people: world.People, sink: Any, settings: Any) -> None:
    settings.REMINDER_STORM_LIMIT = 2
    late_project()
    sweep_at(WEDNESDAY)
    sink.refuse_message = "451 4.3.0 not now"
    deliver_at(WEDNESDAY)
    sink.refuse_message = ""
    assert deliver_at(WEDNESDAY, 10, 1) == 2


def test_a_worker_stops_at_the_limit_by_itself(flood: None) -> None:
    """What came after the worker looked is counted at each claim."""
    assert claims.claim_next(now=moment(WEDNESDAY)) is not None
    assert claims.claim_next(now=moment(WEDNESDAY)) is None
    assert Delivery.objects.filter(state="waiting").count() == 1


def test_operators_that_could_not_be_told_are_told_later(flood: None, sink: Any) -> None:
    sink.refuse_person = "450 4.2.1 mailbox busy"
    deliver_at(WEDNESDAY)
    assert Brake.objects.get().told_at is None
    sink.refuse_person = ""
    deliver_at(WEDNESDAY, 10, 1)
    assert len(alarms(sink)) == 1


def test_operators_are_told_though_a_worker_died_before(flood: None, sink: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as killed, pytest.raises(Killed):
        killed.setattr(notifications, "alarm", die)
        deliver_at(WEDNESDAY)
    deliver_at(WEDNESDAY, 10, 1)
    assert len(alarms(sink)) == 1


def test_without_an_operators_address_the_window_is_held_all_the_same(flood: None, sink: Any) -> None:
    with recording(world.TESTER):
        User.objects.filter(username="admin").update(email="")
    assert deliver_at(WEDNESDAY) == 0
    assert sink.messages == []
