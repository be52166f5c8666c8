"""What is written of a month, of its correction, and of a year's plan; amounts in 万元, of which none may be all."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy

from portal.forms.fields import Entry, Field, Form
from portal.templatetags import words
from projects.api.serializers.reports import ReviseInput, SubmitInput, YearlyPlanPatch
from projects.models import MonthlyReport, Plan

INVESTED = Field("invested", gettext_lazy("本月完成投资（万元）"), "amount", is_required=True, may_be_zero=True)
PERCENT = Field("physical_percent", gettext_lazy("形象进度（%）"), "progress", shape=SubmitInput)
NARRATIVE = Field("narrative", gettext_lazy("本月进展"), "long", shape=SubmitInput)
YEAR_TOTAL = Field(
    "year_total", gettext_lazy("本年累计（万元）"), "amount", may_be_zero=True, hint=gettext_lazy("可不填；填了就与各月之和核对")
)
# asked for only where the month calls for them
PLAN_REASON = Field("plan_reason", gettext_lazy("超计划原因"), "long", shape=SubmitInput)
CORRECTION = Field("correction_reason", gettext_lazy("更正说明"), "long", shape=SubmitInput)
REPORT = (INVESTED, PERCENT, YEAR_TOTAL, NARRATIVE, PLAN_REASON, CORRECTION)
TEXTS = ("narrative", "plan_reason", "correction_reason")
FALLS = ("falls", "above_later")  # faults of the percent that a word about the correction settles

REVISION = (
    INVESTED,
    PERCENT._replace(shape=ReviseInput, is_required=True),
    NARRATIVE._replace(shape=ReviseInput, is_required=True),
    Field("reason", gettext_lazy("更正原因"), "long", is_required=True, shape=ReviseInput),
)

INVESTMENT = Field("investment", gettext_lazy("年度计划投资（万元）"), "amount", is_required=True, may_be_zero=True)
CONTENT = Field("content", gettext_lazy("年度建设内容"), "long", shape=YearlyPlanPatch)
MONTHS = tuple(f"month_{number}" for number in range(1, 13))


def plan_fields() -> list[Field]:
    """The year, its twelve months (an empty one is nothing), and what is to be built."""
    months = [Field(name, words.month(number), "amount", may_be_zero=True) for number, name in enumerate(MONTHS, 1)]
    return [INVESTMENT, *months, CONTENT]


def of_report(report: MonthlyReport, percent_before: Decimal | None) -> dict[str, str]:
    """What stands in the fields of a month: what was written so far; how far the works had come before, to begin with."""
    is_new = not report.narrative and report.physical_percent is None and not report.invested
    percent = report.physical_percent if report.physical_percent is not None else percent_before
    texts = {name: getattr(report, name) for name in TEXTS}
    return texts | {"invested": "" if is_new else words.wan(report.invested), "physical_percent": "" if percent is None else str(percent)}


def of_revision(report: MonthlyReport) -> dict[str, str]:
    percent = "" if report.physical_percent is None else str(report.physical_percent)
    return {"invested": words.wan(report.invested), "physical_percent": percent, "narrative": report.narrative}


def of_plan(plan: Plan) -> dict[str, str]:
    months = {name: words.wan(amount) for name, amount in zip(MONTHS, plan.monthly, strict=True)}
    return months | {"investment": words.wan(plan.investment), "content": plan.content}


def written(form: Form) -> dict[str, Any]:
    """The columns of a month. What was emptied is empty."""
    values = form.values
    said = {"invested": values.get("invested", Decimal(0)), "physical_percent": values.get("physical_percent")}
    return said | {name: values.get(name) or "" for name in TEXTS}


def planned(form: Form) -> dict[str, Any]:
    """The columns of a plan."""
    values = form.values
    monthly = [values.get(name, Decimal(0)) for name in MONTHS]
    return {"investment": values.get("investment", Decimal(0)), "monthly": monthly, "content": values.get("content") or ""}


def shown(form: Form, asked: Mapping[str, Any]) -> list[Entry]:
    """The fields of a month that are to be seen: reasons only where they say something, are wrong, or are asked for."""
    extra = (PLAN_REASON.name, CORRECTION.name)
    return [e for e in form.entries if e.field.name not in extra or e.text or e.fault or e.field.name in asked]


class Total(NamedTuple):
    """The sum of twelve months beside the year they are to be, in yuan."""

    total: Decimal
    investment: Decimal

    @property
    def left(self) -> Decimal:
        return self.investment - self.total

    @property
    def over(self) -> Decimal:
        return self.total - self.investment


def total(form: Form) -> Total:
    said = planned(form)
    return Total(sum(said["monthly"], Decimal(0)), said["investment"])
