"""What projects owe by themselves, as sources of reminders: monthly reports and returned plans, and the decisions about them."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.roles import DECIDERS
from projects.rules import MOST_UNCHANGED
from reminders.lifecycle import SubjectKind
from reminders.sources import Awaited, Source

# A project whose dates do not press owes nothing, and none owes what fell due before it is to be reminded.
PRESSING = "projects_dates_press(p.stage) AND (p.reminders_from_on IS NULL OR {due} >= p.reminders_from_on)"


def _open_actions(facts: Mapping[str, Any]) -> tuple[str, ...]:
    """A month may be left unchanged after one that says how far the works are, and not a third time in a row."""
    is_month = facts["of"] == "report"
    may_be = is_month and facts["percent_before"] is not None and facts["unchanged_before"] < MOST_UNCHANGED
    return ("submit", "no_change") if may_be else ("submit",)


REPORTS = Source(
    kind=SubjectKind.REPORT,
    obligations=f"""
        SELECT r.id AS subject_id, to_char(r.month, 'YYYY-MM') || ' 月报' || CASE r.state WHEN 'returned' THEN '（已退回）' ELSE '' END AS subject_name,
               p.id AS project_id, p.office_id, p.authority_id, r.due_on
          FROM projects_monthlyreport r JOIN projects_project p ON p.id = r.project_id
         WHERE r.state IN ('draft', 'returned') AND r.due_on IS NOT NULL AND {PRESSING.format(due="r.due_on")}
         UNION ALL
        SELECT l.id, l.year || ' 年度计划（已退回）', p.id, p.office_id, p.authority_id, l.due_on
          FROM projects_plan l JOIN projects_project p ON p.id = l.project_id
         WHERE l.state = 'returned' AND l.due_on IS NOT NULL AND {PRESSING.format(due="l.due_on")}""",
    touched="""
        SELECT id FROM projects_monthlyreport WHERE updated_at >= %(since)s
         UNION SELECT r.id FROM projects_status s JOIN projects_monthlyreport r ON r.project_id = s.project_id
                WHERE s.updated_at >= %(since)s AND r.state IN ('draft', 'returned')
         UNION SELECT id FROM projects_plan WHERE updated_at >= %(since)s
         UNION SELECT l.id FROM projects_status s JOIN projects_plan l ON l.project_id = s.project_id
                WHERE s.updated_at >= %(since)s AND l.state = 'returned'""",
    to_do=gettext_lazy("请填报本月投资与形象进度；确无变化的，报“本月无变化”；被退回的，改正后再报。"),
    actions=("submit", "no_change"),
    page="/reports/{subject}/",
    open_actions=_open_actions,
    facts="""SELECT jsonb_build_object('of', 'report', 'version', r.version, 'state', r.state, 'return_reason', r.return_reason, 'decided_by_name', r.decided_by_name,
                                       'invested', r.invested::text, 'percent', r.physical_percent::text, 'narrative', r.narrative,
                                       'plan_reason', r.plan_reason, 'correction_reason', r.correction_reason,
                                       'percent_before', (SELECT b.physical_percent::text FROM projects_monthlyreport b
                                                           WHERE b.project_id = r.project_id AND b.month < r.month
                                                             AND b.state IN ('submitted', 'approved') AND b.physical_percent IS NOT NULL
                                                           ORDER BY b.month DESC LIMIT 1),
                                       'unchanged_before', (SELECT count(*) FROM projects_monthlyreport b
                                                             WHERE b.project_id = r.project_id AND b.no_change AND b.month < r.month
                                                               AND b.month >= r.month - interval '2 months'
                                                               AND b.state IN ('submitted', 'approved')))
               FROM projects_monthlyreport r WHERE r.id = w.subject_id
              UNION ALL
             SELECT jsonb_build_object('of', 'plan', 'state', l.state, 'return_reason', l.return_reason, 'decided_by_name', l.decided_by_name)
               FROM projects_plan l WHERE l.id = w.subject_id""",
    done="""SELECT p.id AS project_id, p.office_id, (r.submitted_at AT TIME ZONE 'Asia/Shanghai')::date AS done_on
              FROM projects_monthlyreport r JOIN projects_project p ON p.id = r.project_id
             WHERE r.submitted_at IS NOT NULL AND r.state IN ('submitted', 'approved')
             UNION ALL
            SELECT p.id, p.office_id, (l.submitted_at AT TIME ZONE 'Asia/Shanghai')::date
              FROM projects_plan l JOIN projects_project p ON p.id = l.project_id
             WHERE l.due_on IS NOT NULL AND l.submitted_at IS NOT NULL AND l.state IN ('submitted', 'approved')""",
)


def _waiting(table: str, name: str, state: str, maker: str) -> str:
    """The rows of one table that wait for a second person."""
    return f"""
        SELECT x.id AS subject_id, {name} AS subject_name, p.id AS project_id, p.office_id, p.authority_id,
               x.decision_due_on AS due_on, x.{maker} AS maker_id
          FROM {table} x JOIN projects_project p ON p.id = x.project_id
         WHERE x.state = '{state}' AND x.decision_due_on IS NOT NULL AND {PRESSING.format(due="x.decision_due_on")}"""


WAITING = {
    "projects_monthlyreport": _waiting("projects_monthlyreport", "to_char(x.month, 'YYYY-MM') || ' 月报待审核'", "submitted", "submitted_by_id"),
    "projects_plan": _waiting("projects_plan", "x.year || ' 年度计划待审核'", "submitted", "submitted_by_id"),
    "projects_reportrevision": _waiting(
        "projects_reportrevision",
        "(SELECT to_char(r.month, 'YYYY-MM') FROM projects_monthlyreport r WHERE r.id = x.report_id) || ' 月报修订待审核'",
        "requested",
        "requested_by_id",
    ),
}  # fmt: skip

DECIDED = {"projects_monthlyreport": "true", "projects_plan": "true", "projects_reportrevision": "x.state <> 'withdrawn'"}

# Whoever may decide for the answerable office owes it: a lead does not check what was made for him.
DECISIONS = Source(
    kind=SubjectKind.REPORT_DECISION,
    obligations=" UNION ALL ".join(WAITING.values()),
    touched=" UNION ".join(
        f"""
        SELECT id FROM {table} WHERE updated_at >= %(since)s
         UNION SELECT x.id FROM projects_status s JOIN {table} x ON x.project_id = s.project_id
                WHERE s.updated_at >= %(since)s AND x.state IN ('submitted', 'requested')"""
        for table in WAITING
    ),
    to_do=gettext_lazy("请审核：同意，或写明原因退回。"),
    actions=("approve", "return"),
    page="/reports/{subject}/",
    roles=DECIDERS,
    leads_answer=False,
    has_maker=True,
    facts="""SELECT coalesce(
        (SELECT jsonb_build_object('of', 'report', 'version', x.version, 'requested_by_name', x.submitted_by_name,
                                   'invested', x.invested::text, 'percent', x.physical_percent::text,
                                   'narrative', x.narrative, 'no_change', x.no_change) FROM projects_monthlyreport x WHERE x.id = w.subject_id),
        (SELECT jsonb_build_object('of', 'plan', 'version', x.version, 'requested_by_name', x.submitted_by_name,
                                   'invested', x.investment::text)
           FROM projects_plan x WHERE x.id = w.subject_id),
        (SELECT jsonb_build_object('of', 'revision', 'version', x.version, 'requested_by_name', x.requested_by_name,
                                   'invested', x.invested::text, 'percent', x.physical_percent::text,
                                   'narrative', x.reason) FROM projects_reportrevision x WHERE x.id = w.subject_id))""",
    done=" UNION ALL ".join(
        f"""
        SELECT p.id AS project_id, p.office_id, (x.decided_at AT TIME ZONE 'Asia/Shanghai')::date AS done_on, x.decided_by_id AS done_by_id
          FROM {table} x JOIN projects_project p ON p.id = x.project_id WHERE x.decided_at IS NOT NULL AND {is_decision}"""
        for table, is_decision in DECIDED.items()
    ),
)

AWAITED = Awaited(
    kind=SubjectKind.REPORT_DECISION,
    requests=f"""
        SELECT o.subject_id, o.subject_name, o.project_id, o.office_id, coalesce(r.submitted_at, l.submitted_at, v.created_at) AS asked_at,
               o.maker_id AS asked_by_id
          FROM ({DECISIONS.obligations}) o LEFT JOIN projects_monthlyreport r ON r.id = o.subject_id
          LEFT JOIN projects_plan l ON l.id = o.subject_id LEFT JOIN projects_reportrevision v ON v.id = o.subject_id""",
    page="/reports/{subject}/",
    is_decision=True,
)
