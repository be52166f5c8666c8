"""What should happen by when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from milestones.querysets import MilestoneQuerySet
from projects.models import Evidence, Project
from projects.querysets import PartQuerySet


class Kind(models.TextChoices):
    START = "start", _("开工")
    COMPLETION = "completion", _("竣工")
    OTHER = "other", _("其他")


class Basis(models.TextChoices):
    APPROVED = "approved", _("批复")
    REPORT = "report", _("政府工作报告")
    ESTIMATE = "estimate", _("推定")


class Milestone(Record):
    """A dated promise: first approved (baseline), now in force (due), expected (forecast), fact (achieved)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    name = models.TextField(_("节点名称"))
    kind = models.TextField(_("类型"), choices=Kind.choices, default=Kind.OTHER)
    position = models.IntegerField(_("顺序"), default=0)
    is_key = models.BooleanField(_("关键节点"), default=False)
    weight = models.DecimalField(_("权重"), max_digits=5, decimal_places=2, null=True, blank=True)
    basis = models.TextField(_("日期依据"), choices=Basis.choices, null=True, blank=True)
    document_no = models.TextField(_("文号"), blank=True)
    baseline_on = models.DateField(_("基线"), null=True, blank=True)
    due_on = models.DateField(_("应完成"), null=True, blank=True)
    forecast_on = models.DateField(_("预测"), null=True, blank=True)
    forecast_reason = models.TextField(_("预测说明"), blank=True)
    achieved_on = models.DateField(_("实际完成"), null=True, blank=True)
    # when the achievement was reported; null of what its source entered
    reported_on = models.DateField(null=True, blank=True, editable=False)
    # the earliest due date that had passed unachieved when it moved or the milestone reopened: what was late stays late
    missed_due_on = models.DateField(null=True, blank=True, editable=False)
    is_evidence_required = models.BooleanField(_("须附佐证"), default=False, db_default=False)
    override_reason = models.TextField(_("越过前置节点的原因"), blank=True, default="", db_default="")
    reopen_reason = models.TextField(_("撤销原因"), blank=True)
    note = models.TextField(_("备注"), blank=True)
    # raised when its predecessors change, so that the version of the row tells it
    dependency_revision = models.IntegerField(default=0, db_default=0, editable=False)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("节点")
        ordering = ["project", "position", "id"]
        indexes = [
            # all milestones of a project: status row, project page
            models.Index(fields=["project", "position"], name="milestone_by_project"),
            # the sweep, and the list of what is late
            models.Index(fields=["due_on", "id"], name="open_milestone_by_due_date", condition=Q(achieved_on__isnull=True)),
            # the sweep's "touched since"
            models.Index(fields=["updated_at", "id"], name="milestone_by_update"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "kind"], condition=Q(kind__in=["start", "completion"]), name="one_start_and_one_completion_a_project"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="milestone_has_a_name"),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True, baseline_on__isnull=True, basis__isnull=True)
                | Q(due_on__isnull=False, baseline_on__isnull=False, basis__isnull=False),
                name="a_date_has_a_baseline_and_a_basis",
            ),
            models.CheckConstraint(condition=Q(weight__isnull=True) | Q(weight__gte=0, weight__lte=100), name="weight_is_a_percentage"),
        ]

    def __str__(self) -> str:
        return self.name


class MilestoneEvidence(Record):
    """A file that proves a milestone."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="+", verbose_name=_("节点"))
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+", verbose_name=_("佐证文件"))

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("节点佐证")
        indexes = [models.Index(fields=["project"], name="milestone_evidence_by_project")]
        constraints = [models.UniqueConstraint(fields=["milestone", "evidence"], name="a_file_proves_a_milestone_once")]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.evidence_id}"
