"""Each completed sweep says so to an address elsewhere; a silent or broken one breaks nothing."""

from typing import Any

import pytest

from local import ports
from reminders import tasks
from reminders.channels import heartbeat
from reminders.models import SweepState
from reminders.services import sweep
from tests.reminders.robots import Robot, never_answers, says

pytestmark = pytest.mark.django_db


def test_a_completed_sweep_is_told_and_one_that_gave_way_is_not(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with Robot() as robot:
        settings.HEARTBEAT_URL = robot.url
        tasks.sweep()
        monkeypatch.setattr(sweep, "try_lock", lambda: False)
        tasks.sweep()
        assert [call.command for call in robot.calls] == ["GET"]


@pytest.mark.parametrize("behave", [says(500), never_answers, None])
def test_a_heartbeat_that_fails_breaks_no_sweep(settings: Any, monkeypatch: pytest.MonkeyPatch, behave: Any, caplog: Any) -> None:
    monkeypatch.setattr(heartbeat, "DEADLINE", 0.3)
    with Robot() as robot:
        settings.HEARTBEAT_URL = robot.url if behave else f"http://127.0.0.1:{ports.free_port()}/"
        robot.behave = behave
        assert tasks.sweep() == 0
    assert SweepState.objects.get().completed_at is not None
    assert "heartbeat failed" in caplog.text
