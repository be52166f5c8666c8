"""What supervisors look at: every rule as data, and the question it asks. Plain Python.

Thresholds are parameters: the figures below are where a new city begins, and what is judged is always passed in. Amounts are yuan,
shares are percent, so 15 points are 15 and not 0.15. Shares are compared by cross-multiplication, never by a rounded quotient, so that
a share exactly at its threshold is judged exactly; a twin in SQL must do the same. What is not known is never held against anybody:
a predicate answers False where a figure it needs is None or the divisor is 0.
"""

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

RuleLevel = Literal["info", "warn", "error"]
RuleUnit = Literal["points", "months", "ratio", "percent", "years", "yuan", ""]

# Money that has moved: the day, and by how much.
Movement = tuple[dt.date, Decimal]


@dataclass(frozen=True)
class Rule:
    """threshold: in `unit`, None where the rule has none. basis: the document, or how far it is practice or our own default."""

    code: str
    name: str
    level: RuleLevel
    threshold: Decimal | None
    unit: RuleUnit
    basis: str


@dataclass(frozen=True)
class Limits:
    """Between which thresholds, both allowed, a rule may be set."""

    least: int
    most: int
    is_whole: bool = False


# By unit. Days are counted by whole months and years, and must stay in the calendar.
LIMITS: dict[str, Limits] = {
    "months": Limits(1, 1200, is_whole=True),
    "years": Limits(0, 100, is_whole=True),
    "percent": Limits(0, 100),
    "points": Limits(0, 100),
    "ratio": Limits(0, 1000),
    "yuan": Limits(0, 1_000_000_000),
}

NO_52 = "国办发〔2024〕52号"
NO_110 = "财预〔2021〕110号《地方政府专项债券用途调整操作指引》"
AUDITS = "审计关注事项（行业实践）"
DEBT_SYSTEM = "省级债务系统校验规则（行业实践）"
DEFAULT = "本系统默认值，可调整"

RULES: dict[str, Rule] = {
    rule.code: rule
    for rule in (
        Rule("negative_list_override", "负面清单项目经放行使用专项债券", "error", None, "", f"{NO_52}附件1"),
        Rule("not_on_capital_list", "用作资本金但不在资本金行业清单", "error", None, "", f"{NO_52}附件2"),
        Rule("capital_share", "专项债券用作资本金占比超过上限（以省为单位，仅供参考）", "info", Decimal(30), "percent", NO_52),
        Rule("cover_ratio_low", "本息覆盖倍数偏低", "error", Decimal("1.1"), "ratio", "市场通行标准（行业实践）"),
        Rule("cover_ratio_high", "本息覆盖倍数异常偏高，请核对数据", "warn", Decimal(5), "ratio", f"{DEBT_SYSTEM}；上限为{DEFAULT}"),
        Rule("ahead_of_progress", "拨付超进度", "warn", Decimal(15), "points", f"{AUDITS}；阈值取自同类城市系统"),
        Rule("idle_6_months", "资金到位满6个月未支出", "warn", Decimal(6), "months", f"{AUDITS}；{DEFAULT}"),
        Rule("idle_12_months", "资金到位满12个月未支出", "error", Decimal(12), "months", f"{AUDITS}；{DEFAULT}"),
        Rule("paid_without_works", "资金已全部支付而形象进度偏低（疑似虚报支出）", "warn", Decimal(60), "percent", f"{AUDITS}；{DEFAULT}"),
        Rule("slow_spending", "支出进度落后于应达进度", "warn", Decimal(10), "points", DEFAULT),
        Rule("spending_goal", "到位资金应支出完毕的期限", "info", Decimal(12), "months", "行业实践"),
        Rule("adjustment_life", "调入项目期限短于债券剩余期限", "error", Decimal(0), "years", NO_110),
        Rule("adjustment_not_ready", "调入项目不在前期或在建阶段", "error", None, "", NO_110),
        Rule("above_total_investment", "安排资金超过项目总投资", "warn", None, "", DEFAULT),
        Rule("capital_above_total", "项目资本金超过项目总概算", "error", None, "", DEBT_SYSTEM),
        Rule("capital_overfunded", "财政预算与专项债券用作资本金之和超过项目资本金", "error", None, "", DEBT_SYSTEM),
        Rule("capital_above_bonds_of_year", "当年专项债券用作资本金超过当年专项债券", "error", None, "", DEBT_SYSTEM),
        Rule("plan_principal_differs", "平衡方案偿还本金与举借债务不等", "error", Decimal("0.01"), "yuan", f"{DEBT_SYSTEM}；精确到分"),
        Rule("construction_interest_above_spending", "建设期利息超过建设支出", "error", None, "", DEBT_SYSTEM),
        Rule("empty_balance_plan", "使用债券而无融资平衡方案", "error", None, "", DEBT_SYSTEM),
        Rule("land_reserve_yearly_gap", "土地储备项目当年收支不平衡", "error", None, "", DEBT_SYSTEM),
        Rule("plan_too_long", "平衡方案期限过长", "error", Decimal(30), "years", DEBT_SYSTEM),
        Rule("negative_on_a_day", "按发生日期计算的余额曾为负（补录所致）", "warn", None, "", DEFAULT),
    )
}


# Uses and lists


def is_negative_list_override(*, is_approved: bool, is_on_negative_list: bool, override_reason: str) -> bool:
    """negative_list_override: money was approved for a use on the negative list, for a given reason (国办发〔2024〕52号 annex 1)."""
    return is_approved and is_on_negative_list and override_reason != ""


def is_off_capital_list(*, is_bond: bool, is_capital: bool, has_capital_item: bool) -> bool:
    """not_on_capital_list: bond money serves as project capital and no item of the capital list is named (国办发〔2024〕52号 annex 2)."""
    return is_bond and is_capital and not has_capital_item


def capital_share(as_capital: Decimal, for_construction: Decimal) -> Decimal | None:
    """Bonds used as capital ÷ bonds for construction (these among them), in percent, two decimals half up. None without bonds."""
    return _rounded(as_capital * 100 / for_construction, "0.01") if for_construction else None


def is_capital_share_high(as_capital: Decimal, for_construction: Decimal, threshold: Decimal) -> bool:
    """capital_share: above `threshold` percent; exactly at it is allowed (国办发〔2024〕52号, per province: beside it for information)."""
    return for_construction != 0 and as_capital * 100 > threshold * for_construction


# The balance plan (融资平衡方案): income and cost of running the project, principal and interest of its debt


def cover_ratio(income: Decimal, cost: Decimal, principal: Decimal, interest: Decimal) -> Decimal | None:
    """(income − cost) ÷ (principal + interest), two decimals half up, to be shown; None without debt. Negative when cost exceeds income."""
    debt = principal + interest
    return _rounded((income - cost) / debt, "0.01") if debt else None


def is_cover_low(income: Decimal, cost: Decimal, principal: Decimal, interest: Decimal, threshold: Decimal) -> bool:
    """cover_ratio_low: the exact ratio is under `threshold`; at it is enough (market practice: 1.1)."""
    debt = principal + interest
    return debt != 0 and income - cost < threshold * debt


def is_cover_high(income: Decimal, cost: Decimal, principal: Decimal, interest: Decimal, threshold: Decimal) -> bool:
    """cover_ratio_high: the exact ratio is over `threshold`; at it is fine (a provincial debt system: too large, check the data)."""
    debt = principal + interest
    return debt != 0 and income - cost > threshold * debt


def does_principal_differ(planned: Decimal, raised: Decimal, tolerance: Decimal) -> bool:
    """plan_principal_differs: Σ principal of the plan and Σ debt raised are more than `tolerance` yuan apart, either way."""
    return abs(planned - raised) > tolerance


def is_construction_interest_high(interest: Decimal, spending: Decimal) -> bool:
    """construction_interest_above_spending: interest paid while building exceeds what is spent on building; equal is allowed."""
    return interest > spending


def is_balance_plan_empty(raised: Decimal, totals: Sequence[Decimal]) -> bool:
    """empty_balance_plan: debt is raised, and the plan has no year or only years whose four amounts sum to nothing (`totals`)."""
    return raised > 0 and not any(totals)


def has_yearly_gap(income: Decimal, cost: Decimal, principal: Decimal, interest: Decimal) -> bool:
    """land_reserve_yearly_gap: one year of a land reserve earns less than it repays; asked of every year, and of their sum."""
    return income - cost < principal + interest


def is_plan_too_long(first_year: int, last_year: int, threshold: Decimal) -> bool:
    """plan_too_long: from the first year to the last, both counted, more than `threshold` years."""
    return last_year - first_year + 1 > threshold


# The project's size; equal is allowed in all of them


def is_above_total_investment(granted: Decimal, total_investment: Decimal | None) -> bool:
    """above_total_investment: what all sources grant exceeds what the project costs."""
    return total_investment is not None and granted > total_investment


def is_capital_above_total(capital: Decimal | None, total_investment: Decimal | None) -> bool:
    """capital_above_total: 项目资本金 exceeds 项目总概算 (a provincial debt system)."""
    return capital is not None and total_investment is not None and capital > total_investment


def is_capital_overfunded(fiscal: Decimal, bonds_as_capital: Decimal, capital: Decimal | None) -> bool:
    """capital_overfunded: fiscal money and bonds used as capital together exceed 项目资本金 (a provincial debt system)."""
    return capital is not None and fiscal + bonds_as_capital > capital


def is_capital_above_bonds(as_capital: Decimal, bonds: Decimal) -> bool:
    """capital_above_bonds_of_year: bonds used as capital exceed all bonds of the same year (a provincial debt system)."""
    return as_capital > bonds


# Spending


def is_ahead_of_progress(paid: Decimal, granted: Decimal, physical_percent: Decimal | None, threshold: Decimal) -> bool:
    """ahead_of_progress (拨付超进度): paid ÷ granted is `threshold` points or more ahead of the works; at it breaks the rule."""
    if physical_percent is None or granted == 0:
        return False
    return paid * 100 >= (physical_percent + threshold) * granted


def is_paid_without_works(paid: Decimal, granted: Decimal, physical_percent: Decimal | None, threshold: Decimal) -> bool:
    """paid_without_works (疑似虚报支出): all of the grant is paid and the works stand under `threshold` percent; at it is fine."""
    return physical_percent is not None and granted > 0 and paid >= granted and physical_percent < threshold


def required_spend_percent(received_on: dt.date, today: dt.date, goal_months: int) -> Decimal:
    """spending_goal: how much of what arrived on `received_on` should be spent by `today`, in percent, four decimals half up.

    Rises by the day from 0 on the day of arrival to 100 on the day `goal_months` later, and stays there.
    """
    goal_on = months_after(received_on, goal_months)
    if today >= goal_on:
        return Decimal("100.0000")
    if today <= received_on:
        return Decimal("0.0000")
    return _rounded(Decimal(100 * (today - received_on).days) / (goal_on - received_on).days, "0.0001")


def is_spending_slow(paid: Decimal, received: Decimal, required_percent: Decimal, threshold: Decimal) -> bool:
    """slow_spending: paid ÷ received is `threshold` points or more behind the required percent; at it breaks the rule."""
    return received != 0 and paid * 100 <= (required_percent - threshold) * received


def idle(receipts: Sequence[Movement], paid: Decimal, on: dt.date, months: int) -> Decimal:
    """idle_6_months, idle_12_months: yuan that had arrived `months` before `on` and are not paid by `on`; the rule breaks above 0.

    What arrived on the very day `months_before(on, months)` counts. A negative receipt is money given back or moved on: wherever it
    falls until `on` it takes from the oldest, as a payment does. Of an entry that was reversed neither half belongs in `receipts`.
    """
    until_on = months_before(on, months)
    arrived = sum((amount for day, amount in receipts if amount > 0 and day <= until_on), Decimal(0))
    return max(arrived - _left_again(receipts, on) - paid, Decimal(0))


def oldest_unpaid_on(receipts: Sequence[Movement], paid: Decimal) -> dt.date | None:
    """The day the oldest money arrived of which something is still here, first in, first out; None when all is paid.

    Receipts are as in `idle`, none after the day asked about: `idle` is above 0 exactly when this day is not after its `months_before`.
    """
    gone = paid + _left_again(receipts, dt.date.max)
    for day, amount in sorted(receipt for receipt in receipts if receipt[1] > 0):
        if gone < amount:
            return day
        gone -= amount
    return None


def first_negative_on(movements: Sequence[Movement]) -> dt.date | None:
    """negative_on_a_day: the first day at whose end the balance by day of occurrence was below 0; movements of a day are one sum.

    The balance by time of recording never is: a late entry is the cause.
    """
    balance = Decimal(0)
    by_day: dict[dt.date, Decimal] = {}
    for day, amount in movements:
        by_day[day] = by_day.get(day, Decimal(0)) + amount
    for day in sorted(by_day):
        balance += by_day[day]
        if balance < 0:
            return day
    return None


# Use adjustment (用途调整)


def is_life_too_short(target_ends_on: dt.date | None, matures_on: dt.date, tolerance_years: Decimal) -> bool:
    """adjustment_life: the target project's life ends more than `tolerance_years` before the bond matures (财预〔2021〕110号).

    Ending on the day of maturity is long enough. A part of a year counts in whole months, the rest dropped.
    """
    return target_ends_on is not None and months_after(target_ends_on, int(tolerance_years * 12)) < matures_on


def is_not_ready(target_stage: str) -> bool:
    """adjustment_not_ready: the target project is neither in preparation nor under construction (财预〔2021〕110号)."""
    return target_stage not in ("preparation", "construction")


# Months


class OutsideTheCalendar(ValueError):
    """A day in no year a date can have."""


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month so many months later, or the month's last day: PostgreSQL's date + interval 'n months'.

    Raises OutsideTheCalendar outside the years 1 to 9999.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OutsideTheCalendar(f"{months} months after {day} is in no year a date can have")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_before(day: dt.date, months: int) -> dt.date:
    """As `months_after`, backwards. Not its inverse: a month before 31 March is 28 February, a month after that 28 March."""
    return months_after(day, -months)


def _left_again(receipts: Sequence[Movement], on: dt.date) -> Decimal:
    return -sum((amount for day, amount in receipts if amount < 0 and day <= on), Decimal(0))


def _rounded(value: Decimal, to: str) -> Decimal:
    return value.quantize(Decimal(to), ROUND_HALF_UP)
