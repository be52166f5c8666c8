"""Logs that outlive whoever writes them: one JSON object a line, appended whole and synced."""

import json
import os
from pathlib import Path
from typing import Any


def append(name: str, **record: Any) -> None:
    """Write one line to `name` in the storm's folder. Any number of processes may write at once."""
    target = os.open(Path(os.environ["STORM_FOLDER"]) / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(target, json.dumps(record, ensure_ascii=False).encode() + b"\n")
        os.fsync(target)
    finally:
        os.close(target)


def read(name: str) -> list[dict[str, Any]]:
    path = Path(os.environ["STORM_FOLDER"]) / name
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
