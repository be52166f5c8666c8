"""Pytest plugin: starts (or finds) the test servers before Django reads its settings."""

import atexit
import contextlib
import os
import signal

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
