"""What should be invested in a year, month by month."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact, IsNull
from django.utils.translation import gettext_lazy as _

from projects.models.filing import Filing, who_submits_does_not_decide
from projects.models.projects import Project
from projects.querysets import PartQuerySet


class SumOfYear(Func):
    """The sum of twelve amounts; null where they are not twelve, or one is missing or negative."""

    function = "projects_sum_of_year"
    output_field = models.DecimalField(max_digits=18, decimal_places=2)


class Plan(Filing):
    """The plan of a project and year, in yuan. The newest approved revision counts; the first stays, for ranking.

    `monthly` holds January to December; together they are `investment` as soon as the plan is submitted.
    `due_on` is two working days after it was sent back; null as long as it never was.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    year = models.SmallIntegerField(_("年度"))
    revision = models.SmallIntegerField(_("版次"), default=1)
    investment = models.DecimalField(_("年度计划投资"), max_digits=18, decimal_places=2)
    monthly = ArrayField(models.DecimalField(max_digits=18, decimal_places=2), verbose_name=_("分月计划"))
    content = models.TextField(_("年度建设内容"), blank=True)
    due_on = models.DateField(_("应报送"), null=True, blank=True)

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("年度计划")
        indexes = [
            models.Index(fields=["due_on"], name="plan_to_correct", condition=Q(state="returned")),
            models.Index(fields=["decision_due_on"], name="plan_to_decide", condition=Q(state="submitted")),
        ]
        constraints = [
            models.UniqueConstraint(fields=["project", "year", "revision"], name="one_plan_a_project_year_and_revision"),
            models.UniqueConstraint(fields=["project", "year"], condition=~Q(state="approved"), name="one_open_plan_a_project_and_year"),
            models.CheckConstraint(condition=Q(investment__gte=0), name="planned_investment_is_not_negative"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="revisions_count_from_one"),
            models.CheckConstraint(condition=IsNull(SumOfYear(F("monthly")), False), name="plan_has_twelve_months_none_negative"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "returned"]) | Q(Exact(SumOfYear(F("monthly")), F("investment"))),
                name="months_of_a_plan_are_its_investment",
            ),
            who_submits_does_not_decide("who_files_a_plan_does_not_decide"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.year}/{self.revision}"
