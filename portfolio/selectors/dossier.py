"""All that the page of one project shows: facts, dates, who was told, what changed, which promises it keeps."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, OuterRef, QuerySet
from django.db.models.functions import Cast, JSONObject

from accounts.querysets import valid_on
from accounts.roles import Principal
from common.errors import Missing
from funding.models import Allocation
from history.models import Change
from history.selectors import worth_telling
from milestones.models import Milestone
from portfolio.models import CommitmentProject
from projects.models import Assignment, Project, ProjectTag, Status
from projects.selectors.tabs import tab_counts
from reminders.lifecycle import ReminderState
from reminders.models import Reminder

CHANGE_ROWS = 12
READ_CHANGES = 60  # rows of history looked at to find that many worth telling


@dataclass(frozen=True)
class Dossier:
    """`status` carries the project, the counts of its tabs and, as plain values, `people`, `tags`, `promises` and `allocations` (yuan as Decimal)."""

    status: Any
    milestones: list[Any]
    told: list[dict[str, Any]]
    changes: list[dict[str, Any]]

    @property
    def worst(self) -> Any | None:
        """The milestone that is overdue for longest."""
        late = [milestone for milestone in self.milestones if milestone.is_overdue]
        return max(late, key=lambda milestone: milestone.overdue_days, default=None)


def dossier(project_id: uuid.UUID, actor: Principal, *, today: dt.date) -> Dossier:
    """Raises Missing when the project is absent or hidden."""
    status = (
        Status.objects.visible_to(actor)
        .filter(pk=project_id)
        .judged(today=today)
        .select_related("project__sector__parent", "project__package")
        .annotate(people=_people(today), tags=_tags(), promises=_promises(), allocations=_allocations(), **tab_counts())
        .first()
    )
    if status is None:
        raise Missing
    for allocation in status.allocations:
        allocation |= {name: Decimal(allocation[name]) for name in BALANCES}
    milestones = list(
        Milestone.objects.visible_to(actor)
        .of_projects([project_id])
        .judged(today=today)
        .annotate(told=_told())
        .order_by("position", "due_on", "id")
    )
    told = [reminder | {"milestone": milestone.name} for milestone in milestones for reminder in milestone.told]
    for reminder in told:
        reminder["at"] = dt.datetime.fromisoformat(reminder["at"])
    told.sort(key=lambda reminder: reminder["at"], reverse=True)
    return Dossier(status, milestones, told, list(_changes(project_id)))


def _rows(rows: QuerySet, **columns: Any) -> ArraySubquery:
    """Few and small rows of a part, fetched with their owner in one statement."""
    return ArraySubquery(rows.values(row=JSONObject(**columns)))


def _people(today: dt.date) -> ArraySubquery:
    rows = Assignment.objects.filter(valid_on(today), project=OuterRef("pk")).order_by("part", "user__name")
    return _rows(rows, part=F("part"), name=F("user__name"), office=F("user__office__name"))


def _tags() -> ArraySubquery:
    return ArraySubquery(ProjectTag.objects.filter(project=OuterRef("pk")).order_by("tag__kind", "tag__label").values("tag__label"))


def _promises() -> ArraySubquery:
    rows = CommitmentProject.objects.filter(project=OuterRef("pk")).order_by("commitment__year", "commitment__position")
    names = ("year", "document", "section", "quote", "kind")
    return _rows(rows, **{name: F(f"commitment__{name}") for name in names})


BALANCES = ("granted", "received", "paid")


def _allocations() -> ArraySubquery:
    """What sources gave to the project, largest first. Who sees the project sees them."""
    rows = Allocation.objects.filter(project=OuterRef("pk"), granted__gt=0).order_by("-granted", "pk")
    balances = {name: Cast(name, CharField()) for name in BALANCES}
    return _rows(rows, source_id=F("source_id"), source=F("source__name"), kind=F("source__kind"), use=F("use"), id=F("pk"), **balances)


def _told() -> ArraySubquery:
    rows = Reminder.objects.filter(subject_id=OuterRef("pk"), state__in=(ReminderState.SENT, ReminderState.ACKNOWLEDGED)).order_by(
        "-sent_at"
    )
    return _rows(
        rows, at=F("sent_at"), state=F("state"), letter=F("rung__letter"), kind=F("rung__kind"), days=F("rung__days"),
        person=F("recipient__name"), office=F("recipient_office__name"),
    )  # fmt: skip


# What people know by name. Keys, versions, derived and masked columns are nobody's business on a page.
FIELDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    Project._meta.db_table: (
        Project,
        (
            "name", "code", "stage", "unit_name", "unit_uscc", "nature", "approval_mode", "level", "total_investment", "capital", "scale",
            "starts_year", "ends_year", "is_public", "reminders_from_on", "is_package",
        ),
    ),
    Milestone._meta.db_table: (
        Milestone,
        (
            "name", "is_key", "weight", "basis", "document_no", "baseline_on", "due_on", "forecast_on", "forecast_reason",
            "achieved_on", "note",
        ),
    ),
}  # fmt: skip


def _changes(project_id: uuid.UUID) -> Iterator[dict[str, Any]]:
    """The latest changes of the project and its milestones, each with the fields that moved."""
    rows = Change.objects.filter(project_id=project_id, table_name__in=FIELDS).order_by("-sequence")[:READ_CHANGES]
    return worth_telling(rows, FIELDS, named=(Project,), limit=CHANGE_ROWS)
