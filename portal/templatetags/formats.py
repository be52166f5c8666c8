"""Template filters over `words`, and the signs and icons."""

import datetime as dt
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from portal.templatetags import words
from portal.templatetags.icons import ICONS, SHAPES
from portfolio.models import CommitmentKind
from projects.models import Part
from reminders.lifecycle import Letter

register = template.Library()

for name in (
    "yi", "yi_exact", "wan", "wan_even", "rate", "day", "instant", "short_instant", "clock_time", "weekday", "days", "days_late",
    "slippage", "grouped",
):  # fmt: skip
    register.filter(name, getattr(words, name))


@register.filter
def distance(due_on: dt.date | None, today: dt.date) -> str:
    return words.distance(due_on, today)


@register.filter
def tick(value: dt.date) -> str:
    """A word on a time axis: the year at its beginning, else the month."""
    return str(value.year) if value.month == 1 else words.month(value.month)


@register.filter
def month(value: dt.date) -> str:
    return f"{value:%Y-%m}"


@register.filter
def positive(number: int) -> int:
    return abs(number)


@register.filter
def unlocalized(number: float) -> str:
    """A number for geometry: a point whatever the language, no needless zeros."""
    return f"{number:g}"


@register.filter
def letter(value: str) -> Any:
    return Letter(value).label


@register.filter
def part(value: str) -> Any:
    return Part(value).label


@register.filter
def commitment_kind(value: str) -> Any:
    return CommitmentKind(value).label


@register.simple_tag
def shape(color: str) -> SafeString:
    """The sign of a lamp: square red, triangle amber, disc green, ring grey."""
    return format_html('<svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{}</svg>', mark_safe(SHAPES[color]))  # noqa: S308 (our own constants)


@register.simple_tag
def lamp(color: str, word: Any = "") -> SafeString:
    """Shape, word and color together."""
    return format_html('<span class="lamp {}">{}{}</span>', color, shape(color), word)


@register.simple_tag
def icon(name: str) -> SafeString:
    return format_html(
        '<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round"'
        ' stroke-linejoin="round" aria-hidden="true"><path d="{}"/></svg>',
        ICONS[name],
    )
