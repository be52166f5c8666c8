"""What the head of a project's pages shows: its name, and how much stands behind each tab."""

import uuid
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.roles import Principal
from common.errors import Missing
from projects.models import Evidence, Permit, Problem, ProblemState, Project
from projects.selectors.problems import UNFINISHED


def project_head(project_id: uuid.UUID, actor: Principal, **also: Any) -> Any:
    """The project with its office, the counts of its tabs and what a page annotates besides. Raises Missing: absent or hidden."""
    found = Project.objects.visible_to(actor).filter(pk=project_id).select_related("office").annotate(**tab_counts(), **also).first()
    if found is None:
        raise Missing
    return found


def tab_counts() -> dict[str, Any]:
    """Annotations of a project or of its status: problems not closed, listed permits not finished, files."""
    return {
        "problems_open": _count(Problem.objects.exclude(state=ProblemState.CLOSED)),
        "permits_open": _count(Permit.objects.filter(UNFINISHED)),
        "files_kept": _count(Evidence.objects.all()),
    }


def _count(rows: QuerySet) -> Any:
    counted = rows.filter(project=OuterRef("pk")).order_by().values("project").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))
