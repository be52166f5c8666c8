"""Keys of the API: issued once in the clear, kept as a digest."""

import datetime as dt
import secrets
from collections.abc import Iterable

from accounts import selectors
from accounts.models import ApiClient, Office, User
from common.actors import Actor
from common.recording import recording

NOTED_EVERY = dt.timedelta(minutes=5)  # a busy key would else write a row a call


def issue(
    name: str, *, office: Office, user: User | None = None, scopes: Iterable[str], expires_at: dt.datetime, actor: Actor
) -> tuple[ApiClient, str]:
    """Make a key; return the row and the secret, which is never shown again."""
    prefix = f"mpt_{secrets.token_hex(4)}"
    secret = f"{prefix}.{secrets.token_urlsafe(32)}"
    with recording(actor):
        key = ApiClient.objects.create(
            name=name, office=office, user=user, scopes=list(scopes), expires_at=expires_at,
            key_prefix=prefix, key_digest=selectors.digest(secret),
        )  # fmt: skip
    return key, secret


def note_use(key: ApiClient, *, now: dt.datetime) -> None:
    """Remember when a key was last used (a quiet column: no history)."""
    if key.last_used_at is None or now - key.last_used_at > NOTED_EVERY:
        ApiClient.objects.filter(pk=key.pk).update(last_used_at=now)
