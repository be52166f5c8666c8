"""The money behind projects: pots, parts of them, movements, and who agreed."""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.decisions import RequestState
from common.models import Record
from funding.lifecycle import (
    EligibilityList,
    FindingState,
    FindingSubject,
    Frequency,
    Kind,
    Level,
    PurposeClass,
    RepaymentMethod,
    RequestKind,
    SourceKind,
    SourceState,
    Use,
)
from funding.querysets import AllocationQuerySet, OfSourceQuerySet, RequestQuerySet, SourceQuerySet, TransferQuerySet
from projects.models import Project
from projects.querysets import PartQuerySet

ZERO = Decimal("0.00")


class NextSequence(models.Func):
    """The next place of a transfer, from a sequence of its own: rows that a writer locked first get theirs in order."""

    template = "nextval('funding_transfer_order')"
    output_field = models.BigIntegerField()


def yuan(label: Any, *, null: bool = False) -> models.DecimalField:
    """A column of yuan, exact to the fen. A balance starts at nothing."""
    if null:
        return models.DecimalField(label, max_digits=18, decimal_places=2, null=True, blank=True)
    return models.DecimalField(label, max_digits=18, decimal_places=2, default=ZERO, db_default=ZERO)


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


class EligibilityItem(Record):
    """One item of the negative list or of the capital list (国办发〔2024〕52号), between two days.

    `hints` are words whose appearance in a project's name makes the item worth asking about; they never decide.
    """

    list = models.TextField(_("清单"), choices=EligibilityList.choices)
    number = models.SmallIntegerField(_("序号"))
    name = models.TextField(_("名称"))
    detail = models.TextField(_("说明"), blank=True)
    hints = models.TextField(_("提示词"), blank=True, help_text=_("用空格分开"))
    effective_from_on = models.DateField(_("自"))
    effective_until_on = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = _("清单条目")
        ordering = ["list", "number"]
        constraints = [
            models.UniqueConstraint(fields=["list", "number", "effective_from_on"], name="one_item_a_list_number_and_day"),
            models.CheckConstraint(
                condition=Q(effective_until_on__isnull=True) | Q(effective_until_on__gte=F("effective_from_on")),
                name="item_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="item_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TransferRequest(Record):
    """A decision that needs a second person. It reserves nothing: the balance is judged when it is approved.

    Requests made in one act share a `batch`. Persons and clients alike may ask, so both are named by id and name.
    """

    batch = models.UUIDField(_("批次"), db_index=True)
    kind = models.TextField(_("类别"), choices=RequestKind.choices)
    state = models.TextField(_("状态"), choices=RequestState.choices, default=RequestState.REQUESTED)
    source = models.ForeignKey(FundingSource, on_delete=models.PROTECT, related_name="+", verbose_name=_("资金来源"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("项目"))
    use = models.TextField(_("用途"), choices=Use.choices, null=True, blank=True)
    to_project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("调入项目"))
    to_use = models.TextField(_("调入用途"), choices=Use.choices, null=True, blank=True)
    amount = models.DecimalField(_("金额"), max_digits=18, decimal_places=2)
    occurred_on = models.DateField(_("发生日期"), null=True, blank=True)
    ground = models.TextField(_("事由"), blank=True)
    document_no = models.TextField(_("文号"), blank=True)
    reason = models.TextField(_("说明"), blank=True)
    reverses = models.ForeignKey("Transfer", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("冲正"))
    eligibility_item = models.ForeignKey(EligibilityItem, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    override_reason = models.TextField(_("放行原因"), blank=True)
    checks = models.JSONField(default=list, editable=False)
    requested_by_id = models.UUIDField()
    requested_by_name = models.TextField(_("经办"))
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.TextField(_("复核"), blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("复核意见"), blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金申请")
        indexes = [
            models.Index(fields=["source", "state"], name="request_by_source"),
            models.Index(fields=["project"], name="request_by_project", condition=Q(project__isnull=False)),
            models.Index(fields=["to_project"], name="request_by_target", condition=Q(to_project__isnull=False)),
            models.Index(fields=["created_at"], name="open_request", condition=Q(state="requested")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="requested_amount_is_positive"),
            models.CheckConstraint(
                condition=Q(state="withdrawn") | Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("requested_by_id")),
                name="who_asks_does_not_decide",
            ),
            models.CheckConstraint(
                condition=Q(state="requested", decided_by_id__isnull=True) | (~Q(state="requested") & Q(decided_by_id__isnull=False)),
                name="a_decided_request_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(project__isnull=True, use__isnull=True) | Q(project__isnull=False, use__isnull=False),
                name="requested_project_has_a_use",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"


class Transfer(Record):
    """One movement of money. Append-only: what was wrong is reversed once and entered anew.

    `sign` is −1 for a reversal, the mirror of what it `reverses`. `recorded_by` is the actor's label, as in history.
    """

    sequence = models.BigIntegerField(unique=True, editable=False, db_default=NextSequence())
    kind = models.TextField(_("类别"), choices=Kind.choices)
    sign = models.SmallIntegerField(default=1, db_default=1)
    source = models.ForeignKey(FundingSource, on_delete=models.PROTECT, related_name="+", verbose_name=_("资金来源"))
    allocation = models.ForeignKey(Allocation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("额度"))
    target = models.ForeignKey(Allocation, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("调入额度"))
    amount = models.DecimalField(_("金额"), max_digits=18, decimal_places=2)
    occurred_on = models.DateField(_("发生日期"))
    recorded_at = models.DateTimeField(editable=False, db_default=Now())
    document_no = models.TextField(_("文号"), blank=True, db_default="")
    voucher_no = models.TextField(_("凭证号"), blank=True, db_default="")
    # how many times the voucher has been entered: anew only after the earlier entry was reversed
    entry = models.SmallIntegerField(default=1, db_default=1, editable=False)
    payee = models.TextField(_("收款人"), blank=True, db_default="")
    purpose = models.TextField(_("款项用途"), blank=True, db_default="")
    reason = models.TextField(_("说明"), blank=True, db_default="")
    reverses = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by")
    request = models.OneToOneField(TransferRequest, on_delete=models.PROTECT, null=True, blank=True, related_name="transfer")
    recorded_by = models.TextField(db_default="")
    recorded_by_name = models.TextField(_("操作人"), db_default="")

    objects = TransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("资金流水")
        indexes = [
            # statements and balances of a past day
            models.Index(fields=["allocation", "occurred_on"], name="transfer_by_allocation", condition=Q(allocation__isnull=False)),
            models.Index(fields=["target", "occurred_on"], name="transfer_by_target", condition=Q(target__isnull=False)),
            models.Index(fields=["source", "occurred_on", "sequence"], name="transfer_by_source"),
            models.Index(fields=["occurred_on", "sequence"], name="transfer_by_day"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="amount_is_positive"),
            models.CheckConstraint(condition=Q(sign__in=[1, -1]), name="sign_is_one_or_minus_one"),
            models.CheckConstraint(
                condition=Q(sign=1, reverses__isnull=True) | Q(sign=-1, reverses__isnull=False), name="only_a_reversal_is_negative"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["issue", "cancel_issue"], allocation__isnull=True, target__isnull=True)
                | Q(kind__in=["grant", "withdraw", "receive", "return", "pay", "refund"], allocation__isnull=False, target__isnull=True)
                | (
                    Q(kind__in=["adjust_quota", "adjust_money"], allocation__isnull=False, target__isnull=False)
                    & ~Q(allocation=F("target"))
                ),
                name="a_movement_touches_what_its_kind_says",
            ),
            models.CheckConstraint(
                condition=Q(sign=-1)
                | Q(kind__in=["receive", "pay", "refund"], request__isnull=True)
                | (~Q(kind__in=["receive", "pay", "refund"]) & Q(request__isnull=False)),
                name="a_decision_has_its_request",
            ),
            models.CheckConstraint(condition=Q(sign=1) | Q(request__isnull=False), name="a_reversal_has_its_request"),
            models.CheckConstraint(
                condition=~Q(kind__in=["receive", "pay", "refund"], sign=1) | ~Q(voucher_no=""), name="a_fact_has_its_voucher"
            ),
            models.UniqueConstraint(
                fields=["source", "voucher_no", "entry"], condition=Q(sign=1) & ~Q(voucher_no=""), name="a_voucher_is_entered_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.sign * self.amount}"


class Repayment(Record):
    """One day on which principal or interest of a bond falls due."""

    bond = models.ForeignKey(Bond, on_delete=models.CASCADE, related_name="repayments", verbose_name=_("债券"))
    number = models.SmallIntegerField(_("期"))
    due_on = models.DateField(_("应付日"))
    principal = yuan(_("本金"))
    interest = yuan(_("利息"))
    paid_on = models.DateField(_("归集日"), null=True, blank=True)
    document_no = models.TextField(_("文号"), blank=True)
    reopen_reason = models.TextField(_("撤销原因"), blank=True, db_default="")

    objects = OfSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("还本付息")
        ordering = ["due_on", "bond", "number"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="open_repayment_by_due_date", condition=Q(paid_on__isnull=True)),
            models.Index(fields=["due_on", "bond"], name="repayment_by_due_date"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["bond", "number"], name="one_repayment_a_bond_and_number"),
            models.CheckConstraint(condition=Q(principal__gte=0, interest__gte=0), name="repayment_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.bond_id} {self.number}"


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


class MonitoringRule(Record):
    """A rule that money or a project may break, with its threshold as data. What it judges stands in `rules` and in the findings' SQL."""

    code = models.TextField(_("代码"), unique=True)
    name = models.TextField(_("规则"))
    level = models.TextField(_("程度"), choices=Level.choices)
    threshold = models.DecimalField(_("阈值"), max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.TextField(_("单位"), blank=True)
    basis = models.TextField(_("依据"))
    is_active = models.BooleanField(_("启用"), default=True)
    position = models.SmallIntegerField(_("排序"))

    class Meta:
        verbose_name = _("监测规则")
        ordering = ["position"]

    def __str__(self) -> str:
        return self.name


class FindingReply(Record):
    """What was said about a finding, and who wrote it off. The finding itself is derived, each day anew.

    A finding is the same one while rule, subject and the day since which it holds are the same.
    """

    rule = models.TextField(_("规则"))
    subject_id = models.UUIDField()
    since_on = models.DateField(_("起于"))
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("项目"))
    text = models.TextField(_("说明"))
    replied_by_id = models.UUIDField()
    replied_by_name = models.TextField(_("说明人"))
    replied_at = models.DateTimeField()
    written_off_by_id = models.UUIDField(null=True, blank=True)
    written_off_by_name = models.TextField(_("核销人"), blank=True)
    written_off_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(_("核销意见"), blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("疑点说明")
        indexes = [models.Index(fields=["project"], name="finding_reply_by_project", condition=Q(project__isnull=False))]
        constraints = [
            models.UniqueConstraint(fields=["rule", "subject_id", "since_on"], name="one_reply_a_finding"),
            models.CheckConstraint(condition=~Q(text=""), name="a_reply_says_something"),
            models.CheckConstraint(
                condition=Q(written_off_by_id__isnull=True) | ~Q(written_off_by_id=F("replied_by_id")),
                name="who_replies_does_not_write_off",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_id}"


class Finding(models.Model):
    """A rule that something breaks on the day asked about, with the reply to it (a view: `selectors.findings` says the day)."""

    id = models.UUIDField(primary_key=True)  # of rule, subject and since_on
    rule = models.TextField()
    rule_name = models.TextField()
    level = models.TextField(choices=Level.choices)
    position = models.SmallIntegerField()
    subject_kind = models.TextField(choices=FindingSubject.choices)
    subject_id = models.UUIDField()
    subject_name = models.TextField()
    project = models.ForeignKey(Project, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    source = models.ForeignKey(FundingSource, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    use = models.TextField(choices=Use.choices, null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    since_on = models.DateField()
    figures = models.JSONField()
    state = models.TextField(choices=FindingState.choices)
    reply = models.ForeignKey(FindingReply, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    version = models.IntegerField()  # of the reply, 0 before the first

    objects = PartQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "funding_finding"

    def __str__(self) -> str:
        return f"{self.rule} {self.subject_id}"
