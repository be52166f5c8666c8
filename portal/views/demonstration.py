"""Whether the pages must say that generated data are among what they show."""

import time
from functools import lru_cache

from portfolio.selectors import demonstration


def present() -> bool:
    """Asked of the database once a minute, since every page says it."""
    return _present(int(time.monotonic() // 60))


@lru_cache(maxsize=1)
def _present(minute: int) -> bool:
    return demonstration.present()


def forget() -> None:
    """Ask again."""
    _present.cache_clear()
