"""What a recipient answers to a reminder: known, or later."""

import datetime as dt
import uuid

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.roles import Principal
from common.errors import Denied, Missing, RuleBroken, Stale
from common.recording import recording
from reminders.errors import NotOpen
from reminders.lifecycle import ReminderState
from reminders.models import Reminder

LONGEST_SNOOZE = dt.timedelta(days=30)


def acknowledge(reminder_id: uuid.UUID, *, version: int | None = None, actor: Principal) -> Reminder:
    """Close this reminder for its recipient. The next rung still comes, unless an answer stands (a forecast, a request)."""
    with recording(actor):
        _own(reminder_id, version, actor)
        Reminder.objects.filter(pk=reminder_id).update(state=ReminderState.ACKNOWLEDGED, acknowledged_at=Now())
    return Reminder.objects.get(pk=reminder_id)


def snooze(
    reminder_id: uuid.UUID, *, until_on: dt.date, reason: str, version: int | None = None, actor: Principal, today: dt.date
) -> Reminder:
    """Put a pending reminder off until a day to come."""
    if until_on <= today:
        raise RuleBroken.at("until_on", _("暂缓日期须晚于今天。"))
    if until_on > today + LONGEST_SNOOZE:
        raise RuleBroken.at("until_on", _("最多暂缓 30 天。"))
    with recording(actor):
        reminder = _own(reminder_id, version, actor)
        if reminder.state != ReminderState.PENDING:
            raise NotOpen
        Reminder.objects.filter(pk=reminder_id).update(snoozed_until_on=until_on, state_reason=reason)
    return Reminder.objects.get(pk=reminder_id)


def require_recipient(reminder: Reminder, actor: Principal) -> None:
    """Raises Denied."""
    if reminder.recipient_id != actor.user_id:
        raise Denied(_("只有收件人可以知悉或暂缓。"))


def _own(reminder_id: uuid.UUID, version: int | None, actor: Principal) -> Reminder:
    reminder = Reminder.objects.select_for_update(no_key=True, of=("self",)).filter(pk=reminder_id).first()
    if reminder is None:
        raise Missing
    require_recipient(reminder, actor)
    if version is not None and reminder.version != version:
        raise Stale
    if reminder.state not in (ReminderState.PENDING, ReminderState.SENT):
        raise NotOpen
    return reminder
