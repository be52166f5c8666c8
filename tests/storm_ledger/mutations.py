"""`--without NAME`: one mechanism of M3 taken out, for proving that the storm would notice. Never part of an ordinary run."""

import re

import psycopg

from tests.storm_ledger.deeds import BALANCE

POST = "funding_post_transfers"
LOCK = re.compile(r"PERFORM 1 FROM \w+\s+WHERE[^;]*?ORDER BY id FOR NO KEY UPDATE;")


def _without_check(owner: psycopg.Connection) -> None:
    for constraint in BALANCE:
        table = "funding_fundingsource" if constraint.startswith("allocated") else "funding_allocation"
        owner.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}".encode())


def _without_lock(owner: psycopg.Connection) -> None:
    _rewrite(owner, *LOCK.subn("", _definition(owner)))


def _without_no_key(owner: psycopg.Connection) -> None:
    _rewrite(owner, *re.subn("FOR NO KEY UPDATE", "FOR UPDATE", _definition(owner)))


def _without_depth(owner: psycopg.Connection) -> None:
    for table in ("funding_fundingsource", "funding_allocation"):
        owner.execute(f"DROP TRIGGER balance_guard_update ON {table}".encode())


def _definition(owner: psycopg.Connection) -> str:
    row = owner.execute("SELECT pg_get_functiondef(%s::regproc)", [POST]).fetchone()
    assert row
    return row[0]


def _rewrite(owner: psycopg.Connection, text: str, cuts: int) -> None:
    assert cuts == 2, f"{POST} no longer locks twice"
    owner.execute(text.encode())


MUTATIONS = {"check": _without_check, "lock": _without_lock, "no_key": _without_no_key, "depth": _without_depth}
