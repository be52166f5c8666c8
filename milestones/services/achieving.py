"""What must be so before a milestone counts as achieved, or as open again. Asked under the lock of its project."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.utils.translation import gettext as _

from common.errors import Fault, RuleBroken
from milestones.errors import PredecessorOpen, SuccessorsAchieved
from milestones.models import Dependency, Milestone, MilestoneEvidence
from projects.models import Evidence


def require_order(milestone: Milestone, on: dt.date) -> None:
    """What comes before has happened, and not later than `on`. Raises PredecessorOpen and RuleBroken."""
    before = list(
        Dependency.objects.filter(after=milestone)
        .order_by("before__position", "before_id")
        .values_list("before_id", "before__name", "before__achieved_on")
    )
    if open_ones := [(key, name) for key, name, achieved_on in before if achieved_on is None]:
        raise PredecessorOpen(open_ones)
    if later := [(name, achieved_on) for _key, name, achieved_on in before if achieved_on is not None and achieved_on > on]:
        name, achieved_on = max(later, key=lambda pair: pair[1])
        sentence = _("前置节点“%(name)s”于 %(day)s 完成，本节点不能早于这一天。请核对日期。")
        raise RuleBroken.at("on", sentence % {"name": name, "day": achieved_on.isoformat()}, "before_predecessor")


def require_no_follower(milestone: Milestone) -> None:
    """Nothing that comes after has happened. Raises SuccessorsAchieved."""
    after = list(
        Dependency.objects.filter(before=milestone, after__achieved_on__isnull=False)
        .order_by("after__position", "after_id")
        .values_list("after__name", "after__achieved_on")
    )
    if after:
        sentence = _("后续节点“%(name)s”已于 %(day)s 完成。")
        blockers = [
            {"code": "successor_achieved", "detail": sentence % {"name": name, "day": achieved_on.isoformat()}}
            for name, achieved_on in after
            if achieved_on is not None
        ]
        raise SuccessorsAchieved(blockers, [name for name, _day in after])


def attach(milestone: Milestone, evidence_ids: Sequence[uuid.UUID]) -> None:
    """Let files of the project prove the milestone. Raises RuleBroken for one of elsewhere, and where one is needed and none is there."""
    ours = set(Evidence.objects.filter(project_id=milestone.project_id, pk__in=evidence_ids).values_list("pk", flat=True))
    sentence = _("本项目没有这个文件，请先上传到本项目。")
    if faults := [Fault(("evidence", place), "does_not_exist", sentence) for place, key in enumerate(evidence_ids) if key not in ours]:
        raise RuleBroken(faults=faults)
    if milestone.is_evidence_required and not ours and not MilestoneEvidence.objects.filter(milestone=milestone).exists():
        raise RuleBroken.at("evidence", _("该节点须附佐证。请上传现场照片或文件。"), "required")
    MilestoneEvidence.objects.bulk_create(
        (MilestoneEvidence(project_id=milestone.project_id, milestone=milestone, evidence_id=key) for key in dict.fromkeys(evidence_ids)),
        ignore_conflicts=True,
    )
