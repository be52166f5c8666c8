"""Pytest plugin: starts (or finds) the test servers before Django reads its settings, and shares the tests out among workers."""

import atexit
import contextlib
import os
import signal
from collections.abc import Generator
from typing import Any

import pytest

from local import servers


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Set the addresses. Workers of xdist inherit them, and never stop what the controller started."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    # `atexit` also comes after a usage error; TERM must end the run as Ctrl-C does, not leave servers behind.
    lent = contextlib.ExitStack()
    atexit.register(lent.close)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    os.environ.update(lent.enter_context(servers.for_tests()))


@pytest.hookimpl(wrapper=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, Any, Any]:
    """Give each worker one stretch of the suite: what is built once a worker is then built by one. Who is done first helps the other."""
    if config.option.numprocesses and config.option.dist == "no":
        config.option.dist = "worksteal"
    return (yield)
