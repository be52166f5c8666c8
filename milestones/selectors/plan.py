"""All that the page of a project's plan shows, in two statements: one of the project, one of its milestones."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject

from accounts.roles import Principal
from milestones.models import Template
from milestones.rules.network import Edge
from milestones.selectors.baselines import Compared, compare, pictures, read_pictures
from milestones.selectors.milestones import milestones
from milestones.selectors.network import Schedule, judged, network_from


@dataclass(frozen=True)
class Plan:
    """The milestones in order, judged; the network; the baselines, newest first, and against the `chosen` one each milestone by id."""

    milestones: list[Any]
    schedule: Schedule
    baselines: list[dict[str, Any]]
    chosen: dict[str, Any] | None
    compared: Mapping[uuid.UUID, Compared]

    @property
    def gone(self) -> list[Compared]:
        """What the baseline holds and the project no more."""
        return [item for item in self.compared.values() if item.now is None]

    def predecessors(self, key: uuid.UUID) -> list[Edge]:
        return [edge for edge in self.schedule.network.edges if edge.after == key]


def beside(baseline: uuid.UUID | None) -> dict[str, Any]:
    """Annotations of the project for `plan_of`: its baselines, and the templates that are offered. `baseline` is the one to compare with."""
    offered = Template.objects.filter(is_retired=False).order_by("name").values(row=JSONObject(id="pk", name="name"))
    return {"pictures": pictures(baseline), "templates": ArraySubquery(offered)}


def plan_of(project: Any, actor: Principal, *, today: dt.date) -> Plan:
    """The plan of a project that was annotated by `beside`."""
    rows = list(milestones(actor, today=today).of_projects([project.pk]).order_by("position", "id"))
    edges = [Edge(uuid.UUID(item["milestone"]), row.pk, item["lag_days"]) for row in rows for item in row.depends_on]
    net = network_from(((row.pk, row.name, row.due_on, row.forecast_on, row.achieved_by) for row in rows), edges)
    kept = read_pictures(project.pictures)
    chosen = next((item for item in kept if item["kept"] is not None), None)
    compared: dict[uuid.UUID, Compared] = {}
    if chosen is not None:
        names = ("name", "kind", "due_on", "forecast_on", "achieved_on")
        now = {row.pk: {name: getattr(row, name) for name in names} for row in rows}
        compared = {item.milestone: item for item in compare(chosen["kept"], now)}
    return Plan(rows, judged(net), kept, chosen, compared)
