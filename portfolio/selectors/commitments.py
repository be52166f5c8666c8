"""The promises of the report, judged against the projects that keep them."""

import datetime as dt
import uuid
from collections import defaultdict
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.roles import Principal
from milestones.models import Kind
from milestones.parts import Effect
from portfolio.models import Commitment, CommitmentKind, CommitmentProject, Target
from portfolio.rules import Fact, Judgement, judge, within_year
from projects.selectors import lists

COLUMNS = (
    "id", "year", "document", "section", "name", "quote", "phrase", "kind", "count", "scope", "parent_id", "parent__name", "version", "created_at",
    "updated_at",
)  # fmt: skip


def commitments(actor: Principal) -> QuerySet:
    return Commitment.objects.visible_to(actor)


def judged(ids: list[uuid.UUID], actor: Principal, *, today: dt.date, as_of: dt.date | None) -> dict[uuid.UUID, dict[str, Any]]:
    """For each commitment: `projects` (references), `progress` and `state`. A programme counts its members' projects too."""
    rows = {row.pk: row for row in Commitment.objects.filter(pk__in=ids)}
    members = defaultdict(list)
    for child, parent in Commitment.objects.filter(parent__in=ids).values_list("pk", "parent_id"):
        members[parent].append(child)
    links = defaultdict(list)
    asked = {*ids, *(child for children in members.values() for child in children)}
    for commitment, project in (
        CommitmentProject.objects.filter(commitment__in=asked).order_by("id").values_list("commitment_id", "project_id")
    ):
        links[commitment].append(project)
    facts = _facts({project for projects in links.values() for project in projects}, actor, today=today, as_of=as_of)
    found = {}
    for key, row in rows.items():
        projects = {project: facts[project] for source in (key, *members[key]) for project in links[source] if project in facts}
        promised = row.count if row.count is not None or row.scope == "programme" else 1
        verdict: Judgement = judge(
            kind=row.kind, year=row.year, promised=promised, facts=[fact for _ref, fact in projects.values()], today=as_of or today
        )
        found[key] = {
            "projects": [ref for ref, _fact in projects.values()],
            "progress": {"promised": verdict.promised, "done": verdict.done},
            "state": verdict.state,
        }
    return found


def ids_in_state(state: str, actor: Principal, *, today: dt.date, as_of: dt.date | None) -> list[uuid.UUID]:
    """The commitments that stand so: there are hundreds, never thousands."""
    ids = list(commitments(actor).values_list("pk", flat=True))
    return [key for key, row in judged(ids, actor, today=today, as_of=as_of).items() if row["state"] == state]


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    f = dict(zip(COLUMNS, row, strict=True))
    parent, name = f.pop("parent_id"), f.pop("parent__name")
    return f | {
        "kind_display": CommitmentKind(f["kind"]).label,
        "parent": None if parent is None else {"id": parent, "name": name, "code": None},
    }


def of_projects(project_ids: list[uuid.UUID], actor: Principal, today: dt.date) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """What each project is to keep, for its detail."""
    links = CommitmentProject.objects.filter(project_id__in=project_ids).select_related("commitment").order_by("commitment__position")
    found = defaultdict(list)
    for link in links:
        row = link.commitment
        found[link.project_id].append(
            {
                "id": row.pk,
                "year": row.year,
                "document": row.document,
                "section": row.section,
                "name": row.name,
                "quote": row.quote,
                "phrase": row.phrase,
                "kind": row.kind,
                "kind_display": row.get_kind_display(),
            }
        )
    return found


def effects_of_move(milestone: Any, to_on: dt.date, today: dt.date) -> list[Effect]:
    """The promises to complete within a year that a moved completion breaks, or keeps again."""
    if milestone.kind != Kind.COMPLETION:
        return []
    links = CommitmentProject.objects.filter(project_id=milestone.project_id, commitment__kind=CommitmentKind.COMPLETE_THIS_YEAR)
    return [
        Effect("commitment", ("commitment", commitment.pk, commitment.name), before, after)
        for commitment in (link.commitment for link in links.select_related("commitment").order_by("commitment__position"))
        for before, after in [tuple(within_year(commitment.year, day, today) for day in (milestone.due_on, to_on))]
        if before != after
    ]


def kept_by(kinds: list[str]) -> Exists:
    """Is the project of a status row to keep a commitment of these kinds?"""
    return Exists(CommitmentProject.objects.filter(project_id=OuterRef("pk"), commitment__kind__in=kinds))


TARGET_COLUMNS = (
    "id", "year", "key", "title", "title_en", "comparator", "value", "unit", "section", "quote", "measure", "version", "created_at", "updated_at",
)  # fmt: skip


def targets() -> QuerySet:
    return Target.objects.all()


def shape_target(row: tuple[Any, ...], *, day: dt.date) -> dict[str, Any]:
    """A target nobody has reported on yet is unknown: a number is never invented."""
    f = dict(zip(TARGET_COLUMNS, row, strict=True))
    f.pop("measure")
    value = f"{f['value'].normalize():f}"
    return f | {"value": value, "actual": None, "as_of": day, "state": "unknown", "source": None}


def _facts(
    project_ids: set[uuid.UUID], actor: Principal, *, today: dt.date, as_of: dt.date | None
) -> dict[uuid.UUID, tuple[dict[str, Any], Fact]]:
    rows = lists.statuses(actor, today=today, as_of=as_of).filter(pk__in=project_ids)
    columns = ("pk", "name", "project__code", "stage", "completion_due_on", "completion_achieved_on", "start_achieved_on")
    return {
        key: ({"id": key, "name": name, "code": code}, Fact(stage, due_on, completed_on, started_on))
        for key, name, code, stage, due_on, completed_on, started_on in rows.values_list(*columns)
    }
