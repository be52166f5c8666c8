"""Findings: every rule just inside and just outside its threshold, through real movements; and what is said about them.

The SQL of a rule and its predicate in plain Python are fed the same matrix.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import Membership
from common import clock
from common.errors import AlreadyDecided, Conflict, Missing, SamePerson, Stale
from common.recording import recording
from funding.lifecycle import BONDS, SourceKind
from funding.models import Allocation, BalancePlan, Bond, EligibilityItem, Finding, FindingReply, FundingSource, MonitoringRule
from funding.rules import monitoring
from funding.selectors import findings as selectors
from funding.services import findings as services
from funding.services import plans as plan_services
from history.models import Change
from projects.models import MonthlyReport, Project, Sector
from projects.services import projects
from tests import funding_rows, world
from tests.funding_rows import move, reverse, source

pytestmark = pytest.mark.django_db
D = Decimal
DAY = dt.timedelta(days=1)
RICH = "900000000000.00"


@pytest.fixture(autouse=True)
def _rules(people: world.People) -> None:
    world.money_rules()


@pytest.fixture
def find(people: world.People, today: dt.date) -> Callable[..., list[Finding]]:
    """`find(rule)`: what stands today, or `on` another day as that day's today."""

    def find(rule: str, *, on: dt.date | None = None, who: str = "finance", as_of: dt.date | None = None) -> list[Finding]:
        rows = selectors.findings(people.principal(who), today=on or today, as_of=as_of)
        return list(rows.filter(rule=rule).order_by("subject_name", "since_on"))

    return find


Find = Callable[..., list[Finding]]


def plan(project: Project, *years: tuple[int, Any, Any, Any, Any]) -> None:
    """Rows of (year, income, cost, principal, interest)."""
    with recording(world.TESTER):
        for year, income, cost, principal, interest in years:
            BalancePlan.objects.create(project=project, year=year, income=income, cost=cost, principal=principal, interest=interest)


def works(project: Project, percent: Any, month: dt.date = dt.date(2025, 12, 1)) -> None:
    with recording(world.TESTER):
        MonthlyReport.objects.create(project=project, month=month, physical_percent=percent, state="approved")


def terms(pot: FundingSource, **fields: Any) -> None:
    with recording(world.TESTER):
        Bond.objects.create(
            **{
                "source": pot, "code": "1", "interest_from_on": dt.date(2025, 1, 1), "matures_on": dt.date(2030, 1, 1), "tenor_years": 5,
                "rate_percent": 2, "repayment_method": "at_maturity", "interest_frequency": "yearly", "principal_frequency": "yearly",
            } | fields
        )  # fmt: skip


def threshold(rule: str, value: Any) -> None:
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code=rule).update(threshold=value)


def money(granted: Any, received: Any = 0, paid: Any = 0, *, project: Project, pot: FundingSource, **options: Any) -> None:
    for kind, amount in (("grant", granted), ("receive", received), ("pay", paid)):
        if D(amount):
            move(kind, pot, D(amount), project, **options)


def names(found: Iterable[Finding]) -> set[str]:
    return {finding.project.name for finding in found if finding.project}


# Spending


MATRIX = [  # granted, paid, physical percent
    ("100.00", "65.00", "50.00"), ("100.00", "64.99", "50.00"), ("3.00", "2.00", "51.66"), ("3.00", "2.00", "51.67"),
    ("100.00", "100.00", None), ("100.00", "15.00", "0.00"), ("100.00", "14.99", "0.00"), ("100.00", "100.00", "60.00"),
    ("100.00", "100.00", "59.99"), ("100.00", "99.99", "0.00"), ("0.03", "0.03", "84.99"), ("0.03", "0.03", "100.00"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "predicate"),
    [("ahead_of_progress", monitoring.is_ahead_of_progress), ("paid_without_works", monitoring.is_paid_without_works)],
)
def test_progress_rules_equal_their_predicates(find: Find, rule: str, predicate: Callable[..., bool]) -> None:
    pot, limit = source(issued=RICH), monitoring.RULES[rule].threshold
    expected = set()
    for number, (granted, paid, percent) in enumerate(MATRIX):
        project = world.project(f"工程{number:02}")
        money(granted, granted, paid, project=project, pot=pot)
        if percent is not None:
            works(project, percent)
        if predicate(D(paid), D(granted), percent and D(percent), limit):
            expected.add(project.name)
    assert 0 < len(expected) < len(MATRIX)
    assert names(find(rule)) == expected


def test_progress_is_judged_by_the_last_payment_and_says_its_figures(find: Find, today: dt.date) -> None:
    pot, project = source(issued="100.00"), world.project()
    works(project, "40.00")
    money("100.00", "100.00", project=project, pot=pot)
    move("pay", pot, "50.00", project, on=dt.date(2025, 4, 2))
    assert find("ahead_of_progress") == []
    last = move("pay", pot, "6.00", project, on=dt.date(2025, 5, 3))
    (finding,) = find("ahead_of_progress")
    assert (finding.since_on, finding.amount, finding.level) == (dt.date(2025, 5, 3), D("56.00"), "warn")
    assert selectors.detail(finding.rule, finding.amount, finding.figures, use=finding.use) == (
        "建设额度已支付 56.00%，形象进度 40.00%，超出 16.00 个百分点"
    )
    assert find("ahead_of_progress", as_of=dt.date(2025, 5, 2)) == []  # nor is the report of December known in May
    reverse(last)
    assert find("ahead_of_progress") == []


def test_a_past_day_is_judged_by_its_own_facts(find: Find) -> None:
    pot, project = source(issued="100.00"), world.project()
    works(project, "10.00", dt.date(2025, 5, 1))
    works(project, "90.00", dt.date(2025, 12, 1))
    money("100.00", "100.00", project=project, pot=pot)
    move("pay", pot, "30.00", project, on=dt.date(2025, 5, 20))
    move("pay", pot, "30.00", project, on=dt.date(2025, 7, 1))
    assert find("ahead_of_progress") == []
    (finding,) = find("ahead_of_progress", as_of=dt.date(2025, 5, 31))
    assert (finding.amount, finding.since_on, finding.figures["paid"]) == (D("30.00"), dt.date(2025, 5, 20), "30.00")
    assert find("ahead_of_progress", as_of=dt.date(2025, 5, 30)) == []  # May's report counts from its last day on


RECEIPTS: list[tuple[list[tuple[str, str]], str]] = [  # (day, amount; a minus is given back), paid
    ([("2025-01-31", "10.00")], "0.00"),
    ([("2025-01-31", "10.00")], "9.99"),
    ([("2025-01-31", "10.00")], "10.00"),
    ([("2025-01-31", "10.00"), ("2025-02-28", "10.00")], "12.00"),
    ([("2025-01-31", "10.00"), ("2025-02-28", "10.00"), ("2025-06-15", "-10.00")], "0.00"),
    ([("2025-01-31", "10.00"), ("2025-02-28", "10.00"), ("2025-06-15", "-15.00")], "4.99"),
    ([("2025-01-31", "10.00"), ("2025-02-28", "10.00"), ("2025-06-15", "-15.00")], "5.00"),
    ([("2025-03-30", "1.00"), ("2025-03-31", "2.00"), ("2025-08-29", "4.00"), ("2025-08-31", "8.00")], "3.00"),
    ([("2024-02-29", "5.00")], "0.00"),
]
DAYS = ["2025-07-30", "2025-07-31", "2025-08-27", "2025-08-28", "2025-08-31", "2025-09-01", "2025-09-30", "2025-10-01", "2026-01-31",
        "2026-02-28", "2026-03-01", "2026-08-29"]  # fmt: skip


@pytest.mark.parametrize(("rule", "months"), [("idle_6_months", 6), ("idle_12_months", 12)])
def test_idle_money_equals_its_predicate_on_every_day(find: Find, rule: str, months: int) -> None:
    pot = source(issued=RICH, on=dt.date(2024, 1, 1))
    cases: list[tuple[Project, list[tuple[dt.date, Decimal]], Decimal]] = []
    for number, (receipts, paid) in enumerate(RECEIPTS):
        project = world.project(f"闲置{number:02}")
        move("grant", pot, "100.00", project, on=dt.date(2024, 1, 1))
        moved = [(dt.date.fromisoformat(day), D(amount)) for day, amount in receipts]
        for day, amount in moved:
            move("receive" if amount > 0 else "return", pot, abs(amount), project, on=day)
        if D(paid):
            move("pay", pot, paid, project, on=dt.date(2025, 7, 1))
        cases.append((project, moved, D(paid)))
    broken = 0
    for day in map(dt.date.fromisoformat, DAYS):
        expected = {}
        for project, moved, paid in cases:
            known = [receipt for receipt in moved if receipt[0] <= day]
            if amount := monitoring.idle(known, paid, day, months):
                oldest = monitoring.oldest_unpaid_on(known, paid)
                assert oldest is not None
                expected[project.name] = (amount, first_day_so_old(oldest, months))
        broken += len(expected)
        for options in ({"on": day}, {"as_of": day}):  # as that day's today, and as a past day
            found = find(rule, **options)
            assert {str(f.project): (f.amount, f.since_on) for f in found} == expected, (day, options)
    assert broken > 15


def first_day_so_old(day: dt.date, months: int) -> dt.date:
    """By counting: the first day on which `day` is not after the day so many months before."""
    on = day
    while monitoring.months_before(on, months) < day:
        on += DAY
    return on


def test_money_moved_on_is_young_again_and_a_reversed_entry_never_was(find: Find) -> None:
    pot, one, two = source(issued="100.00", on=dt.date(2025, 1, 1)), world.project("甲"), world.project("乙")
    money("50.00", "50.00", project=one, pot=pot, on=dt.date(2025, 1, 1))
    move("grant", pot, "1.00", two, on=dt.date(2025, 1, 1))
    wrong = move("receive", pot, "1.00", two, on=dt.date(2025, 1, 1))
    move("adjust_money", pot, "30.00", one, to_project=two, on=dt.date(2025, 5, 1))

    def idle_on(day: dt.date) -> dict[str, tuple[Decimal, dt.date]]:
        return {str(f.project): (f.amount, f.since_on) for f in find("idle_6_months", as_of=day)}

    old = dt.date(2025, 7, 1)
    assert idle_on(old) == {"甲": (D("20.00"), old), "乙": (D("1.00"), old)}
    reverse(wrong, on=dt.date(2025, 9, 1))
    assert idle_on(old) == {"甲": (D("20.00"), old), "乙": (D("1.00"), old)}  # it stood until then
    assert idle_on(dt.date(2025, 10, 31)) == {"甲": (D("20.00"), old)}
    assert idle_on(dt.date(2025, 11, 1)) == {"甲": (D("20.00"), old), "乙": (D("30.00"), dt.date(2025, 11, 1))}


def test_spending_is_slow_against_what_should_be_spent_by_now(find: Find) -> None:
    rule, goal = monitoring.RULES["slow_spending"], 12
    pot, on = source(issued=RICH, on=dt.date(2025, 1, 1)), dt.date(2025, 7, 2)
    cases = [("2025-01-01", "39.86"), ("2025-01-01", "39.87"), ("2025-01-01", "0.00"), ("2025-05-27", "0.00"), ("2025-05-26", "0.00"),
             ("2025-07-02", "0.00"), ("2025-05-26", "0.01")]  # fmt: skip
    expected = set()
    for number, (day, paid) in enumerate(cases):
        project, received_on = world.project(f"支出{number:02}"), dt.date.fromisoformat(day)
        money("100.00", "100.00", project=project, pot=pot, on=received_on)
        if D(paid):
            move("pay", pot, paid, project, on=on)
        required = monitoring.required_spend_percent(received_on, on, goal)
        if monitoring.is_spending_slow(D(paid), D("100.00"), required, rule.threshold or D(0)):
            expected.add(project.name)
    assert 0 < len(expected) < len(cases)
    assert names(find("slow_spending", on=on)) == expected
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code="spending_goal").update(is_active=False)
    assert find("slow_spending", on=on) == []


def test_each_receipt_has_its_own_time_to_be_spent(find: Find) -> None:
    pot, project = source(issued=RICH, on=dt.date(2024, 1, 1)), world.project()
    move("grant", pot, "100.00", project, on=dt.date(2024, 1, 1))
    move("receive", pot, "30.00", project, on=dt.date(2024, 1, 1))
    move("receive", pot, "60.00", project, on=dt.date(2025, 1, 1))
    move("return", pot, "10.00", project, on=dt.date(2025, 1, 2))  # of the oldest
    on = dt.date(2025, 7, 2)
    required = 20 * D(100) + 60 * monitoring.required_spend_percent(dt.date(2025, 1, 1), on, 12)
    must = required / 100 - 8  # ten points of 80 yuan
    move("pay", pot, must.quantize(D("0.01"), "ROUND_FLOOR"), project, on=dt.date(2025, 3, 1))
    (finding,) = find("slow_spending", on=on)
    assert (finding.since_on, finding.figures["required"]) == (dt.date(2025, 1, 1), str((required / 80).quantize(D("0.01"))))
    move("pay", pot, "0.01", project, on=dt.date(2025, 3, 2))
    assert find("slow_spending", on=on) == []


def test_the_required_percent_in_sql_equals_the_rule() -> None:
    days = [dt.date(2024, 1, 31) + n * dt.timedelta(days=17) for n in range(60)]
    with connection.cursor() as cursor:
        for received_on in (dt.date(2024, 1, 31), dt.date(2024, 2, 29), dt.date(2025, 8, 31)):
            for months in (1, 6, 12):
                cursor.execute("SELECT funding_required_percent(%s, d, %s) FROM unnest(%s::date[]) d", [received_on, months, days])
                assert [row[0] for row in cursor.fetchall()] == [monitoring.required_spend_percent(received_on, d, months) for d in days]
                cursor.execute("SELECT funding_months_old_on(d, %s) FROM unnest(%s::date[]) d", [months, days])
                assert [row[0] for row in cursor.fetchall()] == [first_day_so_old(day, months) for day in days]


def test_the_kinds_of_bonds_in_sql_equal_the_choices(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT k FROM unnest(%s::text[]) k WHERE funding_is_bond(k)", [list(SourceKind.values)])
        assert {row[0] for row in cursor.fetchall()} == set(BONDS)


# The balance plan


PLANS = [  # income, cost, principal, interest
    ("220.00", "0.00", "150.00", "50.00"), ("219.99", "0.00", "150.00", "50.00"), ("230.00", "10.01", "150.00", "50.00"),
    ("1000.00", "0.00", "150.00", "50.00"), ("1000.01", "0.00", "150.00", "50.00"), ("10.00", "20.00", "1.00", "0.00"),
    ("100.00", "0.00", "0.00", "0.00"), ("0.00", "0.00", "0.00", "0.00"), ("0.00", "0.00", "0.00", "0.01"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "predicate"), [("cover_ratio_low", monitoring.is_cover_low), ("cover_ratio_high", monitoring.is_cover_high)]
)
def test_cover_equals_its_predicate(find: Find, today: dt.date, rule: str, predicate: Callable[..., bool]) -> None:
    expected = {}
    for number, amounts in enumerate(PLANS):
        project, figures = world.project(f"方案{number:02}"), [D(amount) for amount in amounts]
        halves = [D(int(amount * 50)) / 100 for amount in figures]  # over two years, as the sum is judged
        plan(project, (2026, *halves), (2027, *(whole - half for whole, half in zip(figures, halves, strict=True))))
        if predicate(*figures, monitoring.RULES[rule].threshold):
            expected[project.name] = str(monitoring.cover_ratio(*figures))
    assert expected
    found = find(rule)
    assert {str(f.project): f.figures["ratio"] for f in found} == expected
    assert {f.since_on for f in found} == {today}


def test_thresholds_are_rows_and_a_rule_may_be_switched_off(find: Find) -> None:
    plan(world.project(), (2026, "120.00", 0, "100.00", 0))
    assert find("cover_ratio_low") == []
    threshold("cover_ratio_low", "1.21")
    (finding,) = find("cover_ratio_low")
    assert selectors.detail(finding.rule, finding.amount, finding.figures) == "本息覆盖倍数 1.20，低于 1.21"
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code="cover_ratio_low").update(level="info")
    assert find("cover_ratio_low")[0].level == "info"
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code="cover_ratio_low").update(is_active=False)
    assert find("cover_ratio_low") == []


@pytest.mark.parametrize(
    ("planned", "raised", "loan"),
    [("100.00", "100.00", "0.00"), ("100.01", "100.00", "0.00"), ("100.02", "100.00", "0.00"), ("99.98", "100.00", "0.00"),
     ("150.00", "100.00", "50.00"), ("100.00", "100.00", "50.00"), ("100.00", "0.00", "0.00"), ("0.00", "100.00", "0.00")],
)  # fmt: skip
def test_planned_principal_differs_from_the_debt_raised(find: Find, planned: str, raised: str, loan: str) -> None:
    project = world.project()
    money(raised, project=project, pot=source(issued=RICH))
    money(loan, project=project, pot=source("银行贷款", kind="bank_loan", issued=RICH))
    money("7.00", project=project, pot=source("中央预算内", kind="central_budget", issued=RICH))
    plan(project, (2026, "1.00", 0, planned, 0))
    debt = D(raised) + D(loan)
    found = find("plan_principal_differs")
    assert bool(found) == monitoring.does_principal_differ(D(planned), debt, D("0.01"))
    assert [f.amount for f in found] == ([abs(D(planned) - debt)] if found else [])


def test_a_bond_without_a_plan_or_with_an_empty_one(find: Find) -> None:
    pot = source(issued=RICH)
    cases: dict[str, list[Decimal]] = {"无": [], "空": [D(0), D(0)], "有": [D(0), D("0.01")]}
    for name, totals in cases.items():
        project = world.project(name)
        money("10.00", project=project, pot=pot)
        plan(project, *((2026 + number, total, 0, 0, 0) for number, total in enumerate(totals)))
    without = world.project("无债")
    money(
        "10.00", project=without, pot=source("一般债券", kind="general_bond", issued=RICH)
    )  # repaid by the budget, from no project's income
    expected = {name for name, totals in cases.items() if monitoring.is_balance_plan_empty(D("10.00"), totals)}
    assert names(find("empty_balance_plan")) == expected == {"无", "空"}
    assert {f.since_on for f in find("empty_balance_plan")} == {funding_rows.DAY}


@pytest.mark.parametrize(("interest", "total"), [("100.00", "100.00"), ("100.01", "100.00"), ("100.01", None)])
def test_interest_while_building_is_at_most_the_spending(find: Find, interest: str, total: str | None) -> None:
    project = world.project(total_investment=total and D(total), ends_year=2027)
    plan(project, (2026, 1, 0, 0, D(interest) - 1), (2027, 1, 0, 0, 1), (2028, 1, 0, 0, 999))
    expected = total is not None and monitoring.is_construction_interest_high(D(interest), D(total))
    assert bool(find("construction_interest_above_spending")) == expected


def test_a_land_reserve_balances_in_every_year(find: Find) -> None:
    with recording(world.TESTER):
        housing = Sector.objects.create(code="housing", name="住房保障", position=9)
        Sector.objects.create(code="housing.land_reserve", name="土地储备", position=1, parent=housing)
    rows = [
        (2026, D(10), D(0), D(8), D(2)),
        (2027, D(10), D("0.01"), D(8), D(2)),
        (2028, D(99), D(0), D(0), D(0)),
        (2029, D(0), D(0), D(1), D(0)),
    ]
    for name, years in (("平", rows[:1]), ("缺", rows)):
        plan(world.project(name, sector="housing.land_reserve"), *years)
    plan(world.project("路"), *rows)
    gaps = [row for row in rows if monitoring.has_yearly_gap(*row[1:])]
    (finding,) = find("land_reserve_yearly_gap")
    assert (str(finding.project), finding.amount) == ("缺", D("1.01"))
    assert finding.figures == {"year": gaps[0][0], "count": len(gaps)} == {"year": 2027, "count": 2}


@pytest.mark.parametrize("last", [2055, 2056])
def test_a_plan_has_at_most_thirty_years(find: Find, last: int) -> None:
    plan(world.project(), (2026, 1, 0, 0, 0), (last, 1, 0, 0, 0))
    assert bool(find("plan_too_long")) == monitoring.is_plan_too_long(2026, last, D(30)) == (last == 2056)


# The project's size


@pytest.mark.parametrize(("granted", "total"), [("100.00", "100.00"), ("100.01", "100.00"), ("100.01", None)])
def test_money_is_at_most_the_total_investment(find: Find, granted: str, total: str | None) -> None:
    project = world.project(total_investment=total and D(total))
    money("60.00", project=project, pot=source(issued=RICH), on=dt.date(2025, 1, 5))
    money(D(granted) - 60, project=project, pot=source("中央预算内", kind="central_budget", issued=RICH), on=dt.date(2025, 2, 5))
    found = find("above_total_investment")
    assert bool(found) == monitoring.is_above_total_investment(D(granted), total and D(total))
    assert [(f.amount, f.since_on) for f in found] == ([(D("0.01"), dt.date(2025, 2, 5))] if found else [])


@pytest.mark.parametrize(("capital", "total"), [("100.00", "100.00"), ("100.01", "100.00"), (None, "100.00"), ("100.01", None)])
def test_capital_is_at_most_the_total(find: Find, today: dt.date, capital: str | None, total: str | None) -> None:
    project = world.project(total_investment=total and D(total), capital=capital and D(capital))
    money("1.00", project=project, pot=source(issued=RICH))
    found = find("capital_above_total")
    assert bool(found) == monitoring.is_capital_above_total(capital and D(capital), total and D(total))
    assert {f.since_on for f in found} <= {today}
    world.project("无资金", total_investment=D(1), capital=D(2))
    assert names(find("capital_above_total")) <= {project.name}  # rules of money ask about projects that have some


@pytest.mark.parametrize(
    ("fiscal", "bonds", "capital"), [("40.00", "60.00", "100.00"), ("40.01", "60.00", "100.00"), ("1.00", "1.00", None)]
)
def test_fiscal_money_and_bonds_fill_at_most_the_capital(find: Find, fiscal: str, bonds: str, capital: str | None) -> None:
    project = world.project(capital=capital and D(capital))
    local, bond = source("市级财政", kind="local_fiscal", issued=RICH), source(issued=RICH)
    money(fiscal, project=project, pot=local, use="capital")
    money(bonds, project=project, pot=bond, use="capital")
    money("500.00", project=project, pot=bond)  # for construction
    money("500.00", project=project, pot=source("企业自筹", kind="enterprise", issued=RICH), use="capital")
    found = find("capital_overfunded")
    assert bool(found) == monitoring.is_capital_overfunded(D(fiscal), D(bonds), capital and D(capital))
    assert [f.amount for f in found] == ([D("0.01")] if found else [])


@pytest.mark.parametrize("back", ["50.00", "50.01"])
def test_bonds_as_capital_are_at_most_the_bonds_of_the_year(find: Find, back: str) -> None:
    pot, project = source(issued=RICH, on=dt.date(2024, 1, 1)), world.project()
    money("80.00", project=project, pot=pot, on=dt.date(2024, 5, 1))
    money("50.00", project=project, pot=pot, on=dt.date(2025, 2, 1))
    money("30.00", project=project, pot=pot, on=dt.date(2025, 3, 1), use="capital")
    move("withdraw", pot, back, project, on=dt.date(2025, 6, 1))
    found = find("capital_above_bonds_of_year")
    assert bool(found) == monitoring.is_capital_above_bonds(D(30), D(80) - D(back))
    assert [(f.since_on, f.figures["year"]) for f in found] == ([(dt.date(2025, 6, 1), 2025)] if found else [])


# Uses and lists


def item(list_: str, number: int) -> EligibilityItem:
    return EligibilityItem.objects.get(list=list_, number=number)


def grant(
    pot: FundingSource, amount: str, project: Project, *, use: str = "construction", on: dt.date = funding_rows.DAY, **fields: Any
) -> Any:
    """A grant whose request names an item."""
    part = funding_rows.allocation(pot, project, use)
    agreed = funding_rows.request("grant", pot, amount, allocation=part, occurred_on=on, **fields)
    return move("grant", pot, amount, project, use, on=on, request=agreed)


def test_an_override_of_the_negative_list_is_a_finding(find: Find) -> None:
    pot = source(issued=RICH)
    cases = {
        "放行": {"eligibility_item": item("negative", 3), "override_reason": "市政府专题会议"},
        "资本": {"eligibility_item": item("capital", 3), "override_reason": "写错了地方"},
        "无": {},
    }
    expected = set()
    for name, fields in cases.items():
        grant(pot, "10.00", world.project(name), **fields)
        on_list = fields.get("eligibility_item") is not None and fields["eligibility_item"].list == "negative"
        if monitoring.is_negative_list_override(
            is_approved=True, is_on_negative_list=on_list, override_reason=fields.get("override_reason", "")
        ):
            expected.add(name)
    (finding,) = find("negative_list_override")
    assert {str(finding.project)} == expected
    assert (finding.level, finding.amount, finding.subject_kind) == ("error", D("10.00"), "allocation")
    assert "负面清单第 3 项“形象工程和政绩工程”" in selectors.detail(finding.rule, finding.amount, finding.figures, use=finding.use)
    again = grant(pot, "5.00", Project.objects.get(name="放行"), on=dt.date(2025, 4, 1), **cases["放行"])
    (later,) = find("negative_list_override")
    assert (later.amount, later.since_on, later.pk != finding.pk) == (D("15.00"), dt.date(2025, 4, 1), True)
    reverse(again)
    assert find("negative_list_override") == [finding]
    move("withdraw", pot, "10.00", Project.objects.get(name="放行"))
    assert find("negative_list_override") == []


def test_capital_needs_an_item_of_the_capital_list(find: Find) -> None:
    bond, other = source(issued=RICH), source("中央预算内", kind="central_budget", issued=RICH)
    expected = set()
    for number, (pot, use, named) in enumerate(
        [(bond, "capital", None), (bond, "capital", item("capital", 2)), (bond, "construction", None), (other, "capital", None)]
    ):
        project = world.project(f"资本金{number}")
        grant(pot, "10.00", project, use=use, eligibility_item=named)
        if monitoring.is_off_capital_list(is_bond=pot.kind in BONDS, is_capital=use == "capital", has_capital_item=named is not None):
            expected.add(project.name)
    assert names(find("not_on_capital_list")) == expected == {"资本金0"}


@pytest.mark.parametrize("capital", ["30.00", "30.01"])
def test_capital_share_of_the_city_is_told_to_those_who_see_everything(find: Find, capital: str) -> None:
    pot, project = source(issued=RICH), world.project()
    money(D(100) - D(capital), project=project, pot=pot)
    money(capital, project=project, pot=pot, use="capital", on=dt.date(2025, 8, 1))
    money("500.00", project=project, pot=source("一般债券", kind="general_bond", issued=RICH), use="capital")
    old = source("再融资专项", issued=RICH)
    terms(old, purpose_class="refinancing_special")
    money("500.00", project=project, pot=old, use="capital")
    found = find("capital_share")
    assert bool(found) == monitoring.is_capital_share_high(D(capital), D(100), D(30))
    assert find("capital_share", who="editor") == []
    if found:
        assert (found[0].subject_kind, found[0].subject_id.int, found[0].level, found[0].since_on) == (
            "portfolio",
            0,
            "info",
            dt.date(2025, 8, 1),
        )
        assert found[0].figures == {"share": "30.01", "threshold": "30"}


# Use adjustment


@pytest.mark.parametrize(
    ("tolerance", "matures_on"), [(0, "2030-12-31"), (0, "2031-01-01"), (1, "2031-12-31"), (1, "2032-01-01"), ("0.5", "2031-07-01")]
)
def test_the_target_lives_as_long_as_the_bond(find: Find, tolerance: Any, matures_on: str) -> None:
    pot, one, two = source(issued=RICH), world.project("甲"), world.project("乙", at="construction")
    terms(pot, matures_on=matures_on)
    threshold("adjustment_life", tolerance)
    plan(two, (2026, 1, 0, 0, 0), (2030, 1, 0, 0, 0))
    money("50.00", project=one, pot=pot)
    money("5.00", project=two, pot=pot)
    assert find("adjustment_life") == []
    moved = move("adjust_quota", pot, "20.00", one, to_project=two, on=dt.date(2025, 9, 9))
    found = find("adjustment_life")
    assert bool(found) == monitoring.is_life_too_short(dt.date(2030, 12, 31), dt.date.fromisoformat(matures_on), D(tolerance))
    assert [(str(f.project), f.amount, f.since_on) for f in found] == ([("乙", D("20.00"), dt.date(2025, 9, 9))] if found else [])
    reverse(moved)
    assert find("adjustment_life") == []


@pytest.mark.parametrize("stage", ["reserve", "preparation", "construction", "completed", "operation", "cancelled"])
def test_the_target_is_in_preparation_or_under_construction(find: Find, stage: str) -> None:
    pot, one, two = source(issued=RICH), world.project("甲"), world.project("乙", at=stage)
    money("50.00", project=one, pot=pot)
    move("adjust_quota", pot, "20.00", one, to_project=two)
    found = find("adjustment_not_ready")
    assert bool(found) == monitoring.is_not_ready(stage)
    assert [f.amount for f in found] == ([D("20.00")] if found else [])


def test_the_stage_is_that_of_the_day_of_the_adjustment(find: Find, today: dt.date) -> None:
    pot, one, two = source(issued=RICH), world.project("甲"), world.project("乙")
    money("50.00", project=one, pot=pot)
    projects.move_project(two.pk, to="preparation", on=dt.date(2025, 6, 1), actor=world.TESTER, today=today)
    move("adjust_quota", pot, "1.00", one, to_project=two, on=dt.date(2025, 6, 1))
    assert find("adjustment_not_ready") == []
    move("adjust_quota", pot, "2.00", one, to_project=two, on=dt.date(2025, 5, 31))
    (finding,) = find("adjustment_not_ready")
    assert (finding.amount, finding.figures["stage"]) == (D("2.00"), "reserve")
    assert "谋划储备" in selectors.detail(finding.rule, finding.amount, finding.figures)


# The order of days


def test_a_late_entry_may_leave_a_day_below_zero(find: Find) -> None:
    pot = source(issued="100.00", on=dt.date(2025, 3, 10))
    orders = {
        "先付": [("receive", "10.00", "2025-04-10"), ("pay", "10.00", "2025-04-09")],
        "同日": [("receive", "10.00", "2025-04-10"), ("pay", "10.00", "2025-04-10")],
        "先退": [("receive", "10.00", "2025-04-10"), ("pay", "10.00", "2025-04-11"), ("refund", "4.00", "2025-04-10")],
    }
    expected = {}
    for name, entries in orders.items():
        project = world.project(name)
        move("grant", pot, "20.00", project, on=dt.date(2025, 3, 20))
        held, paid = [], []
        for kind, amount, day in entries:
            move(kind, pot, amount, project, on=dt.date.fromisoformat(day))
            sign = {"receive": 1, "pay": -1, "refund": 1}[kind]
            held.append((dt.date.fromisoformat(day), sign * D(amount)))
            if kind != "receive":
                paid.append((dt.date.fromisoformat(day), -sign * D(amount)))
        days = [day for day in (monitoring.first_negative_on(held), monitoring.first_negative_on(paid)) if day]
        if days:
            expected[name] = min(days)
    found = find("negative_on_a_day")
    assert {str(f.project): f.since_on for f in found} == expected
    assert expected == {"先付": dt.date(2025, 4, 9), "先退": dt.date(2025, 4, 10)}
    assert {str(f.project): f.amount for f in found} == {"先付": D("10.00"), "先退": D("4.00")}
    assert {str(f.project) for f in find("negative_on_a_day", as_of=dt.date(2025, 4, 9))} == {"先付"}


def test_a_source_that_gave_before_it_had_is_told_to_those_who_see_everything(find: Find) -> None:
    pot = source(issued="100.00", on=dt.date(2025, 3, 10))
    move("grant", pot, "20.00", world.project(), on=dt.date(2025, 3, 9))
    (finding,) = find("negative_on_a_day")
    assert (finding.subject_kind, finding.subject_id, finding.source_id, finding.project_id) == ("source", pot.pk, pot.pk, None)
    assert (finding.amount, finding.since_on) == (D("20.00"), dt.date(2025, 3, 9))
    assert find("negative_on_a_day", who="editor") == []


# Counts


@pytest.fixture
def idle(people: world.People) -> Allocation:
    """Money of the county that has lain for years, with nothing else to say of it."""
    for rule in MonitoringRule.objects.exclude(code="idle_12_months"):
        with recording(world.TESTER):
            MonitoringRule.objects.filter(pk=rule.pk).update(is_active=False)
    pot, project = source(issued="100.00", on=dt.date(2024, 1, 1)), world.project("闲置高速")
    money("50.00", "50.00", project=project, pot=pot, on=dt.date(2024, 1, 2))
    return Allocation.objects.get()


def codes(ids: list[uuid.UUID], day: dt.date, *, is_past: bool = False) -> dict[uuid.UUID, list[str]]:
    return selectors.codes_of_allocations(ids, day=day, is_past=is_past)


def test_counts_and_codes(idle: Allocation, people: world.People, today: dt.date) -> None:
    other = world.project("外县", office="410781", region="410781")
    part = funding_rows.allocation(source("二期", issued="9.00"), other)
    assert codes([idle.pk, part.pk], today) == {idle.pk: ["idle_12_months"], part.pk: []}
    assert codes([idle.pk], dt.date(2025, 1, 1), is_past=True) == {idle.pk: []}
    assert codes([], today) == {}
    assert selectors.counts_of_projects([idle.project_id, other.pk], today=today) == {idle.project_id: 1, other.pk: 0}
    assert selectors.counts_by_rule(people.principal("finance"), today=today) == {"idle_12_months": 1}
    assert selectors.counts_by_rule(people.principal("outsider"), today=today) == {"idle_12_months": 0}


def test_what_is_written_off_is_counted_no_more(idle: Allocation, people: world.People, today: dt.date) -> None:
    (finding,) = selectors.findings(people.principal("finance"), today=today)
    services.reply(finding.pk, "手续办理中", actor=people.principal("finance"), today=today, now=clock.now())
    assert selectors.counts_of_projects([idle.project_id], today=today) == {idle.project_id: 1}
    services.write_off(finding.pk, "属实", actor=people.principal("finance_approver"), today=today, now=clock.now())
    assert selectors.counts_of_projects([idle.project_id], today=today) == {idle.project_id: 0}
    assert codes([idle.pk], today) == {idle.pk: []}
    assert selectors.counts_by_rule(people.principal("finance"), today=today) == {"idle_12_months": 0}
    assert selectors.findings(people.principal("finance"), today=today).get().state == "written_off"


# Reply and write-off


def test_a_finding_is_the_same_one_while_it_stands(idle: Allocation, people: world.People, find: Find, today: dt.date) -> None:
    (finding,) = find("idle_12_months")
    assert finding.since_on == dt.date(2025, 1, 2)
    move("pay", idle.source, "49.99", idle.project, on=dt.date(2025, 6, 1))
    assert find("idle_12_months", on=today + dt.timedelta(days=99))[0].pk == finding.pk
    move("pay", idle.source, "0.01", idle.project, on=dt.date(2025, 6, 2))
    assert find("idle_12_months") == []


def settle(finding: Finding, people: world.People, on: dt.date) -> None:
    services.reply(finding.pk, "征地未完成", actor=people.principal("finance"), today=on, now=clock.now())
    services.write_off(finding.pk, "属实", actor=people.principal("finance_approver"), today=on, now=clock.now())


def test_a_payment_that_is_too_small_brings_no_slow_spending_back(people: world.People, find: Find, today: dt.date) -> None:
    pot, project = source(issued=RICH), world.project()
    move("grant", pot, "100.00", project, on=dt.date(2025, 3, 1))
    move("receive", pot, "50.00", project, on=dt.date(2025, 3, 2))
    move("pay", pot, "1.00", project, on=dt.date(2025, 4, 1))
    (finding,) = find("slow_spending")
    assert finding.since_on == dt.date(2025, 3, 2)
    settle(finding, people, today)
    move("pay", pot, "1.00", project, on=today)
    (same,) = find("slow_spending")
    assert (same.pk, same.state, same.amount) == (finding.pk, "written_off", D("48.00"))
    move("receive", pot, "50.00", project, on=dt.date(2025, 6, 1))
    (anew,) = find("slow_spending")
    assert (anew.since_on, anew.state, anew.amount) == (dt.date(2025, 6, 1), "open", D("98.00"))


@pytest.mark.parametrize("rule", ["ahead_of_progress", "paid_without_works"])
def test_another_payment_ahead_of_the_works_is_new(people: world.People, find: Find, today: dt.date, rule: str) -> None:
    pot, project = source(issued=RICH), world.project()
    works(project, "10.00")
    money("50.00", "50.00", "50.00", project=project, pot=pot)
    (finding,) = find(rule)
    settle(finding, people, today)
    assert find(rule)[0].state == "written_off"
    money("5.00", "5.00", "5.00", project=project, pot=pot, on=dt.date(2025, 4, 1))
    (anew,) = find(rule)
    assert (anew.since_on, anew.state) == (dt.date(2025, 4, 1), "open")


def test_an_edited_plan_that_still_breaks_the_rules_is_the_same_finding(people: world.People, find: Find, today: dt.date) -> None:
    """Of every rule of the plan; nor do earlier days lose what they showed."""
    with recording(world.TESTER):
        housing = Sector.objects.create(code="housing", name="住房保障", position=9)
        Sector.objects.create(code="housing.land_reserve", name="土地储备", position=1, parent=housing)
    project = world.project(sector="housing.land_reserve", total_investment=D(10), ends_year=2030)
    begun_on = today - 9 * DAY
    plan(project, (2026, 1, 0, 50, 20), (2090, 1, 0, 5, 0))
    backdate(BalancePlan.objects.filter(project=project, year=2026), begun_on)
    rules = [
        "cover_ratio_low",
        "plan_principal_differs",
        "construction_interest_above_spending",
        "land_reserve_yearly_gap",
        "plan_too_long",
    ]
    stood = {rule: find(rule)[0] for rule in rules}
    assert {finding.since_on for finding in stood.values()} == {begun_on}
    for finding in stood.values():
        settle(finding, people, today)
    for year, changes in ((2026, {"income": D(2)}), (2090, {"principal": D(6)})):
        plan_services.edit_plan(BalancePlan.objects.get(year=year).pk, changes, version=None, actor=world.TESTER)
    plan_services.create_plan(project.pk, {"year": 2027, "principal": D(1)}, actor=world.TESTER)
    assert {(rule, found.pk, found.state) for rule in rules for found in find(rule)} == {
        (rule, stood[rule].pk, "written_off") for rule in rules
    }
    assert all(find(rule, as_of=begun_on) and not find(rule, as_of=begun_on - DAY) for rule in rules)


def test_spending_on_a_plan_that_breaks_nothing_is_silent_and_another_grant_is_new(find: Find, today: dt.date) -> None:
    pot, project = source(issued=RICH), world.project()
    plan(project, (2026, 200, 0, 60, 0))
    backdate(BalancePlan.objects.filter(project=project), dt.date(2025, 2, 1))
    money("60.00", project=project, pot=pot, on=dt.date(2025, 3, 1))
    assert find("plan_principal_differs") == []
    money("5.00", project=project, pot=pot, on=dt.date(2025, 4, 1))
    assert [(f.amount, f.since_on) for f in find("plan_principal_differs")] == [(D("5.00"), dt.date(2025, 4, 1))]


def backdate(rows: Any, day: dt.date) -> None:
    with recording(world.TESTER):
        rows.update(created_at=dt.datetime.combine(day, dt.time(1), dt.UTC))


def test_capital_is_above_the_total_since_the_change_that_brought_it_there(find: Find, today: dt.date) -> None:
    project = world.project(capital=D(90), total_investment=D(100))
    backdate(Project.objects.filter(pk=project.pk), today - 9 * DAY)
    money("1.00", project=project, pot=source(issued=RICH))
    for change in ({"capital": D(110)}, {"total_investment": D(105)}, {"name": "改名"}):
        projects.edit_project(project.pk, change, version=None, actor=world.TESTER)
    (finding,) = find("capital_above_total")
    assert (finding.amount, finding.since_on) == (D("5.00"), today)  # not the day it was registered
    assert find("capital_above_total", as_of=today - DAY) == []


def test_two_people_settle_a_finding(idle: Allocation, people: world.People, today: dt.date) -> None:
    finance, approver, now = people.principal("finance"), people.principal("finance_approver"), clock.now()
    finding = selectors.findings(finance, today=today).get()
    with pytest.raises(Conflict, match="尚无说明"):
        services.write_off(finding.pk, "同意", actor=approver, today=today, now=now)
    services.reply(finding.pk, "待查", actor=approver, today=today, now=now)
    row = services.reply(finding.pk, "征地未完成", actor=finance, today=today, now=now)
    assert (row.text, row.replied_by_name, row.version, row.project_id) == ("征地未完成", "finance先生", 2, idle.project_id)
    assert Change.objects.filter(row_id=row.pk, before__text="待查").exists()
    with pytest.raises(SamePerson):
        services.write_off(finding.pk, "同意", actor=finance, today=today, now=now)
    with pytest.raises(SamePerson):  # nor does who stands in for them
        services.write_off(finding.pk, "同意", actor=replace(approver, delegators=frozenset({finance.id})), today=today, now=now)
    with pytest.raises(Stale):
        services.write_off(finding.pk, "同意", version=1, actor=approver, today=today, now=now)
    row = services.write_off(finding.pk, "同意", version=2, actor=approver, today=today, now=now)
    assert (row.written_off_by_name, row.note) == ("finance_approver先生", "同意")
    for again in (
        lambda: services.write_off(finding.pk, "再次", actor=approver, today=today, now=now),
        lambda: services.reply(finding.pk, "再说", actor=finance, today=today, now=now),
    ):
        with pytest.raises(AlreadyDecided, match="已核销"):
            again()


def test_what_does_not_stand_or_is_hidden_is_missing(idle: Allocation, people: world.People, today: dt.date) -> None:
    finding = selectors.findings(people.principal("finance"), today=today).get()
    with pytest.raises(Missing):
        services.reply(finding.pk, "外县", actor=people.principal("outsider"), today=today, now=clock.now())
    move("pay", idle.source, "50.00", idle.project, on=dt.date(2025, 6, 1))
    with pytest.raises(Missing):
        services.reply(finding.pk, "已付", actor=people.principal("finance"), today=today, now=clock.now())
    assert not FindingReply.objects.exists()


URL = "/api/v1/findings/"


def test_the_api_tells_the_finding_and_its_settlement(idle: Allocation, people: world.People) -> None:
    finance, approver = people.client("finance"), people.client("finance_approver")
    (row,) = finance.get(URL).json()["results"]
    assert set(row) == {
        "id", "rule", "rule_name", "level", "level_display", "subject", "project", "source", "use", "amount", "detail", "since_on", "state",
        "state_display", "reply", "version", "created_at", "updated_at",
    }  # fmt: skip
    assert (row["rule"], row["level"], row["state"], row["reply"], row["version"]) == ("idle_12_months", "error", "open", None, 0)
    assert row["subject"] == {"kind": "allocation", "id": str(idle.pk), "name": "闲置高速 · 2025年专项债券一期"}
    assert row["amount"] == {"amount": "50.00", "currency": "CNY"}
    assert row["detail"] == "建设额度到位满 12 个月未支付 50.00 元，最早一笔 2024-01-02 到位"
    url = f"{URL}{row['id']}/"
    assert finance.get(url).json() == row
    assert finance.send(f"{url}reply/", {"text": ""}).status_code == 400
    assert approver.send(f"{url}write-off/", {"note": "好"}).json()["code"] == "conflict"
    said = finance.send(f"{url}reply/", {"text": "征地未完成"}, match='"0.0000000000000000"')
    assert (said.status_code, said.json()["state"], said.json()["reply"]["text"]) == (200, "replied", "征地未完成")
    assert said.json()["reply"]["replied_by"]["name"] == "finance先生"
    assert finance.send(f"{url}reply/", {"text": "迟了"}, match='"0.0000000000000000"').status_code == 412
    done = approver.send(f"{url}write-off/", {"note": "属实"}, match=said["ETag"])
    assert (done.status_code, done.json()["state"], done.json()["reply"]["note"]) == (200, "written_off", "属实")
    again = approver.send(f"{url}write-off/", {"note": "属实"})
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")


def test_who_holds_both_acts_writes_off_only_what_another_said(idle: Allocation, people: world.People) -> None:
    with recording(world.TESTER):
        Membership.objects.create(user=people.users["finance"], office=people.offices["410700-CZJ"], role="finance_approver")
    client = people.client("finance")
    url = f"{URL}{client.get(URL).json()['results'][0]['id']}/"
    assert client.send(f"{url}reply/", {"text": "征地未完成"}).status_code == 200
    refused = client.send(f"{url}write-off/", {"note": "属实"})
    assert (refused.status_code, refused.json()["code"]) == (403, "same_person")


def test_findings_of_other_counties_do_not_exist(idle: Allocation, people: world.People) -> None:
    pot = source("二期", issued="100.00", on=dt.date(2024, 1, 1))
    move("grant", pot, "20.00", world.project("外县", office="410781", region="410781"), on=dt.date(2023, 1, 1))
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code="negative_on_a_day").update(is_active=True)
    seen = {name: {row["subject"]["kind"] for row in people.client(name).get(URL).json()["results"]} for name in world.PEOPLE}
    assert {name for name, kinds in seen.items() if "source" in kinds} == {"admin", "supervisor", "auditor", "finance", "finance_approver"}
    assert {name for name, kinds in seen.items() if not kinds} == {"outsider"}
    key = people.client("finance").get(f"{URL}?rule=idle_12_months").json()["results"][0]["id"]
    hidden, absent = (people.client("outsider").get(f"{URL}{other}/") for other in (key, "00000000-0000-0000-0000-000000000009"))
    assert hidden.status_code == absent.status_code == 404
    assert people.client("outsider").send(f"{URL}{key}/reply/", {"text": "外县"}).status_code == 404
    assert people.client("editor").send(f"{URL}{key}/reply/", {"text": "不是财政"}).status_code == 403
    assert people.client("finance").send(f"{URL}{key}/write-off/", {"note": "不是复核"}).status_code == 403


def test_filters_pages_and_past_days(idle: Allocation, people: world.People) -> None:
    client = people.client("finance")
    for number in range(3):
        money("1.00", "1.00", project=world.project(f"另{number}"), pot=idle.source, on=dt.date(2024, 5, 1 + number))

    def ask(query: str) -> list[dict[str, Any]]:
        answer = client.get(f"{URL}?{query}")
        assert answer.status_code == 200, answer.content
        return list(answer.json()["results"])

    assert len(ask("rule=idle_12_months&level=error&state=open&office=410782")) == 4
    assert [len(ask(query)) for query in ("rule=idle_6_months", "level=warn", "state=replied", "office=410781")] == [0, 0, 0, 0]
    assert len(ask(f"project={idle.project_id}")) == 1
    assert len(ask(f"source={idle.source_id}")) == 4
    assert len(ask("as_of=2025-05-01")) == 2
    assert ask("as_of=2025-01-01") == []
    page = client.get(f"{URL}?page_size=3").json()
    rest = client.get(page["next"]).json()["results"]
    assert len({row["id"] for row in page["results"] + rest}) == 4
    assert [row["since_on"] for row in ask("ordering=since_on")] == ["2025-01-02", "2025-05-01", "2025-05-02", "2025-05-03"]
    for bad in ("rule=nichts", "state=x", "level=x", "as_of=2999-01-01", "wer=ich"):
        assert client.get(f"{URL}?{bad}").status_code == 400


def test_a_reply_after_the_past_day_was_not_given_yet(idle: Allocation, people: world.People, today: dt.date) -> None:
    finance = people.principal("finance")
    finding = selectors.findings(finance, today=today).get()
    services.reply(finding.pk, "征地未完成", actor=finance, today=today, now=clock.now())
    assert selectors.findings(finance, today=today, as_of=today - DAY).get().state == "open"
    assert selectors.findings(finance, today=today, as_of=today).get().state == "replied"


def test_a_past_day_without_later_movements_is_judged_alike_at_every_door(people: world.People, today: dt.date) -> None:
    """The works have caught up since: today nothing is wrong, on that day something was."""
    pot, project = source(issued="100.00"), world.project()
    works(project, "10.00", dt.date(2025, 5, 1))
    works(project, "95.00", dt.date(2025, 12, 1))
    money("100.00", "100.00", "80.00", project=project, pot=pot, on=dt.date(2025, 4, 1))
    client = people.client("finance")

    def told(day: dt.date) -> tuple[list[str], list[str], list[str], int, int]:
        past = f"as_of={day}"
        listed = [row["rule"] for row in client.get(f"{URL}?{past}&level=warn").json()["results"] if row["subject"]["kind"] == "allocation"]
        (part,) = client.get(f"/api/v1/allocations/?{past}").json()["results"]
        (whole,) = client.get(f"/api/v1/projects/?expand=allocations&{past}").json()["results"]
        (row,) = client.get(f"/api/v1/projects/?fields=status.finding_count&{past}").json()["results"]
        detail = client.get(f"/api/v1/projects/{project.pk}/?{past}").json()
        count = len(client.get(f"{URL}?project={project.pk}&{past}").json()["results"])
        assert row["status"]["finding_count"] == detail["status"]["finding_count"] == count
        return (
            sorted(set(listed) & WORKS), sorted(set(part["findings"]) & WORKS), sorted(set(whole["allocations"][0]["findings"]) & WORKS),
            len(client.get(f"/api/v1/allocations/?has_finding=true&{past}").json()["results"]), count,
        )  # fmt: skip

    ahead = ["ahead_of_progress"]
    assert told(dt.date(2025, 6, 1))[:4] == (ahead, ahead, ahead, 1)
    assert told(today)[:3] == ([], [], [])


WORKS = {"ahead_of_progress", "paid_without_works"}


def test_finding_count_stands_in_a_detail_and_in_a_list_that_asks_for_it(api: Callable[[str], Any], people: world.People) -> None:
    """A list that does not ask pays nothing for it."""
    project = world.project("总投资有误", total_investment=Decimal(100))
    move("grant", source("市级资金", "local_fiscal", "500.00"), "300.00", project)
    url = "/api/v1/projects/"
    assert api("finance").get(f"{url}{project.pk}/").json()["status"]["finding_count"] == 1
    (row,) = api("finance").get(f"{url}?fields=id,status.finding_count").json()["results"]
    assert row == {"id": str(project.pk), "status": {"finding_count": 1}}
    (row,) = api("finance").get(url).json()["results"]
    assert row["status"]["finding_count"] is None
