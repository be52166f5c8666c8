"""A purse to look at: a bond given to two projects, a grant out of the county's reach, a loan that nothing was given of."""

import datetime as dt
from dataclasses import dataclass

from common import clock
from common.recording import recording
from funding.models import Allocation, Bond, FundingSource, Transfer
from funding.services import repayments
from projects.models import Project
from tests import funding_rows
from tests.funding_rows import move
from tests.world import TESTER


@dataclass(frozen=True)
class Purse:
    """`own` is a project of the county, `other` is not. `past` is a day on which half of it had happened."""

    bond: FundingSource
    grant: FundingSource
    loan: FundingSource
    own: Project
    other: Project
    part: Allocation
    reversed: Transfer
    past: dt.date


def ago(days: int) -> dt.date:
    return clock.today() - dt.timedelta(days=days)


def make_purse() -> Purse:
    own = Project.objects.get(name__contains="九峰山")
    other = Project.objects.filter(is_package=False, office__code="410700-SLJ", authority__code="410700-SLJ").earliest("name_pinyin")
    bond = _bond(own, other)
    spoiled = move("pay", bond, "10000000.00", own, on=ago(200), payee="第一建设公司", voucher_no="PZ-0001")
    funding_rows.reverse(spoiled, on=ago(190))
    grant = funding_rows.source("2025年中央预算内投资（防洪）", "central_budget", "50000000.00", on=ago(300), planned="60000000.00")
    move("grant", grant, "50000000.00", other, on=ago(299))
    move("receive", grant, "50000000.00", other, on=ago(298))
    loan = funding_rows.source("农发行水利建设贷款", "bank_loan", "30000000.00", on=ago(90), state="closed")
    move_asked(bond, own)
    return Purse(bond, grant, loan, own, other, Allocation.objects.get(source=bond, project=own), spoiled, ago(250))


def _bond(own: Project, other: Project) -> FundingSource:
    """940 million, of which 100 lie in the pool; half a year later 20 million moved from one project to the other."""
    bond = funding_rows.source(
        "2025年河南省政府专项债券（六十九期）", issued="940000000.00", on=ago(400), planned="950000000.00", document_no="新财债〔2025〕41号"
    )
    first = ago(400)
    with recording(TESTER):
        Bond.objects.create(
            source=bond,
            code="2505069",
            tendered_on=ago(401),
            interest_from_on=first,
            matures_on=first.replace(year=first.year + 15, day=min(first.day, 28)),
            tenor_years=15,
            rate_percent="2.1500",
            repayment_method="instalments",
            interest_frequency="half_yearly",
            principal_frequency="yearly",
        )
    move("grant", bond, "600000000.00", own, on=ago(399))
    move("grant", bond, "240000000.00", other, "capital", on=ago(398))
    move("receive", bond, "500000000.00", own, on=ago(390))
    move("receive", bond, "200000000.00", other, "capital", on=ago(380))
    move("pay", bond, "123456789.01", own, on=ago(300), payee="第二建设公司")
    move("adjust_money", bond, "20000000.00", own, to_project=other, on=ago(210), document_no="新财债〔2025〕88号")
    move("pay", bond, "100000000.00", other, "capital", on=ago(205))
    move("refund", bond, "1000000.00", other, "capital", on=ago(100))
    repayments.reschedule(bond.pk, actor=TESTER)
    bond.refresh_from_db()
    return bond


def move_asked(bond: FundingSource, own: Project) -> None:
    """A request that waits for its second person."""
    part = Allocation.objects.get(source=bond, project=own)
    funding_rows.request("grant", bond, "5000000.00", allocation=part, state="requested")
