"""Numbered letters on paper."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.models import Record
from projects.models import Project
from reminders.lifecycle import (
    NumberedLetter,
    SubjectKind,
)
from reminders.models.rungs import Rung
from reminders.querysets import (
    LetterQuerySet,
)


class OfficialLetter(Record):
    """提醒函, 督办函 or 升级函 of one obligation on one rung: numbered once, without gaps, its facts frozen as they stood.

    `facts`: addressee, copies [names], project, project_code, office, lead, subject, due_on, overdue_days, to_do, signed_by.
    """

    kind = models.TextField(_("函件"), choices=NumberedLetter.choices)
    year = models.SmallIntegerField(_("年度"))
    number = models.IntegerField(_("序号"))
    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices)
    subject_id = models.UUIDField()
    project = models.ForeignKey(Project, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("项目"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("责任单位"))
    due_on = models.DateField(_("应完成"))
    rung = models.ForeignKey(Rung, on_delete=models.PROTECT, related_name="+", verbose_name=_("级次"))
    issued_on = models.DateField(_("发文日期"))
    facts = models.JSONField()

    objects = LetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("函件")
        indexes = [models.Index(fields=["project"], name="letter_by_project", condition=Q(project__isnull=False))]
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "due_on", "rung"], name="one_letter_a_subject_date_and_rung"),
            models.UniqueConstraint(fields=["kind", "year", "number"], name="one_letter_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.year} {self.number}"
