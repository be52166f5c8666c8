"""Idle money (闲置资金) as an obligation: what has arrived, has grown too old, and is not paid."""

from django.utils.translation import gettext_lazy

from reminders.lifecycle import SubjectKind
from reminders.sources import Source

# Due on the day on which the oldest money that is left has lain for as long as the rule "idle_6_months" allows: the same day since which the
# finding holds. Ends, or moves on, when money is paid or given back: `ledger.post` looks at once.
OBLIGATIONS = Source(
    kind=SubjectKind.IDLE_MONEY,
    obligations="""
        SELECT a.id AS subject_id, s.name || ' 闲置 ' || to_char((a.received - a.paid) / 10000, 'FM999,999,999,990.00') || ' 万元' AS subject_name,
               p.id AS project_id, p.office_id, p.authority_id, funding_months_old_on(l.oldest_on, r.threshold::int) AS due_on
          FROM funding_allocation a
          JOIN funding_fundingsource s ON s.id = a.source_id
          JOIN projects_project p ON p.id = a.project_id AND projects_dates_press(p.stage)
          JOIN funding_monitoringrule r ON r.code = 'idle_6_months' AND r.is_active
         CROSS JOIN LATERAL (SELECT min(f.occurred_on) AS oldest_on FROM funding_left(a.id, a.paid, 'infinity') f) l
         WHERE a.received > a.paid AND l.oldest_on IS NOT NULL
           AND (p.reminders_from_on IS NULL OR funding_months_old_on(l.oldest_on, r.threshold::int) >= p.reminders_from_on)""",
    touched="""
        SELECT id FROM funding_allocation WHERE updated_at >= %(since)s
         UNION SELECT a.id FROM projects_status s JOIN funding_allocation a ON a.project_id = s.project_id WHERE s.updated_at >= %(since)s
         UNION SELECT a.id FROM funding_monitoringrule r JOIN funding_allocation a ON a.received > a.paid
                WHERE r.code = 'idle_6_months' AND r.updated_at >= %(since)s""",
    to_do=gettext_lazy("请尽快按进度支付；不能支付的，请申请用途调整或缴回。"),
    actions=("pay",),
    is_computed=True,
)
