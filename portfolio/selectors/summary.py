"""The whole portfolio in groups: a plain GROUP BY over the read model (measured right for a city for ever)."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import CharField, Count, F, Q, QuerySet, Sum
from django.db.models.functions import Cast, Coalesce

from common.shapes import money
from portfolio.models import CommitmentKind
from portfolio.selectors.commitments import kept_by
from projects.lifecycle import Stage
from projects.models import Level


@dataclass(frozen=True)
class Group:
    """How projects are grouped: by which expressions, and which parameter of /projects/ lists a group exactly."""

    code: Any
    name: Any
    parameter: str
    absent: str = ""  # the parameter that lists those without a value
    fallback: str = ""  # taken when the caller's own filter uses `parameter` already
    labels: dict[str, Any] | None = None


GROUPS = {
    # by the first level of sectors
    "sector": Group(
        Coalesce("project__sector__parent__code", "sector_code"),
        Coalesce("project__sector__parent__name", "sector_name"),
        "sector",
        fallback="sector__in",
    ),
    "region": Group(F("region_code"), F("region_name"), "region__only"),
    "office": Group(F("office_code"), F("office_name"), "office__only"),
    "authority": Group(F("authority_code"), F("authority_name"), "authority__only", absent="authority__isnull"),
    "stage": Group(F("stage"), F("stage"), "stage", labels=dict(Stage.choices)),
    "level": Group(F("project__level"), F("project__level"), "level", absent="level__isnull", labels=dict(Level.choices)),
    "commitment": Group(
        None, None, "commitment", absent="commitment__isnull", fallback="commitment__in", labels=dict(CommitmentKind.choices)
    ),
}

SUMS = ("total_investment", "allocated", "received", "paid", "planned_this_year", "invested_this_year")  # yuan


def summary(queryset: QuerySet, *, group_by: list[str], today: dt.date, asked: dict[str, str]) -> dict[str, Any]:
    """`results`, one a group, and `total`. Packages are never counted with their members. `asked` are the caller's filters."""
    if "is_package" not in asked:
        queryset, asked = queryset.filter(project__is_package=False), asked | {"is_package": "false"}
    queryset = queryset.order_by()
    results = [
        _shape(dict(zip(group_by, keys, strict=True)), numbers) | {"filter": _filter(dict(zip(group_by, keys, strict=True)), asked)}
        for keys, numbers in _rows(queryset, group_by, today)
    ]
    total = queryset.aggregate(**_numbers(today))
    return {"as_of": today, "results": results, "total": _shape({}, total)}


def _rows(queryset: QuerySet, group_by: list[str], today: dt.date) -> list[tuple[list[tuple[Any, Any]], dict[str, Any]]]:
    if "commitment" in group_by:
        return _by_commitment(queryset, group_by, today)
    return _grouped(queryset, group_by, today)


def _grouped(queryset: QuerySet, group_by: list[str], today: dt.date) -> list[tuple[list[tuple[Any, Any]], dict[str, Any]]]:
    names = {f"{name}_{part}_": getattr(GROUPS[name], part) for name in group_by for part in ("code", "name")}
    rows = queryset.annotate(**names).values(*names).annotate(**_numbers(today)).order_by("-project_count", *names)
    return [([(row.pop(f"{name}_code_"), row.pop(f"{name}_name_")) for name in group_by], row) for row in rows]


def _by_commitment(queryset: QuerySet, group_by: list[str], today: dt.date) -> list[tuple[list[tuple[Any, Any]], dict[str, Any]]]:
    """A project may keep commitments of several kinds and counts under each; the total counts it once."""
    others = [name for name in group_by if name != "commitment"]
    found = []
    for kind in [*CommitmentKind.values, None]:
        members = queryset.filter(kept_by([kind])) if kind else queryset.filter(~kept_by(CommitmentKind.values))
        rows = _grouped(members, others, today) if others else [([], members.aggregate(**_numbers(today)))]
        for keys, numbers in rows:
            if numbers["project_count"]:
                keys = list(keys)
                keys.insert(group_by.index("commitment"), (kind, kind))
                found.append((keys, numbers))
    return found


def _numbers(today: dt.date) -> dict[str, Any]:
    return {
        "project_count": Count("pk"),
        "overdue_count": Count("pk", filter=Q(late_from_on__lt=today)),
    } | {f"{name}_sum": Cast(Sum(name), CharField()) for name in SUMS}


def _shape(keys: dict[str, tuple[Any, Any]], numbers: dict[str, Any]) -> dict[str, Any]:
    groups = {name: {"code": code, "name": (GROUPS[name].labels or {}).get(code, label)} for name, (code, label) in keys.items()}
    count = numbers["project_count"]
    return groups | {
        "project_count": count,
        "overdue_count": numbers["overdue_count"],
        **{name: money(numbers[f"{name}_sum"] or "0.00") for name in SUMS},
        "lamps": {"green": 0, "amber": 0, "red": 0, "unjudged": count},
    }


def _filter(keys: dict[str, tuple[Any, Any]], asked: dict[str, str]) -> str:
    """The query string of /projects/ that lists exactly the group: the caller's filters and the group's own."""
    wanted = dict(asked)
    for name, (code, _label) in keys.items():
        group = GROUPS[name]
        if code is None:
            wanted[group.absent] = "true"
        elif group.fallback and group.parameter in wanted and wanted[group.parameter] != code:
            wanted[group.fallback] = code
        else:
            wanted[group.parameter] = code
    return urlencode(wanted)
