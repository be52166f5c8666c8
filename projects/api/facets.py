"""How many projects of a list fall under each value of a column."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, QuerySet

from projects.lifecycle import Stage
from projects.models import Level, Nature


def by_code(prefix: str) -> Callable[[QuerySet], list[dict[str, Any]]]:
    """A facet over a node whose code and name stand in the read model."""

    def counts(queryset: QuerySet) -> list[dict[str, Any]]:
        rows = queryset.order_by().values_list(f"{prefix}_code", f"{prefix}_name").annotate(n=Count("pk")).order_by("-n", f"{prefix}_code")
        return [{"value": code, "name": name, "count": n} for code, name, n in rows]

    return counts


def by_choice(column: str, choices: Any) -> Callable[[QuerySet], list[dict[str, Any]]]:
    """A facet over a column of choices."""
    labels = dict(choices.choices)

    def counts(queryset: QuerySet) -> list[dict[str, Any]]:
        rows = dict(queryset.order_by().values_list(column).annotate(n=Count("pk")))
        return [{"value": code, "name": labels.get(code), "count": rows[code]} for code in [*labels, None] if code in rows]

    return counts


FACETS = {
    "sector": by_code("sector"),
    "region": by_code("region"),
    "office": by_code("office"),
    "authority": by_code("authority"),
    "stage": by_choice("stage", Stage),
    "nature": by_choice("project__nature", Nature),
    "level": by_choice("project__level", Level),
}
