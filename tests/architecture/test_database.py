"""What runs in the database is what stands in the newest SQL files, and triggers are of the four kinds."""

import re
from pathlib import Path

from django.db import connection

from tests import databases

ROOT = Path(__file__).resolve().parents[2]
ROUTINE = re.compile(r"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)\s+(\w+)\s*\(.*?AS \$\$(.*?)\$\$", re.DOTALL)


def newest() -> dict[str, str]:
    """The body of every routine, from the last file that defines it."""
    bodies: dict[str, str] = {}
    for file in sorted(ROOT.glob("*/sql/*.sql"), key=lambda file: (file.parent.parent.name, file.name)):
        bodies.update(ROUTINE.findall(file.read_text(encoding="utf-8")))
    return bodies


def test_routines_in_the_database_equal_the_newest_files(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        assert dict(cursor.fetchall()) == newest()


def test_every_sql_file_is_carried_by_a_migration() -> None:
    carried = "".join(file.read_text(encoding="utf-8") for file in ROOT.glob("*/migrations/*.py"))
    for file in ROOT.glob("*/sql/*.sql"):
        assert str(file.relative_to(ROOT)) in carried


def test_migrations_rest_only_on_files_whose_change_makes_a_new_database() -> None:
    """Else a test would meet the database of an earlier state of the code."""
    ours = "|".join(path.parent.name for path in ROOT.glob("*/__init__.py"))
    imported = re.compile(rf"^\s*(?:from|import) ((?:{ours})[\w.]*)", re.MULTILINE)
    found = {name for file in ROOT.glob("*/migrations/*.py") for name in imported.findall(file.read_text(encoding="utf-8"))}
    files = {str(path.relative_to(ROOT)) for path in databases.sources()}
    missing = {
        name for name in found for path in [name.replace(".", "/")]
        if name != "common" and not {f"{path}.py", f"{path}/__init__.py"} & files
    }  # fmt: skip
    assert missing == set()


def test_triggers_are_of_the_kinds_that_were_decided(db: None) -> None:
    kinds = {
        "history_log_change",
        "history_refuse",
        "common_raise_version",
        "projects_project_changed",
        "projects_reference_renamed",
        "projects_report_changed",
        "projects_plan_changed",
        "milestones_milestone_changed",
        "milestones_refuse_delete",
        "funding_post_transfers",
        "funding_guard_balance",
        "funding_refuse_delete",
        "funding_allocation_changed",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgfoid::regproc::text FROM pg_trigger WHERE NOT tgisinternal")
        assert {name for (name,) in cursor.fetchall()} <= kinds


def test_no_trigger_joins_the_rows_before_and_after_by_a_loop(db: None) -> None:
    """Its plan is made once a session, for the few rows of the first statements: thousands would then take minutes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname, prosrc, coalesce(proconfig, '{}') FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
        joins = {name: config for name, source, config in cursor.fetchall() if re.search(r"(old|new)_rows t?\)? ?\w+ JOIN", source)}
    assert set(joins) == {"history_log_change", "funding_post_transfers"}
    assert "enable_nestloop=off" in joins["history_log_change"]  # the other joins what is there already, by its key


def test_every_foreign_key_has_an_index_where_rows_are_many(db: None) -> None:
    """A cascade or a join by project must not read a whole table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.conrelid::regclass::text FROM pg_constraint c
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
                WHERE c.contype = 'f' AND c.confrelid = 'projects_project'::regclass
                  AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = a.attnum)"""
        )
        assert cursor.fetchall() == []


def test_running_role_owns_nothing(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relowner = 'app'::regrole")
        assert cursor.fetchall() == []
        cursor.execute("SELECT current_user, rolsuper, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("app", False, False, False)
