"""What is shipped beside the code fits the code: Compose file, commands, variables, locks, targets."""

import pathlib
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from local import run

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = ["docker-compose.yml", "Dockerfile", "Makefile", ".ci/run", "deploy/nightly.sh"]
LOCKS = ["requirements/base.txt", "requirements/dev.txt", "requirements/uv.txt", "package-lock.json", ".npmrc"]
# Only one program reads these, and not by Django's settings.
NOT_SETTINGS = {"AUDIT_HOUR"}


def text(path: str) -> str:
    """Return a file of the checkout."""
    return (ROOT / path).read_text()


def compose() -> dict[str, Any]:
    """Return the Compose file with its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))
    return loaded


def of_our_image() -> dict[str, dict[str, Any]]:
    """Return the services that run our own image."""
    return {name: service for name, service in compose()["services"].items() if "build" in service}


def settings_variables() -> set[str]:
    """Return the variables that the settings read."""
    named = re.compile(r"""(?:\benv(?:\.\w+)?|os\.environ\.get|os\.getenv)\(\s*["']([A-Z][A-Z_]+)["']""")
    found = {name for path in (ROOT / "config").glob("*.py") for name in named.findall(path.read_text())}
    return found - {"DJANGO_SETTINGS_MODULE"}


def image_variables() -> set[str]:
    """Return the variables that the image itself sets."""
    lines = re.findall(r"^ENV (.+)$", text("Dockerfile"), re.MULTILINE)
    return {name for line in lines for name in re.findall(r"(\w+)=", line)}


def test_compose_file_follows_the_schema() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        "docker-compose.yml",
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_compose_names_only_services_and_volumes_that_exist() -> None:
    services, volumes = compose()["services"], compose()["volumes"]
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for mount in service.get("volumes", []):
            source = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", mount).partition(":")[0]
            assert source in volumes or (source.startswith("./") and (ROOT / source).exists()), (name, mount)


def test_every_lasting_service_is_watched_and_restarted() -> None:
    ends = {"migrate", "load"}
    for name, service in compose()["services"].items():
        assert name in ends or "healthcheck" in service, name
        assert service["restart"] == ("on-failure" if name in ends else "unless-stopped"), name


def test_only_migrations_know_the_owner() -> None:
    for name, service in of_our_image().items():
        assert ("OWNER_PASSWORD" in str(service["environment"])) == (name == "migrate"), name


@pytest.mark.parametrize("path", SCRIPTS)
def test_scripts_name_only_commands_that_exist(path: str) -> None:
    named = set(re.findall(r"manage\.py,?\s+(\w+)", text(path)))
    assert named <= set(get_commands())


def test_the_supervisor_names_only_commands_that_exist() -> None:
    lines = [*run.commands({"BASE_URL": "http://127.0.0.1:8000"}, embedded=True), run.MIGRATE]
    assert {line.split()[0] for line in lines} <= set(get_commands())


def test_files_named_by_services_exist() -> None:
    for name, service in of_our_image().items():
        words = f"{service.get('command')} {service.get('healthcheck')}"
        for path in re.findall(r"\bdeploy/[\w.]+", words):
            assert (ROOT / path).exists(), (name, path)


def test_the_example_names_exactly_the_variables_of_compose() -> None:
    named = set(re.findall(r"\$\{(\w+)", text("docker-compose.yml")))
    assert set(re.findall(r"^(\w+)=", text(".env.example"), re.MULTILINE)) == named


def test_services_get_exactly_the_variables_of_the_settings() -> None:
    for name, service in of_our_image().items():
        assert set(service["environment"]) - NOT_SETTINGS == settings_variables() - image_variables(), name


@pytest.mark.parametrize("path", LOCKS)
def test_locks_hold_no_addresses(path: str) -> None:
    assert not re.findall(r"https?://\S+", text(path))


def test_locks_hold_a_hash_for_every_package() -> None:
    for path in LOCKS[:3]:
        packages = re.split(r"^(?=[a-z0-9])", text(path), flags=re.MULTILINE)[1:]
        assert packages
        assert all("--hash=sha256:" in package for package in packages), path


def test_uv_is_locked_once() -> None:
    assert text("requirements/uv.txt") in text("requirements/dev.txt")


def test_make_targets_named_in_texts_exist() -> None:
    targets = set(re.findall(r"^([\w./-]+):", text("Makefile"), re.MULTILINE))
    for path in ["README.md", ".ci/run"]:
        named = set(re.findall(r"(?:^|`|&& |timed )make ([a-z]+)\b", text(path), re.MULTILINE)) if (ROOT / path).exists() else set()
        assert named <= targets, path


def test_no_secret_is_baked_into_the_image() -> None:
    assert not {"SECRET_KEY", "DATABASE_URL", "EMAIL_URL"} & image_variables()
    assert {".env", ".data", ".git"} <= set(text(".dockerignore").splitlines())
