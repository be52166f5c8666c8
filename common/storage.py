"""Files kept by their content: the name of a file is the SHA-256 of its bytes, so nothing is ever overwritten.

The only module that knows where files lie; a store of objects would take its place.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from django.conf import settings

CHUNK = 1 << 20
STAGED, THUMBNAIL = "staged", ".thumbnail"


class Staged(NamedTuple):
    """A file that is safe on disk, but not yet in its place."""

    path: Path
    sha256: str
    size: int


class Kept(NamedTuple):
    """A file in its place, and when it was put there last (seconds since 1970)."""

    sha256: str
    put_at: float


def stage(chunks: Iterable[bytes]) -> Staged:
    """Write the bytes to a temporary file of the store. `place` makes it permanent, `discard` takes it away."""
    folder = _root() / STAGED
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=folder)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            size += len(chunk)
        file.flush()
        os.fsync(file.fileno())
    return Staged(Path(name), digest.hexdigest(), size)


def place(staged: Staged, thumbnail: Staged | None = None) -> None:
    """Put a staged file under its hash, its thumbnail beside it. The same content once more only renews its time."""
    target = _path(staged.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    if thumbnail is not None:
        thumbnail.path.replace(_path(staged.sha256, THUMBNAIL))
    staged.path.replace(target)
    _sync(target.parent)


def discard(staged: Staged) -> None:
    """Take away what was not placed; nothing where it was."""
    staged.path.unlink(missing_ok=True)


def open_file(sha256: str) -> IO[bytes]:
    """The bytes as they came. Raises FileNotFoundError."""
    return _path(sha256).open("rb")


def open_thumbnail(sha256: str) -> IO[bytes]:
    """Raises FileNotFoundError."""
    return _path(sha256, THUMBNAIL).open("rb")


def is_whole(sha256: str) -> bool | None:
    """Whether the bytes still have their hash; None where the file is gone."""
    try:
        with open_file(sha256) as file:
            digest = hashlib.sha256()
            while chunk := file.read(CHUNK):
                digest.update(chunk)
            return digest.hexdigest() == sha256
    except FileNotFoundError:
        return None


def kept() -> Iterator[Kept]:
    """Every file in its place."""
    for path in _root().glob("[0-9a-f][0-9a-f]/*"):
        if not path.suffix:
            with contextlib.suppress(FileNotFoundError):  # taken away meanwhile
                yield Kept(path.name, path.stat().st_mtime)


def remove(sha256: str) -> None:
    """Take a file and its thumbnail away."""
    _path(sha256, THUMBNAIL).unlink(missing_ok=True)
    _path(sha256).unlink(missing_ok=True)


def clear_staged(*, before: float) -> None:
    """Take away what a crash left unplaced, if it is older than `before` (seconds since 1970)."""
    for path in (_root() / STAGED).glob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def _root() -> Path:
    return Path(settings.MEDIA_ROOT)


def _path(sha256: str, suffix: str = "") -> Path:
    return _root() / sha256[:2] / (sha256 + suffix)


def _sync(folder: Path) -> None:
    """The names in a folder outlive a power cut, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
