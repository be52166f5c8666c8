"""The processes of the storm: Valkey, mail sink, robot, two beats, two workers; started, killed with -9, started again."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import redis

from local import processes, valkey

CELERY = [sys.executable, "-m", "celery", "-A", "tests.storm.app"]
WORKER = ["worker", "--concurrency", "2", "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
BEAT = ["beat", "--loglevel", "WARNING"]


class Machines:
    """Every process leads its own group, so that a kill takes its children along."""

    def __init__(self, folder: Path, sink_port: int, robot_port: int, seed: int) -> None:
        self.folder, self.kills, self.dice = folder, Counter[str](), random.Random(f"machines {seed}")
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.commands = {name: [*CELERY, *BEAT] for name in ("beat-1", "beat-2")} | {
            name: [*CELERY, *WORKER, "--hostname", f"{name}@storm"] for name in ("worker-1", "worker-2")
        }
        self.run("sink", [sys.executable, "-m", "tests.storm.sink", str(sink_port), str(seed)])
        self.run("robot", [sys.executable, "-m", "tests.storm.robot", str(robot_port), str(seed)])
        self.start_valkey()

    def run(self, name: str, command: list[str]) -> None:
        with (self.folder / f"{name}.out").open("ab") as output:
            self.running[name] = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True)

    def start_valkey(self) -> None:
        os.environ |= valkey.start(self.folder)

    def up(self) -> None:
        """Start whatever is not there."""
        self.start_valkey()
        for name, command in self.commands.items():
            if name not in self.running or self.running[name].poll() is not None:
                self.run(name, command)

    def kill(self, name: str) -> None:
        """As the kernel does when memory ends: the whole group at once."""
        process = self.running.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def kill_some(self) -> None:
        name = self.dice.choice(["worker-1", "worker-2", "worker-1", "worker-2", "beat-1", "beat-2"])
        if name in self.running:  # two kills may fall into one moment
            self.kill(name)
            self.kills[name.partition("-")[0]] += 1

    def down(self) -> None:
        """The power goes: queue, beats and workers at once."""
        for name in self.commands:
            if name in self.running:
                self.kill(name)
        self.kill_valkey()
        self.kills["everything"] += 1

    def flush(self) -> None:
        with contextlib.suppress(redis.ConnectionError):
            redis.Redis.from_url(os.environ["REDIS_URL"]).flushall()
            self.kills["FLUSHALL"] += 1

    def kill_valkey(self) -> None:
        with contextlib.suppress(redis.ConnectionError):
            pid = redis.Redis.from_url(os.environ["REDIS_URL"]).info("server")["process_id"]
            os.kill(pid, signal.SIGKILL)
            self.kills["Valkey"] += 1
        processes.bury(self.folder / "valkey")

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)
        valkey.stop(self.folder)
