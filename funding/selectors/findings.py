"""Findings: which monitoring rules are broken on a day, and what was said about it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from common.shapes import money, ref
from funding.lifecycle import FindingState, FindingSubject, Level, Use
from funding.models import Finding, MonitoringRule
from projects.lifecycle import Stage
from projects.querysets import PartQuerySet


def findings(actor: Principal, *, today: dt.date, as_of: dt.date | None = None) -> PartQuerySet:
    """What the actor may see, judged today or by the facts of a past day: of projects in reach.

    Those of a source or of the whole portfolio have no project: only who sees everything sees them.
    """
    day = as_of or today
    with connection.cursor() as cursor:  # the view reads the day from here; every reader sets it anew
        settings = [day.isoformat(), "true" if day < today else "false"]
        cursor.execute("SELECT set_config('app.findings_on', %s, false), set_config('app.findings_past', %s, false)", settings)
    return Finding.objects.visible_to(actor)


def counts_by_rule(actor: Principal, *, today: dt.date) -> dict[str, int]:
    """How many stand that were not written off, of every rule in force, in the order of the rules."""
    standing = findings(actor, today=today).exclude(state=FindingState.WRITTEN_OFF)
    counted = dict(standing.order_by().values_list("rule").annotate(count=Count("pk")))
    codes = MonitoringRule.objects.filter(is_active=True).order_by("position").values_list("code", flat=True)
    return {code: counted.get(code, 0) for code in codes}


def codes_of_allocations(ids: Iterable[uuid.UUID], *, day: dt.date, is_past: bool) -> dict[uuid.UUID, list[str]]:
    """The rules that each allocation itself breaks on a day and that were not written off, by code."""
    wanted = list(ids)
    found: dict[uuid.UUID, list[str]] = {allocation: [] for allocation in wanted}
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(DISTINCT project_id) FROM funding_allocation WHERE id = ANY (%s)", [wanted])
        projects = cursor.fetchone()[0] or []
        cursor.execute(OF_ALLOCATIONS, {"day": day, "past": is_past, "projects": projects, "ids": wanted})
        for allocation, codes in cursor.fetchall():
            found[allocation] = codes
    return found


def counts_of_projects(project_ids: Iterable[uuid.UUID], *, today: dt.date, as_of: dt.date | None = None) -> dict[uuid.UUID, int]:
    """How many findings of each project and its allocations stand today or stood on a past day, and were not written off."""
    wanted, day = list(project_ids), as_of or today
    with connection.cursor() as cursor:
        cursor.execute(OF_PROJECTS, {"day": day, "past": day < today, "projects": wanted})
        counted = dict(cursor.fetchall())
    return {project: counted.get(project, 0) for project in wanted}


OF_ALLOCATIONS = """
SELECT f.subject_id, array_agg(DISTINCT f.rule ORDER BY f.rule) FROM funding_findings(%(day)s, %(past)s, %(projects)s::uuid[]) f
 WHERE f.subject_kind = 'allocation' AND f.subject_id = ANY (%(ids)s) AND f.state <> 'written_off'
 GROUP BY f.subject_id
"""

OF_PROJECTS = """
SELECT f.project_id, count(*) FROM funding_findings(%(day)s, %(past)s, %(projects)s::uuid[]) f
 WHERE f.state <> 'written_off'
 GROUP BY f.project_id
"""

COLUMNS = (
    "id", "rule", "rule_name", "level", "subject_kind", "subject_id", "subject_name", "project_id", "project__name", "project__code", "source_id",
    "source__name", "use", "amount", "since_on", "figures", "state", "reply_id", "reply__text", "reply__replied_by_id", "reply__replied_by_name",
    "reply__replied_at", "reply__written_off_by_id", "reply__written_off_by_name", "reply__written_off_at", "reply__note", "version",
    "reply__created_at", "reply__updated_at",
)  # fmt: skip


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    portfolio = f["subject_kind"] == FindingSubject.PORTFOLIO
    return {
        "id": f["id"],
        "rule": f["rule"],
        "rule_name": f["rule_name"],
        "level": f["level"],
        "level_display": Level(f["level"]).label,
        "subject": {"kind": f["subject_kind"], "id": f["subject_id"], "name": _("全市") if portfolio else f["subject_name"]},
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "source": ref(f["source_id"], f["source__name"], None),
        "use": f["use"],
        "amount": money(f["amount"]),
        "detail": detail(f["rule"], f["amount"], f["figures"], use=f["use"]),
        "since_on": f["since_on"],
        "state": f["state"],
        "state_display": FindingState(f["state"]).label,
        "reply": None if f["reply_id"] is None else _reply(f),
        "version": f["version"],
        "created_at": f["reply__created_at"],
        "updated_at": f["reply__updated_at"],
    }


def _reply(f: dict[str, Any]) -> dict[str, Any]:
    is_written_off = f["state"] == FindingState.WRITTEN_OFF  # on the day asked about
    return {
        "text": f["reply__text"],
        "replied_by": {"id": f["reply__replied_by_id"], "name": f["reply__replied_by_name"]},
        "replied_at": f["reply__replied_at"],
        "written_off_by": {"id": f["reply__written_off_by_id"], "name": f["reply__written_off_by_name"]} if is_written_off else None,
        "written_off_at": f["reply__written_off_at"] if is_written_off else None,
        "note": f["reply__note"] if is_written_off else None,
    }


def detail(rule: str, amount: Decimal | None, figures: dict[str, Any], *, use: str | None = None) -> str:
    """What is wrong, in one sentence with its figures. Amounts are yuan."""
    words = {name: f"{Decimal(value):,.2f}" if name in YUAN else value for name, value in figures.items()}
    words["amount"] = "" if amount is None else f"{amount:,.2f}"
    words["use"] = Use(use).label if use else ""
    if "stage" in words:
        words["stage"] = Stage(words["stage"]).label
    return str(SENTENCES[rule]) % words


YUAN = ("planned", "raised", "interest", "spending", "granted", "total", "capital", "bonds")

SENTENCES = {
    "negative_list_override": gettext_lazy("%(use)s额度中 %(amount)s 元经放行用于负面清单第 %(number)s 项“%(name)s”"),
    "not_on_capital_list": gettext_lazy("债券资金 %(amount)s 元用作资本金，未注明资本金清单条目"),
    "capital_share": gettext_lazy(
        "专项债券用作资本金 %(amount)s 元，占项目建设类专项债券 %(share)s%%，高于全省上限 %(threshold)s%%（仅供参考）"
    ),
    "cover_ratio_low": gettext_lazy("本息覆盖倍数 %(ratio)s，低于 %(threshold)s"),
    "cover_ratio_high": gettext_lazy("本息覆盖倍数 %(ratio)s，高于 %(threshold)s，请核对数据"),
    "ahead_of_progress": gettext_lazy("%(use)s额度已支付 %(paid)s%%，形象进度 %(works)s%%，超出 %(points)s 个百分点"),
    "idle_6_months": gettext_lazy("%(use)s额度到位满 %(months)s 个月未支付 %(amount)s 元，最早一笔 %(oldest_on)s 到位"),
    "idle_12_months": gettext_lazy("%(use)s额度到位满 %(months)s 个月未支付 %(amount)s 元，最早一笔 %(oldest_on)s 到位"),
    "paid_without_works": gettext_lazy("%(use)s额度 %(amount)s 元已全部支付，形象进度仅 %(works)s%%，低于 %(threshold)s%%"),
    "slow_spending": gettext_lazy("%(use)s额度支出进度 %(paid)s%%，应达 %(required)s%%，尚有 %(amount)s 元未支付"),
    "adjustment_life": gettext_lazy("调入 %(amount)s 元，项目期限至 %(life)s 年，短于债券到期日 %(matures_on)s"),
    "adjustment_not_ready": gettext_lazy("调入 %(amount)s 元，当时项目处于%(stage)s阶段，不具备开工条件"),
    "above_total_investment": gettext_lazy("安排资金 %(granted)s 元，超出总投资 %(total)s 元"),
    "capital_above_total": gettext_lazy("项目资本金 %(capital)s 元，超出总投资 %(total)s 元"),
    "capital_overfunded": gettext_lazy("财政与债券资金用作资本金 %(granted)s 元，超出项目资本金 %(capital)s 元"),
    "capital_above_bonds_of_year": gettext_lazy("%(year)s 年专项债券用作资本金 %(capital)s 元，超出当年专项债券 %(bonds)s 元"),
    "plan_principal_differs": gettext_lazy("平衡方案偿还本金 %(planned)s 元，举借债务 %(raised)s 元，相差 %(amount)s 元"),
    "construction_interest_above_spending": gettext_lazy("至 %(year)s 年建设期利息 %(interest)s 元，超出建设支出 %(spending)s 元"),
    "empty_balance_plan": gettext_lazy("使用专项债券 %(amount)s 元，没有融资平衡方案"),
    "land_reserve_yearly_gap": gettext_lazy("平衡方案有 %(count)s 个年度收支不平衡，最早为 %(year)s 年，缺口合计 %(amount)s 元"),
    "plan_too_long": gettext_lazy("平衡方案长达 %(years)s 年，超过 %(threshold)s 年"),
    "negative_on_a_day": gettext_lazy("按发生日期，%(day)s 起余额曾为负，最多 %(amount)s 元，请核对补录的日期"),
}
