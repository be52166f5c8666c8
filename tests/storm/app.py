"""The product's Celery as the storm runs it: simulated clock, short ticks and lease, and processes that kill themselves."""

import os
import random
import signal
import time
from dataclasses import replace
from typing import Any

import django

from tests.storm import log, simulated

django.setup()

from common import clock  # noqa: E402
from config.celery import app  # noqa: E402
from milestones.selectors.milestones import OBLIGATIONS  # noqa: E402
from reminders import sources  # noqa: E402
from reminders.channels import robots  # noqa: E402
from reminders.services import claims, deliveries, sweep  # noqa: E402
from tests.storm import mutations  # noqa: E402

__all__ = ["app"]

AFTER_CLAIM = BEFORE_RECORD = 0.08  # how often a process dies there
TICKS = {"sweep": ("reminders.tasks.sweep", 0.3), "deliver": ("reminders.tasks.deliver", 0.2)}

app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds, "last_run_at": app.conf.beat_schedule[name]["last_run_at"], "options": {"expires": 2}}
    for name, (task, seconds) in TICKS.items()
}
app.conf.beat_max_loop_interval = 0.1

clock.now = simulated.now
claims.LEASE = simulated.real_span(simulated.LEASE_SECONDS)
sweep.OUTAGE = simulated.real_span(3)
sweep.MARGIN = simulated.real_span(1)
# "touched since" compares with the database's clock, which nobody simulates
SINCE = (
    f"to_timestamp({simulated.epoch()} + extract(epoch FROM %(since)s::timestamptz - '{simulated.ORIGIN.isoformat()}') / {simulated.RATE})"
)
sources.register(replace(OBLIGATIONS, touched=OBLIGATIONS.touched.replace("%(since)s", SINCE)))

_claim_next, _judge, _record_sent, _digest = (
    deliveries.claim_next,
    deliveries.judge,
    deliveries.record_sent,
    deliveries.notifications.digest,
)
_post = robots.post
_known: dict[str, str] = {}  # of the message in hand


def _die(chance: float, place: str, **about: Any) -> None:
    dice = _dice.setdefault(os.getpid(), random.Random(f"{os.environ['STORM_SEED']}:{os.getpid()}"))  # every child throws its own
    if not simulated.is_calm() and dice.random() < chance:
        log.append("deaths.log", place=place, at=time.time(), **about)
        os.kill(os.getpid(), signal.SIGKILL)


_dice: dict[int, random.Random] = {}


def claim_next(*, now: Any, **others: Any) -> Any:
    claim = _claim_next(now=now, **others)
    if claim is not None:
        _known["X-Storm-Claimed"] = now.isoformat()
        _die(AFTER_CLAIM, "claimed", message_id=claim.delivery.message_id)
    return claim


def judge(claim: Any, **others: Any) -> Any:
    _known["X-Storm-Judged"] = repr(time.time())
    return _judge(claim, **others)


def digest(delivery: Any, items: Any, **others: Any) -> Any:
    message = _digest(delivery, items, **others)
    _known.update({"X-Storm-Items": " ".join(str(item.id) for item in items), "X-Storm-Message": message.id})
    message.headers.update(_known)
    return message


def post(url: str, body: bytes, headers: dict[str, str]) -> Any:
    """A chat has no headers: what the storm must know goes beside the message."""
    return _post(url, body, headers | _known)


def record_sent(claim: Any, *others: Any, **named: Any) -> bool:
    _die(BEFORE_RECORD, "sent", message_id=claim.delivery.message_id)
    return _record_sent(claim, *others, **named)


robots.post = post
deliveries.claim_next, deliveries.judge, deliveries.record_sent, deliveries.notifications.digest = claim_next, judge, record_sent, digest
mutations.apply(os.environ.get("STORM_WITHOUT", ""))
