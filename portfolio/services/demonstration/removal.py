"""Takes the demonstration away: every generated project with its parts, and its people with all that names them."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Membership
from common.actors import Actor
from common.errors import InUse
from common.recording import recording
from funding.models import (
    Allocation,
    BalancePlan,
    Bond,
    FindingReply,
    FundingSource,
    Repayment,
    Transfer,
    TransferRequest,
    YearPlan,
)
from milestones.models import Baseline, BaselineDate, MilestoneEvidence
from portfolio.selectors.demonstration import LABEL
from portfolio.services.demonstration.city import KIND
from portfolio.services.demonstration.people import all_people
from projects.models import Assignment, Evidence, MonthlyReport, Permit, Problem, Project, ProjectTag, Tag
from projects.services import evidence
from reminders.lifecycle import SubjectKind
from reminders.models import Delivery, Mute, Reminder


def remove(*, actor: Actor) -> tuple[int, int]:
    """Delete what was generated, files too; return the numbers of projects and people. The projects of the report stay."""
    with recording(actor):
        tags = Tag.objects.filter(kind=KIND, label=LABEL)
        projects = Project.objects.filter(pk__in=list(ProjectTag.objects.filter(tag__in=tags).values_list("project", flat=True)))
        people = all_people()
        counts = projects.count(), people.count()
        _require_no_other_money(projects)
        _remove_money(projects)
        hashes = _remove_proofs(projects)
        Reminder.objects.filter(Q(project__in=projects) | Q(recipient__in=people)).delete()
        Delivery.objects.filter(recipient__in=people).delete()
        Assignment.objects.filter(Q(project__in=projects) | Q(user__in=people)).delete()
        Mute.objects.filter(Q(project__in=projects) | Q(requested_by_id__in=people.values("pk"))).delete()
        Membership.objects.filter(Q(delegated_by__in=people) | Q(user__in=people)).delete()
        people.delete()
        BaselineDate.objects.filter(project__in=projects).delete()
        Baseline.objects.filter(project__in=projects).delete()
        Project.objects.filter(package__in=projects).exclude(pk__in=projects).update(package=None)
        projects.filter(package__isnull=False).delete()
        projects.delete()
        tags.delete()
    evidence.forget(hashes)  # no row names them any more; a crash before leaves that to the nightly task
    return counts


def _remove_proofs(projects: QuerySet[Project]) -> list[str]:
    """Files with all that they prove; the hashes of the files."""
    for model in (MilestoneEvidence, Problem, Permit):
        model.objects.filter(project__in=projects).delete()
    rows = Evidence.objects.filter(project__in=projects)
    hashes = list(rows.values_list("sha256", flat=True))
    rows.delete()
    return hashes


def _require_no_other_money(projects: QuerySet[Project]) -> None:
    """Money that is not generated is never deleted, so a generated project that holds some stays, and all else with it."""
    real = Q(source__is_demonstration=False)
    held = Allocation.objects.filter(real, project__in=projects).values_list("project__name", flat=True)
    asked = TransferRequest.objects.filter(real, Q(project__in=projects) | Q(to_project__in=projects))
    names = {*held, *asked.values_list("project__name", flat=True)}
    if names:
        raise InUse(_("演示项目上有实际资金，不能删除：%s") % "、".join(sorted(names)[:5]))


def _remove_money(projects: QuerySet[Project]) -> None:
    """Generated pots with everything in them. Transfers name one another and their requests, hence deletions without a collector."""
    pots = FundingSource.objects.filter(is_demonstration=True)
    FindingReply.objects.filter(Q(project__in=projects) | Q(subject_id__in=pots.values("pk"))).delete()
    Reminder.objects.filter(
        subject_kind=SubjectKind.REPAYMENT, subject_id__in=Repayment.objects.filter(bond__source__in=pots).values("pk")
    ).delete()
    Transfer.objects.filter(source__in=pots)._raw_delete(Transfer.objects.db)
    TransferRequest.objects.filter(source__in=pots).delete()
    Allocation.objects.filter(source__in=pots).delete()
    Repayment.objects.filter(bond__source__in=pots).delete()
    Bond.objects.filter(source__in=pots).delete()
    YearPlan.objects.filter(source__in=pots).delete()
    pots.delete()
    BalancePlan.objects.filter(project__in=projects).delete()
    MonthlyReport.objects.filter(project__in=projects).delete()
