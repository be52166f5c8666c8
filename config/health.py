"""Alive and ready: told to anybody, and nothing else."""

import datetime as dt

import redis
from django.conf import settings
from django.db import connection
from django.db.utils import Error as DatabaseError
from django.http import HttpRequest, JsonResponse

from common import clock
from portfolio.models import Commitment
from reminders.models import SweepState

SWEEP_PERIOD = dt.timedelta(minutes=2)


def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 only when database and broker answer, the report is loaded, and the last sweep is not older than three periods."""
    checks = {"database": _database, "broker": _broker, "loaded": _loaded, "sweep": _swept}
    failed = [name for name, check in checks.items() if not _holds(check)]
    return JsonResponse({"status": "unavailable" if failed else "ok"}, status=503 if failed else 200)


def _holds(check: object) -> bool:
    try:
        return bool(check())  # type: ignore[operator]
    except (DatabaseError, redis.RedisError):
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _broker() -> bool:
    return bool(redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping())


def _loaded() -> bool:
    return Commitment.objects.exists()


def _swept() -> bool:
    last = SweepState.objects.values_list("completed_at", flat=True).first()
    return last is not None and clock.now() - last <= 3 * SWEEP_PERIOD
