"""SQL expressions that Django lacks."""

import datetime as dt
from typing import Any

from django.db.models import DateField, Func, IntegerField, Value
from django.db.models.functions import Cast


class DaysBetween(Func):
    """`later - earlier` in whole days. Django would turn the difference of dates into an interval."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()

    def __init__(self, later: Any, earlier: Any) -> None:
        super().__init__(*(Cast(Value(side), DateField()) if isinstance(side, dt.date) else side for side in (later, earlier)))
