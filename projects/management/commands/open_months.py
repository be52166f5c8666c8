"""`manage.py open_months`: create the drafts of monthly reports that are owed, once, by hand."""

from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from projects.services import months


class Command(BaseCommand):
    help = "Open the monthly reports that projects in construction owe; a second run opens none."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"新开月报 {months.open_months(today=clock.today())} 份")
