"""`python -m tests.storm --seed N`: blow through thirty-four simulated days, then count. Exits non-zero when an invariant fails."""

import argparse
import datetime as dt
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import psycopg

from local import ports
from tests import lent_database
from tests.storm import log, simulated

FLUSHES = 10
PREPARED = 4  # seconds that beats and workers have to start before the first day


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.storm")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", default="", help="take one mechanism out, to see an invariant fail")
    parser.add_argument("--days", type=int, default=0, help="blow for so many days only, to see that everything starts")
    given = parser.parse_args()
    if given.days:
        simulated.shorten(given.days)
    began = time.monotonic()
    folder, passed = Path(tempfile.mkdtemp(prefix="storm-")), False
    try:
        with lent_database.lend(f"storm_{given.seed}_{os.getpid()}") as owner:
            os.environ |= _surroundings(folder, given.seed, given.without)
            if given.without == "key":
                owner.execute("ALTER TABLE reminders_reminder DROP CONSTRAINT one_reminder_a_subject_date_rung_and_person")
            kills = _blow(folder, given.seed)
            passed = _judge(owner, kills)
    finally:
        mark = f" without {given.without}" if given.without else ""
        say(f"seed {given.seed}{mark}: {'ok' if passed else 'FAILED'} in {time.monotonic() - began:.0f} s")
        if passed:
            shutil.rmtree(folder)
        else:
            say(f"logs are kept in {folder}")
    return 0 if passed else 1


def _surroundings(folder: Path, seed: int, without: str) -> dict[str, str]:
    port, robot = ports.free_port(), ports.free_port()
    return {
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "REMINDER_WINDOW": f"working {simulated.OPENS}-{simulated.CLOSES}",
        "STORM_FOLDER": str(folder),
        "STORM_SEED": str(seed),
        "STORM_SINK": str(port),
        "STORM_ROBOT": str(robot),
        "CHANNEL_ALLOW_PRIVATE": "true",  # the robot stands on this machine
        "STORM_WITHOUT": without,
    }


def _blow(folder: Path, seed: int) -> list[float]:
    """Run the days; return when processes were killed from outside."""
    import django

    django.setup()
    from tests.storm import city as cities
    from tests.storm.deeds import Deeds
    from tests.storm.machines import Machines

    city = cities.build(random.Random(f"city {seed}"), today=simulated.ORIGIN.date())
    os.environ["STORM_EPOCH"] = repr(time.time() + PREPARED)
    machines = Machines(folder, int(os.environ["STORM_SINK"]), int(os.environ["STORM_ROBOT"]), seed)
    deeds, weather = Deeds(city, seed), _weather(seed)
    kills: list[float] = []
    try:
        machines.up()
        while (now := simulated.now()) < simulated.END:
            if simulated.DOWN_FROM <= now.date() < simulated.DOWN_UNTIL:
                if machines.kills["everything"] == 0:
                    kills.append(time.time())
                    machines.down()
            else:
                while weather and weather[0][0] <= now and not simulated.is_calm():
                    kills.append(time.time())
                    getattr(machines, weather.pop(0)[1])()
                machines.up()
            if not simulated.is_calm() and now > simulated.ORIGIN:
                deeds.one()
            time.sleep(0.35)
    finally:
        machines.stop()
    _tell(deeds, machines.kills)
    return kills


def _weather(seed: int) -> list[tuple[dt.datetime, str]]:
    """What breaks when, known before."""
    dice = random.Random(f"weather {seed}")
    kinds = ["flush"] * FLUSHES + ["kill_some"] * 12 + ["kill_valkey"] * 2
    span = (dt.datetime.combine(simulated.CALM_FROM, dt.time(), simulated.CITY) - simulated.ORIGIN).days
    days = [n for n in range(span) if not simulated.DOWN_FROM <= (simulated.ORIGIN + dt.timedelta(days=n)).date() < simulated.DOWN_UNTIL]
    return sorted((simulated.ORIGIN + dt.timedelta(days=dice.choice(days), hours=dice.uniform(7, 18)), kind) for kind in kinds)


def _tell(deeds: Any, kills: Counter[str]) -> None:
    deaths = Counter(death["place"] for death in log.read("deaths.log"))
    say(f"days      {(simulated.END - simulated.ORIGIN).days} simulated, {simulated.SECONDS_A_DAY} s each; five of them down")
    say(f"deeds     {dict(deeds.done)}")
    say(f"killed    from outside {dict(kills)}; after the claim {deaths['claimed']}, between send and record {deaths['sent']}")
    for error in deeds.errors:
        say(f"ERROR     {error}")


def _judge(owner: psycopg.Connection, kills: list[float]) -> bool:
    from tests.storm import invariants

    invariants.load(owner, kills)
    mails = owner.execute("SELECT count(*), count(DISTINCT message_id), (SELECT count(*) FROM storm_item) FROM storm_mail").fetchone() or ()
    say(f"channels  {dict(owner.execute('SELECT channel, count(*) FROM storm_mail GROUP BY 1 ORDER BY 1').fetchall())}")
    refused = len(log.read("refused.log"))
    say(f"mails     {mails[0]}, messages {mails[1]}, copies {mails[0] - mails[1]}, refused {refused}, items {mails[2]}")
    say(f"reminders {dict(owner.execute('SELECT state, count(*) FROM reminders_reminder GROUP BY 1 ORDER BY 1').fetchall())}")
    why = owner.execute(
        "SELECT state_reason, count(*) FROM reminders_reminder WHERE state = 'cancelled' GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    say(f"cancelled {dict(why)}")
    say(f"delivered {dict(owner.execute('SELECT state, count(*) FROM reminders_delivery GROUP BY 1 ORDER BY 1').fetchall())}")
    passed = mails[0] > 0
    for invariant in invariants.INVARIANTS:
        if simulated.is_short() and invariant.number in invariants.OF_THE_END:
            say(f"{invariant.number:>2} --           {invariant.name}: judged after all days only")
            continue
        found = invariants.offenders(owner, invariant)
        passed = passed and not found
        say(f"{invariant.number:>2} {'FAILED' if found else 'ok    '} {len(found):>5}  {invariant.name}")
        for row in found[:3]:
            say(f"                  {' '.join(map(str, row))}")
    return passed


if __name__ == "__main__":
    sys.exit(main())
