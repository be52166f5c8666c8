"""The usual course of a kind of work, from which a project's plan is made."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from milestones.models.milestones import Kind


class Template(Record):
    """A kind of work with its steps. A retired one is kept, and no longer offered."""

    code = models.TextField(_("代码"), unique=True)
    name = models.TextField(_("名称"))
    is_retired = models.BooleanField(_("停用"), default=False, db_default=False)
    # raised when its steps change, so that the version of the row tells it
    revision = models.IntegerField(default=0, db_default=0, editable=False)

    class Meta:
        verbose_name = _("节点模板")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name="") & ~Q(code=""), name="template_has_a_code_and_a_name")]

    def __str__(self) -> str:
        return self.name


class TemplateStep(Record):
    """One milestone of a kind of work: at least `lag_days` calendar days after each of the steps whose positions stand in `after`."""

    template = models.ForeignKey(Template, on_delete=models.CASCADE, related_name="steps", verbose_name=_("节点模板"))
    position = models.IntegerField(_("顺序"))
    name = models.TextField(_("节点名称"))
    kind = models.TextField(_("类型"), choices=Kind.choices, default=Kind.OTHER)
    weight = models.DecimalField(_("权重"), max_digits=5, decimal_places=2, null=True, blank=True)
    is_key = models.BooleanField(_("关键节点"), default=False)
    is_evidence_required = models.BooleanField(_("须附佐证"), default=False)
    after = ArrayField(models.IntegerField(), verbose_name=_("前置步骤"), default=list, blank=True)
    lag_days = models.SmallIntegerField(_("间隔天数"), default=0)

    class Meta:
        verbose_name = _("模板步骤")
        ordering = ["template", "position"]
        constraints = [
            models.UniqueConstraint(fields=["template", "position"], name="one_step_a_position"),
            models.UniqueConstraint(fields=["template", "name"], name="one_step_a_name"),
            models.UniqueConstraint(
                fields=["template", "kind"], condition=Q(kind__in=["start", "completion"]), name="one_start_and_one_completion_a_template"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="step_has_a_name"),
            models.CheckConstraint(condition=Q(lag_days__gte=0, lag_days__lte=3650), name="step_lag_is_within_ten_years"),
        ]

    def __str__(self) -> str:
        return self.name
