"""What time it is. Only doors ask; below them `today` and `now` are arguments."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    return timezone.now()


def today() -> dt.date:
    """The day in Asia/Shanghai, by which everything is judged."""
    return timezone.localdate(now())
