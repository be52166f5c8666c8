"""The clients: threads, each with a connection of its own as the role that runs, and what they were told."""

import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import psycopg

from tests.storm_ledger.city import Part
from tests.storm_ledger.deeds import Author, Balances, Known, Row

CLIENTS = 16
MEDDLING = 0.1  # how often the first client tries to write a balance itself
ACTOR = "SELECT set_config('app.actor', 'system: storm', true), set_config('app.actor_name', 'storm', true)"
BALANCES = """SELECT id, issued, allocated, 0 FROM funding_fundingsource
              UNION ALL SELECT id, granted, received, paid FROM funding_allocation"""
ASK = """INSERT INTO funding_transferrequest (id, batch, kind, state, source_id, project_id, "use", to_project_id, to_use, amount,
             occurred_on, ground, document_no, reason, reverses_id, override_reason, checks, requested_by_id, requested_by_name,
             decided_by_id, decided_by_name, decided_at, decision_note) VALUES """
ASKED = "(%s, %s, %s, 'approved', %s, %s, %s, %s, %s, %s, %s, '', '', '', %s, '', '[]', %s, '甲', %s, '乙', now(), '')"
MOVE = """INSERT INTO funding_transfer (id, kind, sign, source_id, allocation_id, target_id, amount, occurred_on, voucher_no, entry,
             reverses_id, request_id, recorded_by, recorded_by_name) VALUES """
MOVED = "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'system: storm', 'storm')"
MEDDLE = "UPDATE funding_allocation SET paid = paid + 1 WHERE id = %s"
MAKER, CHECKER = uuid.UUID(int=1), uuid.UUID(int=2)


@dataclass
class Tally:
    """What the clients were told."""

    moved: Counter[str] = field(default_factory=Counter)  # transfers by kind, reversals apart
    refused: Counter[str] = field(default_factory=Counter)  # statements by constraint
    strange: Counter[str] = field(default_factory=Counter)  # refused for another reason than there was
    let_through: Counter[str] = field(default_factory=Counter)  # accepted against a constraint
    meddled: Counter[str] = field(default_factory=Counter)
    deadlocks: int = 0
    ids: set[uuid.UUID] = field(default_factory=set)

    def add(self, other: "Tally") -> None:
        for name in ("moved", "refused", "strange", "let_through", "meddled"):
            getattr(self, name).update(getattr(other, name))
        self.deadlocks += other.deadlocks
        self.ids |= other.ids


def blow(parts: Sequence[Part], *, seed: int, seconds: float) -> Tally:
    """Let all clients move money for so long; return what they were told together."""
    known, told = Known(), [Tally() for _ in range(CLIENTS)]
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        _first_money(connection, parts, known, told[0])
    until = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_work, args=(Author(parts, known, random.Random(f"{seed} {n}")), tally, until, n == 0))
        for n, tally in enumerate(told)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = Tally()
    for tally in told:
        total.add(tally)
    return total


def _first_money(connection: psycopg.Connection, parts: Sequence[Part], known: Known, tally: Tally) -> None:
    sources = dict.fromkeys(part.source for part in parts)
    _try(connection, [Row("issue", source, Decimal(1_000_000), needs_request=True) for source in sources], known, tally)


def _work(author: Author, tally: Tally, until: float, meddles: bool) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        while time.monotonic() < until:
            if meddles and author.dice.random() < MEDDLING:
                _meddle(connection, author.dice.choice(author.parts), tally)
            balances = Balances(connection.execute(BALANCES).fetchall())
            _try(connection, author.statement(balances), author.known, tally)


def _try(connection: psycopg.Connection, rows: Sequence[Row], known: Known, tally: Tally) -> None:
    expected = frozenset[str]().union(*(row.breaks for row in rows))
    try:
        _enter(connection, rows)
    except psycopg.errors.DeadlockDetected:
        tally.deadlocks += 1
    except psycopg.Error as error:
        constraint = error.diag.constraint_name or ""
        if constraint in expected:
            tally.refused[constraint] += 1
        else:
            tally.strange[constraint or str(error).partition("\n")[0]] += 1
    else:
        known.learn(rows)
        tally.ids |= {row.id for row in rows}
        tally.moved.update(row.kind if row.sign == 1 else "reversal" for row in rows)
        tally.let_through.update(row.must_break for row in rows if row.must_break)


def _enter(connection: psycopg.Connection, rows: Sequence[Row]) -> None:
    """Requests that were approved and what they became, in one transaction."""
    asked = [_request(row) for row in rows if row.needs_request]
    with connection.transaction():
        connection.execute(ACTOR)
        for text, form, values in ((ASK, ASKED, asked), (MOVE, MOVED, [_transfer(row) for row in rows])):
            if values:
                connection.execute((text + ", ".join([form] * len(values))).encode(), [value for each in values for value in each])


def _request(row: Row) -> list[object]:
    here, there = row.allocation, row.target
    return [
        row.request,
        row.request,
        row.kind if row.sign == 1 else "reverse",
        row.source,
        here and here.project,
        here and here.use,
        there and there.project,
        there and there.use,
        row.amount,
        row.occurred_on,
        row.original and row.original.id,
        MAKER,
        MAKER if row.decides_alone else CHECKER,
    ]


def _transfer(row: Row) -> list[object]:
    return [
        row.id,
        row.kind,
        row.sign,
        row.source,
        row.allocation and row.allocation.id,
        row.target and row.target.id,
        row.amount,
        row.occurred_on,
        row.voucher,
        row.entry,
        row.original and row.original.id,
        row.request if row.needs_request else None,
    ]


def _meddle(connection: psycopg.Connection, part: Part, tally: Tally) -> None:
    """What nobody may, however he asks."""
    try:
        with connection.transaction():
            connection.execute(ACTOR)
            connection.execute(MEDDLE, [part.id])
        tally.meddled["done"] += 1
    except psycopg.errors.InsufficientPrivilege:
        tally.meddled["refused"] += 1
    except psycopg.errors.DeadlockDetected:
        tally.deadlocks += 1
    except psycopg.errors.CheckViolation:
        tally.meddled["out of bounds"] += 1
