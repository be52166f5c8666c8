"""A person's part in a project: given, changed, ended."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import RuleBroken
from common.recording import recording
from projects.errors import AlreadyAssigned
from projects.models import Assignment
from projects.services.locks import lock_part, lock_project


def assign(fields: Mapping[str, Any], *, actor: Actor) -> Assignment:
    """Give a person a part in a project."""
    assignment = Assignment(**fields)
    _judge(assignment)
    with recording(actor):
        lock_project(assignment.project_id)
        _require_new(assignment)
        assignment.save(force_insert=True)
    return Assignment.objects.get(pk=assignment.pk)


def edit_assignment(assignment_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> Assignment:
    """Change the part or its days. Raises Stale when `version` is no longer the present one."""
    with recording(actor):
        assignment = lock_part(Assignment, assignment_id, version=version)
        for name, value in changes.items():
            setattr(assignment, name, value)
        _judge(assignment)
        Assignment.objects.filter(pk=assignment_id).update(**changes)
    return Assignment.objects.get(pk=assignment_id)


def withdraw_assignment(assignment_id: uuid.UUID, *, version: int | None, actor: Actor) -> None:
    """Remove an assignment that was given by mistake; one that ended keeps its row with its last day."""
    with recording(actor):
        lock_part(Assignment, assignment_id, version=version).delete()


def _judge(assignment: Assignment) -> None:
    first, last = assignment.valid_from_on, assignment.valid_until_on
    if first and last and last < first:
        raise RuleBroken.at("valid_until_on", _("结束日不能早于起始日。"))


def _require_new(assignment: Assignment) -> None:
    """The same part of the same person twice at once says nothing more. The project is locked, so two cannot slip in."""
    same = Assignment.objects.filter(project_id=assignment.project_id, user_id=assignment.user_id, part=assignment.part)
    begun_before = Q(valid_from_on__isnull=True) | Q(valid_from_on__lte=assignment.valid_until_on or dt.date.max)
    ends_after = Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=assignment.valid_from_on or dt.date.min)
    if same.filter(begun_before, ends_after).exists():
        raise AlreadyAssigned
