"""What a message says: one digest a person, in plain text, HTML, markdown and data, composed from the facts of the moment."""

import datetime as dt
import uuid
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.selectors import stood_in_for
from projects.models import Status
from reminders.channels.message import Message, plain
from reminders.lifecycle import SUPERIORS
from reminders.models import Brake, Delivery, Reminder
from reminders.selectors import letters
from reminders.selectors import reminders as selectors
from reminders.sources import source


@dataclass(frozen=True)
class Line:
    """One obligation in a digest: what, whose, how late, what to do, where. `project` is empty where it belongs to none."""

    subject: str
    project: str
    office: str
    office_key: str  # two offices may have one name
    due_on: dt.date
    days: int  # positive: late by; negative: left
    letter: str
    to_do: str
    remark: str  # what the office has said already; empty where it has said nothing
    link: str
    letter_link: str  # of the numbered letter, to be printed; empty where there is none

    @property
    def days_left(self) -> int:
        return -self.days


@dataclass(frozen=True)
class Group:
    """The obligations of one office in a digest; `first` is the number of the first. `name` is empty where there is but one office."""

    name: str
    first: int
    lines: list[Line]


def digest(delivery: Delivery, items: list[Reminder], *, today: dt.date) -> Message:
    """The message of a delivery. Its Message-ID is the delivery's on every try, so that a copy can be recognized."""
    groups = _by_office(_lines(items, today=today))
    lines = [line for group in groups for line in group.lines]
    late = sum(line.days > 0 for line in lines)
    lent = stood_in_for(delivery.recipient_id, today=today)
    context = {
        "recipient": delivery.recipient,
        "groups": groups,
        "late": late,
        "coming": len(lines) - late,
        "today": today,
        "stood_in_for": lent,
        "link": settings.BASE_URL,
    }
    return Message(
        id=delivery.message_id,
        subject=_subject(late, len(lines) - late),
        text=render_to_string("reminders/digest.txt", context),
        html=render_to_string("reminders/digest.html", context),
        # several read the same robot: the message names the person
        head="\n".join([f"**{plain(delivery.recipient.name)}：{_subject(late, len(lines) - late)}**", *map(_stands_in, lent)]),
        lines=[f"{number}. {_chat_line(line)}" for number, line in enumerate(lines, 1)],
        link=f"{settings.BASE_URL}/my/",
        data={
            "recipient": {"id": delivery.recipient_id, "name": delivery.recipient.name},
            "stands_in_for": [{"name": name, "until_on": until} for name, until in lent],
            "items": [_told(line) for line in lines],
        },
        at=delivery.tried_at or delivery.created_at,
    )


def _stands_in(lent: tuple[str, dt.date]) -> str:
    name, until = lent
    return f"您代{plain(name)}办理至 {until}，{plain(name)}应办的提醒也发给您。"


def alarm(brake: Brake, addresses: list[str]) -> EmailMessage:
    """What the operators hear of a window that is held."""
    context = {"brake": brake, "link": f"{settings.BASE_URL}/deliveries/"}
    return EmailMessage(
        subject=f"防洪闸：{brake.window} 的 {brake.message_count} 封提醒已暂停",
        body=render_to_string("reminders/brake.txt", context),
        to=addresses,
        headers={"Message-ID": f"<brake-{brake.pk}@{settings.MESSAGE_ID_HOST}>", "Auto-Submitted": "auto-generated"},
    )


def _by_office(lines: list[Line]) -> list[Group]:
    """The office that is longest late comes first, and in it what is longest late: who reads of many asks who answers for it."""
    found: dict[str, list[Line]] = {}
    for line in sorted(lines, key=lambda line: (-line.days, line.project)):
        found.setdefault(line.office_key, []).append(line)
    before = accumulate((len(own) for own in found.values()), initial=1)
    return [Group(own[0].office if len(found) > 1 else "", first, own) for own, first in zip(found.values(), before, strict=False)]


def _chat_line(line: Line) -> str:
    name = plain(f"{line.project} · {line.subject}" if line.project else line.subject)
    when = f"逾期 {line.days} 天" if line.days > 0 else "今天到期" if line.days == 0 else f"剩 {line.days_left} 天"
    said = f"，已报：{line.remark}" if line.remark else ""
    return f"【{line.letter}】[{name}]({line.link}) {line.due_on}，{when}{said}"


def _told(line: Line) -> dict[str, Any]:
    return {
        "subject": line.subject,
        "project": line.project or None,
        "office": line.office,
        "due_on": line.due_on,
        "overdue_days": max(0, line.days),
        "letter": line.letter,
        "to_do": line.to_do,
        "remark": line.remark or None,
        "link": line.link,
    }


def _subject(late: int, coming: int) -> str:
    parts = [f"{late} 项逾期"] * bool(late) + [f"{coming} 项将到期"] * bool(coming)
    return f"重大项目提醒：{'，'.join(parts)}"


NO_OFFICE = ("", "")


def _lines(items: list[Reminder], *, today: dt.date) -> list[Line]:
    facts = Status.objects.in_bulk([item.project_id for item in items if item.project_id])
    offices = {key: (str(status.office_id), status.office_name) for key, status in facts.items()}
    offices |= _offices([item for item in items if item.project_id is None], today=today)
    said = selectors.remarks(items, today=today)
    return [
        Line(
            subject=item.subject_name,
            project=facts[item.project_id].name if item.project_id in facts else "",
            office=offices.get(item.project_id or item.subject_id, NO_OFFICE)[1],
            office_key=offices.get(item.project_id or item.subject_id, NO_OFFICE)[0],
            due_on=item.due_on,
            days=(today - item.due_on).days,
            letter=letters.titled(item.official_letter) if item.official_letter else item.rung.get_letter_display(),
            letter_link=f"{settings.BASE_URL}/letters/{item.official_letter_id}/" if item.official_letter_id else "",
            to_do=_to_do(item),
            remark=said.get(item.subject_id, ""),
            link=settings.BASE_URL + _path(item),
        )
        for item in items
    ]


def _to_do(item: Reminder) -> str:
    """What the reader is to do: who owes it, end it; a superior, and who hears for want of others, see that it is ended."""
    to_do = str(source(item.subject_kind).to_do)
    if item.fell_from is not None:
        return f"{item.fell_from.name}无人可办，故送您：请督促，并请为该单位指定人员。（{to_do}）"
    return f"请督促责任单位：{to_do}" if item.rung.audience in SUPERIORS else to_do


def _path(item: Reminder) -> str:
    """Who answers for it goes to the open form among what they owe; superiors, and who hears in another's stead, to where it stands."""
    if item.rung.audience in SUPERIORS or item.fell_from_id is not None:
        return source(item.subject_kind).path(item.subject_id, item.project_id)
    row = f"{item.subject_kind}-{item.subject_id}"
    return f"/my/?open={row}#{row}"


def _offices(items: list[Reminder], *, today: dt.date) -> dict[uuid.UUID, tuple[str, str]]:
    """Whose the obligations are that belong to no project: key and name."""
    subjects: dict[str, list[uuid.UUID]] = {}
    for item in items:
        subjects.setdefault(item.subject_kind, []).append(item.subject_id)
    found = (selectors.offices_answering(source(kind), ids, today=today) for kind, ids in subjects.items())
    return {key: (str(office), name) for answering in found for key, (office, name) in answering.items()}
