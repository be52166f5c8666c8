"""Who somebody is today: roles and offices resolved into a principal."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import replace
from functools import reduce
from operator import or_

from django.db import connection
from django.db.models import Max, Q, QuerySet

from accounts.models import ApiClient, Membership, User
from accounts.querysets import HOLDS
from accounts.roles import OF_THE_WHOLE, POWERS, Act, Grant, Principal, Role


def person(user: User, *, today: dt.date) -> Principal:
    """The principal of a person who signed in."""
    with connection.cursor() as cursor:  # asked at every request: building it as an expression cost more than running it
        cursor.execute(HELD, {"user": user.id, "today": today})
        rows = cursor.fetchall()
    delegators = frozenset(row[-2] for row in rows if row[-2] is not None)
    return Principal(
        kind="person", name=user.name, id=user.id, user_id=user.id, delegators=delegators, today=today,
        was_declined=any(row[-1] for row in rows), grants=_grants(row[:-2] for row in rows),
    )  # fmt: skip


HELD = """
SELECT m.role, o.id, o.name, o.code, o.path, m.delegated_by_id,
       EXISTS (SELECT FROM accounts_membership lent WHERE lent.delegated_by_id = m.user_id AND lent.declined_on IS NOT NULL
                  AND lent.valid_until_on >= %(today)s)
  FROM accounts_membership m JOIN accounts_office o ON o.id = m.office_id JOIN accounts_user u ON u.id = m.user_id
 WHERE m.user_id = %(user)s AND u.is_active AND {holds}
 ORDER BY m.id
""".replace("{holds}", HOLDS)


def client(key: ApiClient, *, today: dt.date) -> Principal:
    """The principal of an API key: a person's own token is that person, cut to its scopes; else the client itself."""
    scopes = frozenset(key.scopes)
    if key.user is not None:
        whole = person(key.user, today=today)
        cut = tuple(replace(g, acts=g.acts & scopes) for g in whole.grants)
        return replace(whole, sees_own=Act.READ in scopes, is_cut=not scopes >= set(Act.values), grants=cut)
    office_ids = _at_or_below([key.office.path])[key.office.path]
    grant = Grant("client", key.office_id, key.office.name, key.office.code, office_ids, scopes - OF_THE_WHOLE, everywhere=False)
    return Principal(kind="client", name=key.name, id=key.id, today=today, grants=(grant,))


def client_by_key(secret: str, *, now: dt.datetime) -> ApiClient | None:
    """The usable client whose key this is. The prefix finds the row, the digest proves the key."""
    prefix, _, rest = secret.partition(".")
    if not rest:
        return None
    with connection.cursor() as cursor:  # asked at every request too, see `person`
        cursor.execute(USABLE, {"prefix": prefix, "digest": digest(secret), "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    *columns, name = row
    key = ApiClient.from_db("default", COLUMNS, columns)
    if key.user_id is not None:
        key.user = User.from_db("default", ("id", "name"), (key.user_id, name))
    return key


COLUMNS = ("id", "name", "office_id", "user_id", "scopes", "last_used_at")  # in the order of the model
USABLE = """
SELECT {columns}, u.name
  FROM accounts_apiclient c LEFT JOIN accounts_user u ON u.id = c.user_id
 WHERE c.key_prefix = %(prefix)s AND c.key_digest = %(digest)s AND c.expires_at > %(now)s AND u.is_active IS NOT FALSE
""".replace("{columns}", ", ".join(f"c.{name}" for name in COLUMNS))


def digest(secret: str) -> str:
    """SHA-256 is enough: the secret is 256 bits of chance, not a password."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _grants(memberships: Iterable[tuple[str, uuid.UUID, str, str, str]]) -> tuple[Grant, ...]:
    rows = list(memberships)
    below = _at_or_below(sorted({path for role, _, _, _, path in rows if not POWERS[role].everywhere}))
    return tuple(
        Grant(role, office, name, code, below.get(path, frozenset({office})), POWERS[role].acts, POWERS[role].everywhere)
        for role, office, name, code, path in rows
    )


BELOW = "SELECT id, path FROM accounts_office WHERE {paths}"


def _at_or_below(paths: list[str]) -> dict[str, frozenset[uuid.UUID]]:
    if not paths:
        return {}
    found: dict[str, set[uuid.UUID]] = {path: set() for path in paths}
    with connection.cursor() as cursor:
        cursor.execute(BELOW.replace("{paths}", " OR ".join(["path LIKE %s"] * len(paths))), [f"{path}%" for path in paths])
        for office_id, office_path in cursor.fetchall():
            for path in paths:
                if office_path.startswith(path):
                    found[path].add(office_id)
    return {path: frozenset(ids) for path, ids in found.items()}


def assignable(actor: Principal) -> QuerySet[User]:
    """The people one may give a part in a project: of the offices in reach."""
    people = User.objects.filter(is_active=True)
    return people if actor.sees_everything else people.filter(office_id__in=list(actor.office_ids))


def deputies_for(actor: Principal) -> QuerySet[User]:
    """The people who may stand in for one: of the office where one holds a role and of those below it; above it, who files or decides there.

    Leaders, who see everything and file nothing, are not asked to do the work of an office.
    """
    own = (
        Membership.objects.valid(today=actor.today)
        .filter(user_id=actor.user_id, delegated_by__isnull=True)
        .values_list("office__path", flat=True)
    )
    paths = set(own)
    if not paths:
        return User.objects.none()
    above = {"/" + "/".join(codes[: n + 1]) + "/" for path in paths for codes in [path.strip("/").split("/")] for n in range(len(codes))}
    works = Membership.objects.valid(today=actor.today).filter(
        office__path__in=above, role__in=(Role.EDITOR, Role.APPROVER), delegated_by=None
    )
    branch = reduce(or_, (Q(office__path__startswith=path) for path in paths), Q(office__path__in=above, pk__in=works.values("user")))
    return User.objects.filter(branch, is_active=True).exclude(pk__in=[actor.user_id] if actor.user_id else []).select_related("office")


def deputies(actor: Principal) -> QuerySet[Membership]:
    """Those who stand in for one, and those for whom one stands in; the past ones too."""
    lent = Membership.objects.filter(delegated_by__isnull=False)
    return lent.filter(Q(delegated_by=actor.user_id) | Q(user=actor.user_id)) if actor.user_id else lent.none()


def declined(actor: Principal) -> list[tuple[str, dt.date]]:
    """Who declined to stand in for the actor in days that are not over, and until when they were to."""
    lent = Membership.objects.filter(delegated_by=actor.user_id, declined_on__isnull=False, valid_until_on__gte=actor.today)
    rows = lent.values_list("user", "user__name").annotate(until=Max("valid_until_on")).order_by("user__name")
    return [(name, until) for _key, name, until in rows]


def stood_in_for(user_id: uuid.UUID, *, today: dt.date) -> list[tuple[str, dt.date]]:
    """For whom this person stands in today, and until when; by name."""
    held = Membership.objects.valid(today=today).filter(user_id=user_id, delegated_by__isnull=False)
    rows = held.values_list("delegated_by", "delegated_by__name").annotate(until=Max("valid_until_on")).order_by("delegated_by__name")
    return [(name, until) for _key, name, until in rows]
