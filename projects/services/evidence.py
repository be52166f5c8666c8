"""Evidence: a file is put in its place before its row is written, so that a crash leaves a file without a row, never the reverse."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils.translation import gettext as _

from common import storage
from common.actors import Actor
from common.errors import InUse
from common.recording import recording
from projects.models import Evidence
from projects.services import uploads
from projects.services.locks import lock_part, lock_project
from projects.services.uploads import Prepared

ORPHANS_LIVE = dt.timedelta(days=1)


def add_evidence(project_id: uuid.UUID, upload: Any, *, name: str | None = None, actor: Actor, now: dt.datetime) -> Evidence:
    """Keep one file as evidence of a project. The same file once more is the row that is there already.

    Raises RuleBroken at `file` where it is not what may be kept, TooLarge, Missing.
    """
    return _keep(project_id, uploads.prepare([upload], now=now, name=name), actor)[0]


def add_many(project_id: uuid.UUID, files: Sequence[Any], *, actor: Actor, now: dt.datetime) -> list[Evidence]:
    """The same for up to nine files of one act, whole or not at all. Judging them takes time: call it with no lock held."""
    return _keep(project_id, uploads.prepare(files, now=now), actor)


def _keep(project_id: uuid.UUID, prepared: list[Prepared], actor: Actor) -> list[Evidence]:
    hashes = [one.original.sha256 for one in prepared]
    try:
        with recording(actor):
            lock_project(project_id)
            _lock_files(hashes)
            for one in prepared:
                storage.place(one.original, one.thumbnail)
            Evidence.objects.bulk_create([_row(project_id, one, actor) for one in prepared], ignore_conflicts=True)
            rows = {row.sha256: row for row in Evidence.objects.filter(project_id=project_id, sha256__in=hashes)}
        return [rows[sha256] for sha256 in hashes]
    finally:
        for one in prepared:
            one.discard()


def _row(project_id: uuid.UUID, one: Prepared, actor: Actor) -> Evidence:
    columns = ("name", "kind", "media_type", "width", "height", "taken_at", "lon", "lat")
    return Evidence(
        project_id=project_id, sha256=one.original.sha256, size=one.original.size, uploaded_by_name=actor.name,
        **{column: getattr(one, column) for column in columns},
    )  # fmt: skip


def delete_evidence(evidence_id: uuid.UUID, *, version: int | None, actor: Actor) -> None:
    """Take back a file that proves nothing yet. Raises InUse where something refers to it, Stale, Missing.

    The file itself goes with `forget_orphans`: another project may have the same.
    """
    with recording(actor):
        row = lock_part(Evidence, evidence_id, version=version)
        try:
            row.delete()
        except (ProtectedError, RestrictedError) as error:
            raise InUse(_("已作为佐证使用，不能删除。")) from error


def forget_orphans(*, now: dt.datetime, live: dt.timedelta = ORPHANS_LIVE) -> int:
    """Take away files without a row that were put there more than `live` ago; return how many. Safe to run twice, or late.

    Who keeps the same content meanwhile waits for the lock of the file, or is waited for: either the row is seen or the file is put anew.
    """
    before = (now - live).timestamp()
    old = [file.sha256 for file in storage.kept() if file.put_at < before]
    known = set(Evidence.objects.filter(sha256__in=old).values_list("sha256", flat=True)) if old else set()
    gone = forget([sha256 for sha256 in old if sha256 not in known])
    storage.clear_staged(before=before)
    return gone


def forget(hashes: Iterable[str]) -> int:
    """Take away those of the files that have no row; return how many."""
    gone = 0
    for sha256 in hashes:
        with transaction.atomic():
            _lock_files([sha256])
            if not Evidence.objects.filter(sha256=sha256).exists():
                storage.remove(sha256)
                gone += 1
    return gone


def _lock_files(hashes: Iterable[str]) -> None:
    """One lock a content until the transaction ends, in order."""
    keys = sorted({int(sha256[:15], 16) for sha256 in hashes})
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
