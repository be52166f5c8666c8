"""What is built."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.models import Record
from projects.lifecycle import Stage
from projects.models.reference import Region, Sector, Tag
from projects.querysets import PartQuerySet, ProjectQuerySet


class Nature(models.TextChoices):
    NEW = "new", _("新建")
    CONTINUED = "continued", _("续建")
    EXPANSION = "expansion", _("扩建")
    RENOVATION = "renovation", _("改建")
    RELOCATION = "relocation", _("迁建")
    RESTORATION = "restoration", _("恢复")
    PURCHASE = "purchase", _("单纯购置")


class ApprovalMode(models.TextChoices):
    APPROVAL = "approval", _("审批")
    VERIFICATION = "verification", _("核准")
    FILING = "filing", _("备案")


class Level(models.TextChoices):
    PROVINCE = "province", _("省重点")
    CITY = "city", _("市重点")
    COUNTY = "county", _("县区重点")
    OTHER = "other", _("其他")


class Project(Record):
    """A thing being built. Everything derived from its dates and money stands in `Status`."""

    code = models.TextField(_("项目代码"), null=True, blank=True, unique=True)
    name = models.TextField(_("项目名称"))
    name_pinyin = models.TextField(_("拼音"), db_collation="C", editable=False)
    initials = models.TextField(_("拼音首字母"), editable=False)
    aliases = ArrayField(models.TextField(), default=list, blank=True, verbose_name=_("别名"))
    is_package = models.BooleanField(_("打包项目"), default=False)
    package = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("所属打包项目"))
    sector = models.ForeignKey(Sector, on_delete=models.PROTECT, related_name="+", verbose_name=_("行业"))
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", verbose_name=_("区划"))
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("责任单位"))
    authority = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主管部门"))
    unit_name = models.TextField(_("项目单位"), blank=True)
    unit_uscc = models.TextField(_("统一社会信用代码"), blank=True)
    stage = models.TextField(_("阶段"), choices=Stage.choices, default=Stage.RESERVE)
    stage_before_suspension = models.TextField(choices=Stage.choices, null=True, blank=True, editable=False)
    nature = models.TextField(_("建设性质"), choices=Nature.choices, null=True, blank=True)
    approval_mode = models.TextField(_("审批方式"), choices=ApprovalMode.choices, null=True, blank=True)
    level = models.TextField(_("级别"), choices=Level.choices, null=True, blank=True)
    total_investment = models.DecimalField(_("总投资"), max_digits=18, decimal_places=2, null=True, blank=True)
    capital = models.DecimalField(_("资本金"), max_digits=18, decimal_places=2, null=True, blank=True)
    scale = models.TextField(_("建设规模及内容"), blank=True)
    starts_year = models.SmallIntegerField(_("起始年"), null=True, blank=True)
    ends_year = models.SmallIntegerField(_("终止年"), null=True, blank=True)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True, blank=True)
    lat = models.DecimalField(_("纬度"), max_digits=8, decimal_places=6, null=True, blank=True)
    is_public = models.BooleanField(_("可公开"), default=False)
    reminders_from_on = models.DateField(_("提醒起始日"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("项目")
        indexes = [
            models.Index(fields=["office"], name="project_by_office"),
            models.Index(fields=["authority"], name="project_by_authority"),
            models.Index(fields=["package"], name="project_by_package", condition=Q(package__isnull=False)),
        ]
        constraints = [
            # GB/T 40058-2021; the rule of the check digit is not published, so only the pattern is judged
            models.CheckConstraint(
                condition=Q(code__isnull=True) | Q(code__regex=r"^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$"),
                name="project_code_has_the_national_pattern",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="project_has_a_name"),
            models.CheckConstraint(condition=~Q(is_package=True, package__isnull=False), name="a_package_is_no_member"),
            models.CheckConstraint(
                condition=Q(total_investment__isnull=True) | Q(total_investment__gte=0), name="total_investment_is_not_negative"
            ),
            models.CheckConstraint(condition=Q(capital__isnull=True) | Q(capital__gte=0), name="capital_is_not_negative"),
            models.CheckConstraint(
                condition=Q(starts_year__isnull=True) | Q(ends_year__isnull=True) | Q(ends_year__gte=F("starts_year")),
                name="project_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(lon__isnull=True, lat__isnull=True)
                | Q(lon__isnull=False, lat__isnull=False, lon__range=(-180, 180), lat__range=(-90, 90)),
                name="location_is_whole_and_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(stage=Stage.SUSPENDED, stage_before_suspension__isnull=False)
                | (~Q(stage=Stage.SUSPENDED) & Q(stage_before_suspension__isnull=True)),
                name="a_suspended_project_remembers_its_stage",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def offices(self) -> tuple[Any, Any]:
        """Those who answer: the office and the authority, as ids."""
        return self.office_id, self.authority_id


class StageMove(Record):
    """One move of a project, with the day it happened and why. Kept for ever: the stage on a past day is read from here."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    from_stage = models.TextField(choices=Stage.choices)
    to_stage = models.TextField(choices=Stage.choices)
    on = models.DateField(_("日期"))
    reason = models.TextField(_("原因"), blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("阶段变更")
        indexes = [models.Index(fields=["project", "on"], name="stage_move_by_project")]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"


class ProjectTag(Record):
    """A tag on a project."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")

    objects = PartQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "tag"], name="a_project_bears_a_tag_once")]
        indexes = [models.Index(fields=["tag"], name="project_tag_by_tag")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.tag_id}"
