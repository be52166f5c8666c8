"""History as others read it: the changes of a project, and what changed in a row since a version."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from history.models import Change


def changes_of_project(project_id: uuid.UUID, *, tables: Sequence[str]) -> QuerySet:
    """The changes of a project and its parts, in the given tables."""
    return Change.objects.filter(project_id=project_id, table_name__in=tables)


def fields_changed_since(table: str, row_id: uuid.UUID, version: int) -> list[str]:
    """The columns that changed in a row after `version`."""
    changes = Change.objects.filter(table_name=table, row_id=row_id, row_version__gt=version).values_list("before", "after")
    changed = {name for before, after in changes if before and after for name in after if before.get(name) != after[name]}
    return sorted(name.removesuffix("_id") for name in changed - {"version", "updated_at"})


def changed_fields(before: dict[str, Any] | None, after: dict[str, Any] | None, names: Sequence[str]) -> list[dict[str, Any]]:
    """Of the named fields, those whose value differs; references appear by their id."""
    found = []
    for name in names:
        old, new = _value(before, name), _value(after, name)
        if old != new:
            found.append({"name": name, "before": old, "after": new})
    return found


def actor_of(label: str, name: str) -> dict[str, str]:
    """The actor as the API gives it. Who wrote past the product, in the database, counts as the system by that name."""
    kind = label.partition(":")[0]
    return {"kind": kind if kind in ("person", "client") else "system", "name": name}


def _value(row: dict[str, Any] | None, name: str) -> Any:
    if row is None:
        return None
    return row.get(name, row.get(f"{name}_id"))
