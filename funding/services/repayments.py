"""When bonds are repaid: the rows of the schedule, and what was paid."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import AlreadyDecided, Conflict, FutureDate, Missing, RuleBroken, Stale
from common.recording import recording
from funding.lifecycle import MONTHS, RepaymentMethod
from funding.models import Bond, FundingSource, Repayment
from funding.rules.repayments import ImpossibleTerms, Instalment, NoDayLeft, NoSuchInstalment, RepaidTooMuch, Terms, schedule
from reminders.lifecycle import SubjectKind
from reminders.services import settlement


def reschedule(source_id: uuid.UUID, *, actor: Actor) -> None:
    """Make the open repayments of a bond follow its terms and what is issued; those paid stay as they are.

    Writes only rows that differ. Without a bond, or with nothing issued, nothing is owed.
    Raises Missing, and RuleBroken when the terms make no schedule or contradict what was paid already.
    """
    with recording(actor):
        source = FundingSource.objects.select_for_update(no_key=True).filter(pk=source_id).first()
        if source is None:
            raise Missing
        bond = Bond.objects.filter(source_id=source_id).first()
        if bond is None:
            return
        rows = list(Repayment.objects.select_for_update(no_key=True).filter(bond=bond).order_by("pk"))
        paid = [row for row in rows if row.paid_on is not None]
        _replace(bond, [row for row in rows if row.paid_on is None], _owed(bond, source, paid), actor)


def pay(
    repayment_id: uuid.UUID, *, on: dt.date, document_no: str = "", version: int | None = None, actor: Actor, today: dt.date
) -> Repayment:
    """Record that the money of one instalment was collected. Its pending reminders are cancelled in the same transaction.

    Raises FutureDate, Stale, and AlreadyDecided when it is paid.
    """
    if on > today:
        raise FutureDate.at("on", _("归集日期不能晚于今天。"), FutureDate.code)
    with recording(actor):
        repayment = _lock(repayment_id, version)
        if repayment.paid_on is not None:
            raise AlreadyDecided(_("该期已归集。"), paid_on=repayment.paid_on.isoformat())
        Repayment.objects.filter(pk=repayment_id).update(paid_on=on, document_no=document_no)
        settlement.cancel(SubjectKind.REPAYMENT, [repayment_id], reason="已归集", actor=actor)
    return Repayment.objects.get(pk=repayment_id)


def reopen(repayment_id: uuid.UUID, *, reason: str, version: int | None = None, actor: Actor) -> Repayment:
    """Take a payment back; the earlier one stays in history. What is owed follows the terms again.

    Raises Stale, Conflict when it is not paid, and Missing when the terms no longer have such an instalment.
    """
    source_id = Repayment.objects.filter(pk=repayment_id).values_list("bond__source_id", flat=True).first()
    if source_id is None:
        raise Missing
    with recording(actor):
        FundingSource.objects.select_for_update(no_key=True).get(pk=source_id)
        if _lock(repayment_id, version).paid_on is None:
            raise Conflict(_("该期尚未归集。"))
        Repayment.objects.filter(pk=repayment_id).update(paid_on=None, document_no="", reopen_reason=reason)
        reschedule(source_id, actor=actor)
    repayment = Repayment.objects.filter(pk=repayment_id).first()
    if repayment is None:
        raise Missing
    return repayment


def _lock(repayment_id: uuid.UUID, version: int | None) -> Repayment:
    repayment = Repayment.objects.select_for_update(no_key=True).filter(pk=repayment_id).first()
    if repayment is None:
        raise Missing
    if version is not None and repayment.version != version:
        raise Stale
    return repayment


def _owed(bond: Bond, source: FundingSource, paid: list[Repayment]) -> dict[int, Instalment]:
    """The open instalments by number."""
    if not source.issued and not paid:
        return {}
    terms = Terms(
        principal=source.issued,
        rate_percent=bond.rate_percent,
        interest_from_on=bond.interest_from_on,
        matures_on=bond.matures_on,
        is_by_instalments=bond.repayment_method == RepaymentMethod.INSTALMENTS,
        interest_months=MONTHS[bond.interest_frequency],
        principal_months=MONTHS[bond.principal_frequency],
        grace_years=bond.grace_years,
    )
    kept = [Instalment(row.number, row.due_on, row.principal, row.interest) for row in paid]
    try:
        rows = schedule(terms, kept=kept)
    except ImpossibleTerms as error:
        raise RuleBroken(_("按债券的起息日与到期日排不出还本付息计划，请先更正债券条款。")) from error
    except RepaidTooMuch as error:
        raise RuleBroken(_("已归集的本金多于发行额：请先撤销归集，再减发行额。")) from error
    except NoSuchInstalment as error:
        raise RuleBroken(_("已归集的期次不在新的还本付息日中：请先撤销归集，再改债券条款。")) from error
    except NoDayLeft as error:
        raise RuleBroken(_("各期均已归集，余下的本金没有还本日：请先撤销归集，再改发行额或债券条款。")) from error
    numbers = {row.number for row in kept}
    return {row.number: row for row in rows if row.number not in numbers}


def _replace(bond: Bond, open_rows: list[Repayment], owed: dict[int, Instalment], actor: Actor) -> None:
    """Write the difference. A reminder of a row that moved or went is about nothing any more."""
    gone = [row for row in open_rows if row.number not in owed]
    changed, moved = [], [row.pk for row in gone]
    for row in open_rows:
        wanted = owed.pop(row.number, None)
        if wanted is None or (row.due_on, row.principal, row.interest) == wanted[1:]:
            continue
        if row.due_on != wanted.due_on:
            moved.append(row.pk)
        row.due_on, row.principal, row.interest = wanted[1:]
        changed.append(row)
    Repayment.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Repayment.objects.bulk_update(changed, ["due_on", "principal", "interest"])
    Repayment.objects.bulk_create(Repayment(bond=bond, **row._asdict()) for row in owed.values())
    if moved:
        settlement.cancel(SubjectKind.REPAYMENT, moved, reason="还本付息计划已变", actor=actor)
