"""How far a due date may move. Plain Python."""

import datetime as dt

FARTHEST = dt.timedelta(days=3650)  # a move of more than ten years is a slip of the pen


def is_absurd(from_on: dt.date, to_on: dt.date) -> bool:
    return abs(to_on - from_on) > FARTHEST
