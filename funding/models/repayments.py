"""What a bond pays back, and when."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from funding.models.amounts import yuan
from funding.models.sources import Bond
from funding.querysets import OfSourceQuerySet


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
