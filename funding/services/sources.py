"""Sources of money: registered, edited, closed. What they hold moves by transfers alone."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Conflict, Fault, InUse, Malformed, Missing, RuleBroken, Stale
from common.recording import recording
from funding.errors import Duplicate
from funding.lifecycle import BONDS
from funding.models import Bond, FundingSource, Repayment, Transfer, YearPlan
from funding.rules.repayments import LONGEST_TENOR, does_tenor_fit
from funding.services import repayments

# Without these there is no schedule of repayment.
TERMS = ("code", "interest_from_on", "matures_on", "tenor_years", "rate_percent", "repayment_method", "interest_frequency")


def create_source(fields: Mapping[str, Any], *, actor: Actor) -> FundingSource:
    """Register a source, which holds nothing until its issue is approved.

    `fields` are columns, `bond` (the columns of its terms, or None) and `plans` ([{year, planned}]).
    Raises RuleBroken, Malformed (a bond without its terms) and Duplicate (a bond's code again).
    """
    columns = dict(fields)
    bond, plans = columns.pop("bond", None), columns.pop("plans", None) or []
    source = FundingSource(**columns)
    with recording(actor):
        source.save(force_insert=True)
        _set_bond(source, bond)
        _set_plans(source, plans)
    return FundingSource.objects.get(pk=source.pk)


def edit_source(source_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor) -> FundingSource:
    """Change a source. A `bond` merges into the terms as they stand, None removes them; `plans` replace those there are.

    A change of terms or plans alone is a change of the source: its version rises. Raises Missing, Stale and what `create_source` does,
    Conflict for another kind once money moved, InUse for terms by which was repaid.
    """
    columns = dict(changes)
    with recording(actor):
        source = _lock(source_id, version)
        bond, plans = columns.pop("bond", ...), columns.pop("plans", ...)
        _judge_columns(source, columns)
        for name, value in columns.items():
            setattr(source, name, value)
        has_new_terms = _set_bond(source, bond)
        if has_new_terms | _set_plans(source, plans):
            columns["version"] = F("version") + 1
        if columns:
            FundingSource.objects.filter(pk=source.pk).update(**columns)
        if has_new_terms:
            repayments.reschedule(source.pk, actor=actor)
    return FundingSource.objects.get(pk=source.pk)


def _lock(source_id: uuid.UUID, version: int | None) -> FundingSource:
    source = FundingSource.objects.select_for_update(no_key=True).filter(pk=source_id).first()
    if source is None:
        raise Missing
    if version is not None and source.version != version:
        raise Stale
    return source


def _judge_columns(source: FundingSource, columns: Mapping[str, Any]) -> None:
    """What has happened binds: the kind once money moved, the day of issue once something occurred."""
    moved = Transfer.objects.filter(source=source)
    if columns.get("kind", source.kind) != source.kind and moved.exists():
        raise Conflict(_("已有资金流水，不能再改资金类别。"), faults=[Fault(("kind",), "conflict", _("已有资金流水，不能再改资金类别。"))])
    issued_on = columns.get("issued_on")
    if issued_on is not None and moved.filter(occurred_on__lt=issued_on).exists():
        raise RuleBroken.at("issued_on", _("已有更早发生的资金流水，下达日期不能晚于它。"))


def _set_bond(source: FundingSource, given: Any) -> bool:
    """Write the terms of the source's bond; True when they changed. `given` is columns, None (no bond) or ... (left as it is)."""
    bond = Bond.objects.filter(source=source).first()
    if source.kind not in BONDS and (given or (given is ... and bond is not None)):
        raise RuleBroken.at("bond" if given is not ... else "kind", _("只有债券类资金有债券要素。"))
    if given is ...:
        return False
    if given is None:
        return bond is not None and _remove_bond(bond)
    return _write_bond(source, bond, given)


def _write_bond(source: FundingSource, bond: Bond | None, given: Mapping[str, Any]) -> bool:
    is_new = bond is None
    bond = bond or Bond(source=source)
    changed = {name: value for name, value in given.items() if is_new or getattr(bond, name) != value}
    if is_new:
        _require_terms(given)
        changed.setdefault("principal_frequency", changed["interest_frequency"])
    for name, value in changed.items():
        setattr(bond, name, value)
    _judge_bond(bond)
    with _unique_code(bond):
        if is_new:
            bond.save(force_insert=True)
        elif changed:
            Bond.objects.filter(pk=bond.pk).update(**changed)
    return bool(changed)


def _remove_bond(bond: Bond) -> bool:
    if Repayment.objects.filter(bond=bond, paid_on__isnull=False).exists():
        raise InUse(
            _("已有还本付息记录，不能删去债券要素。"), faults=[Fault(("bond",), "in_use", _("已有还本付息记录，不能删去债券要素。"))]
        )
    Bond.objects.filter(pk=bond.pk).delete()
    return True


def _require_terms(given: Mapping[str, Any]) -> None:
    faults = [Fault(("bond", name), "required", _("必填。")) for name in TERMS if given.get(name) in (None, "")]
    if faults:
        raise Malformed(faults=faults)


def _judge_bond(bond: Bond) -> None:
    """The rules of a bond that need more than one field, and how long it may last: each half-year of it becomes a row."""
    faults = []
    if bond.matures_on <= bond.interest_from_on:
        faults.append(Fault(("bond", "matures_on"), "invalid", _("到期日须晚于起息日。")))
    elif not does_tenor_fit(bond.interest_from_on, bond.matures_on, bond.tenor_years):
        faults.append(Fault(("bond", "matures_on"), "invalid", _("到期日与起息日加期限相差不能超过一年。")))
    if not 1 <= bond.tenor_years <= LONGEST_TENOR:
        faults.append(Fault(("bond", "tenor_years"), "invalid", _("期限须为 1 到 %d 年。") % LONGEST_TENOR))
    if bond.grace_years >= bond.tenor_years:
        faults.append(Fault(("bond", "grace_years"), "invalid", _("还本宽限期须短于期限。")))
    if bond.amount is not None and bond.amount_as_capital is not None and bond.amount_as_capital > bond.amount:
        faults.append(Fault(("bond", "amount_as_capital"), "invalid", _("用作资本金的部分不能超过发行额。")))
    if faults:
        raise RuleBroken(faults[0].detail, faults=faults)


@contextmanager
def _unique_code(bond: Bond) -> Iterator[None]:
    """Turn the database's refusal of a second code into the domain's word, which names the source that bears it."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        first = Bond.objects.filter(code=bond.code).exclude(source=bond.source).values_list("source_id", flat=True).first()
        if first is None:
            raise
        detail = _("该债券代码已登记。")
        raise Duplicate(detail, first=first, faults=[Fault(("bond", "code"), "duplicate", detail)]) from error


def _set_plans(source: FundingSource, given: Any) -> bool:
    """Replace the yearly plans; True when something changed. Rows that stay as they are are not touched."""
    if given is ...:
        return False
    wanted = _by_year(given)
    known = {plan.year: plan for plan in YearPlan.objects.select_for_update(no_key=True).filter(source=source).order_by("pk")}
    gone = [plan.pk for year, plan in known.items() if year not in wanted]
    fresh = [YearPlan(source=source, year=year, planned=planned) for year, planned in wanted.items() if year not in known]
    moved = [plan for year, plan in known.items() if year in wanted and plan.planned != wanted[year]]
    for plan in moved:
        plan.planned = wanted[plan.year]
    YearPlan.objects.filter(pk__in=gone).delete()
    YearPlan.objects.bulk_create(fresh)
    YearPlan.objects.bulk_update(moved, ["planned"])
    return bool(gone or fresh or moved)


def _by_year(plans: Sequence[Mapping[str, Any]] | None) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for index, plan in enumerate(plans or []):
        if plan["year"] in found:
            raise RuleBroken(faults=[Fault(("plans", index, "year"), "repeated", _("同一年度只能有一项计划。"))])
        found[plan["year"]] = plan["planned"]
    return found
