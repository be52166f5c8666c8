"""History as others read it: the changes of a project, and what changed in a row since a version."""

import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils import timezone

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


def worth_telling(
    changes: Iterable[Change],
    fields: Mapping[str, tuple[type[models.Model], Sequence[str]]],
    *,
    named: Sequence[type[models.Model]],
    limit: int,
) -> Iterator[dict[str, Any]]:
    """The first `limit` changes in which a field that people know moved, or the row came or went.

    `fields` tells by table what people know of a model. Rows of the models in `named` are told by the model's word, others by their name.
    """
    told = 0
    for change in changes:
        model, names = fields[change.table_name]
        before, after = change.before or {}, change.after or {}
        moved = [
            (model._meta.get_field(name), before.get(name), after.get(name))
            for name in names
            if change.action == "updated" and before.get(name) != after.get(name)
        ]
        if change.action == "updated" and not moved:
            continue
        told += 1
        if told > limit:
            return
        yield {
            "at": change.at,
            "actor": change.actor_name,
            "by_system": not change.actor.startswith(("person:", "client:")),
            "action": change.get_action_display(),
            "what": model._meta.verbose_name if model in named else (after or before).get("name", ""),
            "kind": model._meta.verbose_name,
            "fields": moved,
        }


def _value(row: dict[str, Any] | None, name: str) -> Any:
    if row is None:
        return None
    return row.get(name, row.get(f"{name}_id"))


def digest_of_day(day: dt.date, *, chained_to: str) -> dict[str, Any]:
    """SHA-256 over every change of a day (Asia/Shanghai) in order, beginning with the digest of the day before."""
    start = timezone.make_aware(dt.datetime.combine(day, dt.time.min))
    columns = [field.attname for field in Change._meta.concrete_fields]
    rows = Change.objects.filter(at__gte=start, at__lt=start + dt.timedelta(days=1)).order_by("sequence").values_list(*columns)
    digest, count, first, last = hashlib.sha256(chained_to.encode()), 0, None, None
    for row in rows.iterator(chunk_size=5000):
        digest.update(json.dumps(row, default=str, sort_keys=True, ensure_ascii=False).encode())
        count, first, last = count + 1, first or row[0], row[0]
    return {"day": day.isoformat(), "count": count, "first": first, "last": last, "previous": chained_to, "sha256": digest.hexdigest()}
