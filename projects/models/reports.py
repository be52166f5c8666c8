"""What was done in a month, and what was corrected of it later."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.decisions import RequestState
from common.models import Record
from projects.models.filing import Filing, who_submits_does_not_decide
from projects.models.projects import Project
from projects.querysets import PartQuerySet


class MonthlyReport(Filing):
    """What was done on a project in one month. `month` is the first of the month; only approved reports count.

    `due_on` is the closing day, or two working days after it was sent back; null where the report was entered as a fact.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    month = models.DateField(_("月份"))
    invested = models.DecimalField(_("本月完成投资"), max_digits=18, decimal_places=2, default=Decimal("0.00"), db_default=Decimal("0.00"))
    physical_percent = models.DecimalField(_("形象进度（%）"), max_digits=5, decimal_places=2, null=True, blank=True)
    narrative = models.TextField(_("进展情况"), blank=True)
    no_change = models.BooleanField(_("本月无变化"), default=False)
    return_count = models.SmallIntegerField(_("退回次数"), default=0)
    due_on = models.DateField(_("应报送"), null=True, blank=True)
    plan_reason = models.TextField(_("超计划原因"), blank=True, default="", db_default="")
    correction_reason = models.TextField(_("更正说明"), blank=True, default="", db_default="")

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("月报")
        indexes = [
            models.Index(fields=["month", "id"], name="report_by_month"),
            models.Index(fields=["due_on"], name="report_to_file", condition=Q(state__in=["draft", "returned"])),
            models.Index(fields=["decision_due_on"], name="report_to_decide", condition=Q(state="submitted")),
        ]
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
            who_submits_does_not_decide("who_files_a_report_does_not_decide"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.month:%Y-%m}"


class ReportRevision(Record):
    """A correction of a month that is closed: what it said, what it is to say, why, and who decided.

    `project` is that of the report.
    """

    report = models.ForeignKey(MonthlyReport, on_delete=models.CASCADE, related_name="+", verbose_name=_("月报"))
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    number = models.SmallIntegerField(_("序号"))
    from_invested = models.DecimalField(_("原完成投资"), max_digits=18, decimal_places=2)
    from_physical_percent = models.DecimalField(_("原形象进度（%）"), max_digits=5, decimal_places=2, null=True)
    from_narrative = models.TextField(_("原进展情况"), blank=True)
    invested = models.DecimalField(_("完成投资"), max_digits=18, decimal_places=2)
    physical_percent = models.DecimalField(_("形象进度（%）"), max_digits=5, decimal_places=2, null=True)
    narrative = models.TextField(_("进展情况"), blank=True)
    reason = models.TextField(_("修订原因"))
    state = models.TextField(_("状态"), choices=RequestState.choices, default=RequestState.REQUESTED)
    requested_by_id = models.UUIDField()
    requested_by_name = models.TextField(_("经办"))
    decision_due_on = models.DateField(_("应审核"))
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.TextField(_("复核"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("复核意见"), blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("月报修订")
        indexes = [models.Index(fields=["project", "id"], name="revision_by_project")]
        constraints = [
            models.UniqueConstraint(fields=["report", "number"], name="one_revision_a_number"),
            models.UniqueConstraint(fields=["report"], condition=Q(state="requested"), name="one_open_revision_a_report"),
            models.CheckConstraint(condition=Q(invested__gte=0), name="revised_investment_is_not_negative"),
            models.CheckConstraint(
                condition=Q(physical_percent__isnull=True) | Q(physical_percent__range=(0, 100)),
                name="revised_percent_is_between_0_and_100",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_revision_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="withdrawn") | Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("requested_by_id")),
                name="who_revises_does_not_decide",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by_id__isnull=True) | (~Q(state="requested") & Q(decided_by_id__isnull=False)),
                name="a_decided_revision_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number}"
