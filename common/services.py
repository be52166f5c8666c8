"""Writes of no domain: which answer was given to which idempotency key."""

import datetime as dt
from collections.abc import Mapping
from typing import NamedTuple

from django.db import OperationalError, connection
from psycopg.errors import LockNotAvailable

from common.errors import IdempotencyInFlight, IdempotencyMismatch
from common.models import IdempotencyKey

KEPT = dt.timedelta(hours=24)
# One statement, so that of two at once exactly one has the key: the other waits in the unique index until the first commits
# (then it gets no row) or is undone (then it inserts). A key whose day is over is taken as if it were new.
CLAIM = """
    INSERT INTO common_idempotencykey AS kept (principal, route, key, fingerprint, headers, body, at)
    VALUES (%(principal)s, %(route)s, %(key)s, %(fingerprint)s, '{}', '', %(now)s)
    ON CONFLICT (principal, route, key) DO UPDATE
       SET fingerprint = excluded.fingerprint, status = NULL, headers = '{}', body = '', at = excluded.at
     WHERE kept.at <= %(over)s
"""


class Scope(NamedTuple):
    """Within which a key stands for one request."""

    principal: str
    route: str
    key: str


def claim_key(scope: Scope, *, fingerprint: str, now: dt.datetime) -> IdempotencyKey | None:
    """Take a key for the running transaction: None if it is free, else the row with the answer that was kept.

    Must be the transaction's first write: whoever waits for the key holds no other lock. Raises IdempotencyMismatch if the
    key stands for another request, IdempotencyInFlight if the first one still runs after two seconds; then the transaction
    is lost. May be repeated.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        try:
            cursor.execute(CLAIM, scope._asdict() | {"fingerprint": fingerprint, "now": now, "over": now - KEPT})
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise IdempotencyInFlight from error
            raise
        is_claimed = cursor.rowcount == 1
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")  # the locks of the effect are waited for as everywhere
    if is_claimed:
        return None
    kept = IdempotencyKey.objects.get(pk=scope)  # cannot have gone: the claim holds it, also where it changed nothing
    if kept.fingerprint != fingerprint:
        raise IdempotencyMismatch
    return kept


def keep_answer(scope: Scope, *, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Keep what was answered, in the transaction that claimed the key."""
    IdempotencyKey.objects.filter(pk=scope).update(status=status, headers=dict(headers), body=body)


def forget_keys(*, now: dt.datetime) -> int:
    """Delete the keys whose day is over; return how many. Safe to run twice, or late."""
    deleted, _by_table = IdempotencyKey.objects.filter(at__lte=now - KEPT).delete()
    return deleted
