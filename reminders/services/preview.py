"""What a ladder would send: the sweep's own statements, run on the coming days and undone."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection
from django.utils import timezone

from accounts.roles import Act, Principal
from common import calendar
from common.errors import Denied
from common.recording import recording
from reminders.errors import PreviewTooLong, RetiredRung, SweepAtWork
from reminders.lifecycle import OPEN_DELIVERIES
from reminders.models import Reminder, Rung
from reminders.rules import Window
from reminders.services import rungs as ladders
from reminders.services import sweep
from reminders.sources import Source, sources

DAYS = 30
PATIENCE = 15.0  # seconds after which a preview is given up: the sweep, which comes every two minutes, stands back for it
LOCK_PATIENCE = 2.0  # seconds that it waits for a row, which workers that send may hold


@dataclass(frozen=True)
class Load:
    """How many messages leave, and how many reminders they carry."""

    messages: int = 0
    reminders: int = 0


@dataclass(frozen=True)
class Preview:
    """The next window, and every day of the next thirty on which a window opens, in order."""

    window_on: dt.date
    tonight: Load
    days: dict[dt.date, Load] = field(default_factory=dict)


class _Undone(Exception):
    """Takes everything back that was tried."""


def preview(proposed: Sequence[Rung] | None, *, now: dt.datetime, actor: Principal) -> Preview:
    """What leaves in the next window and on the days after it, with the proposed rungs in place of all; None: as they are.

    Everything is tried in one transaction and undone. Raises Denied, SameRung, RetiredRung, RuleBroken (a ladder that would
    not hold), SweepAtWork, PreviewTooLong.
    """
    if not actor.may(Act.SUPERVISE):
        raise Denied
    found: list[Preview] = []
    with suppress(_Undone), recording(actor), _bounded():
        if not sweep.try_lock():
            raise SweepAtWork
        _limit()
        if proposed is not None:
            ladders.judge_whole(proposed)
            _put_in_place(proposed)
        found.append(_look(now=now, actor=actor))
        raise _Undone
    return found[0]


@contextmanager
def _bounded() -> Iterator[None]:
    """No statement begins after so long, and none runs longer. Raises PreviewTooLong."""
    end = time.monotonic() + PATIENCE

    def in_time(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if time.monotonic() > end:
            raise PreviewTooLong
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(in_time):
            yield
    except OperationalError as error:  # one of the limits set in _limit
        raise PreviewTooLong from error


def _limit() -> None:
    """Inside the transaction that is undone, so that the limits go with it."""
    with connection.cursor() as cursor:
        limits = [f"{int(seconds * 1000)}ms" for seconds in (PATIENCE, LOCK_PATIENCE)]
        cursor.execute("SELECT set_config('statement_timeout', %s, true), set_config('lock_timeout', %s, true)", limits)


def _put_in_place(proposed: Iterable[Rung]) -> None:
    """Rungs by id stay the same ones, so that who was told on them stays told. Raises RetiredRung where one takes the key of another."""
    known = set(Rung.objects.values_list("pk", flat=True))
    kept = [rung for rung in proposed if rung.pk in known]
    Rung.objects.exclude(pk__in=[rung.pk for rung in kept]).update(is_active=False)
    fresh = [rung for rung in proposed if rung.pk not in known]
    # a retired twin would hold the key of a new rung
    for rung in fresh:
        twins = Rung.objects.filter(is_active=False, subject_kind=rung.subject_kind, kind=rung.kind, days=rung.days, audience=rung.audience)
        if twin := twins.first():
            rung.pk = twin.pk
            kept.append(rung)
    try:
        Rung.objects.bulk_update(kept, ["kind", "days", "in_working_days", "audience", "letter", "is_active"])
    except IntegrityError as error:
        raise RetiredRung from error
    Rung.objects.bulk_create([rung for rung in fresh if rung not in kept])


def _look(*, now: dt.datetime, actor: Principal) -> Preview:
    opens = sweep.due_at(now=now)
    window_on = timezone.localdate(opens)
    sweep.run(since=None, now=max(now, opens), actor=actor)
    aboard = Reminder.objects.pending().filter(delivery__state__in=OPEN_DELIVERIES)
    tonight = Load(aboard.values("delivery_id").distinct().count(), aboard.count())
    return Preview(window_on, tonight, {window_on: tonight} | _days_after(window_on))


def _days_after(first: dt.date) -> dict[dt.date, Load]:
    """For every later day: who is told of what reaches a rung on it, if nothing is done meanwhile."""
    days = [first + dt.timedelta(days=number) for number in range(1, DAYS)]
    people: dict[dt.date, set[Any]] = {}
    reminders: Counter[dt.date] = Counter()
    sends = _sending_days(days)
    climbed = sweep.ladders()
    ends = sweep.last_days([rung for rungs in climbed.values() for rung in rungs], [first, *days])
    for source in sources():
        for day, user, count in _raised(source, climbed[source.kind], [first, *days], ends):
            people.setdefault(sends[day], set()).add(user)
            reminders[sends[day]] += count
    within = sorted({day for day in sends.values() if day <= days[-1]})
    return {day: Load(len(people.get(day, ())), reminders[day]) for day in within}


def _sending_days(days: Iterable[dt.date]) -> dict[dt.date, dt.date]:
    """Of each day the one whose window carries what comes due on it."""
    working_only = Window.parse(settings.REMINDER_WINDOW).working_days_only
    return {day: calendar.next_working_day(day) if working_only else day for day in days}


def _raised(
    source: Source, rungs: Iterable[Rung], days: Sequence[dt.date], ends: Mapping[sweep.Step, dt.date]
) -> list[tuple[dt.date, Any, int]]:
    """(day, person, obligations) that reach a rung on one of these days after the first; of several rungs a day one line is heard."""
    steps: dict[str, list[Any]] = {"rungs": [], "audiences": [], "on": [], "after": [], "up_to": []}
    for rung in rungs:
        reached = [ends[rung.pk, day] for day in days]
        for day, after, up_to in zip(days[1:], reached, reached[1:], strict=False):
            if after < up_to:
                for name, value in zip(steps, (rung.pk, rung.audience, day, after, up_to), strict=True):
                    steps[name].append(value)
    if not steps["on"]:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            RAISED.replace("{obligations}", source.obligations).replace("{maker}", source.maker).replace("{stand_in}", source.stand_in),
            sweep.audience(source, today=days[1]) | steps,
        )
        return cursor.fetchall()


REACHING = """
SELECT o.*, {maker} AS made_by_id, {stand_in} AS stand_in_id, s.rung_id, s.audience, s.on_day
  FROM unnest(%(rungs)s::uuid[], %(audiences)s::text[], %(on)s::date[], %(after)s::date[], %(up_to)s::date[])
       AS s (rung_id, audience, on_day, after_on, up_to_on)
  JOIN ({obligations}) o ON o.due_on > s.after_on AND o.due_on <= s.up_to_on
"""

RAISED = f"""{sweep.TOLD.replace("{due}", REACHING)}
SELECT t.on_day, t.user_id, count(DISTINCT t.subject_id) FROM told t GROUP BY t.on_day, t.user_id
"""
