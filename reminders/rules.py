"""When a message may leave, and how long a failed one waits. Plain Python."""

import datetime as dt
from dataclasses import dataclass

LEASE = dt.timedelta(minutes=2)  # longer than any send: the mail client gives up after 20 seconds
LONGEST_WAIT = dt.timedelta(minutes=30)
MOST_FAILURES = 5  # after so many, half an hour after the first, the next channel is tried
ROBOT_MINUTE = dt.timedelta(seconds=70)  # a minute, and the longest call: what was taken early may arrive late
ROBOT_MESSAGES = 20  # that a robot takes a minute: DingTalk punishes the next with ten minutes of silence
PENALTY = dt.timedelta(minutes=10)
RESEND_PAUSE = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Window:
    """The hours in which messages leave: `working 08:30-18:00`, or `every 00:00-24:00` for free days too."""

    working_days_only: bool
    opens: dt.time
    closes: dt.time | None  # None: midnight

    @classmethod
    def parse(cls, text: str) -> "Window":
        """Raises ValueError for anything but `working|every HH:MM-HH:MM`."""
        days, _, hours = text.strip().partition(" ")
        opens, _, closes = hours.strip().partition("-")
        if days not in ("working", "every"):
            raise ValueError(f"reminder window must begin with working or every: {text!r}")
        ends = None if closes == "24:00" else dt.time.fromisoformat(closes)
        window = cls(days == "working", dt.time.fromisoformat(opens), ends)
        if ends is not None and ends <= window.opens:
            raise ValueError(f"reminder window closes before it opens: {text!r}")
        return window

    def contains(self, moment: dt.datetime, *, is_working_day: bool) -> bool:
        """May a message leave at this local moment?"""
        if self.working_days_only and not is_working_day:
            return False
        return self.opens <= moment.time() and (self.closes is None or moment.time() < self.closes)

    def has_closed(self, moment: dt.datetime) -> bool:
        return self.closes is not None and moment.time() >= self.closes


def wait_after(attempts: int) -> dt.timedelta:
    """How long a delivery waits after so many failed attempts: one minute, doubled, at most half an hour."""
    return min(dt.timedelta(minutes=2 ** min(attempts - 1, 10)), LONGEST_WAIT)
