"""Named filters over milestones: the SQL twins of `rules.py`."""

import datetime as dt
from typing import Self

from django.db.models import BooleanField, Case, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from common.expressions import DaysBetween
from projects.lifecycle import UNHURRIED
from projects.querysets import PartQuerySet


class MilestoneQuerySet(PartQuerySet):
    def open(self) -> Self:
        return self.filter(achieved_on__isnull=True)

    def overdue(self, *, today: dt.date) -> Self:
        return self.filter(overdue_on(today))

    def judged(self, *, today: dt.date, past: bool = False) -> Self:
        """Adds what depends on the day: `is_overdue`, `overdue_days`, `was_late`; and `slippage_days`."""
        late = overdue_on(today, past=past)
        achieved = Case(When(achieved_on__lte=today, then=F("achieved_on")), default=Value(None))
        return self.annotate(
            achieved_by=achieved,
            is_overdue=Case(When(late, then=Value(True)), default=Value(False)),
            overdue_days=Case(When(late, then=DaysBetween(today, F("due_on"))), default=Value(0), output_field=IntegerField()),
            slippage_days=Case(
                When(baseline_on__isnull=True, then=Value(None)),
                default=DaysBetween(Coalesce(achieved, F("forecast_on"), F("due_on")), F("baseline_on")),
                output_field=IntegerField(),
            ),
            was_late=Case(When(was_late_on(today), then=Value(True)), default=Value(False)),
        )


def open_on(day: dt.date) -> Q:
    return Q(achieved_on__isnull=True) | Q(achieved_on__gt=day)


def overdue_on(today: dt.date, *, past: bool = False) -> Q:
    """Twin of `rules.is_overdue`. On a `past` day the stage of that day decides whether dates pressed."""
    return open_on(today) & Q(due_on__lt=today) & (_pressed_on(today) if past else ~Q(project__stage__in=UNHURRIED))


def _pressed_on(day: dt.date) -> Q:
    stage = Func(F("project_id"), F("project__stage"), Value(day), function="projects_stage_as_of")
    return Q(Func(stage, function="projects_dates_press", output_field=BooleanField()))


def was_late_on(today: dt.date) -> Q:
    """Twin of `rules.was_late`."""
    return Q(missed_due_on__lt=today) | (Q(due_on__lt=today) & (open_on(today) | Q(achieved_on__gt=F("due_on"))))
