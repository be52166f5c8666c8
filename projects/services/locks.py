"""The lock that every write below a project begins with."""

import uuid
from collections.abc import Iterable
from typing import Any, TypeVar

from django.db import models

from common.errors import Missing, Stale
from projects.models import Project

Part = TypeVar("Part", bound=models.Model)


def lock_projects(project_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Project]:
    """Lock projects in id order, first of all locks: a service that locked them later would meet others head on.

    FOR NO KEY UPDATE, since FOR UPDATE collides with the key-share locks of every foreign key to the row.
    """
    rows = Project.objects.select_for_update(no_key=True).filter(pk__in=set(project_ids)).order_by("pk")
    return {project.pk: project for project in rows}


def lock_project(project_id: uuid.UUID, *, version: int | None = None) -> Project:
    """Lock one project; raise Stale when `version` is given and no longer the present one."""
    project = lock_projects([project_id]).get(project_id)
    if project is None:
        raise Missing
    if version is not None and project.version != version:
        raise Stale
    return project


def lock_part(model: type[Part], key: uuid.UUID, *, version: int | None = None) -> Part:
    """Lock the project of a row that belongs to one, then the row. Raises Missing, and Stale as `lock_project` does."""
    rows: Any = model._default_manager
    project_id = rows.filter(pk=key).values_list("project_id", flat=True).first()
    if project_id is None:
        raise Missing
    lock_project(project_id)
    part = rows.select_for_update(no_key=True).filter(pk=key).first()
    if part is None:
        raise Missing
    if version is not None and part.version != version:
        raise Stale
    return part
