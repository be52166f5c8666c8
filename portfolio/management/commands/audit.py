"""`manage.py audit`: recompute, compare, and exit non-zero on a difference. Run by a timer outside Celery."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from portfolio.selectors import audit


class Command(BaseCommand):
    help = "Compare everything derived with the facts; exit 1 on a difference."

    def handle(self, *args: Any, **options: Any) -> None:
        failed = False
        for finding in audit.findings(now=clock.now(), today=clock.today()):
            mark = "通过" if not finding.count else "提示" if finding.is_remark else "不符"
            self.stdout.write(f"{mark}  {finding.name}" + (f"：{finding.count}" if finding.count else ""))
            for row in finding.rows:
                self.stdout.write("      " + " · ".join(str(value) for value in row))
            failed |= bool(finding.count) and not finding.is_remark
        if failed:
            sys.exit(1)
