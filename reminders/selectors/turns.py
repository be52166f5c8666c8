"""Whose turn it is to decide what was asked for, as SQL on %(today)s.

An approver of the office that answers or of the nearest above it; where there is none, of the authority or above it; else an
administrator. Never who asked, nor who stands in for them (`common.decisions.is_own`). All of these may decide (`accounts.roles`),
so that nobody is told of what they may not see.
"""

import datetime as dt
import re
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from accounts.querysets import HOLDS
from reminders.sources import awaited

LENT = re.sub(r"\bm\.", "lent.", HOLDS)
HELD = f"accounts_membership m JOIN accounts_user u ON u.id = m.user_id AND u.is_active AND {HOLDS}"


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


def made_by(user: str, maker: str) -> str:
    """Whether `user` is `maker` or stands in for `maker`; null where nobody made it."""
    return f"""({user} = {maker} OR EXISTS (SELECT FROM accounts_membership lent
                                           WHERE lent.user_id = {user} AND lent.delegated_by_id = {maker} AND {LENT}))"""


def deciders(office: str, authority: str, maker: str) -> str:
    """Those whose turn it is: office_id, user_id, name; they may sit in more than one office only where they administer."""
    return f"""
    SELECT m.office_id, u.id AS user_id, u.name
      FROM {HELD} JOIN accounts_office place ON place.id = m.office_id
      LEFT JOIN accounts_office answering ON answering.id = {office} LEFT JOIN accounts_office charged ON charged.id = {authority}
     WHERE (m.role = 'admin' OR m.role = 'approver' AND (starts_with(answering.path, place.path) OR starts_with(charged.path, place.path)))
       AND {made_by("u.id", maker)} IS NOT TRUE
     ORDER BY CASE WHEN m.role = 'admin' THEN 3 WHEN starts_with(answering.path, place.path) THEN 1 ELSE 2 END,
              CASE WHEN m.role = 'admin' THEN 0 ELSE -length(place.path) END
     FETCH FIRST ROW WITH TIES"""


def deciding_office(office: str, authority: str, maker: str) -> str:
    """The office whose turn it is; where nobody may decide the city office, which is to appoint somebody."""
    return f"""coalesce((SELECT w.office_id FROM ({deciders(office, authority, maker)}) w ORDER BY w.office_id LIMIT 1),
                        (SELECT c.id FROM accounts_office c WHERE c.kind = 'city_office'), {office})"""


def nobody_approves(office: str, maker: str) -> str:
    """Whether neither the office nor one above it has an approver for it. Two sets are made once; few rows are looked at one by one."""
    return f"""({office} IS NULL OR {office} NOT IN ({COVERED})
            OR {maker} IN ({CONCERNED}) AND NOT EXISTS (
                SELECT FROM accounts_office base JOIN accounts_office above ON starts_with(base.path, above.path)
                  JOIN ({HELD}) ON m.office_id = above.id
                 WHERE base.id = {office} AND m.role = 'approver' AND {made_by("u.id", maker)} IS NOT TRUE))"""


# The offices that have an approver, or an office above them that has.
COVERED = f"""
    WITH RECURSIVE covered AS (
        SELECT m.office_id AS id FROM {HELD} WHERE m.role = 'approver'
        UNION SELECT below.id FROM accounts_office below JOIN covered ON below.parent_id = covered.id)
    SELECT id FROM covered"""

# Those by whose request an approver may be barred: approvers, and whoever let somebody stand in.
CONCERNED = """
    SELECT user_id FROM accounts_membership WHERE role = 'approver'
     UNION SELECT delegated_by_id FROM accounts_membership WHERE delegated_by_id IS NOT NULL"""

TURNS = f"""
SELECT q.subject_id, f.name,
       ARRAY(SELECT d.name FROM (SELECT DISTINCT ON (w.user_id) w.name, w.user_id
                                   FROM ({deciders("p.office_id", "p.authority_id", "q.asked_by_id")}) w) d ORDER BY d.name)
  FROM ({{requests}}) q JOIN projects_project p ON p.id = q.project_id
  JOIN accounts_office f ON f.id = {deciding_office("p.office_id", "p.authority_id", "q.asked_by_id")}
 WHERE q.subject_id = ANY (%(subjects)s)
"""
