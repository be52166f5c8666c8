"""`manage.py demo`: generate a city around the real projects, or take it away with `--remove`."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from common import clock
from common.actors import system
from portfolio.services.demonstration import city, credentials, removal

ACTOR = system("demo")


class Command(BaseCommand):
    help = "Generate the demonstration, or remove it; a second run changes no project."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--size", type=int, default=city.SIZE, help="number of projects in all")
        parser.add_argument("--people", type=Path, metavar="PATH", help="file for user names, passwords and tokens")
        parser.add_argument("--base-url", default="http://127.0.0.1:8000", metavar="URL")
        parser.add_argument("--remove", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        said = self._remove(options["people"]) if options["remove"] else self._build(options)
        self.stdout.write(f"{said}（{time.monotonic() - began:.1f} 秒）")

    def _build(self, options: dict[str, Any]) -> str:
        built = city.build(seed=options["seed"], size=options["size"], today=clock.today(), actor=ACTOR)
        said = f"演示：新增项目 {built.projects}、节点 {built.milestones}、人员 {built.people}、包保与责任人 {built.assignments}"
        said += f"、资金额度 {built.allocations}"
        if options["people"] is None:
            return said
        renewed = credentials.write(options["people"], base_url=options["base_url"], now=clock.now(), actor=ACTOR)
        return f"{said}；更新口令与令牌 {renewed} 人"

    def _remove(self, people: Path | None) -> str:
        projects, persons = removal.remove(actor=ACTOR)
        if people is not None:
            people.unlink(missing_ok=True)
        return f"演示：删除项目 {projects}、人员 {persons}"
