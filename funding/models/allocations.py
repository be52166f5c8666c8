"""The part of one pot that one project has for one use, and what its works are to earn."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from funding.lifecycle import (
    Use,
)
from funding.models.amounts import yuan
from funding.models.sources import FundingSource
from funding.querysets import AllocationQuerySet
from projects.models import Project
from projects.querysets import PartQuerySet


class Allocation(Record):
    """The part of one source given to one project for one use. Its balances change only by the insert of a transfer."""

    source = models.ForeignKey(FundingSource, on_delete=models.PROTECT, related_name="allocations", verbose_name=_("资金来源"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="+", verbose_name=_("项目"))
    use = models.TextField(_("用途"), choices=Use.choices)
    granted = yuan(_("额度"))
    received = yuan(_("到位"))
    paid = yuan(_("支付"))

    objects = AllocationQuerySet.as_manager()

    class Meta:
        verbose_name = _("额度")
        indexes = [
            # the status row, the project's page
            models.Index(fields=["project", "source"], name="allocation_by_project"),
            # idle money: what has arrived and not been paid
            models.Index(fields=["source"], name="idle_allocation_by_source", condition=Q(received__gt=F("paid"))),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source", "project", "use"], name="one_allocation_a_source_project_and_use"),
            models.CheckConstraint(condition=Q(paid__gte=0), name="paid_is_not_negative"),
            models.CheckConstraint(condition=Q(paid__lte=F("received")), name="paid_is_at_most_received"),
            models.CheckConstraint(condition=Q(received__lte=F("granted")), name="received_is_at_most_granted"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.project_id} ({self.use})"


class BalancePlan(Record):
    """What a project expects to earn, spend and repay in one year (融资平衡方案). Cover = (income − cost) ÷ (principal + interest)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    year = models.SmallIntegerField(_("年度"))
    income = yuan(_("收入"))
    cost = yuan(_("成本"))
    principal = yuan(_("本金"))
    interest = yuan(_("利息"))

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("平衡方案")
        ordering = ["project", "year"]
        constraints = [
            models.UniqueConstraint(fields=["project", "year"], name="one_balance_plan_a_project_and_year"),
            models.CheckConstraint(
                condition=Q(income__gte=0, cost__gte=0, principal__gte=0, interest__gte=0), name="balance_plan_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.year}"
