"""Opens each month: the drafts that projects in construction owe from its first day on."""

import datetime as dt
from typing import Any

from django.db import connection

from common.actors import Actor, system
from common.recording import recording
from projects import rules
from projects.services import filing

OPENER = system("months")


def open_months(*, today: dt.date, actor: Actor = OPENER) -> int:
    """Create the missing drafts up to the present month; return how many are new.

    A project owes from the month after its last report; one that has none owes the present month alone. Nothing older than
    twelve months is made up. May run twice, late, or on many workers at once: one statement, keyed by project and month, whose
    rows no other lock waits for.
    """
    present = rules.first_of_month(today)
    months = [rules.months_later(present, -back) for back in range(rules.LONGEST_BACK - 1, -1, -1)]
    values: dict[str, Any] = {
        "months": months,
        "dues": [filing.closing_day_of(month) for month in months],
        "present": present,
    }
    with recording(actor), connection.cursor() as cursor:
        cursor.execute(OPEN, values)
        return cursor.rowcount


OPEN = """
INSERT INTO projects_monthlyreport (project_id, month, due_on, state, narrative, no_change, return_count)
SELECT p.id, m.month, m.due_on, 'draft', '', false, 0
  FROM projects_project p
  LEFT JOIN LATERAL (SELECT max(r.month) AS month FROM projects_monthlyreport r WHERE r.project_id = p.id) last ON true
  JOIN unnest(%(months)s::date[], %(dues)s::date[]) AS m (month, due_on)
    ON CASE WHEN last.month IS NULL THEN m.month = %(present)s ELSE m.month > last.month END
 WHERE p.stage = 'construction' AND NOT p.is_package
 ORDER BY p.id, m.month
ON CONFLICT (project_id, month) DO NOTHING
"""
