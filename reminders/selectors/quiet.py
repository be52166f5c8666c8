"""What keeps a reminder waiting: snoozed, muted, or answered after it was acknowledged. All of it delays, nothing drops."""

import datetime as dt
import uuid

from django.db import connection

from reminders.sources import sources


def waits() -> str:
    """SQL: does reminder `r` on rung `g` wait on %(today)s?"""
    answers = [f"r.subject_kind = '{entry.kind}' AND r.subject_id IN ({entry.answered})" for entry in sources() if entry.answered]
    return WAITS.replace("{answers}", " OR ".join(answers) or "false")


def waiting(reminder_ids: list[uuid.UUID], *, today: dt.date) -> set[uuid.UUID]:
    """Which of these reminders may not leave today."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING.replace("{waits}", waits()), {"ids": reminder_ids, "today": today})
        return {row[0] for row in cursor.fetchall()}


# A mute covers the reminders about its project and the members of that package, of its office and all below, or about its
# one subject. What belongs to no project is its recipient's office's.
COVERS = """
      m.scope_kind = 'subject' AND m.subject_kind = {r}.subject_kind AND m.subject_id = {r}.subject_id
   OR m.scope_kind = 'project' AND (m.project_id = {r}.project_id
                                    OR m.project_id = (SELECT p.package_id FROM projects_project p WHERE p.id = {r}.project_id))
   OR m.scope_kind = 'office' AND EXISTS (
          SELECT FROM accounts_office o JOIN accounts_office above ON above.id = m.office_id
           WHERE starts_with(o.path, above.path)
             AND o.id = coalesce((SELECT p.office_id FROM projects_project p WHERE p.id = {r}.project_id), {r}.recipient_office_id))
"""

MUTED = f"""
SELECT FROM reminders_mute m WHERE m.state = 'in_force' AND m.from_on <= %(today)s AND m.until_on >= %(today)s AND ({COVERS.replace("{r}", "r")})
"""

# The last day of the mutes that keep a row of reminders_reminder waiting, for a list of them.
MUTED_UNTIL = f"""(SELECT max(m.until_on) FROM reminders_mute m
  WHERE reminders_reminder.state = 'pending' AND m.state = 'in_force' AND m.from_on <= %s AND m.until_on >= %s
    AND ({COVERS.replace("{r}", "reminders_reminder")}))"""

# Acknowledging is not achieving: the next rung of the same side (answerable, or superior) comes unless an answer stands.
WAITS = f"""
       r.snoozed_until_on > %(today)s IS TRUE
    OR EXISTS ({MUTED})
    OR ({{answers}})
       AND EXISTS (SELECT FROM reminders_reminder k JOIN reminders_rung kg ON kg.id = k.rung_id
                    WHERE k.subject_kind = r.subject_kind AND k.subject_id = r.subject_id AND k.due_on = r.due_on AND k.state = 'acknowledged'
                      AND (kg.audience IN ('authority', 'patron')) = (g.audience IN ('authority', 'patron')))
"""

WAITING = """
SELECT r.id FROM reminders_reminder r JOIN reminders_rung g ON g.id = r.rung_id WHERE r.id = ANY (%(ids)s) AND ({waits})
"""
