"""The file that tells a visitor how to sign in: written whole or not at all, and true on every start."""

import contextlib
import datetime as dt
import json
import os
import secrets
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import check_password, make_password

from accounts import selectors
from accounts.models import ApiClient, Membership, User
from accounts.roles import POWERS
from accounts.services import clients
from common.actors import Actor
from common.recording import recording
from portfolio.services.demonstration import materials
from portfolio.services.demonstration.people import all_people

CLIENT_NAME = "演示令牌"
VALID_FOR = dt.timedelta(days=365)


def write(path: Path, *, base_url: str, now: dt.datetime, actor: Actor) -> int:
    """Write the file, keep the secrets in it that still open the door, renew the others; return how many are new."""
    known = _read(path)
    people, renewed = [], 0
    password_for_all = secrets.token_urlsafe(9)
    memberships = {row.user_id: row for row in Membership.objects.filter(user__in=all_people(), delegated_by=None).select_related("office")}
    with recording(actor):
        for user in sorted(all_people().filter(pk__in=memberships, is_active=True), key=_place):
            membership = memberships[user.pk]
            password, token = known.get(user.username or "", ("", ""))
            if not _opens(user, password, token, now):
                password, token = password_for_all, _renew(user, membership, password_for_all, now, actor)
                renewed += 1
            entry = {
                "username": user.username,
                "password": password,
                "role": membership.role,
                "office": membership.office.code,
                "token": token,
            }
            people.append(entry)
        # Inside the transaction: a file that cannot be written leaves the secrets of before.
        _replace(path, {"base_url": base_url, "people": people})
    return renewed


def _place(user: User) -> int:
    """The order of the table of people: the admin comes first."""
    return [row["username"] for row in materials.people()].index(user.username or "")


def _opens(user: User, password: str, token: str, now: dt.datetime) -> bool:
    client = selectors.client_by_key(token, now=now)
    return client is not None and client.user_id == user.pk and _fits(password, user.password)


def _renew(user: User, membership: Membership, password: str, now: dt.datetime, actor: Actor) -> str:
    """Give a person the password and a new token."""
    User.objects.filter(pk=user.pk).update(password=_hash(password))
    ApiClient.objects.filter(user=user, name=CLIENT_NAME).delete()
    scopes = sorted(POWERS[membership.role].acts)
    _client, token = clients.issue(CLIENT_NAME, office=membership.office, user=user, scopes=scopes, expires_at=now + VALID_FOR, actor=actor)
    return token


# Argon2 is slow on purpose, and whoever reads the file reads every password in it: people of one run share one hash.
_hash = cache(make_password)
_fits = cache(check_password)


def _read(path: Path) -> dict[str, tuple[str, str]]:
    """Password and token by user name; a broken file knows nobody."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        people = json.loads(path.read_text(encoding="utf-8"))["people"]
        return {person["username"]: (str(person["password"]), str(person["token"])) for person in people}
    return {}


def _replace(path: Path, content: dict[str, Any]) -> None:
    """`mkstemp` makes the file readable by its owner only; the rename is atomic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
