"""Silence with a scope, a reason and an end: it delays what is told, and drops nothing."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Office
from accounts.roles import Act, Principal
from common.decisions import require_another
from common.errors import Denied, Missing, RuleBroken, Stale
from common.recording import recording
from projects.models import Project
from reminders.errors import MuteOver
from reminders.lifecycle import MuteScope, MuteState
from reminders.models import Mute, Reminder
from reminders.rules import LONGEST_ALONE, LONGEST_MUTE


@dataclass(frozen=True)
class Scope:
    """What falls silent: a project (with the members of a package), an office with all below, or one obligation."""

    kind: str
    id: uuid.UUID
    subject_kind: str | None = None


def create(scope: Scope, *, reason: str, until_on: dt.date, actor: Principal, today: dt.date) -> Mute:
    """Fall silent from today. Up to thirty days at once; longer, by itself or following on another, a second person approves.

    Raises RuleBroken at `reason`, `until_on` or `scope`, Denied.
    """
    _require_supervision(actor)
    if not reason.strip():
        raise RuleBroken.at("reason", _("请写明静默原因。"), "required")
    if until_on < today:
        raise RuleBroken.at("until_on", _("静默截止日不能早于今天。"))
    if until_on > today + LONGEST_MUTE:
        raise RuleBroken.at("until_on", _("静默最长一年，请改短截止日。"))
    columns = _columns(scope, actor)
    assert actor.id is not None
    with recording(actor):
        alone = until_on <= _silent_since(scope.kind, columns, today=today) + LONGEST_ALONE
        mute = Mute.objects.create(
            **columns, scope_kind=scope.kind, reason=reason.strip(), from_on=today, until_on=until_on,
            state=MuteState.IN_FORCE if alone else MuteState.REQUESTED, requested_by_id=actor.id, requested_by_name=actor.name,
        )  # fmt: skip
    return Mute.objects.get(pk=mute.pk)


def approve(mute_id: uuid.UUID, *, note: str = "", version: int | None = None, actor: Principal, now: dt.datetime, today: dt.date) -> Mute:
    """A second person agrees to a long silence. Raises SamePerson, MuteOver, Stale, Denied."""
    return _decide(mute_id, MuteState.IN_FORCE, note=note, version=version, actor=actor, now=now, today=today)


def reject(mute_id: uuid.UUID, *, note: str, version: int | None = None, actor: Principal, now: dt.datetime, today: dt.date) -> Mute:
    """A second person refuses, with a reason. Raises SamePerson, MuteOver, Stale, Denied, RuleBroken."""
    if not note.strip():
        raise RuleBroken.at("note", _("退回须写明原因。"), "required")
    return _decide(mute_id, MuteState.REJECTED, note=note.strip(), version=version, actor=actor, now=now, today=today)


def end(mute_id: uuid.UUID, *, version: int | None = None, actor: Principal, now: dt.datetime, today: dt.date) -> Mute:
    """Speak again: what came due meanwhile is told in the next window, the highest rung only. Raises MuteOver, Stale, Denied."""
    _require_supervision(actor)
    with recording(actor):
        mute = _lock(mute_id, version)
        if mute.state not in (MuteState.IN_FORCE, MuteState.REQUESTED) or mute.until_on < today:
            raise MuteOver
        Mute.objects.filter(pk=mute_id).update(state=MuteState.ENDED, ended_by_name=actor.name, ended_at=now)
    return Mute.objects.get(pk=mute_id)


def _decide(mute_id: uuid.UUID, state: str, *, note: str, version: int | None, actor: Principal, now: dt.datetime, today: dt.date) -> Mute:
    _require_supervision(actor)
    with recording(actor):
        mute = _lock(mute_id, version)
        require_another(mute.requested_by_id, actor)
        if mute.state != MuteState.REQUESTED or mute.until_on < today:
            raise MuteOver
        Mute.objects.filter(pk=mute_id).update(
            state=state, decided_by_id=actor.id, decided_by_name=actor.name, decided_at=now, decision_note=note
        )
    return Mute.objects.get(pk=mute_id)


def _require_supervision(actor: Principal) -> None:
    if not actor.may(Act.SUPERVISE):
        raise Denied


def _lock(mute_id: uuid.UUID, version: int | None) -> Mute:
    mute = Mute.objects.select_for_update(no_key=True).filter(pk=mute_id).first()
    if mute is None:
        raise Missing
    if version is not None and mute.version != version:
        raise Stale
    return mute


def _silent_since(kind: str, columns: dict[str, Any], *, today: dt.date) -> dt.date:
    """Since when it, or a part of it, has been silent by one person's word alone, without a day between: today if it is not."""
    began = today
    alone = Mute.objects.filter(_touching(kind, columns), decided_by_id__isnull=True, state__in=(MuteState.IN_FORCE, MuteState.ENDED))
    for mute in alone.order_by("-until_on"):
        last = min(mute.until_on, timezone.localdate(mute.ended_at)) if mute.ended_at else mute.until_on
        if last >= began - dt.timedelta(days=1):
            began = min(began, mute.from_on)
    return began


def _touching(kind: str, columns: dict[str, Any]) -> Q:
    """The mutes of the same scope, of one that covers it, and of one that it covers."""
    if kind == MuteScope.OFFICE:
        path = Office.objects.get(pk=columns["office_id"]).path
        return Q(office__path__startswith=path) | Q(office__path__in=_prefixes(path)) | Q(project__office__path__startswith=path)
    project = Project.objects.filter(pk=columns["project_id"]).select_related("office").first() if columns["project_id"] else None
    same = Q(project_id=columns["project_id"]) if kind == MuteScope.PROJECT else Q(subject_id=columns["subject_id"])
    if project is None:
        return same
    return same | Q(scope_kind=MuteScope.PROJECT, project=project) | Q(office__path__in=_prefixes(project.office.path))


def _prefixes(path: str) -> list[str]:
    """The path of an office and of all above it."""
    codes = path.strip("/").split("/")
    return ["/" + "/".join(codes[: number + 1]) + "/" for number in range(len(codes))]


def _columns(scope: Scope, actor: Principal) -> dict[str, Any]:
    """The columns of a scope; what does not exist, or is hidden from the actor, is refused."""
    if scope.kind == MuteScope.PROJECT and Project.objects.visible_to(actor).filter(pk=scope.id).exists():
        return {"project_id": scope.id}
    if scope.kind == MuteScope.OFFICE and Office.objects.filter(pk=scope.id).exists():
        return {"office_id": scope.id}
    if scope.kind == MuteScope.SUBJECT:
        told = Reminder.objects.visible_to(actor).filter(subject_id=scope.id)
        if scope.subject_kind:
            told = told.filter(subject_kind=scope.subject_kind)
        if found := told.order_by("-id").values("subject_kind", "subject_id", "subject_name", "project_id").first():
            return dict(found)
    raise RuleBroken.at("scope", _("没有这个项目、单位或事项，或您无权查看。"), "does_not_exist")
