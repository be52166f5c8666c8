"""One row a duty to tell, and how far the sweep has come."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office, User
from common.models import Record
from projects.models import Project
from reminders.lifecycle import (
    ReminderState,
    SubjectKind,
)
from reminders.models.deliveries import Delivery
from reminders.models.letters import OfficialLetter
from reminders.models.rungs import Rung
from reminders.querysets import (
    ReminderQuerySet,
)


class Reminder(Record):
    """One duty to tell one person of one obligation on one rung. Exactly one row, whatever runs twice."""

    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices)
    subject_id = models.UUIDField()
    subject_name = models.TextField(_("事项"))
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("项目"))
    due_on = models.DateField(_("应完成"))
    rung = models.ForeignKey(Rung, on_delete=models.PROTECT, related_name="+", verbose_name=_("级次"))
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("收件人"))
    recipient_office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("收件单位"))
    state = models.TextField(_("状态"), choices=ReminderState.choices, default=ReminderState.PENDING, db_default=ReminderState.PENDING)
    state_reason = models.TextField(_("原因"), blank=True, default="", db_default="")
    # the office that should have been told and where nobody could be
    fell_from = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("无人接收的单位"))
    due_at = models.DateTimeField(_("应发"))
    sent_at = models.DateTimeField(_("已发时间"), null=True)
    acknowledged_at = models.DateTimeField(_("知悉时间"), null=True)
    snoozed_until_on = models.DateField(_("暂缓至"), null=True)
    official_letter = models.ForeignKey(OfficialLetter, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("函件"))
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("投递"))

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("提醒")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "due_on", "rung", "recipient"], name="one_reminder_a_subject_date_rung_and_person"
            ),
            models.CheckConstraint(condition=~Q(state=ReminderState.SENT) | Q(sent_at__isnull=False), name="a_sent_reminder_has_a_time"),
        ]
        indexes = [
            # settle and bundle look at what is pending only
            models.Index(fields=["recipient", "due_at"], name="pending_reminder", condition=Q(state=ReminderState.PENDING)),
            models.Index(fields=["delivery"], name="reminder_by_delivery", condition=Q(delivery__isnull=False)),
            models.Index(fields=["project"], name="reminder_by_project"),
            models.Index(fields=["-due_at", "-id"], name="reminder_by_time"),
            models.Index(fields=["fell_from", "due_at"], name="fallen_reminder", condition=Q(fell_from__isnull=False)),
            models.Index(fields=["official_letter"], name="reminder_by_letter", condition=Q(official_letter__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.subject_name} {self.due_on}"


class SweepState(models.Model):
    """When the last completed sweep began, and the day of the last one over the whole range. One row."""

    began_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    whole_on = models.DateField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_sweep_state")]
