"""Cases of one test: a few are tried always, all of them by `make deep`."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def few(cases: Iterable[Any], *, always: Collection[Any]) -> list[Any]:
    """The cases, those beside `always` marked as deep."""
    return [case if case in always else pytest.param(case, marks=pytest.mark.deep) for case in cases]
