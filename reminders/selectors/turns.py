"""Whose turn it is to decide what was asked for."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from reminders.sources import awaited, deciders


@dataclass(frozen=True)
class Turn:
    """The office whose turn it is, and the people there who may decide. Where nobody may, `people` is empty."""

    office: str
    people: tuple[str, ...]


def turns(kind: str, subjects: Collection[uuid.UUID], *, today: dt.date) -> dict[uuid.UUID, Turn]:
    """By request that waits. What is not chased (the project rests) is not among them."""
    if not subjects:
        return {}
    requests = next(entry.requests for entry in awaited() if entry.kind == kind)
    with connection.cursor() as cursor:
        cursor.execute(TURNS.replace("{requests}", requests), {"subjects": list(subjects), "today": today})
        return {subject: Turn(office, tuple(people)) for subject, office, people in cursor.fetchall()}


TURNS = f"""
SELECT q.subject_id, f.name, ARRAY({deciders("q.office_id", "q.asked_by_id", select="DISTINCT u.name")} ORDER BY u.name)
  FROM ({{requests}}) q JOIN accounts_office f ON f.id = q.office_id
 WHERE q.subject_id = ANY (%(subjects)s)
"""
