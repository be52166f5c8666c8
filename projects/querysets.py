"""Named filters over projects and what belongs to them; `visible_to` stands in every read."""

import datetime as dt
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Case, DecimalField, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Coalesce

from accounts.querysets import valid_on
from accounts.roles import Principal
from common.expressions import DaysBetween

YUAN = DecimalField(max_digits=18, decimal_places=2)


def _of_year(year: int) -> Func:
    """What is planned for a year, as text. Django's key transform would take the year for a place in a list."""
    return Func(F("planned"), Value(str(year)), function="jsonb_extract_path_text", output_field=models.TextField())


def in_reach(actor: Principal, *, prefix: str = "", key: str = "pk") -> Q:
    """The projects `actor` may see: by answerable office, by authority, or by a part in the project of one's own or of
    somebody whose deputy one is.

    A reach of everything adds no predicate (measured: any predicate costs more than the page itself).
    `prefix` leads to the row that holds `office_id` and `authority_id`, `key` names the project's id.
    """
    if actor.sees_everything:
        return Q()
    offices = list(actor.office_ids)
    reach = Q(**{f"{prefix}office_id__in": offices}) | Q(**{f"{prefix}authority_id__in": offices})
    if actor.user_id is not None and actor.sees_own:
        assignments = apps.get_model("projects", "Assignment").objects.filter(valid_on(actor.today), user_id__in=actor.stands_for)
        reach |= Q(**{f"{key}__in": assignments.values("project_id")})
    return reach


class ProjectQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        return self.filter(in_reach(actor))


class StatusQuerySet(models.QuerySet):
    """Over the read model: one row a project."""

    def visible_to(self, actor: Principal) -> Self:
        return self.filter(in_reach(actor))

    def overdue(self, *, today: dt.date) -> Self:
        return self.filter(late_from_on__lt=today)

    def not_overdue(self, *, today: dt.date) -> Self:
        return self.filter(Q(late_from_on__isnull=True) | Q(late_from_on__gte=today))

    def judged(self, *, today: dt.date) -> Self:
        """Adds what depends on the day: `is_overdue`, `overdue_days`, `overdue_count`, `planned_this_year`, `invested_this_year` (yuan)."""
        return self.annotate(
            planned_this_year=Coalesce(Cast(_of_year(today.year), YUAN), Value(Decimal("0.00"), YUAN)),
            # on 1 January the year of the last report is no longer this one
            invested_this_year=Case(
                When(last_reported_month__year=today.year, then=F("invested_in_last_year")), default=Value(Decimal("0.00"))
            ),
            is_overdue=Case(When(late_from_on__lt=today, then=Value(True)), default=Value(False)),
            overdue_days=Case(
                When(late_from_on__lt=today, then=DaysBetween(today, F("late_from_on"))), default=Value(0), output_field=IntegerField()
            ),
            overdue_count=Case(
                When(late_from_on__lt=today, then=Func(Value(today - dt.timedelta(days=1)), F("open_dues"), function="width_bucket")),
                default=Value(0),
                output_field=IntegerField(),
            ),
        )


class PartQuerySet(models.QuerySet):
    """Over rows that belong to a project by `project_id`."""

    def visible_to(self, actor: Principal) -> Self:
        return self.filter(in_reach(actor, prefix="project__", key="project_id"))

    def of_projects(self, project_ids: Iterable[uuid.UUID]) -> Self:
        return self.filter(project_id__in=list(project_ids))


class AssignmentQuerySet(PartQuerySet):
    def valid(self, *, today: dt.date) -> Self:
        return self.filter(valid_on(today))


class TreeQuerySet(models.QuerySet):
    """Two-level lists: a node is at or below itself."""

    def at_or_below(self, codes: Iterable[str]) -> Self:
        wanted = list(codes)
        return self.filter(Q(code__in=wanted) | Q(parent__code__in=wanted))
