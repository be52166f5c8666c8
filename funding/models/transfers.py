"""Movements of money, and the requests that lead to them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common.decisions import RequestState
from common.models import Record
from funding.lifecycle import (
    Kind,
    RequestKind,
    Use,
)
from funding.models.allocations import Allocation
from funding.models.eligibility import EligibilityItem
from funding.models.sources import FundingSource
from funding.querysets import RequestQuerySet, TransferQuerySet
from projects.models import Project


class NextSequence(models.Func):
    """The next place of a transfer, from a sequence of its own: rows that a writer locked first get theirs in order."""

    template = "nextval('funding_transfer_order')"
    output_field = models.BigIntegerField()


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
