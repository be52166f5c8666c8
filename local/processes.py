"""What the system says about a process: its words and its birth, since a number alone may be used again."""

import contextlib
import os
import pathlib
import subprocess

PROC = pathlib.Path("/proc")
# Servers that this process started, by data folder: a forgotten child warns, and stays a corpse until we end.
_servers: dict[pathlib.Path, subprocess.Popen[bytes]] = {}


def adopt(data: pathlib.Path, server: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """Remember a server that this process started."""
    bury(data, 0)
    _servers[data] = server
    return server


def bury(data: pathlib.Path, seconds: float = 10) -> None:
    """Collect the exit of a server that is ending, if this process started it."""
    if server := _servers.pop(data, None):
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)


def words(pid: int) -> bytes:
    """Return the command line, empty when the process is gone or only waits to be buried."""
    if (PROC / "self").exists():
        with contextlib.suppress(OSError):
            return (PROC / str(pid) / "cmdline").read_bytes()
        return b""
    return _ps(pid, "args=")


def birth(pid: int) -> str:
    """Return when the process began, empty when it is gone."""
    if (PROC / "self").exists():
        with contextlib.suppress(OSError):
            # The second field is a name in brackets that may itself hold spaces and brackets.
            fields = (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
            return "" if fields[0] in "ZX" else fields[19]
        return ""
    return _ps(pid, "lstart=").decode(errors="replace").strip()


def _ps(pid: int, column: str) -> bytes:
    env = os.environ | {"LC_ALL": "C.UTF-8"}
    command = ["ps", "-ww", "-o", column, "-p", str(pid)]
    return subprocess.run(command, check=False, capture_output=True, env=env).stdout


def group(leader: int) -> list[int]:
    """Return the living members of a process group."""
    if not (PROC / "self").exists():
        pairs = (line.split() for line in _ps_all().splitlines())
        return [int(pid) for pid, pgid, state in pairs if int(pgid) == leader and not state.startswith("Z")]
    members = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                fields = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if int(fields[2]) == leader and fields[0] not in "ZX":
                    members.append(int(entry.name))
    return members


def folder(pid: int) -> str:
    """Return the folder in which a process works, empty where the system does not tell."""
    with contextlib.suppress(OSError):
        return str((PROC / str(pid) / "cwd").readlink())
    return ""


def _ps_all() -> str:
    command = ["ps", "-A", "-o", "pid=,pgid=,state="]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout
