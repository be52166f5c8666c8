"""A change as people say it: the field's own name, the old value and the new one."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext

from portal.templatetags import words


def worded(change: dict[str, Any], *, in_wan: bool = False) -> dict[str, Any]:
    """The change with its fields as (name, old, new) in words; money in the unit of the page."""
    fields = [(str(field.verbose_name), _value(field, old, in_wan), _value(field, new, in_wan)) for field, old, new in change["fields"]]
    return change | {"fields": fields}


def _value(field: models.Field, value: Any, in_wan: bool) -> str:
    if value in (None, ""):
        return gettext("空")
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DecimalField) and field.decimal_places == 2 and field.max_digits == 18:
        if in_wan:
            return gettext("%(amount)s 万元") % {"amount": words.wan(Decimal(str(value)))}
        return gettext("%(amount)s 亿元") % {"amount": words.yi(Decimal(str(value)))}
    return str(value)
