"""What must come before what, as a graph of days. Plain Python.

A node waits for its predecessors: its day is not before (predecessor's day + lag), in calendar days. A node that was achieved
is a fact: nothing moves it, and nothing behind it waits through it any more.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple


class Node(NamedTuple):
    """A milestone with the day it is expected on: achieved, else forecast, else due; None while nobody has said."""

    id: uuid.UUID
    expected_on: dt.date | None
    is_achieved: bool = False


class Edge(NamedTuple):
    """`after` comes at least `lag_days` later than `before`."""

    before: uuid.UUID
    after: uuid.UUID
    lag_days: int = 0


class Push(NamedTuple):
    """A day that moves: `from_on` is None where none was expected."""

    from_on: dt.date | None
    to_on: dt.date


def expected_on(*, due_on: dt.date | None, forecast_on: dt.date | None, achieved_on: dt.date | None) -> dt.date | None:
    return achieved_on or forecast_on or due_on


def days_after(day: dt.date, days: int) -> dt.date:
    """`days` later, or earlier; at the ends of the calendar its last or first day."""
    try:
        return day + dt.timedelta(days=days)
    except OverflowError:
        return dt.date.max if days > 0 else dt.date.min


def order(ids: Iterable[uuid.UUID], edges: Sequence[Edge]) -> list[uuid.UUID]:
    """Every node behind its predecessors, else as given. Nodes of a circle, and what comes behind one, are left out."""
    followers = _followers(edges)
    waits: dict[uuid.UUID, int] = defaultdict(int)
    for edge in edges:
        waits[edge.after] += 1
    ready = [key for key in ids if not waits[key]]
    for key in ready:  # grows while it is read
        for edge in followers[key]:
            waits[edge.after] -= 1
            if not waits[edge.after]:
                ready.append(edge.after)
    return ready


def circle(edges: Sequence[Edge]) -> list[uuid.UUID]:
    """The nodes of one circle in order, the first again at the end; empty where there is none."""
    keys = list(dict.fromkeys(key for edge in edges for key in (edge.before, edge.after)))
    left = set(keys) - set(order(keys, edges))
    if not left:
        return []
    # each one left waits for another one left: going backwards one must come by the same place twice
    predecessor = {edge.after: edge.before for edge in edges if edge.before in left and edge.after in left}
    path = [next(key for key in keys if key in left)]
    while path.count(path[-1]) < 2:
        path.append(predecessor[path[-1]])
    return path[path.index(path[-1]) :][::-1]


def ripple(
    nodes: Iterable[Node], edges: Sequence[Edge], moved: Mapping[uuid.UUID, dt.date], *, not_before: dt.date
) -> dict[uuid.UUID, Push]:
    """What follows when the nodes in `moved` are expected on new days, in the order of the graph.

    An open successor that would come too early moves to the first day its predecessors allow, and so on behind it. Nothing is
    pulled earlier. A successor without a day gets one. What is still open is not expected before `not_before`, today.
    """
    known = {node.id: node for node in nodes}
    days = {node.id: node.expected_on for node in known.values()} | dict(moved)
    needs = _predecessors(edges)
    pushes: dict[uuid.UUID, Push] = {}
    for key in order(known, edges):
        if key in moved or known[key].is_achieved or not any(edge.before in moved or edge.before in pushes for edge in needs[key]):
            continue
        earliest = max(days_after(day, edge.lag_days) for edge in needs[key] if (day := days[edge.before]) is not None)
        present = days[key]
        if present is None or present < earliest:
            days[key] = to_on = max(earliest, not_before)
            pushes[key] = Push(present, to_on)
    return pushes


def floats(nodes: Iterable[Node], edges: Sequence[Edge]) -> dict[uuid.UUID, int]:
    """How many days each open, dated and linked node may slip before the last expected day of the linked ones moves.

    Nothing and less means critical: below zero the days that are already missing. Nodes without any link have no float: nobody
    has said what waits for them.
    """
    known = {node.id: node for node in nodes}
    linked = {key for edge in edges for key in (edge.before, edge.after)}
    days = {key: node.expected_on for key, node in known.items() if key in linked and not node.is_achieved}
    finish = max((day for day in days.values() if day is not None), default=None)
    if finish is None:
        return {}
    followers = _followers(edges)
    latest: dict[uuid.UUID, dt.date] = {}
    found: dict[uuid.UUID, int] = {}
    for key in reversed(order(known, edges)):
        limits = [days_after(latest[edge.after], -edge.lag_days) for edge in followers[key] if edge.after in days]
        latest[key] = min([finish, *limits])
        if (day := days.get(key)) is not None:
            found[key] = (latest[key] - day).days
    return found


def offsets(ids: Sequence[uuid.UUID], edges: Sequence[Edge], *, backwards: bool = False) -> dict[uuid.UUID, int]:
    """The day of each node by the lags alone: the earliest, counted from the first; `backwards` the latest, counted to the last.

    Backwards they are 0 and less.
    """
    found: dict[uuid.UUID, int] = {}
    places = order(ids, edges)
    if backwards:
        followers = _followers(edges)
        for key in reversed(places):
            found[key] = min((found[edge.after] - edge.lag_days for edge in followers[key]), default=0)
    else:
        needs = _predecessors(edges)
        for key in places:
            found[key] = max((found[edge.before] + edge.lag_days for edge in needs[key]), default=0)
    return found


def _followers(edges: Iterable[Edge]) -> dict[uuid.UUID, list[Edge]]:
    found: dict[uuid.UUID, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.before].append(edge)
    return found


def _predecessors(edges: Iterable[Edge]) -> dict[uuid.UUID, list[Edge]]:
    found: dict[uuid.UUID, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[edge.after].append(edge)
    return found
