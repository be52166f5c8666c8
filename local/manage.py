"""`python -m local.manage COMMAND...`: a `manage.py` command against the system that `make run` has started."""

import os
import sys

from local import environment, places
from local.children import python


def main(arguments: list[str]) -> None:
    """Become `manage.py` with the environment of the running system."""
    if not environment.FILE.exists():
        raise SystemExit("系统没有运行：请先执行 make run")
    words = python(str(places.ROOT / "manage.py"), *arguments)
    os.execve(words[0], words, environment.read() | os.environ)  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
