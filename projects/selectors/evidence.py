"""Evidence as others read it, and the files themselves."""

import logging
from collections.abc import Iterator
from itertools import groupby
from typing import IO, Any

from django.db.models import QuerySet

from accounts.roles import Principal
from common import storage
from common.errors import Missing
from common.shapes import ref
from projects.models import Evidence, EvidenceKind

logger = logging.getLogger(__name__)

COLUMNS = (
    "id", "project_id", "project__name", "project__code", "kind", "name", "media_type", "size", "sha256", "width", "height", "taken_at",
    "lon", "lat", "uploaded_by_name", "version", "created_at", "updated_at",
)  # fmt: skip


def evidence(actor: Principal) -> QuerySet:
    """The files of the projects the actor may see."""
    return Evidence.objects.visible_to(actor)


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row as the API gives it. `content` and `thumbnail` are where the file is read; a document has no thumbnail."""
    f = dict(zip(COLUMNS, row, strict=True))
    address = f"/api/v1/evidence/{f['id']}/"
    return {
        "id": f["id"],
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "kind": f["kind"],
        "kind_display": EvidenceKind(f["kind"]).label,
        "name": f["name"],
        "media_type": f["media_type"],
        "size": f["size"],
        "sha256": f["sha256"],
        "width": f["width"],
        "height": f["height"],
        "taken_at": f["taken_at"],
        "location": None if f["lon"] is None else {"lon": float(f["lon"]), "lat": float(f["lat"])},
        "uploaded_by": f["uploaded_by_name"],
        "content": f"{address}content/",
        "thumbnail": f"{address}thumbnail/" if f["kind"] == EvidenceKind.PHOTO else None,
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


def unsound() -> Iterator[tuple[Any, str, str]]:
    """The rows whose file is gone or no longer has its hash: id, name, what is wrong. Reads every file once."""
    rows = Evidence.objects.order_by("sha256", "id").values_list("sha256", "id", "name")
    for sha256, same in groupby(rows.iterator(), key=lambda row: row[0]):
        if not (whole := storage.is_whole(sha256)):
            for _sha256, key, name in same:
                yield key, name, "文件不在" if whole is None else "文件与哈希不符"


def open_content(row: Evidence) -> IO[bytes]:
    """The original, unchanged. Raises Missing where the store has lost it, which the audit names."""
    try:
        return storage.open_file(row.sha256)
    except FileNotFoundError as error:
        logger.error("file of evidence %s is gone", row.pk)
        raise Missing from error


def open_thumbnail(row: Evidence) -> IO[bytes]:
    """A small JPEG. Raises Missing for a document."""
    try:
        return storage.open_thumbnail(row.sha256)
    except FileNotFoundError as error:
        raise Missing from error
