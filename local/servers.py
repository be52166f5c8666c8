"""The two servers of a data folder together: what is not given by an address is started here."""

import contextlib
import os
import pathlib
from collections.abc import Iterator
from typing import IO

from local import places, postgres, valkey

SLOTS = 8  # test runs at the same time


def start(base: pathlib.Path, fast: bool = False, number: int = 0) -> dict[str, str]:
    """Find or start what the environment does not name; return all addresses. A number keeps test runs apart."""
    given = {key: os.environ[key] for key in ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL") if os.environ.get(key)}
    if "DATABASE_URL" in given:
        given.setdefault("OWNER_DATABASE_URL", given["DATABASE_URL"])
    else:
        database = f"{postgres.DATABASE}_{number}" if number else postgres.DATABASE
        given |= postgres.start(base, fast, database)
    if "REDIS_URL" not in given:
        given |= valkey.start(base, number)
    return given


def stop(base: pathlib.Path) -> None:
    """Stop what runs on a data folder: first the queue, then the truth."""
    try:
        valkey.stop(base)
    finally:
        postgres.stop(base)


def running(base: pathlib.Path) -> bool:
    """Say whether all that `start` would start is there."""
    data = places.cluster_home(base) / "postgres"
    return ("DATABASE_URL" in os.environ or postgres.running(data)) and ("REDIS_URL" in os.environ or valkey.running(base / "valkey"))


def take_slot(base: pathlib.Path) -> tuple[int, IO[str]]:
    """Return a number that no other test run holds, and the lock that keeps it."""
    for number in range(SLOTS):
        if slot := places.try_lock(base / f"run.{number}"):
            return number, slot
    raise SystemExit(f"已有 {SLOTS} 个测试同时在运行，请稍后再试。")


@contextlib.contextmanager
def for_tests(base: pathlib.Path = places.TEST_DATA) -> Iterator[dict[str, str]]:
    """Lend the test servers to one run; runs at the same time share them, the last one stops them."""
    places.make_base(base)
    starting = base / "starting"
    with places.only_one(starting):
        number, slot = take_slot(base)
    try:
        with places.only_one(starting):
            addresses = start(base, fast=True, number=number)
        yield addresses
    finally:
        with places.only_one(starting):
            slot.close()
            others = [places.try_lock(base / f"run.{n}") for n in range(SLOTS)]
            if all(others):
                stop(base)
            for lock in filter(None, others):
                lock.close()
