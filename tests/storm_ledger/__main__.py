"""`python -m tests.storm_ledger --seed N`: sixteen clients for a minute, then the books. Exits non-zero when they are wrong."""

import argparse
import os
import sys
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import psycopg

from tests import lent_database

if TYPE_CHECKING:
    from tests.storm_ledger.clients import Tally

MOVES_A_SECOND, REFUSALS_A_SECOND = 5, 1  # of each kind, by each constraint: fewer would prove nothing


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.storm_ledger")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument(
        "--without", default="", choices=["", "check", "lock", "no_key", "depth"], help="take out one mechanism, to see it fail"
    )
    given = parser.parse_args()
    began, passed = time.monotonic(), False
    try:
        with lent_database.lend(f"storm_ledger_{given.seed}_{os.getpid()}") as owner:
            passed = _run(owner, given.seed, given.seconds, given.without)
    finally:
        mark = f" without {given.without}" if given.without else ""
        say(f"seed {given.seed}{mark}: {'ok' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s")
    return 0 if passed else 1


def _run(owner: psycopg.Connection, seed: int, seconds: float, without: str) -> bool:
    import django

    django.setup()
    from django.db import connections

    from tests.storm_ledger import city, clients
    from tests.storm_ledger.mutations import MUTATIONS

    parts = city.build()
    connections.close_all()
    if without:
        MUTATIONS[without](owner)
    tally = clients.blow(parts, seed=seed, seconds=seconds)
    _tell(tally, seconds)
    return _judge(owner, tally, seconds)


def _tell(tally: "Tally", seconds: float) -> None:
    say(f"moved     {len(tally.ids)} transfers, {len(tally.ids) / seconds:.0f} a second: {_listed(tally.moved)}")
    say(f"refused   {tally.refused.total()} statements: {_listed(tally.refused)}")
    say(f"meddling  {_listed(tally.meddled)}")


def _judge(owner: psycopg.Connection, tally: "Tally", seconds: float) -> bool:
    from tests.storm_ledger.invariants import INVARIANTS

    verdicts = [_verdict(i.number, i.name, owner.execute(i.offenders.encode()).fetchall()) for i in INVARIANTS]
    entered = {key for (key,) in owner.execute("SELECT id FROM funding_transfer").fetchall()}
    verdicts += [
        _verdict(9, "transfers in the books that no client was told of, or the reverse", [(key,) for key in entered ^ tally.ids]),
        _verdict(10, "deadlocks", [()] * tally.deadlocks),
        _verdict(11, "statements refused for another reason than there was", tally.strange.items()),
        _verdict(12, "statements accepted against a constraint", tally.let_through.items()),
        _verdict(
            13, "balances written by hand, or refused by another than their guard", [x for x in tally.meddled.items() if x[0] != "refused"]
        ),
        _verdict(14, "outcomes that came too seldom", _too_few(tally, seconds)),
    ]
    return all(verdicts)


def _too_few(tally: "Tally", seconds: float) -> list[tuple[str, int]]:
    """What happened less often than it takes to prove anything."""
    from tests.storm_ledger import deeds

    wanted = [(tally.moved, kind, MOVES_A_SECOND) for kind in (*deeds.KINDS, "reversal")]
    wanted += [(tally.refused, constraint, REFUSALS_A_SECOND) for constraint in deeds.REFUSING]
    wanted += [(tally.meddled, "refused", REFUSALS_A_SECOND)]
    return [(name, counter[name]) for counter, name, times in wanted if counter[name] < times * seconds]


def _verdict(number: int, name: str, found: Iterable[tuple]) -> bool:
    offenders = list(found)
    say(f"{number:>2} {'FAILED' if offenders else 'ok    '} {len(offenders):>5}  {name}")
    for row in offenders[:3]:
        if row:
            say(f"                  {' '.join(map(str, row))}")
    return not offenders


def _listed(counter: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {times}" for name, times in sorted(counter.items())) or "nothing"


if __name__ == "__main__":
    sys.exit(main())
