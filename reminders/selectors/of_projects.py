"""What a project owes besides its milestones: problems to solve and permits to obtain, as sources of reminders."""

from django.utils.translation import gettext_lazy

from projects.models import PermitKind
from reminders.lifecycle import SubjectKind
from reminders.sources import Source


def _touched(table: str) -> str:
    return f"""
        SELECT id FROM {table} WHERE updated_at >= %(since)s
         UNION SELECT x.id FROM projects_status s JOIN {table} x ON x.project_id = s.project_id WHERE s.updated_at >= %(since)s"""


PROBLEMS = Source(
    kind=SubjectKind.PROBLEM,
    obligations="""
        SELECT q.id AS subject_id, left(q.text, 60) AS subject_name, p.id AS project_id, q.office_id, p.authority_id, q.due_on
          FROM projects_problem q JOIN projects_project p ON p.id = q.project_id
         WHERE q.state IN ('open', 'working') AND projects_dates_press(p.stage)
           AND (p.reminders_from_on IS NULL OR q.due_on >= p.reminders_from_on)""",
    touched=_touched("projects_problem"),
    to_do=gettext_lazy("解决后请销号；暂不能解决的，请写明措施或挂起原因。"),
    actions=("close",),
    page="/projects/{project}/problems/?open={subject}#{subject}",
    facts="SELECT jsonb_build_object('version', q.version, 'measures', q.measures) FROM projects_problem q WHERE q.id = w.subject_id",
    done="SELECT q.project_id, q.office_id, q.closed_on AS done_on FROM projects_problem q WHERE q.closed_on IS NOT NULL",
)

# names are constants of the product, without quotes
_NAMES = " ".join(f"WHEN '{kind.value}' THEN '{kind.label}'" for kind in PermitKind)

PERMITS = Source(
    kind=SubjectKind.PERMIT,
    obligations=f"""
        SELECT q.id AS subject_id, CASE q.kind {_NAMES} END AS subject_name, p.id AS project_id, p.office_id, p.authority_id, q.due_on
          FROM projects_permit q JOIN projects_project p ON p.id = q.project_id
         WHERE q.state IN ('not_started', 'in_progress') AND q.due_on IS NOT NULL AND projects_dates_press(p.stage)
           AND (p.reminders_from_on IS NULL OR q.due_on >= p.reminders_from_on)""",
    touched=_touched("projects_permit"),
    to_do=gettext_lazy("办结后请报办结，填写办结日期与文号；不涉及的，请改为不涉及。"),
    actions=("complete",),
    page="/projects/{project}/permits/?open={subject}#{subject}",
    facts="SELECT jsonb_build_object('version', q.version, 'department', q.department) FROM projects_permit q WHERE q.id = w.subject_id",
    done="""SELECT p.id AS project_id, p.office_id, q.done_on
              FROM projects_permit q JOIN projects_project p ON p.id = q.project_id WHERE q.done_on IS NOT NULL""",
)
