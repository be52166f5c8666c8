"""The product's Celery as the flood runs it: all as delivered, but the clock shows the moment that the flood wants."""

import datetime as dt
import os
import time

import django

django.setup()

from common import clock  # noqa: E402
from config.celery import app  # noqa: E402

__all__ = ["app"]

SHIFT = dt.timedelta(seconds=float(os.environ["FLOOD_SHIFT"]))  # from the real clock to the one shown

clock.now = lambda: dt.datetime.fromtimestamp(time.time(), dt.UTC) + SHIFT
