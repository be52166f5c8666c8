"""What must come before what: the predecessors of a milestone, changed as a whole set."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from common.errors import Fault, Malformed, RuleBroken
from milestones.models import Dependency, Milestone
from milestones.rules import network
from milestones.rules.network import Edge


def replace(milestone: Milestone, wanted: Sequence[Mapping[str, Any]]) -> bool:
    """Give a milestone exactly these predecessors: [{milestone: id, lag_days}]. Return whether anything changed.

    Runs in the caller's transaction, under the lock of the project: of two changes that close a circle together the second
    sees the first. Raises Malformed for a milestone that is not of this project or stands twice, RuleBroken for a circle.
    """
    names = dict(Milestone.objects.filter(project_id=milestone.project_id).values_list("pk", "name"))
    _require_own(wanted, names)
    present = list(Dependency.objects.filter(project_id=milestone.project_id))
    kept = [edge_of(row) for row in present if row.after_id != milestone.pk]
    fresh = [Edge(item["milestone"], milestone.pk, item["lag_days"]) for item in wanted]
    require_no_circle([*kept, *fresh], names, field="depends_on")
    return _write(milestone, {edge.before: edge.lag_days for edge in fresh}, [row for row in present if row.after_id == milestone.pk])


def edge_of(row: Dependency) -> Edge:
    return Edge(row.before_id, row.after_id, row.lag_days)


def require_no_circle(edges: Sequence[Edge], names: Mapping[uuid.UUID, str], *, field: str) -> None:
    """Raises RuleBroken that names the milestones of a circle in order."""
    if found := network.circle(edges):
        path = " → ".join(names[key] for key in found)
        raise RuleBroken.at(field, _("前后关系成环：%s。请去掉其中一个前置节点。") % path, "circle")


def _require_own(wanted: Sequence[Mapping[str, Any]], names: Mapping[uuid.UUID, str]) -> None:
    seen: set[uuid.UUID] = set()
    faults = []
    for index, item in enumerate(wanted):
        place = ("depends_on", index, "milestone")
        if item["milestone"] not in names:
            faults.append(Fault(place, "does_not_exist", _("本项目没有这个节点，请从本项目的节点中选择。")))
        elif item["milestone"] in seen:
            faults.append(Fault(place, "repeated", _("同一前置节点只能出现一次。")))
        seen.add(item["milestone"])
    if faults:
        raise Malformed(faults=faults)


def _write(milestone: Milestone, lags: Mapping[uuid.UUID, int], rows: Sequence[Dependency]) -> bool:
    present = {row.before_id: row for row in rows}
    gone = [row.pk for key, row in present.items() if key not in lags]
    moved = [row for key, row in present.items() if key in lags and row.lag_days != lags[key]]
    for row in moved:
        row.lag_days = lags[row.before_id]
    fresh = [
        Dependency(project_id=milestone.project_id, before_id=key, after=milestone, lag_days=lag)
        for key, lag in lags.items()
        if key not in present
    ]
    Dependency.objects.filter(pk__in=gone).delete()
    Dependency.objects.bulk_update(moved, ["lag_days"])
    Dependency.objects.bulk_create(fresh)
    return bool(gone or moved or fresh)
