"""`manage.py sweep`: raise what is due, once, by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from reminders.services import sweep


class Command(BaseCommand):
    help = "Raise, settle and bundle reminders once."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"新增提醒 {sweep.sweep(now=clock.now()) or 0} 条")
