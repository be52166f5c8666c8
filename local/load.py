"""`python -m local.load COMMAND...`: run management commands in one process, telling what each does and how long it took.

Each argument is a whole command line of `manage.py`. What a command prints is shown only when it fails.
"""

import io
import os
import shlex
import sys
import time

import django
from django.core.management import call_command

TITLES = {
    "migrate": "迁移数据库",
    "collectstatic": "整理静态文件",
    "load_work_days": "载入工作日历",
    "load_report": "载入政府工作报告",
    "demo": "生成演示数据",
    "open_months": "开列当月月报",
    "sweep": "首次催办扫描",
}


def run(line: str) -> None:
    """Run one command; when it fails, show what it said, and let the error end us."""
    name, *arguments = shlex.split(line)
    said, began, done = io.StringIO(), time.monotonic(), False
    print(f"  {TITLES.get(name, name)} …", end="", flush=True)
    try:
        call_command(name, *arguments, stdout=said, stderr=said)
        done = True
    finally:
        print(f" {time.monotonic() - began:.1f} 秒" if done else f" 失败\n{said.getvalue()}", flush=True)


def main(lines: list[str]) -> None:
    """Run all commands in order, up to the first that fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for line in lines:
        run(line)


if __name__ == "__main__":
    main(sys.argv[1:])
