"""Celery, and what runs when."""

import datetime as dt
import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

AT_ONCE = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)  # "last run": so that the first tick of a new beat is due at once

app = Celery("portfolio")
app.conf.update(
    broker_url=os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    timezone="Asia/Shanghai",
    # Waiting belongs in PostgreSQL: a task is only a wake-up, repeated by the next tick if it is lost.
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=300,
    worker_prefetch_multiplier=1,
    worker_soft_shutdown_timeout=10,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={"visibility_timeout": 600, "unacked_restore_interval": 10, "unacked_restore_throttle": 1},
    beat_scheduler="celery.beat:Scheduler",  # keeps no file: a lost or double tick is harmless
    beat_max_loop_interval=5,
    beat_schedule={
        name: {"task": task, "schedule": seconds, "last_run_at": AT_ONCE, "options": {"expires": seconds * 0.9}}
        for name, task, seconds in [
            ("sweep", "reminders.tasks.sweep", 120.0),  # what is due, settled and bundled
            ("deliver", "reminders.tasks.deliver", 20.0),  # what is ready leaves
            ("forget_orphans", "projects.tasks.forget_orphans", 3600.0),  # files that a crash or a deletion left without a row
            ("open_months", "projects.tasks.open_months", 3600.0),  # a month's drafts stand from its first day on
            ("forget_keys", "common.tasks.forget_keys", 3600.0),  # answers kept for retries end after a day
        ]
    },
)
app.autodiscover_tasks()
