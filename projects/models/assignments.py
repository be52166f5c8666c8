"""People's parts in projects."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.models import Record
from projects.models.projects import Project
from projects.querysets import AssignmentQuerySet


class Part(models.TextChoices):
    LEAD = "lead", _("责任人")
    PATRON = "patron", _("包保领导")
    TEAM = "team", _("专班")


class Assignment(Record):
    """A person's part in one project, between two days."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("人员"))
    part = models.TextField(_("角色"), choices=Part.choices)
    valid_from_on = models.DateField(_("自"), null=True, blank=True)
    valid_until_on = models.DateField(_("至"), null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("包保、专班")
        indexes = [
            models.Index(fields=["project", "part"], name="assignment_by_project"),
            models.Index(fields=["user"], name="assignment_by_user"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from_on__isnull=True) | Q(valid_until_on__isnull=True) | Q(valid_until_on__gte=F("valid_from_on")),
                name="assignment_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.part}"
