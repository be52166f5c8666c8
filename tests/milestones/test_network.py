"""The graph of what waits for what: order, circles, what follows, where there is time left."""

import datetime as dt
from collections import defaultdict
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from milestones.rules import network
from milestones.rules.network import Edge, Node, Push

DAY = dt.date(2027, 1, 1)


def on(offset: int) -> dt.date:
    return DAY + dt.timedelta(days=offset)


def key(number: Any) -> Any:
    """The rules do not look into keys: numbers are as good as UUIDs, and easier to read."""
    return number


@st.composite
def graphs(draw: Any, *, achieved: bool = True) -> tuple[list[Node], list[Edge]]:
    """Up to eight milestones; an edge leads from a lower number to a higher one, so there is no circle."""
    count = draw(st.integers(2, 8))
    pairs = [(before, after) for after in range(count) for before in range(after)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=12))
    edges = [Edge(key(before), key(after), draw(st.integers(0, 30))) for before, after in chosen]
    days = st.one_of(st.none(), st.integers(0, 200).map(on))
    nodes = [Node(key(number), draw(days), achieved and draw(st.booleans())) for number in range(count)]
    # an achievement has a day
    return [node if node.expected_on else node._replace(is_achieved=False) for node in nodes], draw(st.permutations(edges))


def consistent(nodes: list[Node], edges: list[Edge], slack: list[int]) -> list[Node]:
    """The same milestones on days that keep every lag, with some time to spare."""
    days: dict[Any, dt.date] = {}
    for node, spare in zip(nodes, slack, strict=False):
        days[node.id] = max((days[e.before] + dt.timedelta(days=e.lag_days) for e in edges if e.after == node.id), default=DAY)
        days[node.id] += dt.timedelta(days=spare)
    return [Node(node.id, days[node.id]) for node in nodes]


@given(graphs())
def test_order_puts_everybody_behind_their_predecessors(graph: Any) -> None:
    nodes, edges = graph
    places = {node: place for place, node in enumerate(network.order([node.id for node in nodes], edges))}
    assert len(places) == len(nodes)
    assert all(places[edge.before] < places[edge.after] for edge in edges)
    assert network.circle(edges) == []


@given(graphs(), st.integers(2, 8), st.randoms())
def test_circle_is_found_and_named_in_order(graph: Any, length: int, random: Any) -> None:
    nodes, edges = graph
    ring = random.sample(range(len(nodes)), min(length, len(nodes)))
    closed = [*edges, *(Edge(key(before), key(after)) for before, after in zip(ring, [*ring[1:], ring[0]], strict=True))]
    found = network.circle(closed)
    assert found[0] == found[-1] and len(set(found)) == len(found) - 1 >= 1
    assert all(any(edge.before == a and edge.after == b for edge in closed) for a, b in pairwise(found))


def test_milestone_that_waits_for_itself_is_a_circle() -> None:
    assert network.circle([Edge(key(1), key(1))]) == [1, 1]


@given(graphs(), st.integers(0, 7), st.integers(0, 300))
def test_ripple_pushes_exactly_as_far_as_the_lags_ask_and_pulls_nothing(graph: Any, place: int, to: int) -> None:
    nodes, edges = graph
    moved = nodes[place % len(nodes)].id
    pushes = network.ripple(nodes, edges, {moved: on(to)}, not_before=dt.date.min)
    days = {node.id: node.expected_on for node in nodes} | {moved: on(to)} | {one: push.to_on for one, push in pushes.items()}
    achieved = {node.id for node in nodes if node.is_achieved}
    for node in nodes:
        needs = [edge for edge in edges if edge.after == node.id]
        earliest = max((days[e.before] + dt.timedelta(days=e.lag_days) for e in needs if days[e.before]), default=None)
        touched = any(edge.before == moved or edge.before in pushes for edge in needs)
        if node.id in pushes:
            assert touched and node.id not in achieved | {moved}
            assert pushes[node.id] == Push(node.expected_on, earliest)
            assert node.expected_on is None or node.expected_on < earliest
        elif touched and node.id not in achieved | {moved}:
            assert node.expected_on is not None and node.expected_on >= earliest


def test_ripple_proposes_no_day_that_has_passed() -> None:
    nodes = [Node(key(1), on(0), is_achieved=True), Node(key(2), on(-9))]
    assert network.ripple(nodes, [Edge(key(1), key(2), 3)], {key(1): on(0)}, not_before=on(20)) == {2: Push(on(-9), on(20))}


def test_ripple_stops_at_the_end_of_the_calendar() -> None:
    nodes = [Node(key(1), on(0)), Node(key(2), None)]
    pushes = network.ripple(nodes, [Edge(key(1), key(2), 3)], {key(1): dt.date.max}, not_before=DAY)
    assert pushes == {2: Push(None, dt.date.max)}


@given(graphs(achieved=False), st.lists(st.integers(0, 20), min_size=8, max_size=8), st.integers(0, 7))
def test_float_is_how_far_a_milestone_may_slip_before_the_end_moves(graph: Any, slack: list[int], place: int) -> None:
    nodes, edges = consistent(graph[0], graph[1], slack), graph[1]
    free = network.floats(nodes, edges)
    linked = {one for edge in edges for one in (edge.before, edge.after)}
    assert free.keys() == linked
    if not linked:
        return
    finish = max(node.expected_on for node in nodes if node.id in linked and node.expected_on)
    assert min(free.values()) == 0
    node = nodes[place % len(nodes)]
    if node.id not in linked or node.expected_on is None:
        return
    for days, holds in ((free[node.id], True), (free[node.id] + 1, False)):
        to_on = node.expected_on + dt.timedelta(days=days)
        pushes = network.ripple(nodes, edges, {node.id: to_on}, not_before=dt.date.min)
        assert (max([to_on, *(push.to_on for push in pushes.values())]) <= finish) == holds


def test_float_is_negative_where_days_are_missing_and_absent_where_nothing_waits() -> None:
    nodes = [Node(key(1), on(50)), Node(key(2), on(60)), Node(key(3), on(10)), Node(key(4), on(90), is_achieved=True), Node(key(5), None)]
    edges = [Edge(key(1), key(2), 30), Edge(key(4), key(2)), Edge(key(5), key(2), 1)]
    assert network.floats(nodes, edges) == {1: -20, 2: 0}


@given(graphs())
def test_offsets_keep_every_lag_forwards_and_backwards(graph: Any) -> None:
    nodes, edges = graph
    ids = [node.id for node in nodes]
    early, late = network.offsets(ids, edges), network.offsets(ids, edges, backwards=True)
    for found in (early, late):
        assert all(found[edge.after] - found[edge.before] >= edge.lag_days for edge in edges)
    needs: dict[Any, list[Edge]] = defaultdict(list)
    for edge in edges:
        needs[edge.after].append(edge)
    assert all(early[one] == max((early[e.before] + e.lag_days for e in needs[one]), default=0) for one in ids)
    assert max(late.values()) == 0 and min(early.values()) == 0
