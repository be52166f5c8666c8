"""The ledger as the database keeps it: which movement is lawful when, and that nothing else moves a balance."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from common.recording import recording
from funding.lifecycle import ADJUSTMENTS, MOVEMENTS, OF_THE_POOL, FactKind, Movement
from funding.models import Allocation, FundingSource, Transfer
from projects.models import Project, Status
from tests import databases, funding_rows, world
from tests.funding_rows import allocation, source

DAY = dt.date(2025, 6, 30)
FEN = Decimal("0.01")

ABOVE_ISSUED, BELOW_NOTHING = "allocated_is_at_most_issued", "allocated_is_not_negative"
ABOVE_GRANTED, ABOVE_RECEIVED, PAID_BELOW_NOTHING = "received_is_at_most_granted", "paid_is_at_most_received", "paid_is_not_negative"


@dataclass
class Pot:
    """A source with the allocations of two projects, and one of another source."""

    source: FundingSource
    here: Allocation
    there: Allocation
    elsewhere: Allocation

    def draft(self, kind: str, amount: Any, *, on: dt.date = DAY, **fields: Any) -> Transfer:
        """A transfer with the request it needs, as yet nowhere."""
        is_fact = kind in FactKind.values and "reverses" not in fields
        made = {
            "source": self.source,
            "allocation": None if kind in OF_THE_POOL else self.here,
            "target": self.there if kind in ADJUSTMENTS else None,
            "voucher_no": uuid.uuid4().hex if is_fact else "",
        }
        if "request" not in fields and not is_fact:
            made["request"] = funding_rows.request(kind, self.source, amount)
        return Transfer(kind=kind, amount=amount, occurred_on=on, **(made | fields))

    def mirror(self, original: Transfer, **fields: Any) -> Transfer:
        made = {"allocation": original.allocation, "target": original.target, "sign": -1, "reverses": original}
        return self.draft(original.kind, original.amount, **(made | fields))

    def move(self, kind: str, amount: Any, **fields: Any) -> Transfer:
        return enter(self.draft(kind, amount, **fields))[0]

    def balances(self) -> list[tuple[Decimal, ...]]:
        pool = FundingSource.objects.values_list("issued", "allocated").get(pk=self.source.pk)
        return [pool, *(Allocation.objects.values_list("granted", "received", "paid").get(pk=row.pk) for row in (self.here, self.there))]


def enter(*transfers: Transfer) -> list[Transfer]:
    """Write all in one statement."""
    with recording(world.TESTER):
        return Transfer.objects.bulk_create(transfers)


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint


@contextmanager
def forbidden(words: str) -> Iterator[None]:
    with pytest.raises(ProgrammingError, match=words) as caught, recording(world.TESTER):
        yield
    assert isinstance(caught.value.__cause__, psycopg.errors.InsufficientPrivilege)


def attempt(write: Callable[[], Any]) -> str | None:
    """Return the constraint that refuses, and leave everything as it was."""
    try:
        with transaction.atomic():
            write()
            transaction.set_rollback(True)
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return None


def execute(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def pot(people: world.People) -> Pot:
    one, two = world.project(), world.project("卫辉水库", office="410781", sector="water", region="410781")
    bond, other = source("专项债券一期"), source("专项债券二期")
    return Pot(bond, allocation(bond, one), allocation(bond, two), allocation(other, one))


# How far the money has come → what refuses each kind, moved by as much as there is of each.
REFUSES: dict[str, dict[str, str | None]] = {
    "nothing": {
        "issue": None,
        "cancel_issue": ABOVE_ISSUED,
        "grant": ABOVE_ISSUED,
        "withdraw": BELOW_NOTHING,
        "receive": ABOVE_GRANTED,
        "return": ABOVE_RECEIVED,
        "pay": ABOVE_RECEIVED,
        "refund": PAID_BELOW_NOTHING,
        "adjust_quota": ABOVE_GRANTED,
        "adjust_money": ABOVE_RECEIVED,
    },
    "issue": {
        "issue": None,
        "cancel_issue": None,
        "grant": None,
        "withdraw": BELOW_NOTHING,
        "receive": ABOVE_GRANTED,
        "return": ABOVE_RECEIVED,
        "pay": ABOVE_RECEIVED,
        "refund": PAID_BELOW_NOTHING,
        "adjust_quota": ABOVE_GRANTED,
        "adjust_money": ABOVE_RECEIVED,
    },
    "grant": {
        "issue": None,
        "cancel_issue": ABOVE_ISSUED,
        "grant": ABOVE_ISSUED,
        "withdraw": None,
        "receive": None,
        "return": ABOVE_RECEIVED,
        "pay": ABOVE_RECEIVED,
        "refund": PAID_BELOW_NOTHING,
        "adjust_quota": None,
        "adjust_money": ABOVE_RECEIVED,
    },
    "receive": {
        "issue": None,
        "cancel_issue": ABOVE_ISSUED,
        "grant": ABOVE_ISSUED,
        "withdraw": ABOVE_GRANTED,
        "receive": ABOVE_GRANTED,
        "return": None,
        "pay": None,
        "refund": PAID_BELOW_NOTHING,
        "adjust_quota": ABOVE_GRANTED,
        "adjust_money": None,
    },
    "pay": {
        "issue": None,
        "cancel_issue": ABOVE_ISSUED,
        "grant": ABOVE_ISSUED,
        "withdraw": ABOVE_GRANTED,
        "receive": ABOVE_GRANTED,
        "return": ABOVE_RECEIVED,
        "pay": ABOVE_RECEIVED,
        "refund": None,
        "adjust_quota": ABOVE_GRANTED,
        "adjust_money": ABOVE_RECEIVED,
    },
}
STATES = list(REFUSES)


@pytest.mark.parametrize("state", STATES)
def test_each_kind_is_lawful_or_refused_as_far_as_the_money_has_come(pot: Pot, state: str) -> None:
    for kind in STATES[1 : STATES.index(state) + 1]:
        pot.move(kind, 100)
    before = pot.balances()
    assert {kind: attempt(lambda kind=kind: pot.move(kind, 100)) for kind in MOVEMENTS} == REFUSES[state]
    assert pot.balances() == before


# Issued 1000, granted 600, received 400, paid 300: how much of each kind there is, and what refuses a fen more.
ROOM = [
    ("cancel_issue", 400, ABOVE_ISSUED),
    ("grant", 400, ABOVE_ISSUED),
    ("withdraw", 200, ABOVE_GRANTED),
    ("receive", 200, ABOVE_GRANTED),
    ("return", 100, ABOVE_RECEIVED),
    ("pay", 100, ABOVE_RECEIVED),
    ("refund", 300, PAID_BELOW_NOTHING),
    ("adjust_quota", 200, ABOVE_GRANTED),
    ("adjust_money", 100, ABOVE_RECEIVED),
]


@pytest.fixture
def running(pot: Pot) -> Pot:
    for kind, amount in (("issue", 1000), ("grant", 600), ("receive", 400), ("pay", 300)):
        pot.move(kind, amount)
    return pot


def test_all_that_is_there_may_be_moved_and_not_a_fen_more(running: Pot) -> None:
    for kind, room, constraint in ROOM:
        assert attempt(lambda kind=kind, room=room: running.move(kind, room)) is None, kind
        assert attempt(lambda kind=kind, room=room: running.move(kind, room + FEN)) == constraint, kind


def test_a_movement_changes_what_the_table_says_and_its_reversal_takes_it_back(running: Pot) -> None:
    before = running.balances()
    for kind, effect in MOVEMENTS.items():
        moved = running.move(kind, 50)
        after = _moved(before, effect, 50)
        assert running.balances() == after, kind
        enter(running.mirror(moved))
        assert running.balances() == before, kind


def _moved(balances: list[tuple[Decimal, ...]], effect: Movement, amount: int) -> list[tuple[Decimal, ...]]:
    pool, here, there = balances
    changes = [effect[:2], effect[2:5], (*effect[5:], 0)]
    return [
        tuple(b + c * amount for b, c in zip(row, change, strict=True)) for row, change in zip((pool, here, there), changes, strict=True)
    ]


def test_movements_are_the_same_in_python_and_in_sql(db: None) -> None:
    found = {kind: Movement(*times) for kind, *times in execute("SELECT * FROM funding_movement")}
    assert found == dict(MOVEMENTS)


def test_the_replay_equals_the_balances(running: Pot) -> None:
    running.move("adjust_money", 40)
    running.move("adjust_quota", 30)
    enter(running.mirror(running.move("pay", 10)))
    replay = execute("SELECT allocation_id, sum(granted), sum(received), sum(paid) FROM funding_posting GROUP BY 1 ORDER BY 1")
    rows = Allocation.objects.filter(granted__gt=0).order_by("pk").values_list("pk", "granted", "received", "paid")
    assert replay == list(rows) != []


# Reversals


def test_a_reversal_mirrors_its_original(running: Pot) -> None:
    original = running.move("pay", 10)
    for wrong in ({"amount": 9}, {"kind": "receive"}, {"allocation": running.there}, {"source": running.elsewhere.source}):
        reversal = running.mirror(original)
        for name, value in wrong.items():
            setattr(reversal, name, value)
        with refused("a_reversal_mirrors_its_original"):
            enter(reversal)


def test_a_transfer_is_reversed_once_and_a_reversal_never(running: Pot) -> None:
    original = running.move("pay", 10)
    reversal = enter(running.mirror(original))[0]
    with refused("funding_transfer_reverses_id_key"):
        enter(running.mirror(original))
    with refused("a_reversal_mirrors_its_original"):
        enter(running.mirror(reversal))


def test_a_reversal_of_what_is_not_there_yet_is_refused(running: Pot) -> None:
    """Its foreign key would be judged only at commit, when the original may say something else."""
    original = running.draft("pay", 10)  # as yet nowhere
    with refused("a_reversal_mirrors_its_original"):
        enter(running.mirror(original))


def test_a_reversal_may_not_leave_less_than_nothing(running: Pot) -> None:
    granted, received = (Transfer.objects.get(kind=kind) for kind in ("grant", "receive"))
    with refused(ABOVE_GRANTED):
        enter(running.mirror(granted))
    with refused(ABOVE_RECEIVED):
        enter(running.mirror(received))


def test_sign_and_original_go_together(running: Pot) -> None:
    original = running.move("pay", 10)
    with refused("only_a_reversal_is_negative"):
        enter(running.draft("grant", 10, sign=-1))
    with refused("only_a_reversal_is_negative"):
        enter(running.mirror(original, sign=1, request=None, voucher_no="X"))
    with refused("only_a_reversal_is_negative"):
        enter(running.mirror(running.move("grant", 10), sign=-2))


# Who must agree, and by which paper


def test_a_decision_needs_a_request_and_a_fact_a_voucher(running: Pot) -> None:
    for kind in MOVEMENTS:
        if kind in FactKind.values:
            with refused("a_fact_has_its_voucher"):
                running.move(kind, 10, voucher_no="")
            with refused("a_decision_has_its_request"):
                running.move(kind, 10, request=funding_rows.request(kind, running.source, 10))
        else:
            with refused("a_decision_has_its_request"):
                running.move(kind, 10, request=None)
    with refused("a_reversal_has_its_request"):
        enter(running.mirror(running.move("pay", 10), request=None))


def test_a_request_becomes_one_transfer(running: Pot) -> None:
    first = running.move("grant", 10)
    with refused("funding_transfer_request_id_key"):
        running.move("grant", 10, request=first.request)


def test_who_asks_does_not_decide(pot: Pot) -> None:
    with refused("who_asks_does_not_decide"):
        pot.move("issue", 10, request=funding_rows.request("issue", pot.source, 10, decided_by_id=funding_rows.MAKER))


def test_a_voucher_is_entered_once_in_a_source(running: Pot) -> None:
    other = Pot(running.elsewhere.source, running.elsewhere, running.elsewhere, running.here)
    for kind in ("issue", "grant", "receive"):
        other.move(kind, 100)
    first = running.move("pay", 10, voucher_no="2025-001")
    with refused("a_voucher_is_entered_once"):
        running.move("receive", 20, voucher_no="2025-001")
    other.move("pay", 10, voucher_no="2025-001")
    for entry in (0, -1, 2):
        with refused("a_voucher_is_entered_once"):
            running.move("pay", 10, voucher_no="2025-001", entry=entry)
    enter(running.mirror(first))
    with refused("a_voucher_is_entered_once"):
        running.move("pay", 10, voucher_no="2025-001")
    running.move("pay", 10, voucher_no="2025-001", entry=2)
    with refused("a_voucher_is_entered_once"):
        running.move("pay", 10, voucher_no="2025-001", entry=3)


# What a movement touches


def test_a_movement_touches_what_its_kind_says(running: Pot) -> None:
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("issue", {"allocation": running.here}),
        ("grant", {"allocation": None}),
        ("pay", {"target": running.there}),
        ("adjust_quota", {"target": None}),
        ("adjust_money", {"target": running.here}),
        ("bogus", {}),
    ]
    for kind, fields in wrong:
        with refused("a_movement_touches_what_its_kind_says"):
            running.move(kind, 10, **fields)


def test_money_stays_within_its_source(running: Pot) -> None:
    with refused("money_stays_within_its_source"):
        running.move("adjust_quota", 10, target=running.elsewhere)
    with refused("money_stays_within_its_source"):
        running.move("receive", 10, allocation=running.elsewhere)
    with refused("money_stays_within_its_source"):
        running.move("grant", 10, source=running.elsewhere.source)


def test_money_for_what_is_not_there_yet_is_refused(running: Pot) -> None:
    """Their foreign keys are judged only at commit; until then the movement would have been posted nowhere."""
    later = Allocation(source=running.source, project=running.here.project, use="capital")
    with refused("money_stays_within_its_source"):
        running.move("grant", 10, allocation=later)
    with refused("money_stays_within_its_source"):
        running.move("adjust_quota", 10, target=later)
    with refused("money_stays_within_its_source"):
        running.move("issue", 10, source=FundingSource(name="后来", kind="other", office=running.source.office))


def test_an_amount_is_a_positive_number(running: Pot) -> None:
    for amount in (0, -1):
        with refused("amount_is_positive"):
            running.move("pay", amount)
        with refused("requested_amount_is_positive"):
            running.move("grant", amount)
    with refused("amount_is_a_number"), recording(world.TESTER):
        execute(
            "INSERT INTO funding_transfer (kind, source_id, allocation_id, amount, occurred_on, voucher_no)"
            " VALUES ('pay', %s, %s, 'NaN', %s, 'V')",
            running.source.pk,
            running.here.pk,
            DAY,
        )


def test_a_statement_of_several_rows_is_whole_or_nothing(running: Pot) -> None:
    before, known = running.balances(), Transfer.objects.count()
    with refused(ABOVE_RECEIVED):
        enter(running.draft("grant", 10), running.draft("pay", 60), running.draft("pay", 40 + FEN))
    assert (running.balances(), Transfer.objects.count()) == (before, known)
    enter(running.draft("grant", 10), running.draft("pay", 60), running.draft("pay", 40))
    assert running.balances()[:2] == [(1000, 610), (610, 400, 400)]


# Nothing else moves a balance


def test_balances_are_not_written_by_hand(running: Pot) -> None:
    for name in ("issued", "allocated"):
        with forbidden("change only by a transfer"):
            FundingSource.objects.filter(pk=running.source.pk).update(**{name: 500})
        with forbidden("change only by a transfer"):
            FundingSource.objects.create(name="新", kind="other", office=running.source.office, **{name: 1})
    for name in ("granted", "received", "paid"):
        with forbidden("change only by a transfer"):
            Allocation.objects.filter(pk=running.here.pk).update(**{name: 350})
        with forbidden("change only by a transfer"):
            Allocation.objects.create(source=running.source, project=running.here.project, use="capital", **{name: 1})
    assert running.balances()[:2] == [(1000, 600), (600, 400, 300)]


def test_balances_keep_their_owner(running: Pot) -> None:
    others: list[dict[str, Any]] = [{"source": running.elsewhere.source}, {"project": running.there.project}, {"use": "capital"}]
    for other in others:
        with forbidden("change only by a transfer"):
            Allocation.objects.filter(pk=running.here.pk).update(**other)


def test_the_kind_of_a_source_stays_once_money_came(pot: Pot) -> None:
    with recording(world.TESTER):
        FundingSource.objects.filter(pk=pot.source.pk).update(kind="general_bond", name="一般债券")
    pot.move("issue", 100)
    with forbidden("change only by a transfer"):
        FundingSource.objects.filter(pk=pot.source.pk).update(kind="special_bond")
    with recording(world.TESTER):
        FundingSource.objects.filter(pk=pot.source.pk).update(name="一般债券一期")
    with forbidden("change only by a transfer"):
        FundingSource.objects.filter(pk=pot.source.pk).update(is_demonstration=True)


def test_transfers_are_neither_changed_nor_deleted(running: Pot) -> None:
    with forbidden("UPDATE of funding_transfer is refused"):
        Transfer.objects.filter(kind="pay").update(amount=1)
    with forbidden("UPDATE of funding_transfer is refused"):
        execute("INSERT INTO funding_transfer SELECT * FROM funding_transfer WHERE kind = 'pay' ON CONFLICT (id) DO UPDATE SET amount = 1")
    with forbidden("DELETE of funding_transfer is refused"):
        execute("DELETE FROM funding_transfer WHERE kind = 'pay'")


def test_nor_by_the_owner_of_the_table(db: None) -> None:
    database = connection.settings_dict
    with psycopg.connect(
        host=database["HOST"],
        port=database["PORT"],
        user=databases.OWNER.username,
        password=databases.OWNER.password,
        dbname=database["NAME"],
    ) as owner:
        assert owner.execute(
            "SELECT pg_has_role(tableowner::name, 'MEMBER') FROM pg_tables WHERE tablename = 'funding_transfer'"
        ).fetchone() == (True,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="UPDATE of funding_transfer is refused"):
            owner.execute("UPDATE funding_transfer SET payee = ''")


def test_only_generated_money_may_be_taken_away(running: Pot) -> None:
    shown = source("演示", is_demonstration=True)
    other = Pot(shown, allocation(shown, running.here.project), allocation(shown, running.there.project), running.here)
    for kind in ("issue", "grant"):
        other.move(kind, 100)
    with forbidden("change only by a transfer"):
        FundingSource.objects.filter(pk=shown.pk).update(is_demonstration=False)
    with forbidden("DELETE of funding_transfer is refused"):
        execute("DELETE FROM funding_transfer")  # theirs among others
    with recording(world.TESTER):
        execute("DELETE FROM funding_transfer WHERE source_id = %s", shown.pk)
        execute("DELETE FROM funding_transferrequest WHERE source_id = %s", shown.pk)
        execute("DELETE FROM funding_allocation WHERE source_id = %s", shown.pk)
        execute("DELETE FROM funding_fundingsource WHERE id = %s", shown.pk)
        execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Transfer.objects.count() == 4
    assert Status.objects.get(project=running.here.project).allocated == 600


# The read model


def test_the_status_row_follows_in_the_same_transaction(running: Pot) -> None:
    assert _status(running.here.project) == (600, 400, 300, ["special_bond"])
    assert _status(running.there.project) == (0, 0, 0, [])
    with transaction.atomic():
        running.move("adjust_money", 100)
        assert _status(running.here.project) == (500, 300, 300, ["special_bond"])
        assert _status(running.there.project) == (100, 100, 0, ["special_bond"])
        transaction.set_rollback(True)
    assert _status(running.here.project) == (600, 400, 300, ["special_bond"])
    assert _status(running.there.project) == (0, 0, 0, [])


def _status(project: Project) -> tuple[Any, ...]:
    return Status.objects.values_list("allocated", "received", "paid", "funding_kinds").get(project=project)


def test_the_money_of_a_past_day(pot: Pot) -> None:
    days = [dt.date(2025, month, 1) for month in range(1, 7)]
    pot.move("issue", 1000, on=days[0])
    pot.move("grant", 600, on=days[1])
    pot.move("receive", 400, on=days[2])
    paid = pot.move("pay", 300, on=days[3])
    adjusted = pot.move("adjust_quota", 200, on=days[4])
    enter(pot.mirror(paid, on=days[5]), pot.mirror(adjusted, on=days[5]))
    assert [_facts(pot.here.project, day) for day in days] == [
        (0, 0, 0, []),
        (600, 0, 0, ["special_bond"]),
        (600, 400, 0, ["special_bond"]),
        (600, 400, 300, ["special_bond"]),
        (400, 400, 300, ["special_bond"]),
        (600, 400, 0, ["special_bond"]),
    ]
    assert [_facts(pot.there.project, day) for day in days[3:]] == [(0, 0, 0, []), (200, 0, 0, ["special_bond"]), (0, 0, 0, [])]
    for project in (pot.here.project, pot.there.project):
        assert _facts(project, dt.date.max) == _status(project)


def _facts(project: Project, day: dt.date) -> tuple[Any, ...]:
    return execute("SELECT allocated, received, paid, funding_kinds FROM funding_facts(ARRAY[%s], %s)", project.pk, day)[0]
