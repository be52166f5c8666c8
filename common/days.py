"""Days as they are written: one form only."""

import datetime as dt
import re

FIRST_DAY = dt.date(1900, 1, 1)  # before it, days counted back would leave the calendar
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def exact_day(text: str) -> dt.date | None:
    """`2025-06-30`, no other form (Python would also take `2025-W27-1`)."""
    try:
        return dt.date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        return None
