"""What goes otherwise in a city: requests left open or sent back, wrong entries put right, uses adjusted, and something for every rule.

Each case takes courses of its own, so that one does not hide another.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import F

from common.decisions import RequestState
from funding.lifecycle import BONDS, EligibilityList, Ground, Kind, RequestKind, SourceKind, Use
from funding.models import BalancePlan, EligibilityItem, Repayment, Transfer, TransferRequest
from funding.selectors import standing
from portfolio.services.demonstration.balances import of_years
from portfolio.services.demonstration.courses import TEN_WAN, Course
from projects.lifecycle import Stage
from projects.models import Project, Sector
from projects.pinyin import initials, sort_key

if TYPE_CHECKING:
    from portfolio.services.demonstration.money import Ledger

LATE = dt.timedelta(days=20)
NOT_COLLECTED = 3  # past repayments that nobody has collected yet


def insert(ledger: "Ledger", drawn: Sequence[Course], *, today: dt.date) -> None:
    """All of them, one after the other; the city is large enough for each."""
    bonds = (course for course in drawn if course.pot.source.kind == SourceKind.SPECIAL_BOND and course.kind == "planned")
    _leave_open(ledger, bonds, today)
    _put_right(ledger, bonds, today)
    _adjust(ledger, bonds, drawn, today)
    _override(ledger, bonds, today)
    _off_the_list(ledger, bonds, today)
    _capital_without_bonds(ledger, drawn, today)
    _odd_projects(bonds)
    _odd_plans(bonds, today)
    _enter_late(ledger, bonds, today)


def collect(*, today: dt.date) -> None:
    """Repayments of the past were collected in time, but for the latest few."""
    past = Repayment.objects.filter(bond__source__is_demonstration=True, due_on__lt=today)
    open_ = list(past.order_by("-due_on").values_list("pk", flat=True)[:NOT_COLLECTED])
    past.exclude(pk__in=open_).update(paid_on=F("due_on"))


def _request(kind: str, course: Course, amount: Decimal, on: dt.date, **more: Any) -> TransferRequest:
    fields = {"source": course.pot.source, "use": course.use, "project": course.project} | more
    return TransferRequest(kind=kind, amount=amount, occurred_on=on, document_no="新财债字", **fields)


def _another_use(course: Course) -> str:
    return Use.CAPITAL if course.use == Use.CONSTRUCTION else Use.CONSTRUCTION


def _leave_open(ledger: "Ledger", bonds: Iterator[Course], today: dt.date) -> None:
    """A batch and a reversal that wait for the checker, one sent back, one taken back. None moves money."""
    waiting = [next(bonds) for _ in range(6)]
    pot = waiting[0].pot.source
    ledger.ask([_request(Kind.GRANT, course, TEN_WAN * 5, today, source=pot) for course in waiting], RequestState.REQUESTED)
    ledger.ask([_reversal(_last_payment(ledger, _paid(bonds)), today, "收款人有误")], RequestState.REQUESTED)
    ledger.ask([_request(Kind.GRANT, next(bonds), TEN_WAN * 30, today)], RequestState.REJECTED, "项目前期手续不全，补齐后再报。")
    ledger.ask([_request(Kind.WITHDRAW, next(bonds), TEN_WAN, today)], RequestState.WITHDRAWN)


def _put_right(ledger: "Ledger", bonds: Iterator[Course], today: dt.date) -> None:
    """Payments entered wrongly and reversed; money handed back; a quota taken back whole."""
    for _ in range(3):
        course = _paid(bonds)
        wrong = _last_payment(ledger, course)
        ledger.ask([_reversal(wrong, today, "金额录入有误，另行登记")])
        ledger.record([(Kind.PAY, course, wrong.occurred_on, wrong.amount)])
    fresh = [next(bonds) for _ in range(2)]
    places = [(course.pot.source.pk, course.project.pk, _another_use(course)) for course in fresh]
    ledger.open(places)
    for course in fresh:
        again = Course(course.pot, course.project, _another_use(course), "granted", TEN_WAN, today - LATE)
        if _left(course) >= TEN_WAN:
            ledger.ask([_request(Kind.GRANT, again, TEN_WAN, again.granted_on, use=again.use)])
            ledger.ask([_request(Kind.WITHDRAW, again, TEN_WAN, today, use=again.use, reason="项目调整，额度收回")])


def _adjust(ledger: "Ledger", bonds: Iterator[Course], drawn: Sequence[Course], today: dt.date) -> None:
    """Surplus moved on, once to a project that is not ready, once to one whose plan ends before the bond matures."""
    targets = list(Project.objects.filter(stage=Stage.RESERVE, is_package=False).order_by("-created_at", "pk")[:1])
    building = [course.project for course in drawn if course.project.stage == Stage.CONSTRUCTION][:200]
    for target in [*targets, *building[-2:]]:
        course = next(c for c in bonds if c.payments and c.project.pk != target.pk)
        allocation = _allocation(ledger, course)
        allocation.refresh_from_db()
        quota = allocation.granted - allocation.received
        cash = allocation.received - allocation.paid
        kind, amount = (RequestKind.ADJUST_MONEY, cash) if cash >= TEN_WAN else (RequestKind.ADJUST_QUOTA, quota)
        if amount < TEN_WAN:
            ledger.ask([_reversal(_last_payment(ledger, course), today, "结余资金调整前更正")])
            kind, amount = RequestKind.ADJUST_MONEY, _last_payment(ledger, course, sign=-1).amount
        ledger.open([(course.pot.source.pk, target.pk, Use.CONSTRUCTION)])
        ledger.ask(
            [_request(kind, course, amount, today, to_project=target, to_use=Use.CONSTRUCTION, ground=Ground.SURPLUS, reason="竣工结余")]
        )
        BalancePlan.objects.filter(project=target, year__gt=today.year + 5).delete()
        if not BalancePlan.objects.filter(project=target).exists():
            years = range(today.year + 1, today.year + 5)
            BalancePlan.objects.bulk_create(
                of_years(target.pk, years, income=amount, cost=amount / 10, principal=amount / 4, interest=amount / 50)
            )


def _override(ledger: "Ledger", bonds: Iterator[Course], today: dt.date) -> None:
    """Uses on the negative list, let pass with a reason."""
    for item in standing.items_in_force(EligibilityList.NEGATIVE, today)[3:5]:
        course = next(c for c in bonds if _left(c) >= TEN_WAN)
        _more(ledger, course, today, eligibility_item=item, override_reason="含可对外经营的公益设施，经专题会议研究同意")


def _off_the_list(ledger: "Ledger", bonds: Iterator[Course], today: dt.date) -> None:
    """Capital without an item of the capital list, also more of it than the project's capital."""
    for course in [next(c for c in bonds if _left(c) >= TEN_WAN) for _ in range(3)]:
        _more(ledger, course, today, use=Use.CAPITAL)
    course = next(c for c in bonds if _left(c) >= TEN_WAN)
    _more(ledger, course, today, use=Use.CAPITAL, eligibility_item=_capital_item(today))
    Project.objects.filter(pk=course.project.pk).update(capital=TEN_WAN / 2)


def _capital_without_bonds(ledger: "Ledger", drawn: Sequence[Course], today: dt.date) -> None:
    """More bonds as capital than bonds in one year: the construction part was taken back."""
    for course in drawn:
        is_candidate = course.kind == "granted" and course.use == Use.CONSTRUCTION and course.pot.source.kind in BONDS
        if is_candidate and course.granted_on.year < today.year and course.amount > TEN_WAN:
            again = Course(course.pot, course.project, Use.CAPITAL, "granted", TEN_WAN, today)
            ledger.ask([_request(Kind.WITHDRAW, course, course.amount, today)])
            ledger.open([(again.pot.source.pk, again.project.pk, again.use)])
            ledger.ask([_request(Kind.GRANT, again, TEN_WAN, today, use=again.use, eligibility_item=_capital_item(today))])
            return


def _odd_projects(bonds: Iterator[Course]) -> None:
    """A total below what was given, and a capital above the total."""
    cheap, heavy = next(bonds).project, next(bonds).project
    Project.objects.filter(pk=cheap.pk).update(total_investment=(cheap.total_investment or 0) / 20)
    Project.objects.filter(pk=heavy.pk).update(capital=(heavy.total_investment or 0) + TEN_WAN)


def _odd_plans(bonds: Iterator[Course], today: dt.date) -> None:
    """Plans that are empty, too long, promise other principal than was raised, or pay more interest than was built for."""
    first = today.year + 1
    empty, long_, other, dear = (next(bonds) for _ in range(4))
    BalancePlan.objects.filter(project__in=[course.project for course in (empty, long_, other, dear)]).delete()
    rows = of_years(
        long_.project.pk, range(first, first + 32), income=long_.amount / 8, cost=TEN_WAN, principal=long_.amount / 32, interest=TEN_WAN
    )
    rows += of_years(
        other.project.pk, range(first, first + 10), income=other.amount / 4, cost=TEN_WAN, principal=other.amount / 20, interest=TEN_WAN
    )
    rows += of_years(
        dear.project.pk, range(today.year - 1, first), income=dear.amount * 9, cost=TEN_WAN, principal=dear.amount / 3,
        interest=dear.project.total_investment or TEN_WAN,
    )  # fmt: skip
    BalancePlan.objects.bulk_create(rows)
    planned = set(BalancePlan.objects.values_list("project", flat=True))
    _open_a_gap(next(course for course in bonds if course.project.pk in planned))


def _open_a_gap(course: Course) -> None:
    """A land reserve, where every year must balance, whose first year earns nothing above its cost."""
    project, sector = course.project, Sector.objects.get(code="housing.land_reserve")
    name = f"{project.region.short_name}高铁片区土地储备项目"
    Project.objects.filter(pk=project.pk).update(name=name, name_pinyin=sort_key(name), initials=initials(name), sector=sector)
    first = BalancePlan.objects.filter(project=project).order_by("year").first()
    if first is not None:
        BalancePlan.objects.filter(pk=first.pk).update(income=F("cost"))


def _enter_late(ledger: "Ledger", bonds: Iterator[Course], today: dt.date) -> None:
    """A payment that was entered with a day before its money arrived."""
    course = next(c for c in bonds if c.receipts and _cash(ledger, c) >= 100)
    ledger.record([(Kind.PAY, course, course.receipts[0][0] - dt.timedelta(days=2), Decimal(100))], entered_on=today)


def _more(ledger: "Ledger", course: Course, today: dt.date, *, use: str = Use.CONSTRUCTION, **more: Any) -> None:
    """A further, small grant from the same pot."""
    ledger.open([(course.pot.source.pk, course.project.pk, use)])
    ledger.ask([_request(Kind.GRANT, course, TEN_WAN, today - LATE, use=use, **more)])


def _reversal(wrong: Transfer, today: dt.date, reason: str) -> TransferRequest:
    allocation = wrong.allocation
    assert allocation is not None
    return TransferRequest(
        kind=RequestKind.REVERSE,
        source_id=wrong.source_id,
        project_id=allocation.project_id,
        use=allocation.use,
        amount=wrong.amount,
        occurred_on=today,
        reverses=wrong,
        reason=reason,
    )


def _paid(bonds: Iterator[Course]) -> Course:
    return next(course for course in bonds if course.payments)


def _last_payment(ledger: "Ledger", course: Course, *, sign: int = 1) -> Transfer:
    return Transfer.objects.filter(allocation=_allocation(ledger, course), kind=Kind.PAY, sign=sign).latest("sequence")


def _allocation(ledger: "Ledger", course: Course) -> Any:
    return ledger.allocations[course.pot.source.pk, course.project.pk, course.use]


def _left(course: Course) -> Decimal:
    """What the pot still holds."""
    source = type(course.pot.source).objects.get(pk=course.pot.source.pk)
    return source.issued - source.allocated


def _cash(ledger: "Ledger", course: Course) -> Decimal:
    allocation = _allocation(ledger, course)
    allocation.refresh_from_db()
    return allocation.received - allocation.paid


def _capital_item(today: dt.date) -> EligibilityItem:
    return standing.items_in_force(EligibilityList.CAPITAL, today)[0]
