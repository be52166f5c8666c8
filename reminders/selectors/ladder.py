"""The ladder of one obligation as a line: each rung with its day, who was told, and whether."""

import datetime as dt
import uuid
from dataclasses import dataclass, field

from django.db import connection

from accounts.roles import Principal
from common.models import WorkDay
from reminders.lifecycle import Audience, Letter, ReminderState, RungKind
from reminders.models import Reminder, Rung
from reminders.sources import source


@dataclass
class Step:
    """One day of the ladder. `on` is when it was told, else when it comes due (None: beyond the calendar)."""

    sign: str  # T+7
    letter: str
    audiences: list[str]
    on: dt.date | None
    people: list[str] = field(default_factory=list)
    state: str = "ahead"  # told, waiting, ahead, passed_over, over (it has ended before)
    letter_id: uuid.UUID | None = None


def steps(kind: str, subject_id: uuid.UUID, due_on: dt.date, actor: Principal, *, today: dt.date) -> list[Step]:
    """Of one obligation on one due date, as far as the actor may see, from the earliest rung to the last."""
    ahead = "ahead" if _stands(kind, subject_id, due_on, today) else "over"
    active = Rung.objects.filter(is_active=True, subject_kind__in=[kind]) | Rung.objects.filter(is_active=True, subject_kind=None)
    rungs = list(active)
    rungs = [rung for rung in rungs if rung.subject_kind == kind] or rungs
    told = list(
        Reminder.objects.visible_to(actor)
        .filter(subject_kind=kind, subject_id=subject_id, due_on=due_on)
        .select_related("rung", "recipient")
        .order_by("id")
    )
    days = _days(due_on, {_offset(rung) for rung in rungs if rung.in_working_days})
    groups: dict[tuple[int, str], list[Rung]] = {}
    for rung in [*rungs, *(one.rung for one in told if one.rung_id not in {rung.pk for rung in rungs})]:
        group = groups.setdefault((_offset(rung), rung.letter), [])
        if rung not in group:
            group.append(rung)
    found = []
    for (offset, letter), group in sorted(groups.items()):
        mine = [one for one in told if one.rung in group]
        on = days.get(offset) if group[0].in_working_days else due_on + dt.timedelta(days=offset)
        is_past = due_on < today and group[0].kind == RungKind.BEFORE  # nobody is told in advance of what is late
        found.append(_step(offset, group[0].kind, letter, group, mine, on, "passed_over" if is_past else ahead))
    return found


def _stands(kind: str, subject_id: uuid.UUID, due_on: dt.date, today: dt.date) -> bool:
    """Is the obligation open, with this due date?"""
    with connection.cursor() as cursor:
        sql = STANDS.replace("{obligations}", source(kind).obligations)
        cursor.execute(sql, {"subject": subject_id, "due_on": due_on, "today": today})
        return bool(cursor.fetchone()[0])


STANDS = "SELECT EXISTS (SELECT FROM ({obligations}) o WHERE o.subject_id = %(subject)s AND o.due_on = %(due_on)s)"


def _step(offset: int, kind: str, letter: str, group: list[Rung], mine: list[Reminder], on: dt.date | None, ahead: str) -> Step:
    sign = f"T{'−' if kind == RungKind.BEFORE else '+'}{abs(offset)}"
    step = Step(sign, str(Letter(letter).label), [str(Audience(rung.audience).label) for rung in group], on, state=ahead)
    sent = [one for one in mine if one.sent_at is not None]
    if sent:
        step.state, step.on = "told", min(one.sent_at for one in sent if one.sent_at).date()
        step.letter_id = next((one.official_letter_id for one in sent if one.official_letter_id), None)
    elif any(one.state == ReminderState.PENDING for one in mine):
        step.state = "waiting"
    elif mine:
        step.state = "passed_over"
    shown = sent or [one for one in mine if one.state == ReminderState.PENDING]
    step.people = list(dict.fromkeys(one.recipient.name for one in shown))
    return step


def _offset(rung: Rung) -> int:
    return -rung.days if rung.kind == RungKind.BEFORE else rung.days


def _days(due_on: dt.date, offsets: set[int]) -> dict[int, dt.date]:
    """The working days that lie so many working days from the due date, as far as the calendar reaches."""
    known = dict(
        WorkDay.objects.filter(day__range=(due_on - dt.timedelta(days=400), due_on + dt.timedelta(days=400))).values_list("day", "nth")
    )
    if due_on not in known:
        return {}
    first: dict[int, dt.date] = {}
    for day, nth in sorted(known.items()):
        first.setdefault(nth, day)
    return {offset: first[known[due_on] + offset] for offset in offsets if known[due_on] + offset in first}
