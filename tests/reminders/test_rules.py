"""When a message may leave, and how long a failed one waits."""

import datetime as dt

import pytest

from reminders.rules import LEASE, LONGEST_WAIT, Window, wait_after

DAY = dt.date(2026, 3, 18)


@pytest.mark.parametrize(
    ("time", "inside"),
    [(dt.time(8, 29, 59), False), (dt.time(8, 30), True), (dt.time(17, 59, 59), True), (dt.time(18), False), (dt.time(0), False)],
)
def test_the_working_window_opens_at_half_past_eight_and_closes_before_six(time: dt.time, inside: bool) -> None:
    window = Window.parse("working 08:30-18:00")
    assert window.contains(dt.datetime.combine(DAY, time), is_working_day=True) is inside
    assert window.contains(dt.datetime.combine(DAY, time), is_working_day=False) is False


def test_a_window_of_every_day_to_midnight_never_closes() -> None:
    window = Window.parse("every 00:00-24:00")
    last = dt.datetime.combine(DAY, dt.time.max)
    assert window.contains(last, is_working_day=False)
    assert not window.has_closed(last)


def test_a_window_has_closed_from_its_last_minute_on() -> None:
    window = Window.parse("working 08:30-18:00")
    assert not window.has_closed(dt.datetime.combine(DAY, dt.time(8)))
    assert window.has_closed(dt.datetime.combine(DAY, dt.time(18)))


@pytest.mark.parametrize("text", ["08:30-18:00", "sometimes 08:30-18:00", "working 18:00-08:30", "working 08:30-08:30", "working", ""])
def test_a_window_that_makes_no_sense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Window.parse(text)


def test_waiting_doubles_up_to_half_an_hour() -> None:
    minutes = [wait_after(attempts) / dt.timedelta(minutes=1) for attempts in (1, 2, 3, 4, 5, 6, 7, 1000)]
    assert minutes == [1, 2, 4, 8, 16, 30, 30, 30]
    assert wait_after(1000) == LONGEST_WAIT


def test_the_lease_outlasts_the_mail_clients_patience(settings: object) -> None:
    assert LEASE.total_seconds() > 2 * settings.EMAIL_TIMEOUT  # type: ignore[attr-defined]
