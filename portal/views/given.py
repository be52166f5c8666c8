"""Single values of an address or a form. What is none of its kind is None: a link never fails for a word too many."""

import datetime as dt
import uuid

from django.utils.dateparse import parse_date

from common.days import FIRST_DAY


def whole_number(text: str) -> int | None:
    """From nothing up, of as many digits as fit an integer column."""
    return int(text) if text.isdecimal() and len(text) < 10 else None


def key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def day(text: str) -> dt.date | None:
    """A day from 1900 on, as the API takes them."""
    try:
        found = parse_date(text)
    except ValueError:  # well written, but no day
        return None
    return found if found is not None and found >= FIRST_DAY else None
