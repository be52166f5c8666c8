"""What the rules say of a movement without forbidding it: the figures as they would stand after the whole list."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from common.shapes import plain_number
from funding.lifecycle import ADJUSTMENTS, BONDS, EligibilityList, Kind, Use
from funding.rules import monitoring
from funding.rules.monitoring import RULES
from funding.selectors.standing import AS_CAPITAL, Bearings, Standing
from funding.services.moves import Check, Move, warn
from projects.lifecycle import Stage
from projects.models import Project

# project, use and kind of source → what the list gives, less what it takes
Gains = Mapping[tuple[uuid.UUID, str, str], Decimal]
# allocation, by source, project and use → what the list pays from it
Place = tuple[uuid.UUID, uuid.UUID, str]
Payments = Mapping[Place, Decimal]


def gains(moves: Sequence[Move]) -> Gains:
    """What a whole list changes in the quotas of each project and use, in yuan."""
    found: dict[tuple[uuid.UUID, str, str], Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.kind not in (Kind.GRANT, *ADJUSTMENTS):
            continue
        if move.project is not None and move.use is not None:
            found[move.project.pk, move.use, move.source.kind] += move.amount if move.kind == Kind.GRANT else -move.amount
        if move.to_project is not None and move.to_use is not None:
            found[move.to_project.pk, move.to_use, move.source.kind] += move.amount
    return found


def payments(moves: Sequence[Move]) -> Payments:
    """What a whole list pays from each allocation, in yuan."""
    found: dict[Place, Decimal] = defaultdict(Decimal)
    for move in moves:
        if move.kind == Kind.PAY and move.here is not None:
            found[move.here] += move.amount
    return found


def of(move: Move, gained: Gains, paid: Payments, bearings: Bearings) -> list[Check]:
    """The warnings of one movement among a list, of the rules that are in force."""
    return [check for check in _all(move, gained, paid, bearings) if check.code not in RULES or check.code in bearings.thresholds]


def _all(move: Move, gained: Gains, paid: Payments, bearings: Bearings) -> Iterable[Check]:
    if move.kind == Kind.PAY and move.project is not None:
        yield from _on_progress(move, paid, bearings.projects[move.project.pk], bearings)
    gaining, use = (move.project, move.use) if move.kind == Kind.GRANT else (move.to_project, move.to_use)
    if move.kind not in (Kind.GRANT, *ADJUSTMENTS) or gaining is None:
        return
    yield from _on_capital_list(move, use)
    standing = bearings.projects[gaining.pk]
    yield from _on_what_is_given(gaining, standing, gained)
    yield from _on_cover(move, standing, bearings)
    if move.kind in ADJUSTMENTS:
        yield from _on_target(move, standing, bearings)


def _on_capital_list(move: Move, use: str | None) -> Iterable[Check]:
    item = move.eligibility_item
    named = item is not None and item.list == EligibilityList.CAPITAL
    if monitoring.is_off_capital_list(is_bond=move.source.kind in BONDS, is_capital=use == Use.CAPITAL, has_capital_item=named):
        yield warn("not_on_capital_list")


def _on_what_is_given(project: Project, standing: Standing, gained: Gains) -> Iterable[Check]:
    own = {(use, kind): amount for (key, use, kind), amount in gained.items() if key == project.pk}
    granted = standing.granted + sum(own.values())
    as_capital = standing.granted_as_capital + sum(
        amount for (use, kind), amount in own.items() if use == Use.CAPITAL and kind in AS_CAPITAL
    )
    if monitoring.is_above_total_investment(granted, standing.total_investment):
        yield warn("above_total_investment", project=standing.name, excess=f"{granted - (standing.total_investment or 0):,.2f}")
    if monitoring.is_capital_overfunded(Decimal(0), as_capital, standing.capital):
        yield warn("capital_overfunded", project=standing.name, excess=f"{as_capital - (standing.capital or 0):,.2f}")


def _on_cover(move: Move, standing: Standing, bearings: Bearings) -> Iterable[Check]:
    """Bonds are repaid from what the project earns."""
    if move.source.kind not in BONDS:
        return
    totals = standing.plan_totals
    if totals is None:
        yield warn("no_balance_plan", project=standing.name)
        return
    ratio = monitoring.cover_ratio(*totals)
    low, high = bearings.thresholds.get("cover_ratio_low"), bearings.thresholds.get("cover_ratio_high")
    if low is not None and monitoring.is_cover_low(*totals, low):
        yield warn("cover_ratio_low", project=standing.name, ratio=ratio, threshold=plain_number(low))
    if high is not None and monitoring.is_cover_high(*totals, high):
        yield warn("cover_ratio_high", project=standing.name, ratio=ratio, threshold=plain_number(high))


def _on_target(move: Move, standing: Standing, bearings: Bearings) -> Iterable[Check]:
    """财预〔2021〕110号: the target must be ready, and live as long as the bond."""
    if monitoring.is_not_ready(standing.stage):
        yield warn("adjustment_not_ready", project=standing.name, stage=str(Stage(standing.stage).label))
    matures_on, ends_on = bearings.maturities.get(move.source.pk), standing.plan_ends_on
    tolerance = bearings.thresholds.get("adjustment_life")
    if matures_on and ends_on and tolerance is not None and monitoring.is_life_too_short(ends_on, matures_on, tolerance):
        yield warn("adjustment_life", project=standing.name, life=ends_on.year, maturity=matures_on.year)


def _on_progress(move: Move, paying: Payments, standing: Standing, bearings: Bearings) -> Iterable[Check]:
    """Paid share of this allocation against the physical progress of the project, after all payments of the list."""
    threshold = bearings.thresholds.get("ahead_of_progress")
    part = standing.allocations.get(move.here) if move.here else None
    if threshold is None or move.here is None or part is None or not part.granted:
        return
    paid = part.paid + paying[move.here]
    if monitoring.is_ahead_of_progress(paid, part.granted, standing.physical_percent, threshold):
        points = paid * 100 / part.granted - (standing.physical_percent or 0)
        yield warn("ahead_of_progress", project=standing.name, points=f"{points:.2f}")
