"""提醒函, 督办函, 升级函: numbered when the first message that carries them is judged to leave."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Max

from accounts.models import Office, OfficeKind
from accounts.querysets import valid_on
from projects.models import Assignment, Part, Project
from reminders.lifecycle import SUPERIORS, Audience, NumberedLetter
from reminders.models import OfficialLetter, Reminder, Rung
from reminders.selectors import reminders as selectors
from reminders.sources import source

NUMBERING = 7_201_002  # advisory lock: of two messages at once the second takes the next number after the first has committed

Key = tuple[str, uuid.UUID, dt.date, uuid.UUID]


def issue(items: Sequence[Reminder], *, today: dt.date) -> None:
    """Number the letters that these reminders bear and have not been issued; tie each reminder to its letter.

    Runs inside the transaction that judges the message: a number is taken for good or not at all, so that there is no gap.
    A superior's rung on the day of the office's letter is a copy of it, and bears its number.
    """
    fresh = [item for item in items if item.official_letter_id is None and item.rung.letter in NumberedLetter.values]
    if not fresh:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [NUMBERING])
    leading = _leading({item.rung for item in fresh})
    wanted = {_key(item, leading): item for item in fresh}
    letters = _issued(wanted)
    missing = [key for key in sorted(wanted, key=str) if key not in letters]
    if missing:
        rows = _rows([(key, wanted[key]) for key in missing], today=today)
        letters |= {_of(letter): letter for letter in OfficialLetter.objects.bulk_create(rows)}
    for item in fresh:
        item.official_letter = letters[_key(item, leading)]
    Reminder.objects.bulk_update(fresh, ["official_letter"])


def _key(item: Reminder, leading: dict[uuid.UUID, uuid.UUID]) -> Key:
    return item.subject_kind, item.subject_id, item.due_on, leading[item.rung_id]


def _of(letter: OfficialLetter) -> Key:
    return letter.subject_kind, letter.subject_id, letter.due_on, letter.rung_id


def _leading(rungs: set[Rung]) -> dict[uuid.UUID, uuid.UUID]:
    """Of each rung the one whose letter it carries: the office's of the same ladder, day and letter, else itself."""
    offices = {
        (rung.subject_kind, rung.kind, rung.days, rung.letter): rung.pk
        for rung in Rung.objects.filter(audience=Audience.OFFICE, is_active=True)
    }
    return {rung.pk: offices.get((rung.subject_kind, rung.kind, rung.days, rung.letter), rung.pk) for rung in rungs}


def _issued(keys: dict[Key, Reminder]) -> dict[Key, OfficialLetter]:
    found = OfficialLetter.objects.filter(subject_id__in={key[1] for key in keys})
    return {_of(letter): letter for letter in found if _of(letter) in keys}


def _rows(wanted: list[tuple[Key, Reminder]], *, today: dt.date) -> list[OfficialLetter]:
    """Rows with the next numbers of their kind and year."""
    last = dict(OfficialLetter.objects.filter(year=today.year).values_list("kind").annotate(last=Max("number")))
    facts = _facts({item.pk: key[3] for key, item in wanted}, [item for _key, item in wanted], today=today)
    rows = []
    for key, item in wanted:
        kind = item.rung.letter
        last[kind] = (last.get(kind) or 0) + 1
        office, told = facts[item.pk]
        rows.append(
            OfficialLetter(
                kind=kind, year=today.year, number=last[kind], subject_kind=key[0], subject_id=key[1], project_id=item.project_id,
                office_id=office, due_on=key[2], rung_id=key[3], issued_on=today, facts=told,
            )
        )  # fmt: skip
    return rows


def _facts(
    leading: dict[uuid.UUID, uuid.UUID], items: list[Reminder], *, today: dt.date
) -> dict[uuid.UUID, tuple[uuid.UUID | None, dict[str, Any]]]:
    """What each letter says, as it stands now: nothing that changes later changes it. With the answerable office."""
    projects = Project.objects.select_related("office", "authority").in_bulk({item.project_id for item in items if item.project_id})
    leads = _parts(projects, Part.LEAD, today=today)
    patrons = _parts(projects, Part.PATRON, today=today)
    answering = _answering([item for item in items if item.project_id is None], today=today)
    said = selectors.remarks(items, today=today)
    signer = Office.objects.filter(kind=OfficeKind.CITY_OFFICE).values_list("name", flat=True).first() or ""
    found = {}
    for item in items:
        project = projects.get(item.project_id) if item.project_id else None
        office, name = (project.office_id, project.office.name) if project else answering.get(item.subject_id, (None, ""))
        authority = project.authority.name if project and project.authority else ""
        patron = patrons.get(project.pk, "") if project else ""
        if item.rung.audience not in SUPERIORS or leading[item.pk] != item.rung_id:
            addressee, copies = name, [authority]
        elif item.rung.audience == Audience.PATRON:
            addressee, copies = patron or authority or name, [name]
        else:
            addressee, copies = authority or name, [name]
        found[item.pk] = (
            office,
            {
                "addressee": addressee,
                "copies": [copy for copy in copies if copy and copy != addressee],
                "subject": item.subject_name,
                "project": project.name if project else "",
                "project_code": (project.code if project else "") or "",
                "office": name,
                "lead": leads.get(project.pk, "") if project else "",
                "due_on": item.due_on.isoformat(),
                "overdue_days": max(0, (today - item.due_on).days),
                "to_do": str(source(item.subject_kind).to_do),
                "remark": said.get(item.subject_id, ""),
                "signed_by": signer,
            },
        )
    return found


def _parts(projects: dict[uuid.UUID, Project], part: str, *, today: dt.date) -> dict[uuid.UUID, str]:
    rows = Assignment.objects.filter(valid_on(today), project_id__in=list(projects), part=part).order_by("id")
    return dict(rows.values_list("project_id", "user__name"))


def _answering(items: list[Reminder], *, today: dt.date) -> dict[uuid.UUID, tuple[uuid.UUID | None, str]]:
    """The answerable office, id and name, of what belongs to no project."""
    found: dict[uuid.UUID, tuple[uuid.UUID | None, str]] = {}
    for kind in {item.subject_kind for item in items}:
        ids = [item.subject_id for item in items if item.subject_kind == kind]
        found |= selectors.offices_answering(source(kind), ids, today=today)
    return found
