"""Publishing a day of the calendar (调休): what is still to come is counted anew, what was told stays told."""

import datetime as dt
import uuid

from django.db import connection

from accounts.roles import Act, Principal
from common.errors import Denied, Missing, Stale
from common.models import WorkDay
from common.recording import recording
from reminders.models import Reminder
from reminders.services import sweep


def publish(day_id: uuid.UUID, *, is_working: bool, version: int | None = None, actor: Principal, now: dt.datetime) -> WorkDay:
    """Say officially whether one works on a day. Raises Denied, Missing, Stale.

    The counts of all days follow in one statement. Pending reminders whose window is still to come wait for the next one by
    the new calendar; the next sweep looks at the whole range.
    """
    if not actor.may(Act.ADMINISTER):
        raise Denied
    with recording(actor):
        day = WorkDay.objects.select_for_update(no_key=True).filter(pk=day_id).first()
        if day is None:
            raise Missing
        if version is not None and day.version != version:
            raise Stale
        WorkDay.objects.filter(pk=day_id).update(is_working=is_working, is_official=True)
        with connection.cursor() as cursor:
            cursor.execute(RECOUNT)
        waiting = Reminder.objects.pending().filter(due_at__gt=now).order_by("pk")
        ids = list(waiting.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
        Reminder.objects.filter(pk__in=ids).update(due_at=sweep.due_at(now=now))
        sweep.sweep_all_next()
    return WorkDay.objects.get(pk=day_id)


RECOUNT = """
UPDATE common_workday d SET nth = c.nth
  FROM (SELECT id, count(*) FILTER (WHERE is_working) OVER (ORDER BY day) AS nth FROM common_workday) c
 WHERE c.id = d.id AND d.nth <> c.nth
"""
