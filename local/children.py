"""The programs that the supervisor runs: started, watched, ended, and found again after a crash of the supervisor."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable

from local import interrupt, places, processes

WARM = 25  # seconds that a worker has for the task in hand
STEADY = 10  # seconds after which a program counts as having started well


def say(text: str) -> None:
    """Print a line; a closed terminal must not keep us from ending in order."""
    with contextlib.suppress(OSError, ValueError):
        print(text, flush=True)


class Child:
    """One program in its own process group, so that Ctrl-C reaches it only through us, and nothing of it is lost."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], prefix: str = "") -> None:
        self.name, self.command, self.env, self.prefix = name, command, env, prefix
        self.quick_ends = 0
        self.start()

    def start(self) -> None:
        """Start the program; with a prefix pass on what it prints, else let it print by itself."""
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=places.ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.prefix else None,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self.relay, args=[self.process], daemon=True).start()

    def relay(self, process: subprocess.Popen[bytes]) -> None:
        """Print each line with the program's name; go on reading whatever happens, or the program would block."""
        for line in process.stdout or ():
            say(self.prefix + line.decode(errors="replace").rstrip())

    def ended(self) -> bool:
        """Say whether the program itself is gone; its own children may still be there."""
        return self.process.poll() is not None

    def restart(self) -> bool:
        """Start again a program that ended by itself; False when it keeps ending at once."""
        self.quick_ends = self.quick_ends + 1 if time.monotonic() - self.began < STEADY else 0
        say(f"{self.name} 意外退出（{self.process.returncode}）{'，重新启动' if self.quick_ends < 3 else ''}")
        end_group(self.process.pid)
        if self.quick_ends < 3:
            self.start()
        return self.quick_ends < 3


class Record:
    """The file that names our children by number and birth, for the start after a `kill -9` of the supervisor."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def write(self, pids: Iterable[int]) -> None:
        """Name the children there are now."""
        draft = self.path.with_suffix(".new")
        draft.write_text("".join(f"{pid} {processes.birth(pid)}\n" for pid in pids))
        draft.replace(self.path)

    def end_left_over(self) -> int:
        """End what an earlier supervisor left behind; a number with another birth is a stranger's. Return how many."""
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        left = [int(pid) for pid, _, birth in (line.partition(" ") for line in lines) if is_ours(int(pid), birth)]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        wait_gone(left, WARM)
        for pid in left:
            end_group(pid)
        self.path.unlink(missing_ok=True)
        return len(left)


def is_ours(pid: int, birth: str) -> bool:
    """Say whether the recorded process, or what it started after losing it, is still there."""
    now = processes.birth(pid)
    return now == birth if now else any(processes.folder(member) == str(places.ROOT) for member in processes.group(pid))


def wait_gone(leaders: list[int], seconds: float) -> None:
    """Wait until none of these processes is left."""
    deadline = time.monotonic() + seconds
    while any(processes.birth(pid) for pid in leaders) and time.monotonic() < deadline:
        time.sleep(0.05)


def end_group(leader: int) -> None:
    """Kill what is left of a process group and wait until it is gone."""
    deadline = time.monotonic() + 5
    while processes.group(leader) and time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(leader, signal.SIGKILL)
        time.sleep(0.02)


class Children:
    """All children of the supervisor, in the order of their start."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.members: list[Child] = []

    def add(self, name: str, command: list[str], env: dict[str, str], prefix: str = "") -> Child:
        """Start a program."""
        child = Child(name, command, env, prefix)
        self.members.append(child)
        self.write()
        return child

    def write(self) -> None:
        """Bring the record up to date."""
        self.record.write(child.process.pid for child in self.members)

    def step(self, name: str, command: list[str], env: dict[str, str]) -> None:
        """Run a program to its end; it must end well."""
        child = self.add(name, command, env)
        while not child.ended():
            interrupt.check()
            time.sleep(0.02)
        self.members.remove(child)
        self.write()
        if child.process.returncode:
            raise RuntimeError(f"{name}（{child.process.returncode}）")

    def keep(self) -> bool:
        """Start again what ended by itself; False when one of them cannot be kept."""
        lost = [child for child in self.members if child.ended()]
        kept = [child.restart() for child in lost]
        if lost:
            self.write()
        return all(kept)

    def end(self) -> None:
        """End all, the last started first asked; the first started (the mail sink) goes when the others are gone."""
        later, first = self.members[1:], self.members[:1]
        for group in (later, first):
            for child in group:
                with contextlib.suppress(ProcessLookupError):
                    child.process.terminate()
            deadline = time.monotonic() + WARM
            for child in group:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
                end_group(child.process.pid)
                child.process.wait()
        self.members.clear()
        self.record.path.unlink(missing_ok=True)


def python(*words: str) -> list[str]:
    """Return a command of this very Python; scripts of the environment break in a path with spaces."""
    return [sys.executable, *words]
