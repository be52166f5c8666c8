"""The dead man's switch: an address elsewhere hears of every completed sweep, and raises the alarm when it hears nothing."""

import logging

import httpx
from django.conf import settings

from reminders.channels.http import ping
from reminders.errors import Undelivered

logger = logging.getLogger(__name__)
DEADLINE = 5.0  # seconds


def beat() -> None:
    """Say that a sweep was completed. Whatever goes wrong is logged and breaks nothing."""
    if not settings.HEARTBEAT_URL:
        return
    try:
        ping(settings.HEARTBEAT_URL, deadline=DEADLINE)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, Undelivered) as error:
        logger.warning("heartbeat failed: %s: %s", type(error).__name__, error)
