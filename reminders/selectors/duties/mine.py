"""Which obligations are the actor's: as lead, as one of those who answer for the office, or as who may decide."""

import datetime as dt
import uuid
from typing import Any

from accounts.roles import Act, Principal, Role
from reminders.selectors.turns import nobody_approves
from reminders.sources import FILERS, Source, sources

AHEAD = dt.timedelta(days=30)  # how far ahead a date counts as owed


def answers(actor: Principal) -> bool:
    """Whether the actor files or decides for some office: they begin at what they owe."""
    return any(offices_answered_for(actor, entry) for entry in sources())


def offices_answered_for(actor: Principal, entry: Source) -> list[uuid.UUID]:
    """The offices for which the actor owes this kind: where they file, approve, or hold one of its roles."""
    if entry.roles == FILERS:
        grants = [grant for grant in actor.grants if Act.EDIT in grant.acts and not grant.everywhere]
    else:
        roles = {Role.APPROVER} if entry.has_maker else entry.roles
        grants = [grant for grant in actor.grants if grant.role in roles]
    return [office for grant in grants for office in grant.office_ids]


def values_of(actor: Principal, today: dt.date) -> dict[str, Any]:
    """What the branches and MINE ask by name."""
    offices = {f"offices_{entry.kind}": offices_answered_for(actor, entry) for entry in sources()}
    administers = any(grant.role == Role.ADMIN for grant in actor.grants)
    return {"user": actor.user_id, "users": actor.stands_for, "administers": administers, "today": today} | offices


def branches_of(kind: str = "") -> str:
    """The obligations of every kind, or of one."""
    return " UNION ALL ".join(
        OWED_OF_KIND.format(
            kind=entry.kind,
            obligations=entry.obligations,
            leads_answer=entry.leads_answer,
            maker=entry.maker,
            is_of_office=(DECIDED_HERE if entry.has_maker else OF_OFFICE).format(kind=entry.kind),
        )
        for entry in sources()
        if kind in ("", entry.kind)
    )


OWED_OF_KIND = """
SELECT '{kind}' AS kind, o.subject_id, o.subject_name, o.project_id, o.office_id, o.authority_id, o.due_on,
       {is_of_office} AS is_of_office, {leads_answer} AS leads_answer, {maker} AS maker_id
  FROM ({obligations}) o
"""
OF_OFFICE = "o.office_id = ANY (%(offices_{kind})s::uuid[])"
DECIDED_HERE = f"""(o.office_id = ANY (%(offices_{{kind}})s::uuid[])
        OR {nobody_approves("o.office_id", "o.maker_id")} AND (o.authority_id = ANY (%(offices_{{kind}})s::uuid[])
                                   OR %(administers)s AND {nobody_approves("o.authority_id", "o.maker_id")}))"""


# The one who makes does not check, nor does who stands in for them: what they asked for is not theirs to decide.
MINE = """(o.maker_id IS NULL OR o.maker_id <> ALL (%(users)s::uuid[])) AND (o.is_of_office
     OR o.leads_answer AND o.project_id IN (SELECT a.project_id FROM projects_assignment a
                                             WHERE a.user_id = ANY (%(users)s::uuid[]) AND a.part = 'lead'
                                               AND (a.valid_from_on IS NULL OR a.valid_from_on <= %(today)s)
                                               AND (a.valid_until_on IS NULL OR a.valid_until_on >= %(today)s)))"""
