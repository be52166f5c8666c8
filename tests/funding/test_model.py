"""The ledger against a plain Python model of it: random lawful and unlawful moves get the same answers and leave the same
balances, at every step and as of every past day."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from accounts.roles import Principal
from common import clock
from common.errors import DomainError
from common.recording import recording
from funding.models import Allocation, FundingSource, Transfer
from funding.services import facts, requests
from funding.services.moves import Move
from projects.models import Project
from tests import world

FIRST = dt.date(2025, 1, 1)
DAYS = st.sampled_from([FIRST + dt.timedelta(days=n) for n in (0, 0, 40, 80, 120, 200, 250, 330, -1)])  # the last: before any source
# of what there is; where nothing limits or nothing is there, of a thousand
SHARES = st.sampled_from([Decimal(share) for share in ("0.1", "0.25", "0.333", "0.5", "0.75", "1", "1", "1.0001", "2")])
USES = st.sampled_from(["construction", "capital"])
INDEX = st.integers(min_value=0, max_value=1)
FORWARD = {"issue", "grant", "receive", "pay", "adjust_quota", "adjust_money"}
GIVEN_BACK = {"cancel_issue", "withdraw", "return", "refund", "adjust_quota", "adjust_money"}  # whose reversal gives again

Place = tuple[int, int, str]  # source, project, use


class Entry(NamedTuple):
    """One movement that happened."""

    kind: str
    sign: int
    source: int
    here: Place | None
    there: Place | None
    amount: Decimal
    on: dt.date


@dataclass
class Book:
    """What the ledger means, in the fewest words: sums over a list of entries."""

    entries: list[Entry] = field(default_factory=list)

    def pool(self, source: int, column: str, up_to: dt.date = dt.date.max) -> Decimal:
        plus, minus = {"issued": ("issue", "cancel_issue"), "allocated": ("grant", "withdraw")}[column]
        return sum(
            (e.sign * e.amount * ((e.kind == plus) - (e.kind == minus)) for e in self.entries if e.source == source and e.on <= up_to),
            Decimal(0),
        )

    def part(self, place: Place | None, column: str, up_to: dt.date = dt.date.max) -> Decimal:
        total = Decimal(0)
        for e in self.entries:
            if e.on > up_to:
                continue
            moved = e.sign * e.amount
            if column == "granted":
                total += moved * ((e.here == place) * ((e.kind == "grant") - (e.kind in ("withdraw", "adjust_quota", "adjust_money"))))
                total += moved * (e.there == place and e.there is not None)
            elif column == "received":
                total += moved * ((e.here == place) * ((e.kind == "receive") - (e.kind in ("return", "adjust_money"))))
                total += moved * (e.there == place and e.there is not None and e.kind == "adjust_money")
            else:
                total += moved * ((e.here == place) * ((e.kind == "pay") - (e.kind == "refund")))
        return total

    def available(self, kind: str, sign: int, source: int, here: Place | None, there: Place | None) -> Decimal | None:
        """How much of a kind may be moved; None where nothing limits it."""
        free = lambda: self.pool(source, "issued") - self.pool(source, "allocated")  # noqa: E731
        quota = lambda place: self.part(place, "granted") - self.part(place, "received")  # noqa: E731
        cash = lambda place: self.part(place, "received") - self.part(place, "paid")  # noqa: E731
        limits: dict[tuple[str, int], Any] = {
            ("issue", 1): lambda: None, ("cancel_issue", 1): free, ("grant", 1): free, ("withdraw", 1): lambda: quota(here),
            ("receive", 1): lambda: quota(here), ("return", 1): lambda: cash(here), ("pay", 1): lambda: cash(here),
            ("refund", 1): lambda: self.part(here, "paid"),
            ("adjust_quota", 1): lambda: quota(here), ("adjust_money", 1): lambda: cash(here),
            ("issue", -1): free, ("cancel_issue", -1): lambda: None, ("grant", -1): lambda: quota(here), ("withdraw", -1): free,
            ("receive", -1): lambda: cash(here), ("return", -1): lambda: quota(here), ("pay", -1): lambda: self.part(here, "paid"),
            ("refund", -1): lambda: cash(here), ("adjust_quota", -1): lambda: quota(there), ("adjust_money", -1): lambda: cash(there),
        }  # fmt: skip
        found = limits[kind, sign]()
        return None if found is None else Decimal(found)


class Ledger(RuleBasedStateMachine):
    maker: Principal
    checker: Principal

    @initialize()
    def begin(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.people = world.people()
        self.maker, self.checker = self.people.principal("finance"), self.people.principal("finance_approver")
        self.today = clock.today()
        self.book, self.done, self.closed, self.vouchers = Book(), [], set[int](), set[tuple[int, str]]()
        self.projects: list[Project] = [world.project(f"模型项目{n}", at="construction") for n in range(2)]
        with recording(world.TESTER):
            office = self.people.offices["410700-CZJ"]
            self.sources = [
                FundingSource.objects.create(kind="local_fiscal", name=f"来源{n}", office=office, issued_on=FIRST) for n in range(2)
            ]
        for source in range(2):
            self.decide("issue", source, Decimal(5), FIRST)
            self.decide("grant", source, Decimal("0.3"), FIRST, here=(source, source, "construction"))

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    # --- what people do -----------------------------------------------------------------------------------------

    @rule(kind=st.sampled_from(["issue", "issue", "cancel_issue"]), source=INDEX, share=SHARES, on=DAYS)
    def pool(self, kind: str, source: int, share: Decimal, on: dt.date) -> None:
        self.decide(kind, source, share, on)

    @rule(kind=st.sampled_from(["grant", "grant", "withdraw", "return"]), source=INDEX, project=INDEX, use=USES, share=SHARES, on=DAYS)
    def decision(self, kind: str, source: int, project: int, use: str, share: Decimal, on: dt.date) -> None:
        self.decide(kind, source, share, on, here=(source, project, use))

    @rule(
        kind=st.sampled_from(["adjust_quota", "adjust_money"]), source=INDEX, project=INDEX, use=USES, to=INDEX, to_use=USES,
        share=SHARES, on=DAYS,
    )  # fmt: skip
    def adjustment(self, kind: str, source: int, project: int, use: str, to: int, to_use: str, share: Decimal, on: dt.date) -> None:
        if (project, use) != (to, to_use):
            self.decide(kind, source, share, on, here=(source, project, use), there=(source, to, to_use))

    @rule(
        kind=st.sampled_from(["receive", "receive", "pay", "pay", "refund"]), source=INDEX, project=INDEX, use=USES, share=SHARES, on=DAYS,
        voucher=st.integers(min_value=1, max_value=40),
    )  # fmt: skip
    def fact(self, kind: str, source: int, project: int, use: str, share: Decimal, on: dt.date, voucher: int) -> None:
        here, number = (source, project, use), f"记-{voucher}"
        amount = self.amount(kind, source, here, None, share)
        move = self.move(kind, source, amount, on, here=here, voucher_no=number)
        with self.answer(self.expected(kind, 1, source, amount, on, here, None, number)) as said:
            made = facts.record([move], actor=self.maker, today=self.today)
            said.append(made[0])
        if said:
            self.vouchers.add((source, number))
            self.remember(Entry(kind, 1, source, here, None, amount, on), said[0])

    @precondition(lambda self: self.done)
    @rule(which=st.integers(min_value=0))
    def reverse(self, which: int) -> None:
        entry, transfer = self.done[which % len(self.done)]
        transfer = Transfer.objects.select_related("source").get(pk=transfer.pk)  # as a door reads it: the source may be closed since
        move = Move(kind="reverse", source=transfer.source, amount=transfer.amount, reverses=transfer)
        again = Transfer.objects.filter(reverses=transfer).exists()
        if entry.sign < 0:
            expected: Any = "unprocessable"
        elif entry.source in self.closed and entry.kind in GIVEN_BACK:
            expected = "blocked"
        elif again:
            expected = "already_reversed"
        else:
            available = self.book.available(entry.kind, -1, entry.source, entry.here, entry.there)
            expected = None if available is None or entry.amount <= available else ("insufficient_balance", available)
        with self.answer(expected) as said:
            said.append(self.approved(move))
        if said:
            if transfer.voucher_no:
                self.vouchers.discard((entry.source, transfer.voucher_no))
            self.remember(entry._replace(sign=-1, on=self.today), said[0])

    @rule(source=INDEX, is_closed=st.sampled_from([False, False, True]))
    def close_or_open(self, source: int, is_closed: bool) -> None:
        self.closed = self.closed | {source} if is_closed else self.closed - {source}
        with recording(world.TESTER):
            FundingSource.objects.filter(pk=self.sources[source].pk).update(state="closed" if source in self.closed else "open")

    # --- the same answers ---------------------------------------------------------------------------------------

    def decide(self, kind: str, source: int, share: Decimal, on: dt.date, *, here: Place | None = None, there: Place | None = None) -> None:
        amount = self.amount(kind, source, here, there, share)
        ground = {"ground": "surplus"} if kind.startswith("adjust") else {}
        move = self.move(kind, source, amount, on, here=here, there=there, **ground)
        with self.answer(self.expected(kind, 1, source, amount, on, here, there)) as said:
            said.append(self.approved(move))
        if said:
            self.remember(Entry(kind, 1, source, here, there, amount, on), said[0])

    def amount(self, kind: str, source: int, here: Place | None, there: Place | None, share: Decimal) -> Decimal:
        """A share of what there is, so that most movements are lawful, and just above it."""
        available = self.book.available(kind, 1, source, here, there) or Decimal(1000)
        return max((available * share).quantize(Decimal("0.01"), "ROUND_UP"), Decimal("0.01"))

    def approved(self, move: Move) -> Transfer:
        asked = requests.request_transfers([move], actor=self.maker, today=self.today)
        requests.approve([asked[0].pk], actor=self.checker, today=self.today, now=clock.now())
        return Transfer.objects.get(request_id=asked[0].pk)

    def move(self, kind: str, source: int, amount: Decimal, on: dt.date, *, here: Any = None, there: Any = None, **more: Any) -> Move:
        places = {"project": here and self.projects[here[1]], "use": here and here[2]}
        places |= {"to_project": there and self.projects[there[1]], "to_use": there and there[2]}
        held = FundingSource.objects.get(pk=self.sources[source].pk)
        return Move(kind=kind, source=held, amount=amount, occurred_on=on, **places, **more)

    def expected(self, kind: str, sign: int, source: int, amount: Decimal, on: dt.date, here: Any, there: Any, voucher: str = "") -> Any:
        if on < FIRST:
            return "unprocessable"
        if source in self.closed and kind in FORWARD:
            return "blocked"
        if voucher and (source, voucher) in self.vouchers:
            return "duplicate"
        available = self.book.available(kind, sign, source, here, there)
        return None if available is None or amount <= available else ("insufficient_balance", available)

    @contextmanager
    def answer(self, expected: Any) -> Iterator[list[Transfer]]:
        """What the ledger says must be what the model says, figures included."""
        said: list[Transfer] = []
        try:
            with transaction.atomic():
                yield said
        except DomainError as refusal:
            available = refusal.extra.get("available")
            got = (refusal.code, Decimal(available["amount"])) if available else refusal.code
            assert got == expected
            return
        assert expected is None

    def remember(self, entry: Entry, transfer: Transfer) -> None:
        self.book.entries.append(entry)
        self.done.append((entry, transfer))

    # --- the same balances --------------------------------------------------------------------------------------

    @invariant()
    def balances_are_the_model_s(self) -> None:
        if not hasattr(self, "book"):
            return
        for number, source in enumerate(self.sources):
            row = FundingSource.objects.get(pk=source.pk)
            assert (row.issued, row.allocated) == (self.book.pool(number, "issued"), self.book.pool(number, "allocated"))
        for row in Allocation.objects.all():
            place = self.place(row)
            assert (row.granted, row.received, row.paid) == tuple(self.book.part(place, c) for c in ("granted", "received", "paid"))

    @invariant()
    def past_days_are_the_model_s(self) -> None:
        if not hasattr(self, "book"):
            return
        for day in {entry.on for entry in self.book.entries}:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT allocation_id, sum(granted), sum(received), sum(paid) FROM funding_posting WHERE occurred_on <= %s GROUP BY 1",
                    [day],
                )
                replayed = {key: tuple(sums) for key, *sums in cursor.fetchall()}
            for row in Allocation.objects.all():
                place, nothing = self.place(row), (Decimal(0),) * 3
                model = tuple(self.book.part(place, column, day) for column in ("granted", "received", "paid"))
                assert replayed.get(row.pk, nothing) == model

    def place(self, row: Allocation) -> Place:
        sources = [source.pk for source in self.sources]
        return (sources.index(row.source_id), [project.pk for project in self.projects].index(row.project_id), row.use)


# a failure is told as it was found: to shrink it takes minutes
SETTINGS = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.explicit, Phase.reuse, Phase.generate]}


def test_ledger_answers_as_its_model(db: None) -> None:
    run_state_machine_as_test(Ledger, settings=settings(max_examples=4, stateful_step_count=25, **SETTINGS))


@pytest.mark.deep
def test_ledger_answers_as_its_model_for_long(db: None) -> None:
    run_state_machine_as_test(Ledger, settings=settings(max_examples=30, stateful_step_count=50, **SETTINGS))
