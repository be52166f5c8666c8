"""What the board says: counts by region, office and stage, the promises of the year, and who was told."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Max, Q, Subquery, Sum, Value

from accounts.roles import Act, Principal
from milestones.rules import lateness
from portfolio.models import Commitment, CommitmentKind, CommitmentProject
from portfolio.rules import deadline
from projects.lifecycle import UNHURRIED, Stage
from projects.models import Region, Status
from projects.querysets import in_reach
from reminders.lifecycle import DeliveryState, Letter, ReminderState
from reminders.models import Delivery, Reminder

LONG_OVERDUE_DAYS = 30
TOLD_ROWS = 8


@dataclass(frozen=True)
class Tally:
    """What a group of projects adds up to. `long_overdue` counts projects more than 30 days late."""

    projects: int = 0
    overdue_projects: int = 0
    overdue_milestones: int = 0
    long_overdue: int = 0
    longest: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.projects + other.projects,
            self.overdue_projects + other.overdue_projects,
            self.overdue_milestones + other.overdue_milestones,
            self.long_overdue + other.long_overdue,
            max(self.longest, other.longest),
        )

    @property
    def lamp(self) -> str:
        """Red from a project more than 30 days late on, amber for any late, green for none, grey for no project."""
        if not self.projects:
            return "grey"
        return "red" if self.long_overdue else "amber" if self.overdue_projects else "green"


@dataclass(frozen=True)
class Place:
    """A region on the tile map and in the table."""

    code: str
    name: str
    kind: str
    row: int | None
    column: int | None
    tally: Tally


@dataclass(frozen=True)
class Answerable:
    """An office and how late its projects are."""

    code: str
    name: str
    tally: Tally


@dataclass(frozen=True)
class Promise:
    """One project the report promised for its `year`, by its completion milestone."""

    year: int
    project_id: uuid.UUID
    name: str
    office: str
    stage: str
    completion_due_on: dt.date | None
    forecast_on: dt.date | None
    achieved_on: dt.date | None
    today: dt.date

    @property
    def due_on(self) -> dt.date | None:
        """What was promised, wherever the milestone was moved since."""
        return deadline(self.year, self.completion_due_on) if self.completion_due_on else None

    @property
    def moved_to(self) -> dt.date | None:
        """Its due date, where that was moved beyond the year of the report."""
        return self.completion_due_on if self.completion_due_on != self.due_on else None

    @property
    def overdue_days(self) -> int:
        presses = self.stage not in UNHURRIED
        return lateness.overdue_days(due_on=self.due_on, achieved_on=self.achieved_on, today=self.today, presses=presses)

    @property
    def days_late(self) -> int | None:
        """Achieved, else expected, after the due date; negative when before it."""
        expected = self.achieved_on or self.forecast_on
        return (expected - self.due_on).days if expected and self.due_on else None

    @property
    def days_early(self) -> int:
        return -(self.days_late or 0)

    @property
    def lamp(self) -> str:
        if self.overdue_days:
            return "red"
        if self.due_on is None or (self.achieved_on is None and self.stage in UNHURRIED):
            return "grey"
        return "amber" if (self.days_late or 0) > 0 else "green"

    @property
    def is_kept(self) -> bool:
        return self.achieved_on is not None and self.lamp == "green"

    @property
    def is_broken(self) -> bool:
        """The day passed and it was not there, even if it came later."""
        return bool(self.overdue_days) or (self.achieved_on is not None and self.lamp == "amber")


@dataclass(frozen=True)
class Told:
    """One reminder that left."""

    person: str
    office: str
    subject: str
    project_id: uuid.UUID | None
    project: str
    due_on: dt.date
    letter: str
    sent_at: dt.datetime
    state: str

    @property
    def is_acknowledged(self) -> bool:
        return self.state == ReminderState.ACKNOWLEDGED

    @property
    def letter_word(self) -> Any:
        return Letter(self.letter).label


@dataclass(frozen=True)
class Deliveries:
    """Messages that have not arrived."""

    waiting: int
    failed: int


@dataclass(frozen=True)
class Board:
    today: dt.date
    whole: Tally
    by_stage: dict[str, int]
    places: list[Place]
    offices: list[Answerable]
    promises: list[Promise]
    year: int | None
    told: list[Told]
    deliveries: Deliveries | None

    @property
    def under_construction(self) -> int:
        return self.by_stage.get(Stage.CONSTRUCTION, 0)

    @property
    def finished(self) -> int:
        return self.by_stage.get(Stage.COMPLETED, 0) + self.by_stage.get(Stage.OPERATION, 0)

    @cached_property
    def kept(self) -> int:
        return sum(promise.is_kept for promise in self.promises)

    @cached_property
    def broken(self) -> int:
        return sum(promise.is_broken for promise in self.promises)


def board(actor: Principal, *, today: dt.date) -> Board:
    """Everything the board shows, of the projects the actor may see. Packages are not counted beside their members."""
    groups = _groups(actor, today)
    year, promises = _promises(actor, today)
    return Board(
        today=today,
        whole=sum((group.tally for group in groups), Tally()),
        by_stage={stage: sum(g.tally.projects for g in groups if g.stage == stage) for stage in Stage.values},
        places=_places(groups),
        offices=_offices(groups),
        promises=promises,
        year=year,
        told=_told(actor),
        deliveries=_deliveries(actor),
    )


@dataclass(frozen=True)
class _Group:
    region: tuple[Any, ...]
    office: tuple[Any, ...]
    stage: str
    tally: Tally


REGION = ("code", "short_name", "kind", "tile_row", "tile_column")


def _groups(actor: Principal, today: dt.date) -> list[_Group]:
    """One statement: every region once, empty, then what the projects of each region, office and stage add up to."""
    statuses = Status.objects.visible_to(actor).filter(project__is_package=False).judged(today=today)
    late = Q(late_from_on__lt=today)
    long_late = Q(late_from_on__lt=today - dt.timedelta(days=LONG_OVERDUE_DAYS))
    counted = (
        statuses.values_list(*(f"project__region__{name}" for name in REGION), "office_code", "office_name", "stage")
        .annotate(
            n=Count("pk"),
            late=Count("pk", filter=late),
            milestones=Sum("overdue_count"),
            long_late=Count("pk", filter=long_late),
            longest=Max("overdue_days"),
        )
        .order_by()
    )
    nobody = {"office": Value(""), "office_name": Value(""), "stage": Value("")}
    nothing = {name: Value(0) for name in ("n", "late", "milestones", "long_late", "longest")}
    empty = Region.objects.annotate(**nobody, **nothing).values_list(*REGION, *nobody, *nothing).order_by()
    return [_Group(row[:5], row[5:7], row[7], Tally(*row[8:])) for row in counted.union(empty, all=True)]


def _places(groups: Iterable[_Group]) -> list[Place]:
    """Worst first. A region that nobody put on the map is listed only when it holds a project."""
    tallies = _added(groups, lambda group: group.region)
    places = [Place(code, name, kind, row, column, tally) for (code, name, kind, row, column), tally in tallies.items()]
    return sorted((p for p in places if p.row is not None or p.tally.projects), key=lambda p: (*_worst_first(p.tally), p.code))


def _offices(groups: Iterable[_Group]) -> list[Answerable]:
    """The offices with something overdue, worst first."""
    tallies = _added((group for group in groups if group.office[0]), lambda group: group.office)
    late = [Answerable(code, name, tally) for (code, name), tally in tallies.items() if tally.overdue_projects]
    return sorted(late, key=lambda office: (*_worst_first(office.tally), office.code))


def _added(groups: Iterable[_Group], key: Callable[[_Group], Any]) -> dict[Any, Tally]:
    tallies: dict[Any, Tally] = {}
    for group in groups:
        tallies[key(group)] = tallies.get(key(group), Tally()) + group.tally
    return tallies


def _worst_first(tally: Tally) -> tuple[int, int]:
    return -tally.overdue_milestones, -tally.longest


def _promises(actor: Principal, today: dt.date) -> tuple[int | None, list[Promise]]:
    """The projects of the latest report's "complete this year", red first, then amber, grey and green."""
    latest = Commitment.objects.order_by("-year").values("year")[:1]
    rows = (
        CommitmentProject.objects.filter(in_reach(actor, prefix="project__", key="project_id"))
        .filter(commitment__kind=CommitmentKind.COMPLETE_THIS_YEAR, commitment__year=Subquery(latest), project__is_package=False)
        .order_by("commitment__position", "project_id")
        .values_list(
            "commitment__year", "project_id", "project__status__name", "project__status__office_name", "project__status__stage",
            "project__status__completion_due_on", "project__status__completion_forecast_on", "project__status__completion_achieved_on",
        )
    )  # fmt: skip
    found = {row[1]: Promise(*row, today=today) for row in rows}
    colors = ("red", "amber", "grey", "green")
    promises = sorted(found.values(), key=lambda p: (colors.index(p.lamp), -p.overdue_days))
    return next((promise.year for promise in promises), None), promises


def _told(actor: Principal) -> list[Told]:
    rows = (
        Reminder.objects.visible_to(actor)
        .filter(state__in=(ReminderState.SENT, ReminderState.ACKNOWLEDGED))
        .order_by("-due_at", "-id")
        .values_list(
            "recipient__name",
            "recipient_office__name",
            "subject_name",
            "project_id",
            "project__name",
            "due_on",
            "rung__letter",
            "sent_at",
            "state",
        )
    )
    shown: list[Any] = list(rows[:TOLD_ROWS])
    told = [Told(*row) for row in shown]
    return sorted(told, key=lambda reminder: reminder.sent_at, reverse=True)


def _deliveries(actor: Principal) -> Deliveries | None:
    """None for those who may not read the deliveries of others."""
    if not actor.may(Act.READ_DELIVERIES):
        return None
    counts = Delivery.objects.visible_to(actor).aggregate(
        waiting=Count("pk", filter=Q(state__in=(DeliveryState.WAITING, DeliveryState.SENDING))),
        failed=Count("pk", filter=Q(state__in=(DeliveryState.FAILED, DeliveryState.DEAD))),
    )
    return Deliveries(**counts)
