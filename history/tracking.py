"""The migration line that puts a table under history."""

from django.db import migrations


def track(table: str, *, project_column: str = "", quiet: str = "", mask: str = "") -> migrations.RunSQL:
    """Log every insert, update and delete of `table`.

    `project_column` names the column with the project's id, `quiet` columns whose change alone is no change,
    `mask` columns that are never stored (comma-separated).
    """
    return migrations.RunSQL(
        [("CALL history_track(%s, %s, %s, %s)", [table, project_column, quiet, mask])],
        reverse_sql=migrations.RunSQL.noop,
    )
