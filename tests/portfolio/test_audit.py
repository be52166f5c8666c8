"""The audit passes on what the product wrote, and names what somebody wrote past it."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from common import clock
from milestones.models import Milestone
from milestones.services import date_changes, milestones
from projects.services import reports
from tests import databases, funding_rows, world
from tests.sampling import few

pytestmark = pytest.mark.django_db(transaction=True)  # the owner must see what the tests wrote


@pytest.fixture
def running(request: Any) -> None:
    """A bond with money in every state, an adjustment, a reversal, a monthly report, a first date and one that was moved."""
    people = world.people()
    here, there = world.project(at="construction"), world.project("卫辉水库", at="construction", office="410781", sector="water")
    pot = funding_rows.source(issued="100.00")
    for kind, amount in (("grant", "80.00"), ("receive", "60.00"), ("pay", "10.00"), ("refund", "1.00")):
        funding_rows.move(kind, pot, amount, here)
    funding_rows.move("adjust_money", pot, "20.00", here, to_project=there)
    funding_rows.reverse(funding_rows.move("pay", pot, "5.00", there))
    funding_rows.source("一般债券", "general_bond")
    row = {"project_id": here.pk, "month": dt.date(2025, 5, 1), "invested": Decimal("7.00"), "physical_percent": Decimal("46.50")}
    reports.enter_reports([row], actor=world.TESTER)
    start = Milestone.objects.get(project=here, kind="start")
    milestones.set_first_date(start.pk, due_on=dt.date(2025, 1, 10), basis="approved", actor=world.TESTER, today=clock.today())
    end, today = world.completion(here, dt.date(2026, 6, 30)), clock.today()
    for to_on in (dt.date(2027, 6, 1), dt.date(2027, 3, 1)):  # the last one counts
        change = date_changes.ask(end.pk, to_on=to_on, reason="汛期停工", actor=people.principal("editor"), today=today)
        date_changes.approve(change.pk, actor=people.principal("approver"), today=today, now=clock.now())


@contextmanager
def unguarded() -> Iterator[psycopg.Connection]:
    """The owner, who alone may switch the guards of balances off."""
    database = connection.settings_dict
    guards = [("funding_allocation", "balance_guard_update"), ("funding_fundingsource", "balance_guard_update")]
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=databases.OWNER.username,
        password=databases.OWNER.password,
        dbname=database["NAME"],
    ) as owner:
        owner.execute("SELECT set_config('app.actor', 'owner', true), set_config('app.actor_name', 'owner', true)")
        for table, guard in guards:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}")
        yield owner
        for table, guard in guards:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER {guard}")


def audit() -> tuple[int, dict[str, list[str]]]:
    """The exit code, and by check the rows that break it, without their ids. Remarks are left out."""
    out, code = StringIO(), 0
    try:
        call_command("audit", stdout=out)
    except SystemExit as left:
        code = int(left.code or 0)
    found: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in out.getvalue().splitlines():
        if line.startswith(" "):
            rows.append(line.strip().partition(" · ")[2])
        else:
            mark, name = line.split(maxsplit=1)
            rows = found.setdefault(name.split("：")[0], []) if mark == "不符" else []
    return code, found


def test_audit_of_what_the_product_wrote_finds_nothing(running: None) -> None:
    assert audit() == (0, {})


FORGED = [  # what is written past the product, and which checks tell of which row and columns
    (
        "UPDATE funding_allocation SET paid = paid + 1 WHERE paid > 0",
        {"状态行与资金不符": ["辉县高速 · paid"], "余额与流水重放不符": ["2025年专项债券一期 / 辉县高速 / construction · paid"]},
    ),
    (
        "UPDATE funding_allocation SET granted = granted + 1, received = received + 1 WHERE paid = 0",
        {
            "状态行与资金不符": ["卫辉水库 · allocated, received"],
            "余额与流水重放不符": ["2025年专项债券一期 / 卫辉水库 / construction · granted, received"],
            "来源已分配与额度之和不符": ["2025年专项债券一期 · 80.00 · 81.00"],
        },
    ),
    (
        "UPDATE funding_fundingsource SET allocated = allocated - 1 WHERE allocated > 0",
        {
            "余额与流水重放不符": ["2025年专项债券一期 · allocated"],
            "来源已分配与额度之和不符": ["2025年专项债券一期 · 79.00 · 80.00"],
        },
    ),
    ("UPDATE funding_fundingsource SET issued = 5 WHERE issued = 0", {"余额与流水重放不符": ["一般债券 · issued"]}),
    (
        "UPDATE projects_status SET received = 0, funding_kinds = '{}' WHERE paid > 0",
        {"状态行与资金不符": ["辉县高速 · received, funding_kinds"]},
    ),
    (
        "UPDATE projects_status SET physical_percent = 99, invested_total = 0 WHERE paid > 0",
        {"状态行与月报不符": ["辉县高速 · physical_percent, invested_total"]},
    ),
    (
        "UPDATE milestones_milestone SET due_on = '2026-06-30' WHERE kind = 'completion' AND due_on = '2027-03-01'",
        {"应完成日期与批准的调整不符": ["辉县高速 · 竣工 · 2026-06-30 · 2027-03-01"]},
    ),
    (
        "UPDATE milestones_milestone SET due_on = '2026-06-30' WHERE kind = 'start' AND due_on = baseline_on",
        {"应完成日期与批准的调整不符": ["辉县高速 · 开工 · 2026-06-30 · 2025-01-10"]},
    ),
]


@pytest.mark.parametrize("forged", few(FORGED, always=[FORGED[n] for n in (0, 2, 5, 6)]))  # one of each check
def test_audit_names_what_was_written_past_the_product(running: None, forged: tuple[str, dict[str, list[str]]]) -> None:
    statement, told = forged
    with unguarded() as owner:
        assert owner.execute(statement).rowcount == 1
    assert audit() == (1, told)
