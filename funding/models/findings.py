"""The rules that watch the money, what breaks them, and what was said about it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from funding.lifecycle import (
    FindingState,
    FindingSubject,
    Level,
    Use,
)
from funding.models.sources import FundingSource
from projects.models import Project
from projects.querysets import PartQuerySet


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
