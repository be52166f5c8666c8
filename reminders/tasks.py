"""Celery's doors: three lines each, safe to run twice."""

from typing import Any

from celery import shared_task

from common import clock
from common.tracing import request_id
from reminders.channels import heartbeat
from reminders.services import deliveries
from reminders.services import sweep as sweeping


@shared_task(bind=True)
def sweep(self: Any, **_: Any) -> int | None:
    request_id.set(self.request.id or "")
    raised = sweeping.sweep(now=clock.now())
    if raised is not None:
        heartbeat.beat()
    return raised


@shared_task(bind=True)
def deliver(self: Any, **_: Any) -> int:
    request_id.set(self.request.id or "")
    return deliveries.deliver(clock=clock.now)
