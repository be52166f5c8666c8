"""Permits: listed, dated, completed."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Conflict, FutureDate
from common.recording import recording
from projects import parts
from projects.errors import AlreadyListed
from projects.models import Evidence, Permit, PermitState
from projects.services.locks import lock_part, lock_project
from projects.services.problems import require_own

KIND = "permit"


def list_permit(fields: Mapping[str, Any], *, actor: Actor) -> Permit:
    """Put a permit of a project on the list, once a kind. Raises AlreadyListed."""
    permit = Permit(**fields)
    with recording(actor):
        lock_project(permit.project_id)
        if Permit.objects.filter(project_id=permit.project_id, kind=permit.kind).exists():
            raise AlreadyListed
        permit.save(force_insert=True)
    return Permit.objects.get(pk=permit.pk)


def edit_permit(permit_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> Permit:
    """Change it, or its state to anything but done. One that was done and is taken up again loses its day. Raises Stale, Missing."""
    with recording(actor):
        permit = lock_part(Permit, permit_id, version=version)
        owed = _owed(permit)
        for name, value in changes.items():
            setattr(permit, name, value)
        columns = dict(changes)
        if permit.state != PermitState.DONE:
            columns |= {"done_on": None}
        Permit.objects.filter(pk=permit_id).update(**columns)
        if owed != _owed(permit):
            parts.obligation_ended(KIND, [permit_id], reason="手续已变", actor=actor)
    return Permit.objects.get(pk=permit_id)


def complete_permit(
    permit_id: uuid.UUID, *, on: dt.date, number: str = "", evidence: Evidence | None = None, version: int | None = None, actor: Actor,
    today: dt.date,
) -> Permit:  # fmt: skip
    """Say that it was granted, when and by which document. Raises Conflict where it is done, FutureDate, RuleBroken."""
    if on > today:
        raise FutureDate.at("on", FutureDate.sentence, FutureDate.code)
    with recording(actor):
        permit = lock_part(Permit, permit_id, version=version)
        if permit.state == PermitState.DONE:
            raise Conflict(_("手续已办结。"))
        require_own(evidence, permit.project_id)
        Permit.objects.filter(pk=permit_id).update(
            state=PermitState.DONE, done_on=on, number=number or permit.number, evidence=evidence or permit.evidence
        )
        parts.obligation_ended(KIND, [permit_id], reason="手续已办结", actor=actor)
    return Permit.objects.get(pk=permit_id)


def _owed(permit: Permit) -> dt.date | None:
    return permit.due_on if permit.state in (PermitState.NOT_STARTED, PermitState.IN_PROGRESS) else None
