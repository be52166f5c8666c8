"""All that the page of one milestone shows, in one statement."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, QuerySet
from django.db.models.functions import JSONObject

from accounts.roles import Principal
from common.decisions import RequestState
from common.errors import Missing
from milestones.models import Cause, DateChange, Dependency, Milestone, MilestoneEvidence
from reminders.lifecycle import ReminderState, SubjectKind
from reminders.models import Reminder


def sheet(milestone_id: uuid.UUID, actor: Principal, *, today: dt.date) -> Any:
    """The milestone, judged, with `before`, `after`, `proofs`, `moves` (newest first) and `told` as plain rows. Raises Missing."""
    found = (
        Milestone.objects.visible_to(actor)
        .filter(pk=milestone_id)
        .judged(today=today)
        .select_related("project__office", "project__authority")
        .annotate(
            before=_neighbours("before", "after"), after=_neighbours("after", "before"), proofs=_proofs(), moves=_moves(), told=_told()
        )
        .first()
    )
    if found is None:
        raise Missing
    for row in found.before + found.after:
        _days(row, "due_on", "forecast_on", "achieved_on")
    for row in found.moves:
        _days(row, "from_on", "to_on")
        row |= {
            "id": uuid.UUID(row["id"]),
            "days": (row["to_on"] - row["from_on"]).days,
            "cause": Cause(row["cause"]).label,
            "state_word": RequestState(row["state"]).label,
            "at": dt.datetime.fromisoformat(row["at"]),
        }
    for row in found.told:
        row |= {name: row[name] and dt.datetime.fromisoformat(row[name]) for name in ("due_at", "sent_at")}
    return found


def moved(moves: list[dict[str, Any]]) -> tuple[int, int]:
    """Number and sum of days of the approved moves."""
    days = [row["days"] for row in moves if row["state"] == RequestState.APPROVED]
    return len(days), sum(days)


def _days(row: dict[str, Any], *names: str) -> None:
    row |= {name: row[name] and dt.date.fromisoformat(row[name]) for name in names}


def _rows(rows: QuerySet, **columns: Any) -> ArraySubquery:
    return ArraySubquery(rows.values(row=JSONObject(**columns)))


def _neighbours(side: str, here: str) -> ArraySubquery:
    rows = Dependency.objects.filter(**{here: OuterRef("pk")}).order_by(f"{side}__position", f"{side}_id")
    names = ("name", "due_on", "forecast_on", "achieved_on")
    return _rows(rows, id=F(f"{side}_id"), lag_days=F("lag_days"), **{name: F(f"{side}__{name}") for name in names})


def _proofs() -> ArraySubquery:
    rows = MilestoneEvidence.objects.filter(milestone=OuterRef("pk")).order_by("id")
    return _rows(rows, id=F("evidence_id"), name=F("evidence__name"), kind=F("evidence__kind"))


def _moves() -> ArraySubquery:
    rows = DateChange.objects.filter(milestone=OuterRef("pk")).order_by("-created_at")
    return _rows(
        rows, id=F("pk"), from_on=F("from_on"), to_on=F("to_on"), cause=F("cause"), reason=F("reason"), state=F("state"),
        by=F("requested_by_name"), at=F("created_at"), note=F("decision_note"),
    )  # fmt: skip


def _told() -> ArraySubquery:
    """Who was told, and who is about to be: in the order in which it happened."""
    shown = (ReminderState.SENT, ReminderState.ACKNOWLEDGED, ReminderState.PENDING)
    rows = Reminder.objects.filter(subject_kind=SubjectKind.MILESTONE, subject_id=OuterRef("pk"), state__in=shown).order_by("due_at", "id")
    return _rows(
        rows, state=F("state"), letter=F("rung__letter"), due_at=F("due_at"), sent_at=F("sent_at"), person=F("recipient__name"),
        office=F("recipient_office__name"), letter_id=F("official_letter_id"),
    )  # fmt: skip
