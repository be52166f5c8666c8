"""Monthly reports, entered as facts."""

from collections.abc import Collection, Mapping
from typing import Any

from common.actors import Actor
from common.recording import recording
from projects.models import MonthlyReport, ReportState
from projects.services.locks import lock_projects

BATCH = 4000


def enter_reports(rows: Collection[Mapping[str, Any]], *, actor: Actor) -> None:
    """Enter reports as their source states them: registration is no move, so they are approved unless a row says otherwise.

    A row names `project_id`, `month` (its first day) and any other column of a report; a second report of a project's month
    is refused by the database (IntegrityError), and with it all of them.
    """
    with recording(actor):
        lock_projects(row["project_id"] for row in rows)
        MonthlyReport.objects.bulk_create([MonthlyReport(**{"state": ReportState.APPROVED, **row}) for row in rows], batch_size=BATCH)
