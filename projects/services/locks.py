"""The lock that every write below a project begins with."""

import uuid
from collections.abc import Iterable

from common.errors import Missing, Stale
from projects.models import Project


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
