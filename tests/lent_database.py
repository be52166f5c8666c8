"""A migrated database for one run of a storm, dropped at its end."""

import os
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


@contextmanager
def lend(name: str) -> Iterator[psycopg.Connection]:
    """Lend it as its owner; the surroundings name it to everybody else."""
    server = os.environ["OWNER_DATABASE_URL"]
    owner = _on(server, name)
    os.environ |= {"DATABASE_URL": _on(os.environ["DATABASE_URL"], name), "DJANGO_SETTINGS_MODULE": "config.settings"}
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        try:
            command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
            subprocess.run(command, check=True, env=os.environ | {"DATABASE_URL": owner})
            with psycopg.connect(owner, autocommit=True) as lent:
                yield lent
        finally:
            _drop(connection, name)


def _drop(connection: psycopg.Connection, name: str) -> None:
    """The sessions of those who were killed end when the server notices; the owner may not end them."""
    from django.db import connections

    connections.close_all()
    for patience in reversed(range(10)):  # the server itself waits five seconds each time
        try:
            connection.execute(f"DROP DATABASE {name}".encode())
            return
        except psycopg.errors.ObjectInUse:
            if not patience:
                raise


def _on(address: str, database: str) -> str:
    return urllib.parse.urlsplit(address)._replace(path=f"/{database}").geturl()
