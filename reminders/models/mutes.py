"""What keeps reminders quiet for some days."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.models import Record
from projects.models import Project
from reminders.lifecycle import (
    MuteScope,
    MuteState,
    SubjectKind,
)
from reminders.querysets import (
    MuteQuerySet,
)
from reminders.rules import LONGEST_ALONE


class Mute(Record):
    """Silence about a project, an office with all below, or one obligation, from one day to another, with a reason.

    It delays: what came due meanwhile is told when it ends. One of more than thirty days needs a second person.
    """

    scope_kind = models.TextField(_("范围"), choices=MuteScope.choices)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("项目"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("单位"))
    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices, null=True, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    subject_name = models.TextField(_("事项"), blank=True, default="", db_default="")
    reason = models.TextField(_("原因"))
    from_on = models.DateField(_("自"))
    until_on = models.DateField(_("至"))
    state = models.TextField(_("状态"), choices=MuteState.choices)
    requested_by_id = models.UUIDField()
    requested_by_name = models.TextField(_("经办"))
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.TextField(_("复核"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("复核意见"), blank=True, default="", db_default="")
    ended_by_name = models.TextField(_("结束人"), blank=True, default="", db_default="")
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    objects = MuteQuerySet.as_manager()

    class Meta:
        verbose_name = _("静默")
        indexes = [
            # read for every reminder that is ready: few rows
            models.Index(fields=["until_on"], name="mute_in_force", condition=Q(state=MuteState.IN_FORCE)),
            models.Index(fields=["project"], name="mute_by_project", condition=Q(project__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(scope_kind=MuteScope.PROJECT, project__isnull=False, office__isnull=True, subject_id__isnull=True)
                | Q(scope_kind=MuteScope.OFFICE, project__isnull=True, office__isnull=False, subject_id__isnull=True)
                | Q(scope_kind=MuteScope.SUBJECT, office__isnull=True, subject_kind__isnull=False, subject_id__isnull=False),
                name="mute_has_one_scope",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="mute_has_a_reason"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="mute_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("requested_by_id")),
                name="who_asks_for_a_mute_does_not_approve_it",
            ),
            models.CheckConstraint(
                condition=~Q(state=MuteState.IN_FORCE) | Q(decided_by_id__isnull=False) | Q(until_on__lte=F("from_on") + LONGEST_ALONE),
                name="a_long_mute_has_a_second_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scope_kind} {self.from_on} – {self.until_on}"
