"""What stands in a project's way, and what it must be permitted (`field.md` 14 and 15)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.models import Record
from projects.models.evidence import Evidence
from projects.models.projects import Project
from projects.querysets import PartQuerySet


class ProblemKind(models.TextChoices):
    LAND = "land", _("土地")
    FUNDS = "funds", _("资金")
    APPROVAL = "approval", _("审批")
    DEMOLITION = "demolition", _("征迁")
    UTILITIES = "utilities", _("水电气路")
    ENERGY = "energy", _("能耗")
    ENVIRONMENT = "environment", _("环境容量")
    LABOR = "labor", _("用工")
    QUALITY = "quality", _("质量安全")
    OTHER = "other", _("其他")


class ProblemLevel(models.TextChoices):
    COUNTY = "county", _("县区")
    CITY = "city", _("市")
    PROVINCE = "province", _("省")


class ProblemState(models.TextChoices):
    OPEN = "open", _("待办")
    WORKING = "working", _("办理中")
    ON_HOLD = "on_hold", _("挂起")
    CLOSED = "closed", _("已销号")


class Problem(Record):
    """One entry of the problem list. `office` answers for it; `due_on` is by when it is solved."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    kind = models.TextField(_("类型"), choices=ProblemKind.choices)
    text = models.TextField(_("问题"))
    raised_on = models.DateField(_("提出时间"))
    level_needed = models.TextField(_("需协调层级"), choices=ProblemLevel.choices)
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name=_("责任单位"))
    supporting_offices = models.TextField(_("配合单位"), blank=True)
    person = models.TextField(_("责任人"), blank=True)
    due_on = models.DateField(_("时限"))
    measures = models.TextField(_("措施"), blank=True)
    state = models.TextField(_("状态"), choices=ProblemState.choices, default=ProblemState.OPEN)
    hold_reason = models.TextField(_("挂起原因"), blank=True)
    closed_on = models.DateField(_("销号日期"), null=True, blank=True)
    closing_note = models.TextField(_("销号说明"), blank=True)
    closing_evidence = models.ForeignKey(Evidence, on_delete=models.RESTRICT, null=True, related_name="+", verbose_name=_("销号佐证"))
    reopen_reason = models.TextField(_("恢复原因"), blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("问题")
        indexes = [
            models.Index(fields=["project", "due_on"], name="problem_by_project"),
            models.Index(fields=["due_on", "id"], name="open_problem_by_due_date", condition=Q(state__in=["open", "working"])),
            models.Index(fields=["updated_at", "id"], name="problem_by_update"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="problem_has_a_text"),
            models.CheckConstraint(condition=Q(due_on__gte=F("raised_on")), name="problem_is_due_after_it_is_raised"),
            models.CheckConstraint(
                condition=Q(state="closed", closed_on__isnull=False) | ~Q(state="closed") & Q(closed_on__isnull=True),
                name="closed_problem_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("raised_on")), name="problem_is_closed_after_it_is_raised"
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(closing_note="") | Q(closing_evidence__isnull=False),
                name="closed_problem_says_or_shows_how",
            ),
            models.CheckConstraint(condition=~Q(state="on_hold") | ~Q(hold_reason=""), name="problem_on_hold_says_why"),
        ]

    def __str__(self) -> str:
        return self.text[:50]


class PermitKind(models.TextChoices):
    INITIATION = "initiation", _("立项")
    SITE_OPINION = "site_opinion", _("用地预审与选址意见书")
    LAND_PLANNING = "land_planning", _("建设用地规划许可")
    LAND_APPROVAL = "land_approval", _("用地批复、不动产权")
    WORKS_PLANNING = "works_planning", _("建设工程规划许可")
    DRAWINGS = "drawings", _("施工图审查")
    CONSTRUCTION = "construction", _("施工许可")
    ENVIRONMENT = "environment", _("环评")
    ENERGY = "energy", _("能评")
    SAFETY = "safety", _("安评")
    WATER_SOIL = "water_soil", _("水保")
    FLOOD = "flood", _("洪评")
    HERITAGE = "heritage", _("文物")
    FOREST = "forest", _("林地")
    MINERALS_GEOLOGY = "minerals_geology", _("压矿地灾")
    SOCIAL_STABILITY = "social_stability", _("稳评")


class PermitState(models.TextChoices):
    NOT_STARTED = "not_started", _("未办")
    IN_PROGRESS = "in_progress", _("在办")
    DONE = "done", _("办结")
    NOT_APPLICABLE = "not_applicable", _("不涉及")


class Permit(Record):
    """One permit that a project needs or does not. A kind without a row is not started."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    kind = models.TextField(_("手续"), choices=PermitKind.choices)
    state = models.TextField(_("状态"), choices=PermitState.choices, default=PermitState.NOT_STARTED)
    department = models.TextField(_("办理部门"), blank=True)
    due_on = models.DateField(_("应办结"), null=True, blank=True)
    done_on = models.DateField(_("办结日期"), null=True, blank=True)
    number = models.TextField(_("文号"), blank=True)
    evidence = models.ForeignKey(Evidence, on_delete=models.RESTRICT, null=True, related_name="+", verbose_name=_("佐证"))
    note = models.TextField(_("备注"), blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("手续")
        indexes = [
            models.Index(fields=["due_on", "id"], name="open_permit_by_due_date", condition=Q(state__in=["not_started", "in_progress"])),
            models.Index(fields=["updated_at", "id"], name="permit_by_update"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["project", "kind"], name="one_permit_a_project_and_kind"),
            models.CheckConstraint(
                condition=Q(state="done", done_on__isnull=False) | ~Q(state="done") & Q(done_on__isnull=True),
                name="done_permit_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.kind
