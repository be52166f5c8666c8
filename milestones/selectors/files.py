"""The files of a project, told apart by what they prove."""

import uuid
from collections.abc import Iterator
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from accounts.roles import Principal
from milestones.models import MilestoneEvidence
from projects.models import Permit, PermitKind, Problem
from projects.selectors.evidence import evidence

MOST = 300  # files of one page, the newest; what is older is read by the API


class Group(NamedTuple):
    """Files that prove the same thing: a milestone by its key and name, a permit, a problem, or nothing yet (no name)."""

    milestone_id: uuid.UUID | None
    name: str
    rows: list[Any]


def files_of(project_id: uuid.UUID, actor: Principal) -> list[Group]:
    """By milestone in the order of the plan, then permits, problems, and the rest; in each the newest first.

    Each row carries `is_used`: it proves something, so it stays.
    """
    rows = sorted(_rows(project_id, actor), key=_place)  # stable: the newest stay first
    return [Group(key[2], _word(key), list(group)) for key, group in groupby(rows, key=_place)]


def _rows(project_id: uuid.UUID, actor: Principal) -> Iterator[Any]:
    own = OuterRef("pk")
    milestones = MilestoneEvidence.objects.filter(evidence=own).order_by("milestone__position", "milestone_id")
    permits = Permit.objects.filter(evidence=own)
    found: QuerySet = evidence(actor).filter(project_id=project_id).order_by("-id")
    found = found.annotate(
        milestone=Subquery(milestones.values("milestone_id")[:1]),
        milestone_name=Subquery(milestones.values("milestone__name")[:1]),
        milestone_place=Subquery(milestones.values("milestone__position")[:1]),
        permits=ArraySubquery(permits.values(one=F("kind"))),
        of_problem=Exists(Problem.objects.filter(closing_evidence=own)),
    )
    for row in found[:MOST]:
        row.is_used = row.milestone is not None or bool(row.permits) or row.of_problem
        yield row


def _place(row: Any) -> tuple[int, int, uuid.UUID | None, str]:
    if row.milestone is not None:
        return (0, row.milestone_place, row.milestone, row.milestone_name)
    if row.permits:
        return (1, PermitKind.values.index(row.permits[0]), None, str(PermitKind(row.permits[0]).label))
    return (2, 0, None, "problem") if row.of_problem else (3, 0, None, "")


def _word(place: tuple[int, int, uuid.UUID | None, str]) -> str:
    return str(Problem._meta.verbose_name) if place[0] == 2 else place[3]
