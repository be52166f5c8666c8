"""What is built: reference lists, projects, people's parts in them, and the read model."""

from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office, User
from common.models import Record
from projects.lifecycle import Stage
from projects.querysets import AssignmentQuerySet, PartQuerySet, ProjectQuerySet, StatusQuerySet, TreeQuerySet


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


class Region(Record):
    """A division (GB/T 2260) or functional zone. Tile row and column place it on the board's map."""

    class Kind(models.TextChoices):
        CITY = "city", _("市")
        DISTRICT = "district", _("区")
        COUNTY = "county", _("县")
        ZONE = "zone", _("功能区")
        AREA = "area", _("片区")

    code = models.TextField(_("代码"), unique=True)
    name = models.TextField(_("名称"))
    short_name = models.TextField(_("简称"))
    kind = models.TextField(_("类别"), choices=Kind.choices)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    province_managed = models.BooleanField(_("省直管"), default=False)
    tile_row = models.SmallIntegerField(null=True, blank=True)
    tile_column = models.SmallIntegerField(null=True, blank=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = _("区划")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Sector(Record):
    """An industry, in two levels. `authority` is the bureau in charge, given to new projects of the sector."""

    code = models.TextField(_("代码"), unique=True)
    name = models.TextField(_("名称"))
    position = models.SmallIntegerField(_("排序"))
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    authority = models.ForeignKey(Office, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("主管部门"))

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = _("行业")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.name


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


class Tag(Record):
    """A label with a kind and a batch: 三个一批 第13期, 政府工作报告, 演示."""

    kind = models.TextField(_("类别"))
    label = models.TextField(_("标签"))
    batch = models.TextField(_("批次"), blank=True)

    class Meta:
        verbose_name = _("标签")
        ordering = ["kind", "label"]
        constraints = [models.UniqueConstraint(fields=["label", "batch"], name="one_tag_a_label_and_batch")]

    def __str__(self) -> str:
        return self.label


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


class ReportState(models.TextChoices):
    DRAFT = "draft", _("草稿")
    SUBMITTED = "submitted", _("已报送")
    RETURNED = "returned", _("已退回")
    APPROVED = "approved", _("已通过")


class MonthlyReport(Record):
    """What was done on a project in one month. `month` is the first of the month; only approved reports count."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    month = models.DateField(_("月份"))
    invested = models.DecimalField(_("本月完成投资"), max_digits=18, decimal_places=2, default=Decimal("0.00"), db_default=Decimal("0.00"))
    physical_percent = models.DecimalField(_("形象进度（%）"), max_digits=5, decimal_places=2, null=True, blank=True)
    narrative = models.TextField(_("进展情况"), blank=True)
    no_change = models.BooleanField(_("本月无变化"), default=False)
    state = models.TextField(_("状态"), choices=ReportState.choices, default=ReportState.DRAFT)
    return_count = models.SmallIntegerField(_("退回次数"), default=0)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("月报")
        indexes = [models.Index(fields=["month", "id"], name="report_by_month")]
        constraints = [
            # its index serves the status row and the project's page
            models.UniqueConstraint(fields=["project", "month"], name="one_report_a_project_and_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="month_is_a_first_day"),
            models.CheckConstraint(condition=Q(invested__gte=0), name="invested_is_not_negative"),
            models.CheckConstraint(
                condition=Q(physical_percent__isnull=True) | Q(physical_percent__range=(0, 100)),
                name="physical_percent_is_between_0_and_100",
            ),
            models.CheckConstraint(condition=Q(return_count__gte=0), name="return_count_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.month:%Y-%m}"


class Bigrams(Func):
    """The two-character tokens of a text: a GIN index over them finds Chinese words of two characters."""

    function = "projects_bigrams"
    output_field = ArrayField(models.TextField())


class StatusColumns(models.Model):
    """What lists filter, sort and show: one row a project, all derived, kept by triggers."""

    name = models.TextField()
    name_pinyin = models.TextField(db_collation="C")
    search_text = models.TextField()
    stage = models.TextField(choices=Stage.choices)
    sector_id = models.UUIDField()
    sector_code = models.TextField()
    sector_name = models.TextField()
    region_id = models.UUIDField()
    region_code = models.TextField()
    region_name = models.TextField()
    office_id = models.UUIDField()
    office_code = models.TextField()
    office_name = models.TextField()
    authority_id = models.UUIDField(null=True)
    authority_code = models.TextField(null=True)
    authority_name = models.TextField(null=True)
    total_investment = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    start_milestone_id = models.UUIDField(null=True)
    start_basis = models.TextField(null=True)
    start_baseline_on = models.DateField(null=True)
    start_due_on = models.DateField(null=True)
    start_forecast_on = models.DateField(null=True)
    start_achieved_on = models.DateField(null=True)
    completion_milestone_id = models.UUIDField(null=True)
    completion_basis = models.TextField(null=True)
    completion_baseline_on = models.DateField(null=True)
    completion_due_on = models.DateField(null=True)
    completion_forecast_on = models.DateField(null=True)
    completion_achieved_on = models.DateField(null=True)
    milestone_count = models.IntegerField(default=0, db_default=0)
    achieved_count = models.IntegerField(default=0, db_default=0)
    open_dues = ArrayField(models.DateField(), default=list, db_default=[])
    next_due_milestone_id = models.UUIDField(null=True)
    next_due_name = models.TextField(null=True)
    next_due_on = models.DateField(null=True)
    # next_due_on where dates press, else null: "overdue" is one comparison with today, and the worst sorts first by index
    late_from_on = models.DateField(null=True)
    slippage_days = models.IntegerField(null=True)
    allocated = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    received = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    paid = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    funding_kinds = ArrayField(models.TextField(), default=list, db_default=[])
    # of approved monthly reports: the last one's percent and month, the sum of all, and the sum of the last one's year,
    # which is this year's investment for as long as that year lasts
    physical_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    last_reported_month = models.DateField(null=True)
    invested_total = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    invested_in_last_year = models.DecimalField(max_digits=18, decimal_places=2, default=0, db_default=0)
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True


class Status(StatusColumns):
    """The read model of today."""

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, related_name="status")

    objects = StatusQuerySet.as_manager()

    class Meta:
        indexes = [
            # every offered ordering ends in the key
            models.Index(fields=["name_pinyin", "project"], name="status_by_name"),
            models.Index(fields=["total_investment", "project"], name="status_by_investment"),
            models.Index(fields=["completion_due_on", "project"], name="status_by_completion"),
            models.Index(fields=["next_due_on", "project"], name="status_by_next_due"),
            models.Index(fields=["late_from_on", "project"], name="status_by_lateness"),
            models.Index(fields=["slippage_days", "project"], name="status_by_slippage"),
            models.Index(fields=["updated_at", "project"], name="status_by_update"),
            # reach and the commonest filters
            models.Index(fields=["office_id"], name="status_by_office"),
            models.Index(fields=["authority_id"], name="status_by_authority"),
            models.Index(fields=["region_id", "stage"], name="status_by_region"),
            models.Index(fields=["stage", "sector_id", "next_due_on", "project"], name="status_by_stage_and_sector"),
            GinIndex(OpClass(Bigrams("search_text"), name="array_ops"), name="status_search"),
            GinIndex(fields=["funding_kinds"], name="status_by_funding_kind"),
        ]

    def __str__(self) -> str:
        return self.name


class StatusAsOf(StatusColumns):
    """The same row on a past day, computed from the facts dated up to it (a view over `app.as_of`)."""

    project = models.OneToOneField(Project, on_delete=models.DO_NOTHING, primary_key=True, related_name="+")

    objects = StatusQuerySet.as_manager()

    class Meta:
        managed = False
        db_table = "projects_status_as_of"
