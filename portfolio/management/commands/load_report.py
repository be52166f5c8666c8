"""`manage.py load_report [--data DIR]`: load the city's work report."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common import tables
from common.actors import system
from common.errors import Malformed
from portfolio.services import report, report_files


class Command(BaseCommand):
    help = "Load the work report; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--data", type=Path, default=report_files.XINXIANG_2025, metavar="DIR", help="folder with regions, projects, targets (CSV)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        try:
            new = report.load(actor=system("load_report"), folder=options["data"])
        except Malformed as error:
            raise CommandError("\n".join([str(error.detail), *map(tables.sentence, error.faults)])) from error
        self.stdout.write(
            f"政府工作报告：新增单位 {new.offices}、区划 {new.regions}、行业 {new.sectors}、承诺 {new.commitments}、"
            f"项目 {new.projects}、目标 {new.targets}（{time.monotonic() - began:.1f} 秒）"
        )
