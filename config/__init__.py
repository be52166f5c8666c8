"""How the parts are put together; imports all, nobody imports it."""

from config.celery import app as celery

__all__ = ["celery"]
