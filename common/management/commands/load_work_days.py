"""`manage.py load_work_days`: fill the work calendar."""

from typing import Any

from django.core.management.base import BaseCommand

from common import work_days
from common.actors import system


class Command(BaseCommand):
    help = "Fill the work calendar; a second run changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"工作日历：写入 {work_days.load(actor=system('load_work_days'))} 天")
