"""What must come before what."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from milestones.models.milestones import Milestone
from projects.models import Project
from projects.querysets import PartQuerySet


class Dependency(Record):
    """`after` comes at least `lag_days` calendar days later than `before`. Both are milestones of `project`.

    Within one project, so that its lock suffices to keep the graph free of circles.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    before = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="+", verbose_name=_("前置节点"))
    after = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="+", verbose_name=_("后续节点"))
    lag_days = models.SmallIntegerField(_("间隔天数"), default=0, db_default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("前后关系")
        indexes = [
            models.Index(fields=["project"], name="dependency_by_project"),
            models.Index(fields=["before"], name="dependency_by_predecessor"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["after", "before"], name="one_dependency_a_pair"),
            models.CheckConstraint(condition=~Q(before=F("after")), name="no_milestone_waits_for_itself"),
            models.CheckConstraint(condition=Q(lag_days__gte=0, lag_days__lte=3650), name="lag_is_within_ten_years"),
        ]

    def __str__(self) -> str:
        return f"{self.before_id} → {self.after_id}"
