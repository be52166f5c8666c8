"""The ladder: its steps as rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from reminders.lifecycle import (
    Audience,
    Letter,
    RungKind,
    SubjectKind,
)


class Rung(Record):
    """One step of a ladder: so many days before or after the due date, this audience gets this letter.

    A kind of obligation that has rungs of its own climbs these alone; all others share those without a kind. Within
    one ladder the rungs count alike, in working days or in calendar days: which is the higher is told by `days`. One to
    which reminders refer is retired, never deleted; only active ones are climbed.
    """

    subject_kind = models.TextField(_("事项类别"), choices=SubjectKind.choices, null=True, blank=True)
    kind = models.TextField(_("先后"), choices=RungKind.choices)
    days = models.SmallIntegerField(_("天数"))
    in_working_days = models.BooleanField(_("按工作日计"), default=True, db_default=True)
    audience = models.TextField(_("对象"), choices=Audience.choices)
    letter = models.TextField(_("函件"), choices=Letter.choices)
    is_active = models.BooleanField(_("启用"), default=True, db_default=True)

    class Meta:
        verbose_name = _("级次")
        ordering = ["-kind", "days", "audience"]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "kind", "days", "audience"], name="one_rung_a_ladder_day_and_audience", nulls_distinct=False
            ),
            models.CheckConstraint(condition=Q(days__gte=0, days__lte=250), name="rung_is_within_a_year"),
        ]

    def __str__(self) -> str:
        return f"T{'−' if self.kind == RungKind.BEFORE else '+'}{self.days} {self.get_audience_display()}"

    @property
    def days_ahead(self) -> int:
        """How many days after today the due date lies when the rung is reached; below zero when it has passed."""
        return self.days if self.kind == RungKind.BEFORE else -self.days
