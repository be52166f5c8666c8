"""Numbers, dates and lateness in words: the only place that rounds for the eye."""

import datetime as dt
import re
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from common.shapes import plain_number

MINUS = "\u2212"
NOTHING = "—"
YI = Decimal(100_000_000)
WAN = Decimal(10_000)
IN_YUAN = re.compile(r"([\d,]+\.\d\d) (?:元|yuan)")


def grouped(number: Decimal | int) -> str:
    """Comma by thousands, and a real minus sign."""
    return f"{number:,}".replace("-", MINUS)


def yi(amount: Decimal | None) -> str:
    """Yuan as 亿元 with two decimals."""
    return NOTHING if amount is None else grouped((amount / YI).quantize(Decimal("0.01"), ROUND_HALF_UP))


def wan(amount: Decimal | None) -> str:
    """Yuan as 万元: two decimals, up to six where they were entered."""
    if amount is None:
        return NOTHING
    exact = (amount / WAN).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    whole, _, decimals = f"{exact:,f}".partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}".replace("-", MINUS)


def yi_exact(amount: Decimal | None) -> str:
    """Yuan as 亿元 with four decimals, as bonds are told: to the 万元."""
    return NOTHING if amount is None else grouped((amount / YI).quantize(Decimal("0.0001"), ROUND_HALF_UP))


def wan_even(amount: Decimal | None) -> str:
    """Yuan as 万元 with two decimals: sums of interest, which nobody entered, beside the rows that say them exactly."""
    return NOTHING if amount is None else grouped((amount / WAN).quantize(Decimal("0.01"), ROUND_HALF_UP))


def wan_short(amount: Decimal) -> str:
    """Yuan as whole 万元, for a number on a column of a chart whose table says it exactly."""
    return grouped((amount / WAN).quantize(Decimal(1), ROUND_HALF_UP))


def in_wan(sentence: str) -> str:
    """A sentence of the rules, which speak in yuan, in the unit of a page of bonds."""
    return IN_YUAN.sub(lambda found: gettext("%(amount)s 万元") % {"amount": wan(Decimal(found[1].replace(",", "")))}, sentence)


def percent(part: Decimal | None, whole: Decimal | None) -> str:
    """A rate with two decimals, over 100 too; of nothing there is none."""
    return NOTHING if part is None or not whole else rate(part * 100 / whole)


def rate(percents: Decimal | None) -> str:
    return NOTHING if percents is None else f"{grouped(percents.quantize(Decimal('0.01'), ROUND_HALF_UP))}%"


def points(number: Decimal) -> str:
    """A difference of two rates."""
    return gettext("%(n)s 点") % {"n": plain_number(number.quantize(Decimal("0.1"), ROUND_HALF_UP))}


def day(value: dt.date | None) -> str:
    return value.isoformat() if value else NOTHING


def instant(value: dt.datetime | None) -> str:
    """Year, month, day, hour and minute in Shanghai."""
    return f"{timezone.localtime(value):%Y-%m-%d %H:%M}" if value else NOTHING


def clock_time(value: dt.datetime | None) -> str:
    return f"{timezone.localtime(value):%H:%M}" if value else NOTHING


def short_instant(value: dt.datetime | None) -> str:
    """The same without the year, for dense rows."""
    return f"{timezone.localtime(value):%m-%d %H:%M}" if value else NOTHING


def short_day(value: dt.datetime) -> str:
    return f"{timezone.localtime(value):%m-%d}"


def month(number: int) -> str:
    """A month of the year."""
    return gettext("%(n)s月") % {"n": number}


def weekday(value: dt.date) -> str:
    names = [gettext("周一"), gettext("周二"), gettext("周三"), gettext("周四"), gettext("周五"), gettext("周六"), gettext("周日")]
    return names[value.weekday()]


def days(number: int) -> str:
    return ngettext("%(n)s 天", "%(n)s 天", number) % {"n": grouped(number)}


def days_late(number: int) -> str:
    return gettext("逾期 %(days)s") % {"days": days(number)}


def distance(due_on: dt.date | None, today: dt.date) -> str:
    """How far a date that has not been kept is from today."""
    if due_on is None:
        return gettext("未定日期")
    left = (due_on - today).days
    if left < 0:
        return days_late(-left)
    return gettext("今天到期") if left == 0 else gettext("剩 %(days)s") % {"days": days(left)}


def slippage(number: int | None) -> str:
    """The deviation from the baseline in words."""
    if number is None:
        return NOTHING
    if number == 0:
        return gettext("按基线")
    words = gettext("晚于基线 %(days)s") if number > 0 else gettext("早于基线 %(days)s")
    return words % {"days": days(abs(number))}
