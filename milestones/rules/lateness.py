"""Where lateness is decided. Plain Python; `querysets.py` and `sql/0001_status.sql` are its twins, fed by one matrix of dates."""

import datetime as dt


def is_overdue(*, due_on: dt.date | None, achieved_on: dt.date | None, today: dt.date, presses: bool = True) -> bool:
    """Due before today and not achieved. `presses` is false while the project is in reserve, suspended or cancelled."""
    return presses and due_on is not None and due_on < today and not has_happened(achieved_on, today=today)


def overdue_days(*, due_on: dt.date | None, achieved_on: dt.date | None, today: dt.date, presses: bool = True) -> int:
    """Days past the due date; 0 when not overdue."""
    if due_on is None or not is_overdue(due_on=due_on, achieved_on=achieved_on, today=today, presses=presses):
        return 0
    return (today - due_on).days


def slippage_days(
    *, baseline_on: dt.date | None, due_on: dt.date | None, forecast_on: dt.date | None, achieved_on: dt.date | None
) -> int | None:
    """(achieved, else forecast, else due) − baseline; None without baseline."""
    expected = achieved_on or forecast_on or due_on
    if baseline_on is None or expected is None:
        return None
    return (expected - baseline_on).days


def was_late(*, due_on: dt.date | None, achieved_on: dt.date | None, missed_due_on: dt.date | None, today: dt.date) -> bool:
    """It once stood unachieved past the due date then in force, whatever was approved or reopened later.

    `missed_due_on` is the earliest due date that had passed unachieved when the date moved or the milestone reopened.
    """
    if missed_due_on is not None and missed_due_on < today:
        return True
    if due_on is None or due_on >= today:
        return False
    return not has_happened(achieved_on, today=today) or (achieved_on is not None and achieved_on > due_on)


def missed_on(*, due_on: dt.date | None, achieved_on: dt.date | None, missed_due_on: dt.date | None, today: dt.date) -> dt.date | None:
    """The earliest due date that has passed unachieved, to be kept when the date moves or the milestone reopens; None if none has."""
    stands_late = was_late(due_on=due_on, achieved_on=achieved_on, missed_due_on=None, today=today)
    return min((day for day in (missed_due_on, due_on if stands_late else None) if day is not None), default=None)


def has_happened(achieved_on: dt.date | None, *, today: dt.date) -> bool:
    """A fact dated after the day asked about has not happened."""
    return achieved_on is not None and achieved_on <= today
