"""Every change of a project: created, edited, moved to another stage, deleted."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max, ProtectedError
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import FutureDate, InUse, RuleBroken
from common.recording import recording
from projects import lifecycle, parts
from projects.errors import Blocked, Duplicate
from projects.lifecycle import Stage
from projects.models import Project, StageMove
from projects.pinyin import initials, sort_key
from projects.selectors.details import move_blockers
from projects.services.locks import lock_project, lock_projects


def create_project(fields: Mapping[str, Any], *, actor: Actor) -> Project:
    """Register a project in reserve, with its undated start and completion milestones.

    The authority of the sector is given unless one is named. Raises Duplicate for a code that is taken.
    """
    project = Project(**fields)
    project.authority_id = project.authority_id or project.sector.authority_id
    _name(project)
    with recording(actor):
        _lock_package(project)
        _judge(project)
        with _unique_code():
            project.save(force_insert=True)
        parts.created([project.pk])
    return Project.objects.get(pk=project.pk)


def edit_project(project_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> Project:
    """Change a project's own columns. Raises Stale when `version` is no longer the present one."""
    with recording(actor):
        package = changes.get("package")
        lock_projects([project_id, *([package.pk] if package else [])])
        return _edit(lock_project(project_id, version=version), changes)


def delete_project(project_id: uuid.UUID, *, version: int | None, actor: Actor) -> None:
    """Delete a project that is still in reserve and has neither money nor members. Anything else is cancelled, not deleted.

    What upper apps hold of it (allocations, requests for money) protects it by its foreign key. Raises InUse.
    """
    kept = InUse(_("只有谋划储备阶段、没有资金和子项目的项目可以删除；其他项目请改为退库。"))
    with recording(actor):
        project = lock_project(project_id, version=version)
        if project.stage != Stage.RESERVE:
            raise kept
        try:
            project.delete()
        except ProtectedError as error:
            raise kept from error


def move_project(
    project_id: uuid.UUID, *, to: str, on: dt.date, reason: str = "", version: int | None = None, actor: Actor, today: dt.date
) -> Project:
    """Move a project to another stage.

    Raises FutureDate, IllegalTransition (no such move) or Blocked (a condition of the move is not met).
    """
    if on > today:
        raise FutureDate.at("on", FutureDate.sentence, FutureDate.code)
    with recording(actor):
        project = lock_project(project_id, version=version)
        lifecycle.require(project.stage, to, remembered=project.stage_before_suspension)
        _require_order(project, on)
        if blockers := move_blockers(project, to, on):
            raise Blocked([{"code": blocker.code, "detail": str(blocker.detail)} for blocker in blockers])
        StageMove.objects.create(project=project, from_stage=project.stage, to_stage=to, on=on, reason=reason)
        remembered = project.stage if to == Stage.SUSPENDED else None
        Project.objects.filter(pk=project.pk).update(stage=to, stage_before_suspension=remembered)
        parts.stage_changed([project.pk], to, actor)
    return Project.objects.get(pk=project_id)


def _require_order(project: Project, on: dt.date) -> None:
    """Moves follow one another in time, or the stage on a past day would have two answers."""
    last = StageMove.objects.filter(project=project).aggregate(last=Max("on"))["last"]
    if last is not None and on < last:
        raise RuleBroken.at("on", _("不能早于上一次阶段变更的日期 %(day)s。") % {"day": last.isoformat()})


def _lock_package(project: Project) -> None:
    """The package must still be one when its member enters."""
    if project.package_id is not None:
        project.package = lock_projects([project.package_id]).get(project.package_id)
        if project.package is None:
            raise RuleBroken.at("package", _("所选项目不是打包项目。"))


def _edit(project: Project, changes: Mapping[str, Any]) -> Project:
    for name, value in changes.items():
        setattr(project, name, value)
    if "package" in changes:
        _lock_package(project)
    _judge(project)
    _name(project)
    columns = {name: getattr(project, name) for name in {*changes, "name_pinyin", "initials"}}
    with _unique_code():
        Project.objects.filter(pk=project.pk).update(**columns)
    return Project.objects.get(pk=project.pk)


def _judge(project: Project) -> None:
    """The rules of a row that need more than one field; the database says the same by constraint."""
    if project.starts_year and project.ends_year and project.ends_year < project.starts_year:
        raise RuleBroken.at("ends_year", _("终止年不能早于起始年。"))
    if project.package_id is not None:
        if project.is_package or project.package_id == project.pk:
            raise RuleBroken.at("package", _("打包项目不能再归入另一个打包项目。"))
        if project.package is None or not project.package.is_package:
            raise RuleBroken.at("package", _("所选项目不是打包项目。"))
    elif not project.is_package and not project._state.adding and Project.objects.filter(package_id=project.pk).exists():
        raise RuleBroken.at("is_package", _("已有子项目，仍须是打包项目。"))


def _name(project: Project) -> None:
    project.name_pinyin = sort_key(project.name)
    project.initials = " ".join(initials(name) for name in [project.name, *project.aliases])


@contextmanager
def _unique_code() -> Iterator[None]:
    """Turn the database's refusal of a second code into the domain's word."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "projects_project_code" not in str(error):
            raise
        raise Duplicate from error
