"""Words of money: kinds, uses, and what a rule found, short enough for a cell."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import template
from django.utils.translation import gettext, gettext_lazy

from common.decisions import RequestState
from funding.lifecycle import Ground, Kind, RequestKind, SourceKind, SourceState, Use
from funding.rules.monitoring import RULES
from funding.selectors.overview.spending import Told
from portal.templatetags import words

register = template.Library()

CHOICES: dict[str, Any] = {
    "source_kind": SourceKind, "source_state": SourceState, "use": Use, "movement": Kind, "request_kind": RequestKind,
    "request_state": RequestState, "ground": Ground,
}  # fmt: skip
LAMPS = {"error": "red", "warn": "amber", "info": "grey"}
SHORT = {
    "negative_list_override": gettext_lazy("负面清单"),
    "not_on_capital_list": gettext_lazy("不在资本金清单"),
    "paid_without_works": gettext_lazy("付清而形象偏低"),
    "adjustment_life": gettext_lazy("期限短于债券"),
    "adjustment_not_ready": gettext_lazy("调入时未具备条件"),
    "negative_on_a_day": gettext_lazy("余额曾为负"),
}


@register.filter
def word_of(value: str, choices: str) -> Any:
    """The word of a stored code."""
    return CHOICES[choices](value).label


@register.simple_tag
def percent(part: Decimal | None, whole: Decimal | None) -> str:
    return words.percent(part, whole)


register.filter("in_wan", words.in_wan)


@register.filter
def level_lamp(level: str) -> str:
    return LAMPS[level]


@register.filter
def lamp_of(told: Iterable[Told]) -> str:
    """The color of what stands against something: gravest first, green when nothing does."""
    return next((LAMPS[one.level] for one in told), "green")


@register.simple_tag
def found(one: Told, day: dt.date) -> str:
    """A finding in a few words, with the figure that matters."""
    figures = one.figures
    if one.rule.startswith("idle_"):
        return gettext("闲置 %(n)s 个月") % {"n": _months(dt.date.fromisoformat(figures["oldest_on"]), day)}
    if one.rule == "ahead_of_progress":
        return gettext("超进度 %(points)s") % {"points": words.points(Decimal(figures["points"]))}
    if one.rule == "slow_spending":
        return gettext("支出慢 %(points)s") % {"points": words.points(Decimal(figures["required"]) - Decimal(figures["paid"]))}
    return str(SHORT.get(one.rule, RULES[one.rule].name))


def _months(since: dt.date, day: dt.date) -> int:
    return (day.year - since.year) * 12 + day.month - since.month - (day.day < since.day)
