"""Problems and permits as others read them."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from accounts.roles import Principal
from common.expressions import DaysBetween
from common.shapes import ref
from projects.models import Permit, PermitKind, PermitState, Problem, ProblemKind, ProblemLevel, ProblemState

PRESSING = Q(state__in=[ProblemState.OPEN, ProblemState.WORKING])
UNFINISHED = Q(state__in=[PermitState.NOT_STARTED, PermitState.IN_PROGRESS])

PROBLEM_COLUMNS = (
    "id", "project_id", "project__name", "project__code", "kind", "text", "raised_on", "level_needed", "office_id", "office__name",
    "office__code", "supporting_offices", "person", "due_on", "measures", "state", "hold_reason", "closed_on", "closing_note",
    "closing_evidence_id", "closing_evidence__name", "reopen_reason", "overdue_days", "version", "created_at", "updated_at",
)  # fmt: skip
PERMIT_COLUMNS = (
    "id", "project_id", "project__name", "project__code", "kind", "state", "department", "due_on", "done_on", "number", "evidence_id",
    "evidence__name", "note", "overdue_days", "version", "created_at", "updated_at",
)  # fmt: skip


def problems(actor: Principal, *, today: dt.date) -> QuerySet:
    """The problems of the projects the actor may see, with `overdue_days`: 0 on hold, closed, or in time."""
    return _judged(Problem.objects.visible_to(actor), PRESSING, today)


def permits(actor: Principal, *, today: dt.date) -> QuerySet:
    """The permits of the projects the actor may see, with `overdue_days`."""
    return _judged(Permit.objects.visible_to(actor), UNFINISHED, today)


def _judged(rows: QuerySet, owed: Q, today: dt.date) -> QuerySet:
    late = When(owed & Q(due_on__lt=today), then=DaysBetween(today, F("due_on")))
    return rows.annotate(overdue_days=Case(late, default=Value(0), output_field=IntegerField()))


def open_counts(project_ids: list[uuid.UUID], today: dt.date, as_of: dt.date | None) -> Mapping[uuid.UUID, int]:
    """How many problems of each project were raised and not closed on the day; those on hold count."""
    day = as_of or today
    rows = Problem.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=day), project_id__in=project_ids, raised_on__lte=day)
    return dict(rows.values_list("project_id").annotate(count=Count("id")))


def shape_problem(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `PROBLEM_COLUMNS` as the API gives it."""
    f = dict(zip(PROBLEM_COLUMNS, row, strict=True))
    project = ref(f.pop("project_id"), f.pop("project__name"), f.pop("project__code"))
    office = ref(f.pop("office_id"), f.pop("office__name"), f.pop("office__code"))
    file = ref(f.pop("closing_evidence_id"), f.pop("closing_evidence__name"), None)
    labels = {
        "kind_display": ProblemKind(f["kind"]).label,
        "level_needed_display": ProblemLevel(f["level_needed"]).label,
        "state_display": ProblemState(f["state"]).label,
    }
    return f | labels | {"project": project, "office": office, "closing_evidence": file, "is_overdue": f["overdue_days"] > 0}


def shape_permit(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `PERMIT_COLUMNS` as the API gives it."""
    f = dict(zip(PERMIT_COLUMNS, row, strict=True))
    project = ref(f.pop("project_id"), f.pop("project__name"), f.pop("project__code"))
    file = ref(f.pop("evidence_id"), f.pop("evidence__name"), None)
    labels = {"kind_display": PermitKind(f["kind"]).label, "state_display": PermitState(f["state"]).label}
    return f | labels | {"project": project, "evidence": file, "is_overdue": f["overdue_days"] > 0}
