"""What a message says: one digest a person, in plain text and HTML, composed from the facts of the moment."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from projects.models import Status
from reminders.models import Delivery, Reminder
from reminders.selectors import reminders as selectors
from reminders.sources import source


@dataclass(frozen=True)
class Line:
    """One obligation in a digest: what, whose, how late, what to do, where. `project` is empty where it belongs to none."""

    subject: str
    project: str
    office: str
    due_on: dt.date
    days: int  # positive: late by; negative: left
    letter: str
    to_do: str
    link: str

    @property
    def days_left(self) -> int:
        return -self.days


def digest(delivery: Delivery, items: list[Reminder], *, today: dt.date) -> EmailMultiAlternatives:
    """The message of a delivery. Its Message-ID is the delivery's on every try, so that a copy can be recognized."""
    lines = sorted((line for line in _lines(items, today=today)), key=lambda line: (-line.days, line.project))
    late = sum(line.days > 0 for line in lines)
    context = {
        "recipient": delivery.recipient,
        "lines": lines,
        "late": late,
        "coming": len(lines) - late,
        "today": today,
        "link": settings.BASE_URL,
    }
    message = EmailMultiAlternatives(
        subject=_subject(late, len(lines) - late),
        body=render_to_string("reminders/digest.txt", context),
        to=[delivery.recipient.email],
        headers={"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("reminders/digest.html", context), "text/html")
    return message


def _subject(late: int, coming: int) -> str:
    parts = [f"{late} 项逾期"] * bool(late) + [f"{coming} 项将到期"] * bool(coming)
    return f"重大项目提醒：{'，'.join(parts)}"


def _lines(items: list[Reminder], *, today: dt.date) -> list[Line]:
    facts = Status.objects.in_bulk([item.project_id for item in items if item.project_id])
    offices = _offices([item for item in items if item.project_id is None])
    return [
        Line(
            subject=item.subject_name,
            project=facts[item.project_id].name if item.project_id in facts else "",
            office=facts[item.project_id].office_name if item.project_id in facts else offices.get(item.subject_id, ""),
            due_on=item.due_on,
            days=(today - item.due_on).days,
            letter=item.rung.get_letter_display(),
            to_do=source(item.subject_kind).to_do,
            link=settings.BASE_URL + source(item.subject_kind).path(item.subject_id, item.project_id),
        )
        for item in items
    ]


def _offices(items: list[Reminder]) -> dict[uuid.UUID, str]:
    """Whose the obligations are that belong to no project."""
    subjects: dict[str, list[uuid.UUID]] = {}
    for item in items:
        subjects.setdefault(item.subject_kind, []).append(item.subject_id)
    return {key: name for kind, ids in subjects.items() for key, name in selectors.offices_answering(source(kind), ids).items()}
