"""Numbered SQL files, each carried into the database by one migration and never edited once released."""

from pathlib import Path

from django.conf import settings
from django.db import migrations


def sql_file(path: str) -> migrations.RunSQL:
    """The operation that runs `path` (relative to the project's root). Functions are replaced by a newer file, not undone."""
    text = (Path(settings.BASE_DIR) / path).read_text(encoding="utf-8")
    return migrations.RunSQL([(text, None)], reverse_sql=migrations.RunSQL.noop)
