"""What is drafted, submitted, and approved or sent back by another person: the same columns for reports and plans."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Record


class ReportState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已报送")
    RETURNED = "returned", _("已退回")
    APPROVED = "approved", _("已通过")


class Filing(Record):
    """Who submitted and who decided, each by id and name, since persons and clients alike may; until when it is to be decided."""

    state = models.TextField(_("状态"), choices=ReportState.choices, default=ReportState.DRAFT)
    submitted_by_id = models.UUIDField(null=True, blank=True)
    submitted_by_name = models.TextField(_("报送人"), blank=True, default="", db_default="")
    submitted_at = models.DateTimeField(_("报送时间"), null=True, blank=True)
    decision_due_on = models.DateField(_("应审核"), null=True, blank=True)
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.TextField(_("审核人"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(_("审核时间"), null=True, blank=True)
    return_reason = models.TextField(_("退回原因"), blank=True, default="", db_default="")

    class Meta:
        abstract = True


def who_submits_does_not_decide(name: str) -> models.CheckConstraint:
    """The database's word for "the one who makes does not check"."""
    return models.CheckConstraint(
        condition=Q(decided_by_id__isnull=True) | Q(submitted_by_id__isnull=True) | ~Q(decided_by_id=F("submitted_by_id")), name=name
    )
