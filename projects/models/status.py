"""The read model: what lists filter, sort and show, one row a project."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func

from projects.lifecycle import Stage
from projects.models.projects import Project
from projects.querysets import StatusQuerySet


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
    # of the plan that counts in each year: {"2026": "120000000.00"}, in yuan
    planned = models.JSONField(default=dict, db_default={})
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
