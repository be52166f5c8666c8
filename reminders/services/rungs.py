"""The ladders are rows: added, changed, retired; each ladder is judged whole."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Act, Principal
from common.errors import Denied, Missing, RuleBroken, Stale
from common.recording import recording
from reminders import rules
from reminders.errors import RetiredRung, SameRung
from reminders.models import OfficialLetter, Reminder, Rung
from reminders.services import sweep

KEY = ("subject_kind", "kind", "days", "audience")


def create(fields: Mapping[str, Any], *, actor: Principal) -> Rung:
    """Add a step; one that was retired comes back. Raises Denied, SameRung, RuleBroken (the ladder would not hold)."""
    _require_supervision(actor)
    with recording(actor):
        ladder = _lock()
        found = _same(ladder, fields)
        if found is not None and found.is_active:
            raise SameRung
        rung = found or Rung()
        for name, value in ({"in_working_days": True} | dict(fields)).items():
            setattr(rung, name, value)
        rung.is_active = True
        _judge([*(other for other in ladder if other.pk != rung.pk), rung], rung.subject_kind)
        if found is None:
            rung.save(force_insert=True)
        else:
            Rung.objects.filter(pk=rung.pk).update(is_active=True, letter=rung.letter, in_working_days=rung.in_working_days)
        sweep.sweep_all_next()
    return Rung.objects.get(pk=rung.pk)


def edit(rung_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Principal) -> Rung:
    """Change a step in force. Who was told on it stays told. Raises Denied, Missing, Stale, SameRung, RetiredRung, RuleBroken."""
    _require_supervision(actor)
    with recording(actor):
        ladder = _lock()
        rung = _find(ladder, rung_id, version)
        for name, value in changes.items():
            setattr(rung, name, value)
        twin = _same([other for other in ladder if other.pk != rung.pk], {name: getattr(rung, name) for name in KEY})
        if twin is not None:
            raise SameRung if twin.is_active else RetiredRung
        _judge(ladder, rung.subject_kind)
        if changes:
            Rung.objects.filter(pk=rung.pk).update(**changes)
            sweep.sweep_all_next()
    return Rung.objects.get(pk=rung_id)


def remove(rung_id: uuid.UUID, *, version: int | None, actor: Principal) -> None:
    """Take a step out: deleted if nobody was ever told on it, else retired. Raises Denied, Missing, Stale, RuleBroken."""
    _require_supervision(actor)
    with recording(actor):
        ladder = _lock()
        rung = _find(ladder, rung_id, version)
        _judge([other for other in ladder if other.pk != rung.pk], rung.subject_kind)
        if Reminder.objects.filter(rung=rung).exists() or OfficialLetter.objects.filter(rung=rung).exists():
            Rung.objects.filter(pk=rung.pk).update(is_active=False)
        else:
            rung.delete()
        sweep.sweep_all_next()


def judge_whole(rungs: Iterable[Rung]) -> None:
    """Judge every ladder among these. Raises SameRung and RuleBroken."""
    ladder = list(rungs)
    keys = [tuple(getattr(rung, name) for name in KEY) for rung in ladder if rung.is_active]
    if len(set(keys)) < len(keys):
        raise SameRung
    for subject_kind in {None} | {rung.subject_kind for rung in ladder}:
        _judge(ladder, subject_kind)


def _judge(rungs: Iterable[Rung], subject_kind: str | None) -> None:
    """A kind without rungs of its own climbs the common ladder, which is never empty."""
    steps = [rung for rung in rungs if rung.is_active and rung.subject_kind == subject_kind]
    if not steps and subject_kind is not None:
        return
    if fault := rules.fault_of(steps):
        sentences = {
            rules.COUNTS_DIFFERENTLY: _("同一套级次须一致按工作日或按自然日计。"),
            rules.OFFICE_NEVER_TOLD: _("每套级次在逾期后至少有一级提醒责任单位。"),
            rules.SUPERIOR_TOO_EARLY: _("提醒主管部门或包保领导，须晚于逾期后首次提醒责任单位。"),
        }
        raise RuleBroken.at(fault, sentences[fault])


def _lock() -> list[Rung]:
    """All rungs, so that two changes never make together what neither would be allowed."""
    return list(Rung.objects.select_for_update(no_key=True).order_by("pk"))


def _find(ladder: list[Rung], rung_id: uuid.UUID, version: int | None) -> Rung:
    rung = next((rung for rung in ladder if rung.pk == rung_id and rung.is_active), None)
    if rung is None:
        raise Missing
    if version is not None and rung.version != version:
        raise Stale
    return rung


def _same(ladder: Iterable[Rung], fields: Mapping[str, Any]) -> Rung | None:
    return next((rung for rung in ladder if all(getattr(rung, name) == fields.get(name) for name in KEY)), None)


def _require_supervision(actor: Principal) -> None:
    if not actor.may(Act.SUPERVISE):
        raise Denied
