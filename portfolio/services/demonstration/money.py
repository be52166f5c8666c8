"""The money of the generated city: pots, allocations in every state, balance plans, reports, and something for every rule to find."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from random import Random
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import Membership
from accounts.roles import Role
from common.actors import Actor
from common.decisions import RequestState
from common.ids import uuid7
from funding.lifecycle import BONDS, Kind, Use
from funding.models import Allocation, EligibilityItem, Transfer, TransferRequest
from funding.selectors import standing
from funding.services import repayments
from portfolio.services.demonstration import balances, courses, oddities, pots
from portfolio.services.demonstration.courses import Course
from portfolio.services.demonstration.pots import Pot
from projects.lifecycle import Stage
from projects.models import Project
from projects.services import reports

WHOLE_CITY = 3218  # projects, to which these numbers belong
ALLOCATIONS, BONDS_OF_THE_CITY = 600, 40
FEWEST = 160  # so that every oddity finds a course of its own
REPORTED_MONTHS = 12
BATCH = 2000


class Person(NamedTuple):
    """Who asked or agreed."""

    id: uuid.UUID
    name: str

    @property
    def label(self) -> str:
        return f"person:{self.id}"


class Clerks(NamedTuple):
    """The two persons every decision needs."""

    maker: Person
    checker: Person


def build(projects: Sequence[Project], *, today: dt.date, rng: Random, actor: Actor) -> int:
    """Give the generated projects their money; return the number of allocations. Runs inside the caller's transaction."""
    share = min(len(projects) / WHOLE_CITY, 1)
    drawn_pots = pots.draw(max(round(BONDS_OF_THE_CITY * share), 8), today=today, rng=rng)
    drawn = courses.draw(max(round(ALLOCATIONS * share), min(FEWEST, len(projects) * 2)), drawn_pots, projects, today=today, rng=rng)
    if not drawn:
        return 0
    clerks = _clerks()
    _price(drawn_pots, drawn, rng)
    pots.insert(drawn_pots)
    ledger = Ledger(clerks)
    _issue(ledger, drawn_pots)
    _grant(ledger, drawn)
    ledger.record((Kind.RECEIVE, course, day, amount) for course in drawn for day, amount in course.receipts)
    ledger.record((Kind.PAY, course, day, amount) for course in drawn for day, amount in course.payments)
    _report(drawn, today=today, rng=rng, actor=actor)
    balances.insert(drawn, rng=rng)
    if len(drawn) >= FEWEST:
        oddities.insert(ledger, drawn, today=today)
    for pot in drawn_pots:
        if pot.bond:
            repayments.reschedule(pot.source.pk, actor=actor)
    oddities.collect(today=today)
    return len(drawn)


class Ledger:
    """Inserts what was decided and what happened, many rows a statement, in an order that the ledger accepts."""

    def __init__(self, clerks: Clerks) -> None:
        self.clerks, self.voucher = clerks, 0
        self.allocations: dict[tuple[uuid.UUID, uuid.UUID, str], Allocation] = {}

    def open(self, places: Iterable[tuple[uuid.UUID, uuid.UUID, str]]) -> None:
        """Allocations that hold nothing yet."""
        fresh = [place for place in dict.fromkeys(places) if place not in self.allocations]
        made = [Allocation(source_id=source, project_id=project, use=use) for source, project, use in fresh]
        self.allocations |= dict(zip(fresh, Allocation.objects.bulk_create(made, batch_size=BATCH), strict=True))

    def ask(self, requests: Sequence[TransferRequest], state: str = RequestState.APPROVED, note: str = "") -> None:
        """Requests of the maker, decided by the checker unless they stay open; approved ones move their money."""
        batch = uuid7()
        for request in requests:
            request.batch, request.state, request.decision_note = batch, state, note
            request.requested_by_id, request.requested_by_name = self.clerks.maker
            if state != RequestState.REQUESTED:
                decider = self.clerks.maker if state == RequestState.WITHDRAWN else self.clerks.checker
                request.decided_by_id, request.decided_by_name = decider
                request.decided_at = _office_hours(request.occurred_on)
        TransferRequest.objects.bulk_create(requests, batch_size=BATCH)
        if state == RequestState.APPROVED:
            Transfer.objects.bulk_create([self._decided(request) for request in requests])

    def record(self, facts: Iterable[tuple[str, Course, dt.date, Decimal]], *, entered_on: dt.date | None = None) -> None:
        """Receipts and payments with their vouchers, in order of time, entered the same day unless another is given."""
        rows = []
        for kind, course, day, amount in sorted(facts, key=lambda fact: fact[2]):
            self.voucher += 1
            rows.append(
                Transfer(
                    kind=kind,
                    source=course.pot.source,
                    allocation=self.allocations[course.pot.source.pk, course.project.pk, course.use],
                    amount=amount,
                    occurred_on=day,
                    recorded_at=_office_hours(entered_on or day),
                    voucher_no=f"{day:%Y%m}-{self.voucher:05d}",
                    payee=course.project.unit_name if kind == Kind.PAY else "",
                    purpose="工程进度款" if kind == Kind.PAY else "",
                    recorded_by=self.clerks.maker.label,
                    recorded_by_name=self.clerks.maker.name,
                )
            )
        Transfer.objects.bulk_create(rows)

    def _decided(self, request: TransferRequest) -> Transfer:
        original = request.reverses
        assert request.occurred_on is not None

        def place(project: Any, use: Any) -> Allocation | None:
            return self.allocations.get((request.source_id, project, use))

        return Transfer(
            kind=original.kind if original else request.kind,
            sign=-1 if original else 1,
            source_id=request.source_id,
            allocation=original.allocation if original else place(request.project_id, request.use),
            target=original.target if original else place(request.to_project_id, request.to_use),
            amount=request.amount,
            occurred_on=request.occurred_on,
            recorded_at=_office_hours(request.occurred_on),
            document_no=request.document_no,
            reverses=original,
            request=request,
            recorded_by=self.clerks.checker.label,
            recorded_by_name=self.clerks.checker.name,
        )


def _office_hours(day: dt.date | None) -> dt.datetime:
    assert day is not None
    return timezone.make_aware(dt.datetime.combine(day, dt.time(16, 30)))


def _clerks() -> Clerks:
    roles = {
        role: Person(key, name)
        for role, key, name in Membership.objects.filter(role__in=[Role.FINANCE, Role.FINANCE_APPROVER]).values_list(
            "role", "user_id", "user__name"
        )
    }
    return Clerks(roles[Role.FINANCE], roles[Role.FINANCE_APPROVER])


def _price(drawn_pots: Sequence[Pot], drawn: Sequence[Course], rng: Random) -> None:
    """A pot holds what is given from it, and mostly something that is not."""
    given: dict[uuid.UUID, Decimal] = defaultdict(Decimal)
    for course in drawn:
        given[course.pot.source.pk] += course.amount
    for pot in drawn_pots:
        spare = given[pot.source.pk] * rng.choice([0, 0, 3, 6, 10, 15]) / 100
        unit = courses.TEN_WAN * 10
        pot.source.planned = max(((given[pot.source.pk] + spare) / unit).to_integral_value(rounding="ROUND_CEILING"), Decimal(10)) * unit
        if pot.bond:
            pot.bond.amount = pot.source.planned * rng.randint(4, 9)


def _issue(ledger: Ledger, drawn_pots: Sequence[Pot]) -> None:
    ledger.ask(
        [
            TransferRequest(
                kind=Kind.ISSUE,
                source=pot.source,
                amount=pot.source.planned,
                occurred_on=pot.source.issued_on,
                document_no=pot.source.document_no,
            )
            for pot in drawn_pots
        ]
    )


def _grant(ledger: Ledger, drawn: Sequence[Course]) -> None:
    """Capital names an item of the capital list, as it must, but for what the oddities leave out."""
    ledger.open((course.pot.source.pk, course.project.pk, course.use) for course in drawn)
    items = {day: standing.items_in_force("capital", day) for day in {course.granted_on for course in drawn}}
    ledger.ask([grant(course, item=_item(course, items[course.granted_on])) for course in drawn])


def _item(course: Course, items: Sequence[EligibilityItem]) -> EligibilityItem | None:
    return items[course.project.pk.int % len(items)] if items and course.use == Use.CAPITAL and course.pot.source.kind in BONDS else None


def grant(course: Course, *, item: EligibilityItem | None = None, **more: Any) -> TransferRequest:
    return TransferRequest(
        kind=Kind.GRANT,
        source=course.pot.source,
        project=course.project,
        use=course.use,
        amount=course.amount,
        occurred_on=course.granted_on,
        document_no=course.pot.source.document_no,
        eligibility_item=item,
        **more,
    )


def _report(drawn: Sequence[Course], *, today: dt.date, rng: Random, actor: Actor) -> None:
    """Monthly reports of the projects that have money, up to the last closed month."""
    by_project: dict[uuid.UUID, list[Course]] = defaultdict(list)
    for course in drawn:
        by_project[course.project.pk].append(course)
    rows: list[dict[str, Any]] = []
    for own in by_project.values():
        project, reached = own[0].project, courses.physical_percent(own, rng)
        if project.stage not in (Stage.COMPLETED, Stage.OPERATION):
            reached = min(reached, courses.NEARLY)
        if not any(course.payments for course in own):
            continue
        for back in range(REPORTED_MONTHS):
            month = _month(today, back + 1)
            share = Decimal(REPORTED_MONTHS - back) / REPORTED_MONTHS
            invested = ((project.total_investment or Decimal(0)) * reached / 1200 / courses.TEN_WAN).to_integral_value() * courses.TEN_WAN
            percent = (reached * (Decimal("0.4") + Decimal("0.6") * share)).quantize(Decimal("0.01"))
            rows.append({"project_id": project.pk, "month": month, "invested": invested, "physical_percent": percent})
    reports.enter_reports(rows, actor=actor)


def _month(today: dt.date, back: int) -> dt.date:
    months = today.year * 12 + today.month - 1 - back
    return dt.date(months // 12, months % 12 + 1, 1)
