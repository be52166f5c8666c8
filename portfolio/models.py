"""The promises of a work report, and the numbers it promised."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from portfolio.querysets import CommitmentQuerySet
from projects.models import Project, Sector


class CommitmentKind(models.TextChoices):
    COMPLETE_THIS_YEAR = "complete_this_year", _("年内完成")
    ACCELERATE = "accelerate", _("加快")
    START = "start", _("新开工")
    PLAN = "plan", _("谋划")
    IMPLEMENT = "implement", _("实施")


class Scope(models.TextChoices):
    PROJECT = "project", _("项目")
    PROGRAMME = "programme", _("专项")


class Comparator(models.TextChoices):
    AT_LEAST = ">=", _("不低于")
    ABOUT = "~", _("左右")
    EQUAL = "=", _("达到")


class Commitment(Record):
    """One promise, word for word: about a project, or a programme of many."""

    year = models.SmallIntegerField(_("年度"))
    position = models.SmallIntegerField(_("次序"))
    document = models.TextField(_("文件"))
    section = models.TextField(_("章节"))
    name = models.TextField(_("名称"))
    quote = models.TextField(_("原文"))
    phrase = models.TextField(_("用语"))
    kind = models.TextField(_("类别"), choices=CommitmentKind.choices)
    count = models.IntegerField(_("数量"), null=True, blank=True)
    scope = models.TextField(_("范围"), choices=Scope.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="members")
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(_("说明"), blank=True)
    projects = models.ManyToManyField(Project, through="CommitmentProject", related_name="+")

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("报告承诺")
        ordering = ["year", "position"]
        constraints = [
            models.UniqueConstraint(fields=["year", "document", "name"], name="a_report_names_a_commitment_once"),
            models.CheckConstraint(condition=~Q(quote=""), name="a_commitment_quotes_its_report"),
        ]

    def __str__(self) -> str:
        return self.name


class CommitmentProject(Record):
    """A project that keeps a commitment."""

    commitment = models.ForeignKey(Commitment, on_delete=models.CASCADE, related_name="links")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["commitment", "project"], name="a_project_keeps_a_commitment_once")]
        indexes = [models.Index(fields=["project"], name="commitment_by_project")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.project_id}"


class Target(Record):
    """A number the report promised."""

    year = models.SmallIntegerField(_("年度"))
    position = models.SmallIntegerField(_("次序"))
    key = models.TextField(_("代码"))
    title = models.TextField(_("目标"))
    title_en = models.TextField(_("目标（英文）"))
    comparator = models.TextField(_("比较"), choices=Comparator.choices)
    value = models.DecimalField(_("数值"), max_digits=16, decimal_places=4)
    unit = models.TextField(_("单位"))
    section = models.TextField(_("章节"))
    quote = models.TextField(_("原文"))
    measure = models.TextField(_("度量"), blank=True, help_text=_("由台账计算的目标写明度量；否则由责任单位填报"))

    class Meta:
        verbose_name = _("报告目标")
        ordering = ["year", "position"]
        constraints = [models.UniqueConstraint(fields=["year", "key"], name="one_target_a_year_and_key")]

    def __str__(self) -> str:
        return self.title
