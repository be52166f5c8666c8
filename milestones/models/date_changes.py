"""Requests to move a due date."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.decisions import RequestState
from common.models import Record
from milestones.models.milestones import Milestone
from projects.models import Evidence, Project
from projects.querysets import PartQuerySet


class Cause(models.TextChoices):
    LAND = "land", _("用地征迁")
    APPROVAL = "approval", _("手续审批")
    FUNDS = "funds", _("资金")
    DESIGN = "design", _("设计变更")
    CONSTRUCTION = "construction", _("施工组织")
    WEATHER = "weather", _("天气")
    POLICY = "policy", _("政策调整")
    OTHER = "other", _("其他")


class DateChange(Record):
    """A request to move the due date of a milestone, asked for by one person and decided by another.

    `impact` is what it would bring about as seen when it was asked for, and kept so:
    a list of {kind, subject: {kind, id, name}, from, to}. Persons and clients alike may ask, so both are named by id and name.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    milestone = models.ForeignKey(Milestone, on_delete=models.CASCADE, related_name="+", verbose_name=_("节点"))
    from_on = models.DateField(_("原应完成"))
    to_on = models.DateField(_("新应完成"))
    cause = models.TextField(_("原因类别"), choices=Cause.choices, default=Cause.OTHER, db_default=Cause.OTHER)
    reason = models.TextField(_("理由"))
    document_no = models.TextField(_("批文号"), blank=True, default="", db_default="")
    document = models.ForeignKey(Evidence, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("依据文件"))
    impact = models.JSONField(default=list, editable=False)
    state = models.TextField(_("状态"), choices=RequestState.choices, default=RequestState.REQUESTED, db_default=RequestState.REQUESTED)
    decision_due_on = models.DateField(_("应审批"))
    requested_by_id = models.UUIDField()
    requested_by_name = models.TextField(_("申请人"))
    decided_by_id = models.UUIDField(null=True, blank=True)
    decided_by_name = models.TextField(_("审批人"), blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_note = models.TextField(_("审批意见"), blank=True, default="", db_default="")

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("调整申请")
        indexes = [
            models.Index(fields=["project"], name="date_change_by_project"),
            models.Index(fields=["milestone", "created_at"], name="date_change_by_milestone"),
            models.Index(fields=["-created_at", "-id"], name="date_change_by_time"),
            models.Index(fields=["decision_due_on", "id"], name="open_date_change_by_due", condition=Q(state="requested")),
            # the sweep's "touched since"
            models.Index(fields=["updated_at", "id"], name="date_change_by_update"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["milestone"], condition=Q(state="requested"), name="one_open_date_change_a_milestone"),
            models.CheckConstraint(condition=~Q(from_on=F("to_on")), name="a_date_change_moves_the_date"),
            models.CheckConstraint(condition=~Q(reason=""), name="a_date_change_has_a_reason"),
            models.CheckConstraint(
                condition=Q(state="withdrawn") | Q(decided_by_id__isnull=True) | ~Q(decided_by_id=F("requested_by_id")),
                name="who_asks_for_a_date_does_not_decide",
            ),
            # by whom, too, unless the system took it back since its milestone was achieved
            models.CheckConstraint(
                condition=Q(state="requested", decided_at__isnull=True)
                | Q(state="withdrawn", decided_at__isnull=False)
                | Q(state__in=["approved", "rejected"], decided_at__isnull=False, decided_by_id__isnull=False),
                name="a_decided_date_change_says_when_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_on} → {self.to_on}"
