"""What was done in a month."""

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from projects.models.projects import Project
from projects.querysets import PartQuerySet


class ReportState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已报送")
    RETURNED = "returned", _("已退回")
    APPROVED = "approved", _("已通过")


class MonthlyReport(Record):
    """What was done on a project in one month. `month` is the first of the month; only approved reports count."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    month = models.DateField(_("月份"))
    invested = models.DecimalField(_("本月完成投资"), max_digits=18, decimal_places=2, default=Decimal("0.00"), db_default=Decimal("0.00"))
    physical_percent = models.DecimalField(_("形象进度（%）"), max_digits=5, decimal_places=2, null=True, blank=True)
    narrative = models.TextField(_("进展情况"), blank=True)
    no_change = models.BooleanField(_("本月无变化"), default=False)
    state = models.TextField(_("状态"), choices=ReportState.choices, default=ReportState.DRAFT)
    return_count = models.SmallIntegerField(_("退回次数"), default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("月报")
        indexes = [models.Index(fields=["month", "id"], name="report_by_month")]
        constraints = [
            # its index serves the status row and the project's page
            models.UniqueConstraint(fields=["project", "month"], name="one_report_a_project_and_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_is_a_first_day"),
            models.CheckConstraint(condition=Q(invested__gte=0), name="invested_is_not_negative"),
            models.CheckConstraint(
                condition=Q(physical_percent__isnull=True) | Q(physical_percent__range=(0, 100)),
                name="physical_percent_is_between_0_and_100",
            ),
            models.CheckConstraint(condition=Q(return_count__gte=0), name="return_count_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.month:%Y-%m}"
