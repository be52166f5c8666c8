"""Celery's doors: three lines each, safe to run twice."""

from typing import Any

from celery import shared_task

from common import clock
from common.tracing import request_id
from projects.services import evidence, months


@shared_task(bind=True)
def forget_orphans(self: Any, **_: Any) -> int:
    request_id.set(self.request.id or "")
    return evidence.forget_orphans(now=clock.now())


@shared_task(bind=True)
def open_months(self: Any, **_: Any) -> int:
    request_id.set(self.request.id or "")
    return months.open_months(today=clock.today())
