"""Amounts, days and words as people type or paste them. What is not understood raises Unread with a sentence that shows how to write it."""

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from common.days import FIRST_DAY
from funding.lifecycle import EligibilityList, FactKind, Use
from funding.services.judgement import LARGEST
from portal.templatetags import words

FEN = Decimal("0.01")
LONGEST = 24  # characters: no amount of money has more
FACTORS = {"亿": words.YI, "万": words.WAN, "元": Decimal(1)}
NUMBER = re.compile(r"([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(\.[0-9]+)?(亿|万|)(元?)")  # commas by thousands or none: 3,00 is a slip
DAY = re.compile(r"(?:(\d{4})[-./年])?(\d{1,2})[-./月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
USES = {
    Use.CONSTRUCTION: ("建设", "项目建设", "construction"),
    Use.CAPITAL: ("资本金", "项目资本金", "用作资本金", "capital"),
}
KINDS = {
    FactKind.RECEIVE: ("到位", "资金到位", "到账", "receive"),
    FactKind.PAY: ("支付", "付款", "pay"),
    FactKind.REFUND: ("退款", "退回", "refund"),
}
LISTS = {
    EligibilityList.NEGATIVE: ("负", "负面", "负面清单", "negative"),
    EligibilityList.CAPITAL: ("资", "资本金", "资本金清单", "capital"),
}
ITEM = re.compile(r"([^\d\s]+?)\s*第?\s*(\d{1,3})[项条]?")


class Unread(ValueError):
    """The text is not of the shape that was asked for. Says so, and how to write it."""


class Amount(NamedTuple):
    """`yuan`, and whether the text said anything that the eye may read otherwise: 万, 亿, full-width digits."""

    yuan: Decimal
    is_plain: bool


def plain(text: str) -> str:
    """Full-width signs as half-width ones, without spaces at the ends."""
    return unicodedata.normalize("NFKC", text).strip()


def amount(text: str, *, unit: Decimal, may_be_zero: bool = False) -> Amount:
    """An amount in units of `unit` yuan unless the text names its own: 3,000 · 3000万 · 0.3亿元.

    Exact to the fen, above zero unless that `may_be_zero`, and no more than one movement may bear.
    """
    bare = re.sub(r"[\s¥]", "", plain(text))
    found = NUMBER.fullmatch(bare) if len(bare) <= LONGEST else None
    if found is None:
        raise Unread(_("不是金额：%(text)s。只填数字，如 3000 或 3,000.50") % {"text": text[:LONGEST]})
    whole, decimals, large, yuan = found.groups()
    factor = FACTORS[large] if large else FACTORS["元"] if yuan else unit
    exact = Decimal(whole.replace(",", "") + (decimals or "")) * factor
    if exact < 0 or (exact == 0 and not may_be_zero):
        raise Unread(_("金额须大于零"))
    if exact > LARGEST:
        raise Unread(_("金额超出合理范围，请核对单位"))
    if exact != exact.quantize(FEN):
        raise Unread(_("金额精确到分，%(text)s 的小数位过多") % {"text": text[:LONGEST]})
    return Amount(exact.quantize(FEN), is_plain=text.strip() == whole + (decimals or ""))


def day(text: str, *, today: dt.date, is_ahead: bool = False) -> dt.date:
    """2025-09-03 · 2025.9.3 · 2025年9月3日 · 20250903.

    Without a year (9月3日) it is the last such day that is not after `today`; of what lies ahead the first that is not before it.
    """
    found = DAY.fullmatch(re.sub(r"\s", "", plain(text)))
    if found is None:
        raise Unread(_("不是日期：%(text)s。如 2025-09-03、2025.9.3、9月3日") % {"text": text[:LONGEST]})
    try:
        meant = _meant(*found.groups(), today=today, is_ahead=is_ahead)
    except ValueError as error:
        raise Unread(_("没有这一天：%(text)s") % {"text": text[:LONGEST]}) from error
    if meant < FIRST_DAY:
        raise Unread(_("日期不能早于 %(day)s") % {"day": FIRST_DAY})
    return meant


def _meant(year: str | None, month: str, number: str, *together: str | None, today: dt.date, is_ahead: bool) -> dt.date:
    """Raises ValueError for a day that the calendar does not have."""
    if together[0]:
        return dt.date(*(int(part) for part in together if part))
    if year:
        return dt.date(int(year), int(month), int(number))
    this_year = dt.date(today.year, int(month), int(number))
    if is_ahead:
        return this_year if this_year >= today else this_year.replace(year=today.year + 1)
    return this_year if this_year <= today else this_year.replace(year=today.year - 1)


def use(text: str) -> str:
    return _one_of(text, USES, _("用途只填 建设 或 资本金"))


def fact_kind(text: str) -> str:
    return _one_of(text, KINDS, _("类别只填 到位、支付 或 退款"))


def item(text: str) -> tuple[str, int]:
    """List and number of an eligibility item: 负5 is the fifth of the negative list, 资3 the third of the capital list."""
    found = ITEM.fullmatch(plain(text))
    name = next((name for name, spellings in LISTS.items() if found and found[1] in spellings), None)
    if found is None or name is None:
        raise Unread(_("清单写作 负5 或 资3（负面清单第 5 项、资本金清单第 3 项）"))
    return name, int(found[2])


def _one_of(text: str, spellings: dict, sentence: str) -> str:
    word = re.sub(r"\s", "", plain(text)).lower()
    found = next((value for value, known in spellings.items() if word in known), None)
    if found is None:
        raise Unread(sentence)
    return str(found.value)
