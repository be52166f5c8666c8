"""The environment of a local run: what the user gave stands, the rest is filled in here."""

import os
import pathlib
import secrets

from local import places, ports

FILE = places.DATA / "environment"
SERVERS = ("DATABASE_URL", "OWNER_DATABASE_URL", "REDIS_URL", "EMAIL_URL")
OURS = (*SERVERS, "SECRET_KEY", "BASE_URL", "ALLOWED_HOSTS", "REMINDER_WINDOW", "REPORT_CLOSING_DAY", "RATE_LIMIT")


def drop_empty() -> None:
    """Take a variable that is set to nothing as not given."""
    for key in (*OURS, "PORT", "DEMO"):
        if not os.environ.get(key, "x").strip():
            del os.environ[key]
    if "DATABASE_URL" not in os.environ:
        os.environ.pop("OWNER_DATABASE_URL", None)  # alone it would migrate one database and run on another


def port() -> int:
    """Return the port of the web server."""
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise SystemExit(f"PORT 应为 1 至 65535 的整数，而不是 {text}")
    return int(text)


def base_url() -> str:
    """Return the address of the web server on this machine."""
    return f"http://127.0.0.1:{port()}"


def demonstration(env: dict[str, str]) -> bool:
    """Say whether the generated city is wanted."""
    return env.get("DEMO", "1") != "0"


def private_file(path: pathlib.Path, text: str) -> None:
    """Write a file that only its owner may read, from its first moment."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def secret_key() -> str:
    """Return the key of this data folder; sessions outlive a restart."""
    path = places.DATA / "secret_key"
    if not path.exists() or not path.read_text().strip():
        private_file(path, secrets.token_urlsafe(48))
    return path.read_text().strip()


def complete(addresses: dict[str, str]) -> dict[str, str]:
    """Return the whole environment of the programs."""
    env = addresses | {
        "SECRET_KEY": secret_key(),
        "BASE_URL": base_url(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]",
        "PYTHONUNBUFFERED": "1",
    }
    if "EMAIL_URL" not in os.environ:
        env["EMAIL_URL"] = f"smtp://127.0.0.1:{ports.free_port()}"
    if demonstration(dict(os.environ)):
        env |= {"REMINDER_WINDOW": "every 00:00-24:00", "RATE_LIMIT": "0"}
    return env | os.environ


def write(env: dict[str, str]) -> None:
    """Keep the environment for `python -m local.manage`, which speaks to the running system."""
    private_file(FILE, "".join(f"{key}={env[key]}\n" for key in OURS if key in env))


def read() -> dict[str, str]:
    """Return the environment of the running system."""
    return dict(line.split("=", 1) for line in FILE.read_text().splitlines())
