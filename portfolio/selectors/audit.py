"""What must hold of the whole database: each check is a query for the rows that break it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from common import calendar
from common.models import WorkDay
from projects.selectors import evidence
from reminders.models import SweepState
from reminders.sources import sources

SHOWN = 20
GRACE = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Finding:
    """One check with the rows that break it. A remark does not fail the audit."""

    name: str
    count: int
    rows: list[tuple[Any, ...]]
    is_remark: bool = False


def findings(*, now: dt.datetime, today: dt.date) -> Iterator[Finding]:
    """Every check, in order."""
    values = {"now": now, "grace": now - GRACE, "today": today}
    for name, query in CHECKS.items():
        yield _run(name, query, values)
    yield from _untold(now=now, today=today)
    unsound = list(evidence.unsound())
    yield Finding("佐证文件缺失或与哈希不符", len(unsound), unsound[:SHOWN])
    for name, query in REMARKS.items():
        yield _run(name, query, values, is_remark=True)
    if today.month >= 10 and not _year_is_known(today.year + 1):
        yield Finding(f"{today.year + 1} 年工作日历尚未按国务院办公厅通知录入", 1, [(today.year + 1,)], is_remark=True)


def _run(name: str, query: str, values: dict[str, Any], *, is_remark: bool = False) -> Finding:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) OVER (), x.* FROM ({query}) x LIMIT {SHOWN}", values)
        rows = cursor.fetchall()
    return Finding(name, rows[0][0] if rows else 0, [row[1:] for row in rows], is_remark)


def _untold(*, now: dt.datetime, today: dt.date) -> Iterator[Finding]:
    """Obligations that had reached the first rung after their date when the last sweep began, and nobody is to be told."""
    state = SweepState.objects.filter(id=1).first()
    began = state.began_at if state and state.began_at else now
    up_to = calendar.last_day_counting(-1, today=today - dt.timedelta(days=1))
    for source in sources():
        query = UNTOLD.replace("{obligations}", source.obligations).replace("{touched}", source.touched)
        yield _run(f"应催未催（{source.kind}）", query, {"kind": source.kind, "up_to": up_to, "since": began - GRACE, "today": today})


def _year_is_known(year: int) -> bool:
    return WorkDay.objects.filter(day__year=year, is_official=True).exists()


UNTOLD = """
SELECT o.subject_id, o.subject_name, o.due_on FROM ({obligations}) o
 WHERE o.due_on <= %(up_to)s
   AND NOT EXISTS (SELECT FROM reminders_reminder r
                    WHERE r.subject_kind = %(kind)s AND r.subject_id = o.subject_id AND r.due_on = o.due_on AND r.state <> 'cancelled')
   AND o.subject_id NOT IN ({touched})
"""

PROJECT_COLUMNS = {
    "name": "p.name", "name_pinyin": "p.name_pinyin", "stage": "p.stage", "sector_id": "p.sector_id", "sector_code": "se.code",
    "sector_name": "se.name", "region_id": "p.region_id", "region_code": "re.code", "region_name": "re.name", "office_id": "p.office_id",
    "office_code": "o.code", "office_name": "o.name", "authority_id": "p.authority_id", "authority_code": "a.code", "authority_name": "a.name",
    "total_investment": "p.total_investment",
    "search_text": r"lower(concat_ws(E'\n', p.name, array_to_string(p.aliases, E'\n'), p.code, p.unit_name, p.initials))",
}  # fmt: skip
MILESTONE_COLUMNS = [
    "start_milestone_id", "start_basis", "start_baseline_on", "start_due_on", "start_forecast_on", "start_achieved_on",
    "completion_milestone_id", "completion_basis", "completion_baseline_on", "completion_due_on", "completion_forecast_on",
    "completion_achieved_on", "milestone_count", "achieved_count", "open_dues", "next_due_milestone_id", "next_due_name", "next_due_on",
    "slippage_days",
]  # fmt: skip
MONEY_COLUMNS = ["allocated", "received", "paid", "funding_kinds"]
REPORT_COLUMNS = ["physical_percent", "last_reported_month", "invested_total", "invested_in_last_year"]
PLAN_COLUMNS = ["planned"]


def _differing(pairs: dict[str, str]) -> str:
    """The names of the columns that differ, as one text."""
    return (
        "concat_ws(', ', "
        + ", ".join(f"CASE WHEN s.{mine} IS DISTINCT FROM {fact} THEN '{mine}' END" for mine, fact in pairs.items())
        + ")"
    )


def _from_facts(function: str, pairs: dict[str, str]) -> str:
    """The status rows that differ from what a function of the facts says of all projects, with every fact counted."""
    return f"""
        SELECT * FROM (
            SELECT s.project_id, s.name, {_differing(pairs)} AS columns
              FROM projects_status s
              JOIN {function}((SELECT coalesce(array_agg(project_id), '{{}}') FROM projects_status), 'infinity') f ON f.project_id = s.project_id) d
         WHERE columns <> ''"""


def _facts(columns: list[str]) -> dict[str, str]:
    return {name: f"f.{name}" for name in columns}


def _replayed(columns: list[str]) -> str:
    """The names of the balances that differ from their replay; without a transfer they are zero."""
    return _differing({name: f"coalesce(f.{name}, 0)" for name in columns})


CHECKS = {
    "项目没有状态行": "SELECT p.id, p.name FROM projects_project p WHERE NOT EXISTS (SELECT FROM projects_status s WHERE s.project_id = p.id)",
    "状态行与项目不符": f"""
        SELECT * FROM (
            SELECT p.id, p.name, {_differing(PROJECT_COLUMNS)} AS columns
              FROM projects_status s JOIN projects_project p ON p.id = s.project_id
              JOIN projects_sector se ON se.id = p.sector_id JOIN projects_region re ON re.id = p.region_id
              JOIN accounts_office o ON o.id = p.office_id LEFT JOIN accounts_office a ON a.id = p.authority_id) d
         WHERE columns <> ''""",
    "状态行与节点不符": _from_facts(
        "milestones_facts",
        _facts(MILESTONE_COLUMNS) | {"late_from_on": "CASE WHEN projects_dates_press(s.stage) THEN f.next_due_on END"},
    ),
    "状态行与资金不符": _from_facts("funding_facts", _facts(MONEY_COLUMNS)),
    "状态行与月报不符": _from_facts("projects_reports_facts", _facts(REPORT_COLUMNS)),
    "状态行与年度计划不符": _from_facts("projects_plans_facts", _facts(PLAN_COLUMNS)),
    "余额与流水重放不符": f"""
        SELECT * FROM (
            SELECT s.id, concat_ws(' / ', c.name, p.name, s."use") AS name, {_replayed(["granted", "received", "paid"])} AS columns
              FROM funding_allocation s JOIN funding_fundingsource c ON c.id = s.source_id JOIN projects_project p ON p.id = s.project_id
              LEFT JOIN (SELECT allocation_id, sum(granted) AS granted, sum(received) AS received, sum(paid) AS paid
                           FROM funding_posting GROUP BY allocation_id) f ON f.allocation_id = s.id
            UNION ALL
            SELECT s.id, s.name, {_replayed(["issued", "allocated"])}
              FROM funding_fundingsource s
              LEFT JOIN (SELECT t.source_id, sum(m.issued * t.sign * t.amount) AS issued, sum(m.allocated * t.sign * t.amount) AS allocated
                           FROM funding_transfer t JOIN funding_movement m ON m.kind = t.kind GROUP BY t.source_id) f ON f.source_id = s.id) d
         WHERE columns <> ''""",
    "来源已分配与额度之和不符": """
        SELECT s.id, s.name, s.allocated, coalesce(f.granted, 0.00) AS granted
          FROM funding_fundingsource s
          LEFT JOIN (SELECT source_id, sum(granted) AS granted FROM funding_allocation GROUP BY source_id) f ON f.source_id = s.id
         WHERE s.allocated <> coalesce(f.granted, 0)""",
    # without an approved request the first date stands, which is the baseline
    "应完成日期与批准的调整不符": """
        SELECT m.id, p.name AS project, m.name, m.due_on, coalesce(c.to_on, m.baseline_on) AS approved
          FROM milestones_milestone m JOIN projects_project p ON p.id = m.project_id
          LEFT JOIN (SELECT DISTINCT ON (milestone_id) milestone_id, to_on FROM milestones_datechange
                      WHERE state = 'approved' ORDER BY milestone_id, decided_at DESC, id DESC) c ON c.milestone_id = m.id
         WHERE m.due_on IS DISTINCT FROM coalesce(c.to_on, m.baseline_on)""",
    "项目缺开工或竣工节点": """
        SELECT p.id, p.name FROM projects_project p
         WHERE (SELECT count(*) FROM milestones_milestone m WHERE m.project_id = p.id AND m.kind IN ('start', 'completion')) <> 2""",
    "提醒记为已发而没有投递": """
        SELECT r.id, r.subject_name FROM reminders_reminder r LEFT JOIN reminders_delivery d ON d.id = r.delivery_id
         WHERE r.state = 'sent' AND d.state IS DISTINCT FROM 'sent'""",
    "投递中断未接续": "SELECT d.id, d.message_id FROM reminders_delivery d WHERE d.state = 'sending' AND d.lease_until < %(grace)s",
}

REMARKS = {
    "责任单位无人可催，已改催上级": """
        SELECT o.code, o.name, count(*) AS projects FROM projects_project p JOIN accounts_office o ON o.id = p.office_id
         WHERE projects_dates_press(p.stage)
           AND NOT EXISTS (SELECT FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                            WHERE m.office_id = o.id AND m.role IN ('editor', 'approver', 'supervisor') AND u.is_active AND u.email <> ''
                              AND (m.valid_from_on IS NULL OR m.valid_from_on <= %(today)s)
                              AND (m.valid_until_on IS NULL OR m.valid_until_on >= %(today)s))
         GROUP BY o.code, o.name ORDER BY 3 DESC""",
    "未送达的投递": "SELECT d.message_id, d.last_error FROM reminders_delivery d WHERE d.state IN ('failed', 'dead')",
}
