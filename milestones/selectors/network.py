"""The plan of a project as a network: what waits for what, what follows when a day moves, where there is time left."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from milestones.models import Dependency, Milestone
from milestones.rules import network
from milestones.rules.network import Edge, Node


@dataclass(frozen=True)
class Network:
    """The milestones of one project in their order, with what must come before what."""

    nodes: list[Node]
    edges: list[Edge]
    names: Mapping[uuid.UUID, str]


@dataclass(frozen=True)
class Proposal:
    """A new forecast that follows from another date. `from_on` is the day expected now, None where none is."""

    milestone: uuid.UUID
    name: str
    from_on: dt.date | None
    to_on: dt.date
    is_applied: bool = False

    @property
    def days(self) -> int | None:
        """How many days later; None where none was expected."""
        return None if self.from_on is None else (self.to_on - self.from_on).days

    def shape(self) -> dict[str, Any]:
        """As the API gives it."""
        return {"milestone": self.milestone, "name": self.name, "from": self.from_on, "to": self.to_on, "applied": self.is_applied}


def network_of(project_id: uuid.UUID) -> Network:
    """Everything that is planned in a project, with every fact of today. Who may see the project may see all of it."""
    rows = Milestone.objects.filter(project_id=project_id).order_by("position", "id")
    edges = (
        Dependency.objects.filter(project_id=project_id).order_by("before_id", "after_id").values_list("before_id", "after_id", "lag_days")
    )
    return network_from(rows.values_list("id", "name", "due_on", "forecast_on", "achieved_on"), (Edge(*row) for row in edges))


def network_from(rows: Iterable[tuple[Any, ...]], edges: Iterable[Edge]) -> Network:
    """From rows of (id, name, due_on, forecast_on, achieved_on)."""
    nodes, names = [], {}
    for key, name, due, forecast, achieved in rows:
        nodes.append(Node(key, network.expected_on(due_on=due, forecast_on=forecast, achieved_on=achieved), achieved is not None))
        names[key] = name
    return Network(nodes, list(edges), names)


def ripple_of(
    project_id: uuid.UUID, milestone_id: uuid.UUID, expected_on: dt.date, *, today: dt.date, net: Network | None = None
) -> list[Proposal]:
    """The new forecasts that follow when a milestone is expected on `expected_on` (a forecast or an achievement), in the order of work."""
    net = net or network_of(project_id)
    pushes = network.ripple(net.nodes, net.edges, {milestone_id: expected_on}, not_before=today)
    return [Proposal(key, net.names[key], push.from_on, push.to_on) for key, push in pushes.items()]


@dataclass(frozen=True)
class Schedule:
    """The network with the time left: `floats` in days by milestone, of those that are open, dated and linked."""

    network: Network
    floats: Mapping[uuid.UUID, int]

    def is_critical(self, key: uuid.UUID) -> bool:
        """Whether each day that this milestone slips moves the end."""
        return self.floats.get(key, 1) <= 0

    def shape(self) -> dict[str, Any]:
        """As the API gives it."""
        net = self.network
        return {
            "nodes": [
                {
                    "milestone": node.id,
                    "name": net.names[node.id],
                    "expected_on": node.expected_on,
                    "is_achieved": node.is_achieved,
                    "float_days": self.floats.get(node.id),
                    "is_critical": self.is_critical(node.id),
                }
                for node in net.nodes
            ],
            "edges": [edge._asdict() for edge in net.edges],
        }


def schedule_of(project_id: uuid.UUID) -> Schedule:
    """The plan of a project with its critical chain."""
    return judged(network_of(project_id))


def judged(net: Network) -> Schedule:
    return Schedule(net, network.floats(net.nodes, net.edges))
