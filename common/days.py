"""Days as they are written: one form only; and when they end."""

import datetime as dt
import re

from django.utils import timezone

FIRST_DAY = dt.date(1900, 1, 1)  # before it, days counted back would leave the calendar
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def exact_day(text: str) -> dt.date | None:
    """`2025-06-30`, no other form (Python would also take `2025-W27-1`)."""
    try:
        return dt.date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None


def end_of(day: dt.date) -> dt.datetime:
    """The first instant that no longer belongs to the day in Asia/Shanghai."""
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min))
