"""`--without NAME`: one mechanism of M4 taken out, for proving that the storm would notice. Never part of an ordinary run."""

import uuid
from dataclasses import replace
from typing import Any

from reminders.services import bundles, claims, deliveries, settlement, sweep

KEY = "key"  # the one that also lies in the database: `python -m tests.storm` drops the constraint


def apply(name: str) -> None:
    if name:
        MUTATIONS[name]()


def _cut(module: Any, constant: str, old: str, new: str) -> None:
    text = getattr(module, constant)
    assert old in text, f"{constant} no longer contains {old!r}"
    setattr(module, constant, text.replace(old, new))


def _without_update() -> None:
    head, _, _tail = sweep.INSERT.partition("DO UPDATE")
    sweep.INSERT = head + "DO NOTHING"


def _without_lease() -> None:
    _cut(claims, "CLAIM", "OR (d.state = 'sending' AND d.lease_until < %(now)s)", "")


def _without_threshold() -> None:
    """`due_on = yesterday`: what an outage missed is never raised."""
    branch = sweep._branch

    def exact(*arguments: Any) -> str:
        return branch(*arguments).replace("o.due_on <= ", "o.due_on = ", 1)

    sweep._branch = exact


def _without_window() -> None:
    claims.Window.contains = lambda *_arguments, **_named: True  # type: ignore[method-assign]


def _without_superior() -> None:
    for constant in ("READY", "OPEN", "ATTACH"):
        _cut(bundles, constant, "g.audience NOT IN ('authority', 'patron')", "true")


def _without_key() -> None:
    """No key and no conflict: what was cancelled stands beside what is raised anew."""
    sweep.INSERT, _, _tail = sweep.INSERT.partition("ON CONFLICT")


def _without_supersede() -> None:
    _cut(settlement, "SUPERSEDE", "WHERE r.id = x.id AND", "WHERE false AND r.id = x.id AND")


def _without_message_id() -> None:
    """Every try has a name of its own, so that no copy can be recognized."""
    digest = deliveries.notifications.digest

    def unnamed(*arguments: Any, **named: Any) -> Any:
        return replace(digest(*arguments, **named), id=f"<{uuid.uuid4()}@storm>")

    deliveries.notifications.digest = unnamed


MUTATIONS = {
    KEY: _without_key,
    "supersede": _without_supersede,
    "message_id": _without_message_id,
    "update": _without_update,
    "lease": _without_lease,
    "threshold": _without_threshold,
    "window": _without_window,
    "superior": _without_superior,
}
