"""Which days a promise may bear: what lies beyond is a slip of the pen. Plain Python."""

import datetime as dt

REACH = dt.timedelta(days=7305)  # twenty years: no plan of a project looks farther, ahead or back
LONGEST_MOVE = dt.timedelta(days=3650)


def is_near(day: dt.date, *, today: dt.date) -> bool:
    return abs(day - today) <= REACH


def is_slip(from_on: dt.date, to_on: dt.date, *, today: dt.date) -> bool:
    """A move of more than ten years, unless it leads nearer to today: that is how a slip is mended."""
    return abs(to_on - from_on) > LONGEST_MOVE and abs(to_on - today) >= abs(from_on - today)
