"""What people type: days, uses, kinds and list items in every spelling that is met, and a sentence for the rest."""

import datetime as dt

import pytest

from portal.forms import typed
from portal.forms.typed import Unread

TODAY = dt.date(2026, 3, 10)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2025-09-03", "2025-09-03"), ("2025.9.3", "2025-09-03"), ("2025/9/3", "2025-09-03"), ("2025年9月3日", "2025-09-03"),
     ("２０２５－９－３", "2025-09-03"), ("20250903", "2025-09-03"), (" 2025 年 9 月 3 日 ", "2025-09-03"), ("3月10日", "2026-03-10"),
     ("3月11日", "2025-03-11"), ("9月3日", "2025-09-03"), ("9.3", "2025-09-03"),
     ("2024-02-29", "2024-02-29"), ("2999-01-01", "2999-01-01")],
)  # fmt: skip
def test_days(text: str, day: str) -> None:
    assert typed.day(text, today=TODAY) == dt.date.fromisoformat(day)


@pytest.mark.parametrize(
    ("text", "day"), [("3月10日", "2026-03-10"), ("3月9日", "2027-03-09"), ("9.3", "2026-09-03"), ("2025-09-03", "2025-09-03")]
)
def test_day_of_what_lies_ahead_is_the_coming_one(text: str, day: str) -> None:
    assert typed.day(text, today=TODAY, is_ahead=True) == dt.date.fromisoformat(day)


@pytest.mark.parametrize("text", ["", "昨天", "2025-13-01", "2025-02-29", "2月29日", "45903", "2025-9", "2025-09-03 10:00", "0000-01-01"])
def test_what_is_no_day(text: str) -> None:
    with pytest.raises(Unread):
        typed.day(text, today=TODAY)


@pytest.mark.parametrize(
    ("text", "use"), [("建设", "construction"), (" 项目 建设", "construction"), ("资本金", "capital"), ("Capital", "capital")]
)
def test_uses(text: str, use: str) -> None:
    assert typed.use(text) == use


@pytest.mark.parametrize(("text", "kind"), [("到位", "receive"), ("支付", "pay"), ("退款", "refund"), ("付款", "pay")])
def test_kinds_of_facts(text: str, kind: str) -> None:
    assert typed.fact_kind(text) == kind


@pytest.mark.parametrize(
    ("text", "item"),
    [("负5", ("negative", 5)), ("资3", ("capital", 3)), ("负面清单第5项", ("negative", 5)),
     ("资本金清单 12", ("capital", 12)), ("资１", ("capital", 1))],
)  # fmt: skip
def test_items_of_the_lists(text: str, item: tuple[str, int]) -> None:
    assert typed.item(text) == item


@pytest.mark.parametrize(
    ("read", "text"), [(typed.use, "购置"), (typed.fact_kind, "转账"), (typed.item, "5"), (typed.item, "甲5"), (typed.item, "负")]
)
def test_other_words_are_met_with_how_to_write_them(read: object, text: str) -> None:
    with pytest.raises(Unread, match=r"只填|写作"):
        read(text)
