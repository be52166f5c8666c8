"""`manage.py history_digest --into DIR`: one file a day that proves what history said then; keep the folder elsewhere."""

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from common import clock
from history import selectors


class Command(BaseCommand):
    help = "Write the digest of a day of history, chained to the day before; verify a digest that is already there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--into", type=Path, required=True, help="folder, best on another machine")
        parser.add_argument("--day", type=dt.date.fromisoformat, help="default: yesterday")

    def handle(self, *args: Any, **options: Any) -> None:
        day = options["day"] or clock.today() - dt.timedelta(days=1)
        folder: Path = options["into"]
        folder.mkdir(parents=True, exist_ok=True)
        digest = selectors.digest_of_day(day, chained_to=self._sha(folder, day - dt.timedelta(days=1)))
        file = folder / f"history-{day}.json"
        if file.exists():
            if json.loads(file.read_text(encoding="utf-8")) != digest:
                self.stderr.write(f"{day} 的变更记录与当日存证不符：{file}")
                sys.exit(1)
            self.stdout.write(f"{day} 与存证相符，{digest['count']} 条")
            return
        partial = file.with_suffix(".partial")
        partial.write_text(json.dumps(digest, indent=1), encoding="utf-8")
        partial.rename(file)
        self.stdout.write(f"{day} 已存证，{digest['count']} 条，{digest['sha256']}")

    @staticmethod
    def _sha(folder: Path, day: dt.date) -> str:
        file = folder / f"history-{day}.json"
        return json.loads(file.read_text(encoding="utf-8"))["sha256"] if file.exists() else ""
