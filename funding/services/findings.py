"""What is said about a finding, and by whom it is written off."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from accounts.roles import Principal
from common.decisions import is_own
from common.errors import AlreadyDecided, Conflict, Missing, SamePerson, Stale
from common.recording import recording
from funding.models import Finding, FindingReply
from funding.selectors import findings as selectors


def reply(
    finding_id: uuid.UUID, text: str, *, actor: Principal, today: dt.date, now: dt.datetime, version: int | None = None
) -> FindingReply:
    """Say what the matter is. A later reply takes the place of the earlier one, which stays in history.

    Raises Missing when the finding does not stand or is out of reach, Stale, and AlreadyDecided when it was written off.
    """
    finding = _standing(finding_id, actor, today)
    said = {"text": text, "replied_by_id": actor.id, "replied_by_name": actor.name, "replied_at": now}
    with recording(actor):
        row, is_new = FindingReply.objects.select_for_update(no_key=True).get_or_create(
            rule=finding.rule, subject_id=finding.subject_id, since_on=finding.since_on, defaults=said | {"project_id": finding.project_id}
        )
        if not is_new:
            _require_open(row, version)
            FindingReply.objects.filter(pk=row.pk).update(**said)
    return FindingReply.objects.get(pk=row.pk)


def write_off(
    finding_id: uuid.UUID, note: str, *, actor: Principal, today: dt.date, now: dt.datetime, version: int | None = None
) -> FindingReply:
    """Accept a reply: the finding needs nobody's attention any more, though it may stand for long.

    Raises Missing, Stale, Conflict without a reply, SamePerson for who gave it and for their deputy, and AlreadyDecided the second time.
    """
    finding = _standing(finding_id, actor, today)
    with recording(actor):
        rows = FindingReply.objects.select_for_update(no_key=True)
        row = rows.filter(rule=finding.rule, subject_id=finding.subject_id, since_on=finding.since_on).first()
        if row is None:
            raise Conflict(_("尚无说明，不能核销。"))
        if is_own(row.replied_by_id, actor):
            raise SamePerson(_("不能核销自己说明的疑点。"))
        _require_open(row, version)
        FindingReply.objects.filter(pk=row.pk).update(
            written_off_by_id=actor.id, written_off_by_name=actor.name, written_off_at=now, note=note
        )
    return FindingReply.objects.get(pk=row.pk)


def _standing(finding_id: uuid.UUID, actor: Principal, today: dt.date) -> Finding:
    finding = selectors.findings(actor, today=today).filter(pk=finding_id).first()
    if finding is None:
        raise Missing
    return finding


def _require_open(row: FindingReply, version: int | None) -> None:
    if version is not None and row.version != version:
        raise Stale
    if row.written_off_at is not None:
        raise AlreadyDecided(_("该疑点已核销。"))
