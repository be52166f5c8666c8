"""The dates of a project as they stood at one moment, under a name. Never changed, never deleted."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from milestones.models.milestones import Kind
from projects.models import Project
from projects.querysets import PartQuerySet


class Baseline(Record):
    """A named picture of a project's dates. `created_at` is the moment."""

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("项目"))
    name = models.TextField(_("名称"))
    note = models.TextField(_("说明"), blank=True)
    taken_by_id = models.UUIDField(null=True)
    taken_by_name = models.TextField(_("存档人"))

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("计划基线")
        ordering = ["project", "-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["project", "name"], name="one_baseline_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="baseline_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class BaselineDate(Record):
    """One milestone in it. No reference to the milestone: what is deleted later stays visible here."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="dates", verbose_name=_("计划基线"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("项目"))
    milestone_id = models.UUIDField(_("节点"))
    name = models.TextField(_("节点名称"))
    kind = models.TextField(_("类型"), choices=Kind.choices)
    position = models.IntegerField(_("顺序"))
    is_key = models.BooleanField(_("关键节点"))
    weight = models.DecimalField(_("权重"), max_digits=5, decimal_places=2, null=True)
    baseline_on = models.DateField(_("基线"), null=True)
    due_on = models.DateField(_("应完成"), null=True)
    forecast_on = models.DateField(_("预测"), null=True)
    achieved_on = models.DateField(_("实际完成"), null=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("基线日期")
        ordering = ["baseline", "position", "id"]
        constraints = [models.UniqueConstraint(fields=["baseline", "milestone_id"], name="one_date_a_milestone_and_baseline")]

    def __str__(self) -> str:
        return self.name
