"""When a bond is repaid, and what the monitoring rules answer just inside and just outside their thresholds."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from funding.rules import monitoring as m
from funding.rules.monitoring import RULES, months_after, months_before
from funding.rules.repayments import (
    ImpossibleTerms,
    Instalment,
    NoDayLeft,
    NoSuchInstalment,
    RepaidTooMuch,
    Terms,
    does_tenor_fit,
    schedule,
)

D = Decimal


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def terms(principal: str, rate: str, begins: str, ends: str, **more: Any) -> Terms:
    usual = {"is_by_instalments": True, "interest_months": 6, "principal_months": 6}
    return Terms(D(principal), D(rate), day(begins), day(ends), **{**usual, **more})


def table(text: str) -> list[Instalment]:
    """One row a line: due date, principal, interest."""
    rows = (line.split() for line in text.strip().splitlines())
    return [Instalment(number, day(due), D(principal), D(interest)) for number, (due, principal, interest) in enumerate(rows, 1)]


def test_fifteen_years_of_equal_half_yearly_instalments() -> None:
    """94,000.00 万元 at 2.15 % from 2025-02-21, principal and interest every half-year.

    Worked out apart from the code, in whole fen. A half-yearly coupon is face × rate ÷ 2, of the face still outstanding:
    principal 94,000,000,000 fen ÷ 30 = 3,133,333,333 and 10 left over, which the last instalment carries;
    interest of period k = (94,000,000,000 − (k − 1) × 3,133,333,333) × 2.15 ÷ 200, half up.
    """
    rows = schedule(terms("940000000.00", "2.1500", "2025-02-21", "2040-02-21"))
    assert rows == table("""
        2025-08-21 31333333.33 10105000.00
        2026-02-21 31333333.33 9768166.67
        2026-08-21 31333333.33 9431333.33
        2027-02-21 31333333.33 9094500.00
        2027-08-21 31333333.33 8757666.67
        2028-02-21 31333333.33 8420833.33
        2028-08-21 31333333.33 8084000.00
        2029-02-21 31333333.33 7747166.67
        2029-08-21 31333333.33 7410333.33
        2030-02-21 31333333.33 7073500.00
        2030-08-21 31333333.33 6736666.67
        2031-02-21 31333333.33 6399833.33
        2031-08-21 31333333.33 6063000.00
        2032-02-21 31333333.33 5726166.67
        2032-08-21 31333333.33 5389333.33
        2033-02-21 31333333.33 5052500.00
        2033-08-21 31333333.33 4715666.67
        2034-02-21 31333333.33 4378833.33
        2034-08-21 31333333.33 4042000.00
        2035-02-21 31333333.33 3705166.67
        2035-08-21 31333333.33 3368333.33
        2036-02-21 31333333.33 3031500.00
        2036-08-21 31333333.33 2694666.67
        2037-02-21 31333333.33 2357833.33
        2037-08-21 31333333.33 2021000.00
        2038-02-21 31333333.33 1684166.67
        2038-08-21 31333333.33 1347333.33
        2039-02-21 31333333.33 1010500.00
        2039-08-21 31333333.33 673666.67
        2040-02-21 31333333.43 336833.33
    """)
    # The arithmetic series of what is outstanding, by hand: 940,000,000 × (30 + 1) ÷ 2 × 2.15 ÷ 200, but for 30 roundings.
    assert abs(sum(row.interest for row in rows) - D("156627500.00")) < 30 * D("0.01")
    assert all(str(amount) == f"{amount:.2f}" for row in rows for amount in row[2:])


def test_yearly_principal_with_half_yearly_interest() -> None:
    """100,000,000.01 yuan at 2.36 % over 10 years: a tenth each autumn, interest of half a year on what is left, twice a year."""
    assert schedule(terms("100000000.01", "2.36", "2024-10-21", "2034-10-21", principal_months=12)) == table("""
        2025-04-21 0.00 1180000.00
        2025-10-21 10000000.00 1180000.00
        2026-04-21 0.00 1062000.00
        2026-10-21 10000000.00 1062000.00
        2027-04-21 0.00 944000.00
        2027-10-21 10000000.00 944000.00
        2028-04-21 0.00 826000.00
        2028-10-21 10000000.00 826000.00
        2029-04-21 0.00 708000.00
        2029-10-21 10000000.00 708000.00
        2030-04-21 0.00 590000.00
        2030-10-21 10000000.00 590000.00
        2031-04-21 0.00 472000.00
        2031-10-21 10000000.00 472000.00
        2032-04-21 0.00 354000.00
        2032-10-21 10000000.00 354000.00
        2033-04-21 0.00 236000.00
        2033-10-21 10000000.00 236000.00
        2034-04-21 0.00 118000.00
        2034-10-21 10000000.01 118000.00
    """)


def test_all_at_maturity_after_seven_years_of_yearly_interest() -> None:
    """20,000,000.00 yuan × 1.69 % = 338,000.00 a year."""
    bond = terms("20000000.00", "1.69", "2025-10-21", "2032-10-21", is_by_instalments=False, interest_months=12)
    assert schedule(bond) == table("""
        2026-10-21 0.00 338000.00
        2027-10-21 0.00 338000.00
        2028-10-21 0.00 338000.00
        2029-10-21 0.00 338000.00
        2030-10-21 0.00 338000.00
        2031-10-21 0.00 338000.00
        2032-10-21 20000000.00 338000.00
    """)


def test_half_yearly_principal_with_yearly_interest_has_a_row_for_every_day() -> None:
    """The year's interest counts what was repaid in its middle: 400 × 3 % × ½ + 300 × 3 % × ½ = 10.50, then 200 and 100: 4.50."""
    assert schedule(terms("400.00", "3.00", "2024-01-15", "2026-01-15", interest_months=12)) == table("""
        2024-07-15 100.00 0.00
        2025-01-15 100.00 10.50
        2025-07-15 100.00 0.00
        2026-01-15 100.00 4.50
    """)


def test_no_principal_falls_due_in_the_grace_years_nor_on_the_day_that_ends_them() -> None:
    rows = schedule(terms("900.00", "2.00", "2024-03-01", "2029-03-01", principal_months=12, interest_months=12, grace_years=2))
    assert [(row.due_on.year, row.principal, row.interest) for row in rows] == [
        (2025, 0, 18),
        (2026, 0, 18),
        (2027, 300, 18),
        (2028, 300, 12),
        (2029, 300, 6),
    ]


def test_a_last_period_that_is_not_whole_counts_actual_days_over_365() -> None:
    """From 2026-01-10 to 2026-03-01 are 50 days: 365,000 × 2 % × 50 ÷ 365 = 1,000.00. The whole years before are 7,300.00."""
    bond = terms("365000.00", "2.00", "2024-01-10", "2026-03-01", is_by_instalments=False, interest_months=12)
    assert schedule(bond) == table("""
        2025-01-10 0.00 7300.00
        2026-01-10 0.00 7300.00
        2026-03-01 365000.00 1000.00
    """)


def test_a_broken_period_counts_what_is_repaid_inside_it_until_its_day() -> None:
    """18 months with yearly interest end in a broken period of 181 days, 2025-01-01 to 2025-07-01; 12 principal months make two of 300.

    600 × 3.65 % = 21.90, then 300 × 3.65 % × 181 ÷ 365 = 5.43. Eight months: 243 days, after 181 days half of it is repaid.
    """
    assert schedule(terms("600.00", "3.65", "2024-01-01", "2025-07-01", interest_months=12, principal_months=12)) == table("""
        2025-01-01 300.00 21.90
        2025-07-01 300.00 5.43
    """)
    assert schedule(terms("1000.00", "3.65", "2025-01-01", "2025-09-01", interest_months=12)) == table("""
        2025-07-01 500.00 0.00
        2025-09-01 500.00 21.20
    """)  # 1,000 × 0.0001 × 181 + 500 × 0.0001 × 62 = 18.10 + 3.10


def test_a_bond_shorter_than_its_period_is_repaid_once() -> None:
    assert schedule(terms("36500.00", "1.00", "2025-05-01", "2025-06-01")) == table("2025-06-01 36500.00 31.00")


@pytest.mark.parametrize(
    ("begins", "ends", "months", "days"),
    [
        ("2024-02-29", "2028-02-29", 12, ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        ("2024-08-31", "2026-08-31", 6, ["2025-02-28", "2025-08-31", "2026-02-28", "2026-08-31"]),
        ("2023-12-31", "2025-06-30", 6, ["2024-06-30", "2024-12-31", "2025-06-30"]),
    ],
)
def test_a_clamped_day_does_not_shift_what_follows(begins: str, ends: str, months: int, days: list[str]) -> None:
    """Counted in months all the way: no clamped period is a broken one, so all interest is equal."""
    rows = schedule(terms("1000.00", "4.00", begins, ends, is_by_instalments=False, interest_months=months))
    assert [row.due_on for row in rows] == [day(each) for each in days]
    assert {row.interest for row in rows} == {D("40.00") * months / 12}


def test_half_a_fen_is_rounded_up() -> None:
    """100.00 × 0.01 % ÷ 2 = 0.005."""
    assert schedule(terms("100.00", "0.0100", "2025-01-01", "2025-07-01")) == table("2025-07-01 100.00 0.01")


def test_many_small_instalments_leave_the_last_something() -> None:
    """0.05 ÷ 9 is 0.0056: rounded up, eight of them would already be 0.08."""
    rows = schedule(terms("0.05", "0", "2020-01-01", "2029-01-01", principal_months=12, interest_months=12))
    assert [row.principal for row in rows] == [D("0.00")] * 8 + [D("0.05")]


def test_without_principal_nothing_falls_due() -> None:
    assert schedule(terms("0.00", "2.00", "2025-01-01", "2035-01-01")) == []


def test_what_paid_instalments_leave_is_spread_over_the_rest() -> None:
    """The first two were paid of 400; the issue was then raised to 1,000: (1,000 − 200) ÷ 2 each, interest on 800 and 400."""
    kept = table("2024-07-15 100.00 4.00\n2025-01-15 100.00 3.00")
    assert schedule(terms("1000.00", "2.00", "2024-01-15", "2026-01-15"), kept=kept) == [
        *kept,
        Instalment(3, day("2025-07-15"), D("400.00"), D("8.00")),
        Instalment(4, day("2026-01-15"), D("400.00"), D("4.00")),
    ]


def test_a_later_instalment_may_be_paid_before_an_earlier_one() -> None:
    """The second stands as paid; 400 − 40 over the three others, and the interest of each day knows what fell due before it."""
    kept = [Instalment(2, day("2025-01-15"), D("40.00"), D("9.99"))]
    rows = schedule(terms("400.00", "2.00", "2024-01-15", "2026-01-15"), kept=kept)
    assert [(row.principal, row.interest) for row in rows] == [
        (D("120.00"), D("4.00")),
        (D("40.00"), D("9.99")),
        (D("120.00"), D("2.40")),
        (D("120.00"), D("1.20")),
    ]


def test_a_paid_instalment_outlives_a_cancelled_issue() -> None:
    kept = [Instalment(1, day("2024-07-15"), D("0.00"), D("4.00"))]
    assert schedule(terms("0.00", "2.00", "2024-01-15", "2026-01-15"), kept=kept) == kept


@pytest.mark.parametrize(
    ("kept", "error", "says"),
    [
        ([Instalment(1, day("2024-07-15"), D("400.01"), D("0.00"))], RepaidTooMuch, "0.01 more than was borrowed"),
        ([Instalment(1, day("2024-07-16"), D("100.00"), D("0.00"))], NoSuchInstalment, "no instalment 1 on 2024-07-16"),
        ([Instalment(3, day("2025-07-15"), D("100.00"), D("0.00"))], NoSuchInstalment, "no instalment 3"),
        (
            [Instalment(1, day("2024-07-15"), D("1.00"), D("0.00")), Instalment(2, day("2025-01-15"), D("1.00"), D("0.00"))],
            NoDayLeft,
            "repay 398.00",
        ),
    ],
)
def test_paid_instalments_that_contradict_the_terms_are_refused(kept: list[Instalment], error: type[ValueError], says: str) -> None:
    with pytest.raises(error, match=says):
        schedule(terms("400.00", "2.00", "2024-01-15", "2025-01-15"), kept=kept)


@pytest.mark.parametrize("ends", ["2024-01-15", "2024-01-14"])
def test_a_bond_that_ends_before_it_begins_is_refused(ends: str) -> None:
    with pytest.raises(ImpossibleTerms, match="not after 2024-01-15"):
        schedule(terms("400.00", "2.00", "2024-01-15", ends))


def test_days_that_leave_the_calendar_make_no_schedule() -> None:
    with pytest.raises(ImpossibleTerms, match="no year"):
        schedule(terms("400.00", "2.00", "9999-01-01", "9999-12-31"))


@pytest.mark.parametrize(
    ("begins", "ends", "tenor", "fits"),
    [
        ("2025-03-01", "2040-03-01", 15, True), ("2025-03-01", "2039-03-01", 15, True), ("2025-03-01", "2039-02-28", 15, False),
        ("2025-03-01", "2041-03-01", 15, True), ("2025-03-01", "2041-03-02", 15, False), ("2025-03-01", "9999-12-31", 15, False),
        ("2024-02-29", "2024-03-01", 1, True), ("9997-12-31", "9998-12-31", 1, True), ("9998-12-31", "9999-12-31", 1, False),
        ("2025-03-01", "2026-03-01", 99999, False),
    ],
)  # fmt: skip
def test_maturity_lies_at_most_a_year_off_the_tenor(begins: str, ends: str, tenor: int, fits: bool) -> None:
    assert does_tenor_fit(day(begins), day(ends), tenor) is fits


def test_what_fits_its_tenor_always_has_a_schedule_of_few_rows() -> None:
    """At the very end of the calendar too: the last day counted ahead is at most a year after the tenor."""
    for ends in ("9997-07-01", "9998-06-30", "9999-01-31", "9999-12-31"):
        assert does_tenor_fit(day("9949-12-31"), day(ends), 49) == (ends != "9997-07-01")
        assert len(schedule(terms("400.00", "2.00", "9949-12-31", ends))) <= 101


@st.composite
def bonds(draw: st.DrawFn) -> Terms:
    """Any terms; every other maturity ends on a whole period."""
    begins = draw(st.dates(day("2015-01-01"), day("2030-12-31")))
    whole = months_after(begins, 12 * draw(st.integers(1, 30)))
    return Terms(
        principal=D(draw(st.integers(1, 10**16))).scaleb(-2),
        rate_percent=D(draw(st.integers(0, 90_000))).scaleb(-4),
        interest_from_on=begins,
        matures_on=draw(st.one_of(st.just(whole), st.dates(begins + dt.timedelta(days=1), day("2060-12-31")))),
        is_by_instalments=draw(st.booleans()),
        interest_months=draw(st.sampled_from([6, 12])),
        principal_months=draw(st.sampled_from([6, 12])),
        grace_years=draw(st.integers(0, 5)),
    )


@given(bonds())
def test_any_schedule_repays_exactly_and_in_order(bond: Terms) -> None:
    rows = schedule(bond)
    days = [bond.interest_from_on, *(row.due_on for row in rows)]
    assert sum(row.principal for row in rows) == bond.principal
    assert all(row.principal >= 0 and row.interest >= 0 for row in rows)
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    assert all(before < after for before, after in pairwise(days))
    assert rows[-1].due_on == bond.matures_on
    assert all(amount == amount.quantize(D("0.01")) for row in rows for amount in (row.principal, row.interest))
    interest = [row.interest for row in rows[:-1] if months_since(bond, row) % bond.interest_months == 0]
    assert interest == sorted(interest, reverse=True)


@given(bonds(), st.data())
def test_kept_instalments_stand_and_the_rest_is_still_exact(bond: Terms, data: st.DataObject) -> None:
    """Any of the instalments but the last, of any amounts that were once due, in any order."""
    before = schedule(bond)
    numbers = data.draw(st.sets(st.integers(1, len(before) - 1), max_size=5) if len(before) > 1 else st.just(set()))
    kept = [before[number - 1]._replace(interest=D("1.23")) for number in numbers]
    raised = Terms(**{**vars(bond), "principal": bond.principal + D(data.draw(st.integers(0, 10**12))).scaleb(-2)})
    after = schedule(raised, kept=data.draw(st.permutations(kept)))
    assert [after[row.number - 1] for row in kept] == kept
    assert sum(row.principal for row in after) == raised.principal
    assert [row.due_on for row in after] == [row.due_on for row in before]
    assert all(row.principal >= 0 and row.interest >= 0 for row in after)


@given(bonds(), st.data())
def test_to_keep_what_was_planned_changes_nothing(bond: Terms, data: st.DataObject) -> None:
    """Not even by the fen that the last one carries."""
    rows = schedule(bond)
    kept = data.draw(st.lists(st.sampled_from(rows), unique=True))
    assert schedule(bond, kept=kept) == rows


def months_since(bond: Terms, row: Instalment) -> int:
    return (row.due_on.year - bond.interest_from_on.year) * 12 + row.due_on.month - bond.interest_from_on.month


# Rules as data


def test_every_rule_says_its_name_level_unit_and_source() -> None:
    assert len(RULES) == 23
    for code, rule in RULES.items():
        assert rule.code == code
        assert rule.name and rule.basis
        assert rule.level in ("info", "warn", "error")
        assert (rule.threshold is None) == (rule.unit == "")
    assert len({rule.name for rule in RULES.values()}) == len(RULES)


@pytest.mark.parametrize(
    ("code", "threshold", "level"),
    [
        ("capital_share", "30", "info"),
        ("cover_ratio_low", "1.1", "error"),
        ("cover_ratio_high", "5", "warn"),
        ("ahead_of_progress", "15", "warn"),
        ("idle_6_months", "6", "warn"),
        ("idle_12_months", "12", "error"),
        ("paid_without_works", "60", "warn"),
        ("slow_spending", "10", "warn"),
        ("spending_goal", "12", "info"),
        ("adjustment_life", "0", "error"),
        ("plan_principal_differs", "0.01", "error"),
        ("plan_too_long", "30", "error"),
    ],
)
def test_thresholds_begin_where_practice_is(code: str, threshold: str, level: str) -> None:
    assert (RULES[code].threshold, RULES[code].level) == (D(threshold), level)


# Each rule just inside and just outside


def yes(rule: Callable[..., bool], *arguments: Any, **named: Any) -> tuple[Any, ...]:
    return rule, arguments, named, True


def no(rule: Callable[..., bool], *arguments: Any, **named: Any) -> tuple[Any, ...]:
    return rule, arguments, named, False


FULL, MATURES = D(100), day("2040-02-21")
APPROVED = {"is_approved": True, "is_on_negative_list": True, "override_reason": "市政府会议纪要〔2025〕7号"}
CAPITAL = {"is_bond": True, "is_capital": True, "has_capital_item": False}


@pytest.mark.parametrize(
    ("rule", "arguments", "named", "broken"),
    [
        yes(m.is_negative_list_override, **APPROVED),
        no(m.is_negative_list_override, **{**APPROVED, "is_approved": False}),
        no(m.is_negative_list_override, **{**APPROVED, "is_on_negative_list": False}),
        no(m.is_negative_list_override, **{**APPROVED, "override_reason": ""}),
        yes(m.is_off_capital_list, **CAPITAL),
        no(m.is_off_capital_list, **{**CAPITAL, "is_bond": False}),
        no(m.is_off_capital_list, **{**CAPITAL, "is_capital": False}),
        no(m.is_off_capital_list, **{**CAPITAL, "has_capital_item": True}),
        no(m.is_capital_share_high, D("30.00"), FULL, D(30)),
        yes(m.is_capital_share_high, D("30.01"), FULL, D(30)),
        no(m.is_capital_share_high, D(1), D(0), D(30)),
        # (200 − 90) ÷ (90 + 10) = 1.1; a fen less is 1.0999, shown as 1.10
        no(m.is_cover_low, D(200), D(90), D(90), D(10), D("1.1")),
        yes(m.is_cover_low, D("199.99"), D(90), D(90), D(10), D("1.1")),
        no(m.is_cover_low, D(0), D(90), D(0), D(0), D("1.1")),
        no(m.is_cover_high, D(590), D(90), D(90), D(10), D(5)),
        yes(m.is_cover_high, D("590.01"), D(90), D(90), D(10), D(5)),
        no(m.is_cover_high, D(590), D(90), D(0), D(0), D(5)),
        yes(m.is_ahead_of_progress, D("65.00"), FULL, D(50), D(15)),
        no(m.is_ahead_of_progress, D("64.99"), FULL, D(50), D(15)),
        no(m.is_ahead_of_progress, D("65.00"), FULL, D("50.01"), D(15)),
        # a third paid is 33.33…: a hundredth of a point decides, whatever a rounded share would say
        yes(m.is_ahead_of_progress, D(1), D(3), D("18.33"), D(15)),
        no(m.is_ahead_of_progress, D(1), D(3), D("18.34"), D(15)),
        no(m.is_ahead_of_progress, FULL, FULL, None, D(15)),
        no(m.is_ahead_of_progress, D(0), D(0), D(0), D(15)),
        yes(m.is_paid_without_works, FULL, FULL, D("59.99"), D(60)),
        no(m.is_paid_without_works, FULL, FULL, D("60.00"), D(60)),
        no(m.is_paid_without_works, D("99.99"), FULL, D("59.99"), D(60)),
        no(m.is_paid_without_works, FULL, FULL, None, D(60)),
        no(m.is_paid_without_works, D(0), D(0), D(0), D(60)),
        yes(m.is_spending_slow, D("40.00"), FULL, D("50.0000"), D(10)),
        no(m.is_spending_slow, D("40.01"), FULL, D("50.0000"), D(10)),
        no(m.is_spending_slow, D("40.00"), FULL, D("49.9999"), D(10)),
        no(m.is_spending_slow, D(0), FULL, D("9.9999"), D(10)),
        no(m.is_spending_slow, D(0), D(0), FULL, D(10)),
        no(m.is_life_too_short, MATURES, MATURES, D(0)),
        yes(m.is_life_too_short, day("2040-02-20"), MATURES, D(0)),
        no(m.is_life_too_short, day("2039-02-21"), MATURES, D(1)),
        yes(m.is_life_too_short, day("2039-02-20"), MATURES, D(1)),
        no(m.is_life_too_short, day("2039-08-21"), MATURES, D("0.5")),
        no(m.is_life_too_short, None, MATURES, D(0)),
        no(m.is_not_ready, "preparation"),
        no(m.is_not_ready, "construction"),
        *(yes(m.is_not_ready, stage) for stage in ("reserve", "completed", "operation", "suspended", "cancelled")),
        no(m.is_above_total_investment, FULL, FULL),
        yes(m.is_above_total_investment, D("100.01"), FULL),
        no(m.is_above_total_investment, FULL, None),
        no(m.is_capital_above_total, FULL, FULL),
        yes(m.is_capital_above_total, D("100.01"), FULL),
        no(m.is_capital_above_total, None, FULL),
        no(m.is_capital_above_total, FULL, None),
        no(m.is_capital_overfunded, D(60), D(40), FULL),
        yes(m.is_capital_overfunded, D(60), D("40.01"), FULL),
        no(m.is_capital_overfunded, D(60), D(40), None),
        no(m.is_capital_above_bonds, FULL, FULL),
        yes(m.is_capital_above_bonds, D("100.01"), FULL),
        no(m.does_principal_differ, D("100.01"), FULL, D("0.01")),
        yes(m.does_principal_differ, D("100.02"), FULL, D("0.01")),
        no(m.does_principal_differ, D("99.99"), FULL, D("0.01")),
        yes(m.does_principal_differ, D("99.98"), FULL, D("0.01")),
        no(m.is_construction_interest_high, FULL, FULL),
        yes(m.is_construction_interest_high, D("100.01"), FULL),
        yes(m.is_balance_plan_empty, D("0.01"), []),
        yes(m.is_balance_plan_empty, FULL, [D("0.00"), D("0.00")]),
        no(m.is_balance_plan_empty, FULL, [D("0.00"), D("0.01")]),
        no(m.is_balance_plan_empty, D("0.00"), []),
        no(m.has_yearly_gap, D(200), D(90), D(100), D(10)),
        yes(m.has_yearly_gap, D("199.99"), D(90), D(100), D(10)),
        no(m.has_yearly_gap, D(0), D(0), D(0), D(0)),
        no(m.is_plan_too_long, 2026, 2055, D(30)),
        yes(m.is_plan_too_long, 2026, 2056, D(30)),
    ],
)
def test_a_rule_breaks_at_its_threshold_and_not_before(
    rule: Callable[..., bool], arguments: tuple[Any, ...], named: dict[str, Any], broken: bool
) -> None:
    assert rule(*arguments, **named) is broken


@pytest.mark.parametrize(
    ("figures", "shown"),
    [
        (("200", "90", "90", "10"), "1.10"),
        (("199.99", "90", "90", "10"), "1.10"),  # shown as enough, and yet too low: the exact ratio is judged
        (("201", "0", "200", "0"), "1.01"),  # 1.005, half up
        (("90", "200", "90", "10"), "-1.10"),
        (("90", "0", "0", "0"), None),
    ],
)
def test_cover_ratio_is_shown_with_two_decimals(figures: tuple[str, ...], shown: str | None) -> None:
    ratio = m.cover_ratio(*map(D, figures))
    assert (ratio if ratio is None else str(ratio)) == shown


def test_capital_share_is_shown_in_percent() -> None:
    assert str(m.capital_share(D(1), D(3))) == "33.33"
    assert str(m.capital_share(D("0.005"), FULL)) == "0.01"
    assert m.capital_share(D(0), D(0)) is None


@pytest.mark.parametrize(
    ("today", "percent"),
    [
        ("2024-12-31", "0.0000"),
        ("2025-01-01", "0.0000"),
        ("2025-01-02", "0.2740"),  # 1 of 365 days
        ("2025-07-02", "49.8630"),  # 182 of 365
        ("2025-12-31", "99.7260"),
        ("2026-01-01", "100.0000"),
        ("2027-01-01", "100.0000"),
    ],
)
def test_required_spending_rises_by_the_day_to_its_goal(today: str, percent: str) -> None:
    assert str(m.required_spend_percent(day("2025-01-01"), day(today), 12)) == percent


def test_money_that_is_to_be_spent_at_once_is_due_on_the_day_it_comes() -> None:
    assert m.required_spend_percent(day("2025-01-01"), day("2025-01-01"), 0) == 100
    assert m.required_spend_percent(day("2025-01-01"), day("2024-12-31"), 0) == 0


# Idle money

MARCH, MAY = (day("2025-03-10"), D("60.00")), (day("2025-05-20"), D("40.00"))


@pytest.mark.parametrize("months", [6, 12])
def test_money_is_idle_from_the_day_its_months_are_over(months: int) -> None:
    full_on = months_after(MARCH[0], months)
    assert m.idle([MARCH], D(0), full_on - dt.timedelta(days=1), months) == 0
    assert m.idle([MARCH], D(0), full_on, months) == 60
    assert m.idle([MARCH], D("59.99"), full_on, months) == D("0.01")
    assert m.idle([MARCH], D("60.00"), full_on, months) == 0


@pytest.mark.parametrize(
    ("receipts", "paid", "idle", "oldest"),
    [
        ([MAY, MARCH], "0", "60", "2025-03-10"),
        ([MARCH, MAY], "59.99", "0.01", "2025-03-10"),
        ([MARCH, MAY], "60", "0", "2025-05-20"),
        ([MARCH, MAY], "99.99", "0", "2025-05-20"),
        ([MARCH, MAY], "100", "0", None),
        ([], "0", "0", None),
        # given back after the months were over: it still takes from the oldest
        ([MARCH, MAY, (day("2025-09-30"), D(-50))], "0", "10", "2025-03-10"),
        ([MARCH, MAY, (day("2025-09-30"), D(-50))], "10", "0", "2025-05-20"),
    ],
)
def test_what_came_first_is_paid_first(receipts: list[m.Movement], paid: str, idle: str, oldest: str | None) -> None:
    assert m.idle(receipts, D(paid), day("2025-10-01"), 6) == D(idle)
    assert m.oldest_unpaid_on(receipts, D(paid)) == (oldest and day(oldest))


def test_what_is_given_back_later_is_still_here() -> None:
    assert m.idle([MARCH, (day("2025-10-02"), D(-60))], D(0), day("2025-10-01"), 6) == 60


ON = day("2026-08-31")
movements = st.lists(st.tuples(st.dates(day("2024-01-01"), ON), st.integers(-50, 200).map(D)), max_size=8)


@given(movements, st.integers(0, 400).map(D), st.integers(0, 24))
def test_idle_money_and_its_oldest_day_agree(receipts: list[m.Movement], paid: Decimal, months: int) -> None:
    oldest = m.oldest_unpaid_on(receipts, paid)
    found = m.idle(receipts, paid, ON, months)
    assert (found > 0) == (oldest is not None and oldest <= months_before(ON, months))
    assert found <= max(sum((amount for _day, amount in receipts), D(0)) - paid, D(0))


@pytest.mark.parametrize(
    ("moves", "since"),
    [
        ([], None),
        ([("2025-03-10", 60), ("2025-03-11", -60)], None),
        ([("2025-03-11", -60), ("2025-03-10", 60)], None),
        ([("2025-03-10", -60), ("2025-03-10", 60)], None),  # the order within a day is not known
        ([("2025-03-10", 60), ("2025-03-09", -60)], "2025-03-09"),
        ([("2025-03-10", 60), ("2025-03-12", -61), ("2025-03-20", 1)], "2025-03-12"),
    ],
)
def test_a_late_entry_shows_a_negative_balance_on_a_day(moves: list[tuple[str, int]], since: str | None) -> None:
    assert m.first_negative_on([(day(text), D(amount)) for text, amount in moves]) == (since and day(since))


# Months


@pytest.mark.parametrize(
    ("begins", "months", "ends"),
    [
        ("2025-01-31", 1, "2025-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2025-08-31", 6, "2026-02-28"),
        ("2025-11-30", 1, "2025-12-30"),
        ("2025-12-31", 0, "2025-12-31"),
        ("2025-03-31", -1, "2025-02-28"),
        ("2025-01-15", -1, "2024-12-15"),
        ("2025-06-30", -18, "2023-12-30"),
    ],
)
def test_months_are_counted_as_the_calendar_does(begins: str, months: int, ends: str) -> None:
    assert months_after(day(begins), months) == day(ends)
    assert months_before(day(begins), -months) == day(ends)


def test_months_beyond_the_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="no year"):
        months_after(dt.date(9999, 12, 1), 1)
    with pytest.raises(ValueError, match="no year"):
        months_before(dt.date(1, 1, 1), 1)


@pytest.mark.django_db
@given(st.dates(day("1900-01-01"), day("2200-12-31")), st.integers(0, 400))
def test_months_are_those_of_the_database(begins: dt.date, months: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (%s::date + make_interval(months => %s))::date, (%s::date - make_interval(months => %s))::date",
            [begins, months, begins, months],
        )
        assert cursor.fetchone() == (months_after(begins, months), months_before(begins, months))
