"""Balance plans (融资平衡方案): what a project expects to earn, spend and repay, year by year."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Fault
from common.recording import recording
from funding.errors import Duplicate
from funding.models import BalancePlan
from projects.services.locks import lock_part, lock_project


def create_plan(project_id: uuid.UUID, fields: Mapping[str, Any], *, actor: Actor) -> BalancePlan:
    """Enter the plan of one year. Raises Missing, and Duplicate when the year has one."""
    with recording(actor):
        lock_project(project_id)
        plan = BalancePlan(project_id=project_id, **fields)
        with _one_a_year(plan):
            plan.save(force_insert=True)
    return BalancePlan.objects.get(pk=plan.pk)


def edit_plan(plan_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> BalancePlan:
    """Change a plan's year or amounts. Raises Missing, Stale and Duplicate."""
    with recording(actor):
        plan = lock_part(BalancePlan, plan_id, version=version)
        for name, value in changes.items():
            setattr(plan, name, value)
        if changes:
            with _one_a_year(plan):
                BalancePlan.objects.filter(pk=plan.pk).update(**changes)
    return BalancePlan.objects.get(pk=plan_id)


def delete_plan(plan_id: uuid.UUID, *, version: int | None, actor: Actor) -> None:
    """Take a year out of the plan; history keeps it. Raises Missing and Stale."""
    with recording(actor):
        lock_part(BalancePlan, plan_id, version=version).delete()


@contextmanager
def _one_a_year(plan: BalancePlan) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "one_balance_plan_a_project_and_year" not in str(error):
            raise
        first = BalancePlan.objects.filter(project_id=plan.project_id, year=plan.year).values_list("pk", flat=True).first()
        detail = _("该年度已有平衡方案。")
        raise Duplicate(detail, first=first, faults=[Fault(("year",), "duplicate", detail)]) from error
