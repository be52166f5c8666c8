"""When the office expects a milestone, and what follows for those behind it."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Fault, RuleBroken
from common.recording import recording
from milestones.errors import AlreadyAchieved, NotAchieved
from milestones.models import Milestone
from milestones.selectors import network
from milestones.selectors.network import Proposal
from milestones.services.milestones import change
from milestones.services.sense import require_sense
from projects.services.locks import lock_part


def forecast(
    milestone_id: uuid.UUID,
    *,
    forecast_on: dt.date,
    reason: str,
    also: Sequence[uuid.UUID] = (),
    version: int | None = None,
    actor: Actor,
    today: dt.date,
) -> list[Proposal]:
    """Say when the office expects the milestone; return the new forecasts of its successors, those in `also` taken, the others left.

    Raises AlreadyAchieved, and RuleBroken for a day that has passed or is absurd, or for one in `also` that is not proposed. Baselines and
    due dates never move by this.
    """
    if forecast_on < today:
        raise RuleBroken.at("forecast_on", _("预测日期不能早于今天；已经完成的请报完成。"))
    require_sense(forecast_on, field="forecast_on", today=today)

    def forecasted(milestone: Milestone) -> Mapping[str, Any]:
        if milestone.achieved_on is not None:
            raise AlreadyAchieved(achieved_on=milestone.achieved_on.isoformat())
        return {"forecast_on": forecast_on, "forecast_reason": reason}

    with recording(actor):
        milestone = change(milestone_id, forecasted, version=version, actor=actor)
        proposals = network.ripple_of(milestone.project_id, milestone_id, forecast_on, today=today)
        return _take(proposals, also, today=today, reason=_("随“%(name)s”顺延：%(reason)s") % {"name": milestone.name, "reason": reason})


def follow(milestone_id: uuid.UUID, *, also: Sequence[uuid.UUID], actor: Actor, today: dt.date) -> list[Proposal]:
    """Take the new forecasts that follow from the achievement of a milestone. Raises NotAchieved and what `forecast` does of `also`."""
    with recording(actor):
        milestone = lock_part(Milestone, milestone_id)
        if milestone.achieved_on is None:
            raise NotAchieved
        proposals = network.ripple_of(milestone.project_id, milestone_id, milestone.achieved_on, today=today)
        return _take(proposals, also, today=today, reason=_("随“%(name)s”实际完成日期顺延") % {"name": milestone.name})


def _take(proposals: list[Proposal], also: Sequence[uuid.UUID], *, reason: str, today: dt.date) -> list[Proposal]:
    """Write the forecasts that are taken. Runs under the lock of the project, by which the proposals were made."""
    known = {proposal.milestone: proposal for proposal in proposals}
    if faults := [
        Fault(("also", index), "not_proposed", _("该节点的预测不受影响，请不要选。")) for index, key in enumerate(also) if key not in known
    ]:
        raise RuleBroken(faults=faults)
    taken = [known[key] for key in dict.fromkeys(also)]
    for proposal in taken:
        require_sense(proposal.to_on, field="also", today=today)
    locked = Milestone.objects.select_for_update(no_key=True).filter(pk__in=[proposal.milestone for proposal in taken]).order_by("pk")
    rows = {row.pk: row for row in locked}
    for proposal in taken:
        row = rows[proposal.milestone]
        row.forecast_on, row.forecast_reason = proposal.to_on, reason
    Milestone.objects.bulk_update(rows.values(), ["forecast_on", "forecast_reason"])
    return [replace(proposal, is_applied=proposal.milestone in rows) for proposal in proposals]
