"""The atomic block of every service: the transaction knows who acts, and history can say so."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from common.actors import Actor
from common.tracing import request_id

SET_ACTOR = "SELECT set_config('app.actor', %s, true), set_config('app.actor_name', %s, true), set_config('app.request_id', %s, true)"


@contextmanager
def recording(actor: Actor) -> Iterator[None]:
    """Run a block in one transaction on behalf of `actor`.

    Nested blocks must have the same actor: the inner one's settings would outlive it (a released savepoint keeps
    them), and the outer one's later writes would bear the wrong name.
    """
    outer: Actor | None = getattr(connection, "recording_actor", None)
    if outer is not None and outer.label != actor.label:
        raise RuntimeError(f"{actor.label} may not record inside a block of {outer.label}")
    with transaction.atomic():
        if outer is not None:
            yield
            return
        _name(actor.label, actor.name, request_id.get())
        connection.recording_actor = actor  # type: ignore[attr-defined]
        try:
            yield
        finally:
            connection.recording_actor = None  # type: ignore[attr-defined]
        if len(connection.savepoint_ids) > 0:  # inside a wider transaction the settings would live on
            _name("", "", "")


def _name(*values: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SET_ACTOR, values)
