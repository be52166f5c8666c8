"""Money that lies idle is owed: by the project's office, from the day the rule allows, until it is paid."""

import datetime as dt
from decimal import Decimal

import pytest

from common.recording import recording
from funding.models import Allocation, MonitoringRule
from funding.services import facts
from funding.services.moves import Move
from reminders.models import Reminder
from tests import funding_rows, world
from tests.reminders.days import WEDNESDAY, sweep_at, told

pytestmark = pytest.mark.django_db
DUE = WEDNESDAY - dt.timedelta(days=1)


@pytest.fixture
def idle(people: world.People) -> Allocation:
    """120,000 yuan that arrived six months before yesterday."""
    world.money_rules()
    project = world.project(at="construction")
    pot = funding_rows.source("专项债", issued="1000000")
    funding_rows.move("grant", pot, "200000", project, occurred_on=dt.date(2025, 9, 1))
    funding_rows.move("receive", pot, "120000", project, occurred_on=dt.date(2025, 9, 17))
    return Allocation.objects.get(source=pot, project=project)


def test_the_office_is_told_by_name_and_sum(people: world.People, idle: Allocation) -> None:
    sweep_at(WEDNESDAY)
    assert told(subject_kind="idle_money") == {("editor", "office", 1), ("approver", "office", 1)}
    reminder = Reminder.objects.filter(subject_kind="idle_money")[0]
    assert (reminder.due_on, reminder.subject_name) == (DUE, f"{idle.source.name} 闲置 12.00 万元")


def test_paying_cancels_in_the_same_transaction_and_paying_a_part_does_not(people: world.People, idle: Allocation) -> None:
    sweep_at(WEDNESDAY)
    for amount, state in (("20000", "pending"), ("100000", "cancelled")):
        paid = {"amount": Decimal(amount), "occurred_on": WEDNESDAY, "voucher_no": f"v{amount}", "payee": "承包人", "purpose": "工程款"}
        move = Move(kind="pay", source=idle.source, project=idle.project, use=idle.use, **paid)
        facts.record([move], actor=people.principal("finance"), today=WEDNESDAY)
        assert set(Reminder.objects.filter(subject_kind="idle_money").values_list("state", flat=True)) == {state}


def test_the_day_is_the_rules(people: world.People, idle: Allocation) -> None:
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code="idle_6_months").update(threshold=12)
    sweep_at(WEDNESDAY)
    assert told(subject_kind="idle_money") == set()
