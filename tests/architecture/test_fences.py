"""Fences: rows are written by services only, only doors ask the clock, apps form a stack, templates hold no code."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Modules = list[tuple[str, ast.Module]]
APPS = ["accounts", "common", "config", "funding", "history", "milestones", "portal", "portfolio", "projects", "reminders"]
WRITES = {
    "save", "create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "aupdate",
    "acreate", "adelete", "asave", "raw",
}  # fmt: skip
# In these methods of managers and rows nothing else is meant by such a name.
ROWS = {"objects", "filter", "exclude", "select_for_update", "_lock", "pending", "all", "none", "annotate", "order_by"}
DOORS = re.compile(r"(^|/)(api|views|tasks|management|middleware)(/|\.py$)|^config/|^portal/|^common/clock\.py$")
SERVICES = re.compile(r"(^|/)services(/|\.py$)|(^|/)migrations/|^common/work_days\.py$")


@pytest.fixture(scope="module")
def modules() -> Modules:
    """All of the product, parsed once: it takes longer than any search in it."""
    files = [file for app in APPS for file in sorted((ROOT / app).rglob("*.py"))]
    return [(str(file.relative_to(ROOT)), ast.parse(file.read_text(encoding="utf-8"))) for file in files]


def chain(node: ast.expr) -> list[str]:
    """The names along `a.b(…).c`: ["a", "b", "c"]."""
    if isinstance(node, ast.Attribute):
        return [*chain(node.value), node.attr]
    if isinstance(node, ast.Call):
        return chain(node.func)
    return [node.id] if isinstance(node, ast.Name) else []


def written(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Calls that write rows: a writing method at the end of a chain over a manager, or `.save()` and `.delete()` of anything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            names = chain(node.func)
            if ROWS & set(names[:-1]) or node.func.attr in ("save", "delete", "bulk_create", "bulk_update"):
                yield node.lineno, ".".join(names)


def written_in_sql(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Statements that change rows, in any string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = re.search(r"\b(INSERT INTO|DELETE FROM|TRUNCATE|UPDATE \w+ (\w+ )?SET)\b", node.value)
            if found:
                yield node.lineno, found.group()


def test_rows_are_written_by_services_only(modules: Modules) -> None:
    found = [
        f"{name}:{line} {what}"
        for name, tree in modules
        if not SERVICES.search(name)
        for line, what in [*written(tree), *written_in_sql(tree)]
    ]
    assert found == []


def test_write_fence_sees_the_writes_that_services_make(modules: Modules) -> None:
    seen = {name for name, tree in modules if SERVICES.search(name) and [*written(tree)]}
    assert {
        "projects/services/projects.py",
        "milestones/services/milestones.py",
        "accounts/services/clients.py",
        "reminders/services/settlement.py",
    } <= seen
    assert [*written(ast.parse("cells.update({}); {}.update(a=1); cache.delete"))] == []
    assert [what for _line, what in written(ast.parse("A.objects.filter(x=1).update(y=2); row.save()"))] == [
        "A.objects.filter.update",
        "row.save",
    ]


def test_only_doors_ask_what_time_it_is(modules: Modules) -> None:
    asked = re.compile(r"^(clock|timezone|datetime|dt|date|time)(\.(datetime|date|timezone))?\.(now|utcnow|today|localdate|localtime)$")
    found = []
    for name, tree in modules:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and not DOORS.search(name):
                words = ".".join(chain(node.func))
                # a given moment turned to local time asks no clock
                if asked.match(words) and not node.args and "migrations" not in name:
                    found.append(f"{name}:{node.lineno} {words}")
    assert found == []


def test_clock_is_asked_through_common_clock_alone(modules: Modules) -> None:
    found = []
    for name, tree in modules:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and not node.args and name != "common/clock.py":  # with a moment given, no clock is asked
                words = ".".join(chain(node.func))
                if re.match(r"^(timezone|datetime|dt|date)(\.(datetime|date))?\.(now|utcnow|today|localdate)$", words):
                    found.append(f"{name}:{node.lineno} {words}")
    assert found == []


def test_apps_keep_the_import_contracts() -> None:
    done = subprocess.run([Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_doors_read_through_selectors_that_know_the_actor(modules: Modules) -> None:
    """`.objects` of rows with an office in a door: only to declare a shape or through `visible_to`."""
    guarded = {"Milestone", "Status", "Assignment", "Reminder", "Delivery", "Commitment"}
    found = []
    for name, tree in modules:
        if not re.search(r"/api/|portal/views", name):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("all", "filter", "get", "exclude")
                and isinstance(node.value, ast.Attribute)
            ):
                words = chain(node)
                if words[1:2] == ["objects"] and words[0] in guarded:
                    found.append(f"{name}:{node.lineno} {'.'.join(words)}")
    assert found == []


def test_templates_hold_neither_inline_style_nor_inline_script() -> None:
    wrong = re.compile(r"\sstyle=|<style|<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=|javascript:", re.IGNORECASE)
    found = []
    for app in APPS:
        for file in sorted((ROOT / app).glob("templates/**/*.html")):
            if file.parts[-2] != "reminders":  # mail has no style sheet of its own
                found += [f"{file.relative_to(ROOT)}: {match.group()}" for match in wrong.finditer(file.read_text(encoding="utf-8"))]
    assert found == []


def test_no_signals_and_no_saving_method(modules: Modules) -> None:
    found = []
    for name, tree in modules:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in ("save", "delete") and "models" in name:
                found.append(f"{name}:{node.lineno} def {node.name}")
            if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.signals":
                found.append(f"{name}:{node.lineno} signals")
    assert found == []
