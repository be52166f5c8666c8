"""Pots of money, what they are to bring in a year, and bonds."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.models import Record
from funding.lifecycle import (
    Frequency,
    PurposeClass,
    RepaymentMethod,
    SourceKind,
    SourceState,
)
from funding.models.amounts import yuan
from funding.querysets import OfSourceQuerySet, SourceQuerySet


class FundingSource(Record):
    """One pot of money: a bond issue re-lent to the city, a central grant, a loan agreement.

    `issued` and `allocated` change only by the insert of a transfer (a trigger posts, another refuses all else).
    """

    kind = models.TextField(_("资金类别"), choices=SourceKind.choices)
    name = models.TextField(_("名称"))
    document_no = models.TextField(_("文号"), blank=True)
    issued_on = models.DateField(_("下达日期"), null=True, blank=True)
    planned = yuan(_("计划"), null=True)
    state = models.TextField(_("状态"), choices=SourceState.choices, default=SourceState.OPEN)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("管理单位"))
    issued = yuan(_("发行到账"))
    allocated = yuan(_("已分配"))
    # set when the row is made and never after: only generated money may be taken away again
    is_demonstration = models.BooleanField(default=False, editable=False)

    objects = SourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金来源")
        indexes = [
            models.Index(fields=["kind", "issued_on"], name="source_by_kind"),
            models.Index(fields=["office"], name="source_by_office"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="source_has_a_name"),
            models.CheckConstraint(condition=Q(planned__isnull=True) | Q(planned__gte=0), name="planned_is_not_negative"),
            models.CheckConstraint(condition=Q(allocated__gte=0), name="allocated_is_not_negative"),
            models.CheckConstraint(condition=Q(allocated__lte=F("issued")), name="allocated_is_at_most_issued"),
        ]

    def __str__(self) -> str:
        return self.name


class YearPlan(Record):
    """What a source is planned to bring in one year."""

    source = models.ForeignKey(FundingSource, on_delete=models.CASCADE, related_name="plans")
    year = models.SmallIntegerField(_("年度"))
    planned = yuan(_("计划"))

    objects = OfSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("年度资金计划")
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(fields=["source", "year"], name="one_plan_a_source_and_year"),
            models.CheckConstraint(condition=Q(planned__gte=0), name="plan_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.year}"


class Bond(Record):
    """The terms of a bond issue. The issuer is the province; what the city holds is re-lent."""

    source = models.OneToOneField(FundingSource, on_delete=models.CASCADE, related_name="bond")
    code = models.TextField(_("债券代码"), unique=True)
    short_name = models.TextField(_("债券简称"), blank=True)
    series = models.TextField(_("期次"), blank=True)
    series_year = models.SmallIntegerField(_("年度"), null=True, blank=True)
    category_name = models.TextField(_("类别"), blank=True)
    category_no = models.TextField(_("类别期次"), blank=True)
    overall_no = models.TextField(_("总期次"), blank=True)
    batch_no = models.TextField(_("批次"), blank=True)
    tendered_on = models.DateField(_("招标日"), null=True, blank=True)
    interest_from_on = models.DateField(_("起息日"))
    listed_on = models.DateField(_("上市日"), null=True, blank=True)
    matures_on = models.DateField(_("到期日"))
    tenor_years = models.SmallIntegerField(_("期限（年）"))
    rate_percent = models.DecimalField(_("利率（%）"), max_digits=7, decimal_places=4)
    purpose_class = models.TextField(_("用途分类"), choices=PurposeClass.choices, default=PurposeClass.NEW_SPECIAL)
    repayment_method = models.TextField(_("还本方式"), choices=RepaymentMethod.choices)
    interest_frequency = models.TextField(_("付息频率"), choices=Frequency.choices)
    principal_frequency = models.TextField(_("还本频率"), choices=Frequency.choices)
    grace_years = models.SmallIntegerField(_("还本宽限期（年）"), default=0)
    amount = yuan(_("发行额"), null=True)
    amount_as_capital = yuan(_("用作资本金"), null=True)
    underwriting = models.TextField(_("承销"), blank=True)
    rating = models.TextField(_("评级"), blank=True)

    objects = OfSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("债券")
        indexes = [models.Index(fields=["matures_on"], name="bond_by_maturity")]
        constraints = [
            models.CheckConstraint(condition=~Q(code=""), name="bond_has_a_code"),
            models.CheckConstraint(condition=Q(matures_on__gt=F("interest_from_on")), name="bond_matures_after_it_begins"),
            models.CheckConstraint(condition=Q(rate_percent__gte=0), name="rate_is_not_negative"),
            models.CheckConstraint(condition=Q(tenor_years__gt=0), name="tenor_is_positive"),
            models.CheckConstraint(
                condition=Q(grace_years__gte=0) & Q(grace_years__lt=F("tenor_years")), name="grace_ends_before_maturity"
            ),
        ]

    def __str__(self) -> str:
        return self.code
