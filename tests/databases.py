"""Databases that are made once and then copied: migrations and the report take seconds, a copy a tenth of one."""

import contextlib
import copy
import hashlib
import os
import pathlib
import urllib.parse
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

ROOT = pathlib.Path(__file__).parents[1]
OWNER = urllib.parse.urlparse(os.environ.get("OWNER_DATABASE_URL", ""))
GRANT = "GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO app"  # only here: that is how transactional tests clean up
# Migrations rest on these alone (tests/architecture/test_database.py).
SOURCES = (
    "*/migrations/*", "*/sql/*", "*/models.py", "*/models/*", "*/rules.py", "*/rules/*", "*/lifecycle.py", "common/*", "history/*",
    "accounts/roles.py",
)  # fmt: skip
KEPT = 4  # migrated databases of this and of earlier states of the code
LOCK = 4_107_00
PLAIN = "plain"  # what the migrations make, and nothing else
# kind → (of which other kind, how it is built). A test with a fixture of that name begins with what was made once a worker, and all that
# it changes is rolled back; a module may add its own.
MADE: dict[str, tuple[str, Callable[[], Any]]] = {}


def sources() -> list[pathlib.Path]:
    """Return all files that a migrated database may depend on."""
    return sorted(path for pattern in SOURCES for path in ROOT.glob(pattern) if path.suffix in (".py", ".sql"))


def fingerprint() -> str:
    """Return a name for the state of those files, and of the libraries: a change of any makes a new database."""
    found = hashlib.sha256((ROOT / "requirements/base.txt").read_bytes())
    for path in sources():
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


class Databases:
    """The databases of one worker. Each has a name, what it was copied from, and what was put in; one of them is the default now."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.settings = connections.settings["default"]  # the same for every thread
        self.runner = {name: self.settings[name] for name in ("USER", "PASSWORD")}
        self.owner = {"USER": OWNER.username or self.runner["USER"], "PASSWORD": OWNER.password or ""}
        self.values: dict[str, Any] = {PLAIN: None}
        self.lent: dict[str, str] = {}  # module → the copy that its tests may change
        self.open: dict[str, Any] = {}  # name → its connection, kept while others are used
        with self.as_owner() as link:
            link.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            self.source = self.migrated(link)
            self.copy(self.source, self.name(PLAIN), link)
        self.use(PLAIN)

    def name(self, kind: str) -> str:
        return self.prefix if kind == PLAIN else f"{self.prefix}_{kind}"

    @contextlib.contextmanager
    def as_owner(self) -> Iterator[psycopg.Connection]:
        place = {"host": self.settings["HOST"], "port": self.settings["PORT"] or None, "dbname": "postgres"}
        with psycopg.connect(**place, user=self.owner["USER"], password=self.owner["PASSWORD"], autocommit=True) as link:
            yield link

    def migrated(self, link: psycopg.Connection) -> str:
        """Return the database that the migrations made of the code as it stands; make it if no run did so yet."""
        name = f"test_made_{fingerprint()}"
        made = [row[0] for row in link.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test\\_made\\_%' ORDER BY oid DESC")]
        if name not in made:
            for old in made[KEPT - 1 :]:
                with contextlib.suppress(psycopg.errors.ObjectInUse):
                    link.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            draft = f"{self.prefix}_draft"
            self.migrate(draft)
            link.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
        return name

    def migrate(self, name: str) -> None:
        self.settings |= self.owner
        self.settings["TEST"]["NAME"] = name
        connection = connections["default"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        if self.runner["USER"] != self.owner["USER"]:
            with connection.cursor() as cursor:
                cursor.execute(GRANT)
        connection.close()
        self.settings |= self.runner

    def copy(self, source: str, target: str, link: psycopg.Connection) -> None:
        self.drop(target, link)
        names = sql.Identifier(target), sql.Identifier(source)
        link.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(*names))
        link.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(names[0]))  # rights on the database are not copied

    def drop(self, name: str, link: psycopg.Connection) -> None:
        drop = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
        try:
            link.execute(drop + sql.SQL(" WITH (FORCE)"))
        except psycopg.errors.InsufficientPrivilege:  # autovacuum is at work, as superuser: the plain command sends it away and waits
            link.execute(drop)

    def use(self, kind: str) -> None:
        """Make it the default database, of this thread at once and of others from their next connection on."""
        name = self.name(kind)
        self.settings["NAME"] = name
        present = connections["default"]
        if kind not in self.open:
            self.open[kind] = type(present)(self.settings | {"NAME": name}, "default")
        if present is not self.open[kind]:
            if present not in self.open.values():  # an event loop has begun since: the thread then has another connection
                present.close()
            connections["default"] = self.open[kind]

    def leave(self, kind: str) -> None:
        self.use(PLAIN)
        if kind in self.open and kind != PLAIN:
            self.open.pop(kind).close()

    def make(self, kind: str, build: Callable[[], Any], *, of: str = PLAIN) -> Any:
        """Make it, if it is not there; return a copy of what `build` returned."""
        if kind not in self.values:
            self.leave(of)
            with self.as_owner() as link:
                self.copy(self.source if of == PLAIN else self.name(of), self.name(kind), link)
            self.use(kind)
            self.values[kind] = build()
        return copy.deepcopy(self.values[kind])

    def made(self, kind: str) -> Any:
        """A copy of the value of one of MADE, after what it rests on."""
        of, build = MADE[kind]
        if of in MADE:
            self.made(of)
        return self.make(kind, build, of=of)

    def forget(self, kind: str) -> None:
        """Make it anew when it is next asked for: a test that commits leaves it empty."""
        if self.values.pop(kind, None) is not None:
            self.leave(kind)
            with self.as_owner() as link:
                self.drop(self.name(kind), link)

    @contextlib.contextmanager
    def lend(self, kind: str, module: str) -> Iterator[None]:
        """Give a module a copy of its own, to change as it likes."""
        own = f"{kind}_copy"
        self.leave(kind)
        with self.as_owner() as link:
            self.copy(self.name(kind), self.name(own), link)
        self.use(own)
        self.lent[module] = own
        yield
        del self.lent[module]
        self.leave(own)
        with self.as_owner() as link:
            self.drop(self.name(own), link)

    def close(self) -> None:
        for connection in (connections["default"], *self.open.values()):
            connection.close()
        with self.as_owner() as link:
            for kind in self.values:
                self.drop(self.name(kind), link)
