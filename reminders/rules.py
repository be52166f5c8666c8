"""When a message may leave, how long a failed one waits, and what makes a ladder. Plain Python."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

LEASE = dt.timedelta(minutes=2)  # longer than any send: the mail client gives up after 20 seconds
LONGEST_WAIT = dt.timedelta(minutes=30)
MOST_FAILURES = 5  # after so many, half an hour after the first, the next channel is tried
ROBOT_MINUTE = dt.timedelta(seconds=70)  # a minute, and the longest call: what was taken early may arrive late
ROBOT_MESSAGES = 20  # that a robot takes a minute: DingTalk punishes the next with ten minutes of silence
PENALTY = dt.timedelta(minutes=10)
RESEND_PAUSE = dt.timedelta(hours=1)
LONGEST_ALONE = dt.timedelta(days=30)  # a longer silence needs a second person
LONGEST_MUTE = dt.timedelta(days=365)


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


class Step(Protocol):
    """What a rung says of itself."""

    kind: str
    days: int
    in_working_days: bool
    audience: str


# What may be wrong with a ladder, and of which field it is said.
COUNTS_DIFFERENTLY = "in_working_days"
OFFICE_NEVER_TOLD = "audience"
SUPERIOR_TOO_EARLY = "days"


def fault_of(steps: Iterable[Step]) -> str | None:
    """What is wrong with the steps of one ladder, or None.

    All count alike, since `days` tells which is the higher. The answerable office is told at least once after the date,
    and before any superior: a superior waits for that message.
    """
    steps = list(steps)
    if len({step.in_working_days for step in steps}) > 1:
        return COUNTS_DIFFERENTLY
    office = [step.days for step in steps if step.kind == "after" and step.audience == "office"]
    if not office:
        return OFFICE_NEVER_TOLD
    superiors = [step for step in steps if step.audience in ("authority", "patron")]
    if any(step.kind == "before" or step.days <= min(office) for step in superiors):
        return SUPERIOR_TOO_EARLY
    return None
