"""A limit of calls a minute for each principal, counted atomically; without Redis nobody is refused."""

import time
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

MINUTE = 60


class PrincipalThrottle(BaseThrottle):
    """Leaves `request.rate = (limit, remaining, seconds to reset)` for the RateLimit headers."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limit = settings.RATE_LIMIT
        if not limit or not request.user:
            return True
        minute, self.passed = divmod(int(time.time()), MINUTE)
        key = f"rate:{request.user.label}:{minute}"
        try:
            cache.add(key, 0, timeout=2 * MINUTE)
            used = cache.incr(key)
        except (redis.RedisError, ValueError):
            return True
        request._request.rate = (limit, max(0, limit - used), MINUTE - self.passed)
        return used <= limit

    def wait(self) -> float:
        return MINUTE - self.passed


def headers(request: Any) -> dict[str, str]:
    if (rate := getattr(request, "rate", None)) is None:
        return {}
    limit, remaining, reset = rate
    return {"RateLimit-Policy": f'"default";q={limit};w={MINUTE}', "RateLimit": f'"default";r={remaining};t={reset}'}
