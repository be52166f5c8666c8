"""Celery's doors: three lines each, safe to run twice."""

from typing import Any

from celery import shared_task

from common import clock, services
from common.tracing import request_id


@shared_task(bind=True)
def forget_keys(self: Any, **_: Any) -> int:
    request_id.set(self.request.id or "")
    return services.forget_keys(now=clock.now())
