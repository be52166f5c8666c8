"""What reports and plans share: submitted by one person, sent back or approved by another."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from common import calendar
from common.actors import Actor
from common.decisions import require_another
from common.errors import AlreadyDecided, RuleBroken
from projects.errors import NotMovable
from projects.models import ReportState
from projects.models.filing import Filing
from projects.rules import MOVABLE, closing_on

DAYS_TO_DECIDE = 2  # working days; practice elsewhere is 48 hours
DAYS_TO_CORRECT = 2  # working days after it was sent back


def closing_day_of(month: dt.date) -> dt.date:
    """The last day on which a month may be filed, by the city's setting."""
    return closing_on(month, closing_day=settings.REPORT_CLOSING_DAY)


def require_movable(filing: Filing) -> None:
    """Raises NotMovable for what waits for a decision or has one."""
    if filing.state not in MOVABLE:
        words = {
            ReportState.SUBMITTED: _("已报送，正在等待审核，不能修改或再次报送；需要改动请审核人退回。"),
            ReportState.APPROVED: _("已审核通过，不能再改；确需改动请提出修订。"),
        }
        raise NotMovable(words[ReportState(filing.state)], filing.state)


def require_submitted(filing: Filing, actor: Actor) -> None:
    """Raises NotMovable for a draft, AlreadyDecided for what was decided, SamePerson for the one who submitted."""
    if filing.state == ReportState.DRAFT:
        raise NotMovable(_("尚未报送，不能审核。"), filing.state, allowed=[ReportState.SUBMITTED])
    if filing.state != ReportState.SUBMITTED:
        raise AlreadyDecided
    require_another(filing.submitted_by_id, actor)


def require_reason(reason: str) -> str:
    if not reason.strip():
        raise RuleBroken.at("reason", _("退回须写明原因。"), "required")
    return reason.strip()


def submitted(*, actor: Actor, today: dt.date, now: dt.datetime) -> dict[str, Any]:
    """The columns that a submission writes. Who decided an earlier version is in history; the reason stays in sight."""
    return {
        "state": ReportState.SUBMITTED,
        "submitted_by_id": actor.id,
        "submitted_by_name": actor.name,
        "submitted_at": now,
        "decision_due_on": calendar.working_days_after(today, DAYS_TO_DECIDE),
        "decided_by_id": None,
        "decided_by_name": "",
        "decided_at": None,
    }


def decided(state: str, *, actor: Actor, now: dt.datetime, reason: str = "") -> dict[str, Any]:
    """The columns that a decision writes."""
    return {"state": state, "decided_by_id": actor.id, "decided_by_name": actor.name, "decided_at": now, "return_reason": reason}
