"""What a monthly report must say before it is submitted; each refusal stands at its field and names both figures."""

import datetime as dt
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from common.errors import Fault, RuleBroken
from projects import rules
from projects.models import MonthlyReport, Plan, ReportState
from projects.rules import Month


def planned(project_id: uuid.UUID, year: int) -> Decimal | None:
    """The investment of the plan that counts in a year."""
    plans = Plan.objects.filter(project_id=project_id, year=year, state=ReportState.APPROVED)
    return plans.order_by("-revision").values_list("investment", flat=True).first()


def judge(report: MonthlyReport, others: Sequence[Month], plan: Decimal | None, *, year_total: Decimal | None = None) -> None:
    """Raises RuleBroken with every fault."""
    this = Month(report.month, report.invested, report.physical_percent, report.state)
    faults = [
        *_of_words(report),
        *_of_sums(report, this, others, plan, year_total),
        *_of_percent(report, this, others),
    ]
    if faults:
        raise RuleBroken(faults[0].detail if len(faults) == 1 else _("有 %(n)s 处需要改正。") % {"n": len(faults)}, faults=faults)


def require_few_unchanged(others: Sequence[Month], month: dt.date) -> None:
    """At most two months in a row say "no change"."""
    row = rules.unchanged_around(others, month)
    if len(row) >= rules.MOST_UNCHANGED:
        months = "、".join(f"{one:%Y-%m}" for one in row)
        detail = _("%(months)s 已报“本月无变化”，连续不能超过两个月；请填写本月进展。") % {"months": months}
        raise RuleBroken.at("no_change", detail, "too_many_unchanged", months=[f"{one:%Y-%m}" for one in row])


def _of_words(report: MonthlyReport) -> list[Fault]:
    faults = []
    if report.physical_percent is None:
        faults.append(Fault(("physical_percent",), "required", _("请填写形象进度。")))
    if not report.narrative.strip() and not report.no_change:
        faults.append(Fault(("narrative",), "required", _("请写明本月进展；确无变化请用“本月无变化”。")))
    return faults


def _of_sums(report: MonthlyReport, this: Month, others: Sequence[Month], plan: Decimal | None, year_total: Decimal | None) -> list[Fault]:
    faults = []
    so_far = rules.total_up_to(others, this)
    if year_total is not None and year_total != so_far:
        values = {"typed": _yuan(year_total), "sum": _yuan(so_far), "month": this.month.month}
        faults.append(
            Fault(("year_total",), "differs", _("本年累计填的是 %(typed)s，1 月至 %(month)s 月各月之和为 %(sum)s，请核对。") % values)
        )
    whole = rules.total_of_year(others, this)
    if plan is not None and whole > plan and not report.plan_reason.strip():
        values = {"sum": _yuan(whole), "plan": _yuan(plan), "year": this.month.year}
        faults.append(
            Fault(
                ("plan_reason",),
                "above_plan",
                _("%(year)s 年累计 %(sum)s，超过年度计划 %(plan)s；请核对金额，属实请写明原因。") % values,
            )
        )
    return faults


def _of_percent(report: MonthlyReport, this: Month, others: Sequence[Month]) -> list[Fault]:
    if this.percent is None or report.correction_reason.strip():
        return []
    earlier, later = rules.before(others, this.month), rules.after(others, this.month)
    if earlier is not None and earlier.percent is not None and this.percent < earlier.percent:
        values = {"now": this.percent, "month": f"{earlier.month:%Y-%m}", "then": earlier.percent}
        detail = _("形象进度 %(now)s%% 低于 %(month)s 的 %(then)s%%；请核对，确需调低请填写更正说明。")
        return [Fault(("physical_percent",), "falls", detail % values)]
    if later is not None and later.percent is not None and this.percent > later.percent:
        values = {"now": this.percent, "month": f"{later.month:%Y-%m}", "then": later.percent}
        detail = _("形象进度 %(now)s%% 高于其后 %(month)s 已报的 %(then)s%%；请核对，属实请填写更正说明。")
        return [Fault(("physical_percent",), "above_later", detail % values)]
    return []


def _yuan(amount: Decimal) -> str:
    return f"{amount:,.2f} 元"
