"""What bonds may not be used for, and what may be capital."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from funding.lifecycle import (
    EligibilityList,
)


class EligibilityItem(Record):
    """One item of the negative list or of the capital list (国办发〔2024〕52号), between two days.

    `hints` are words whose appearance in a project's name makes the item worth asking about; they never decide.
    """

    list = models.TextField(_("清单"), choices=EligibilityList.choices)
    number = models.SmallIntegerField(_("序号"))
    name = models.TextField(_("名称"))
    detail = models.TextField(_("说明"), blank=True)
    hints = models.TextField(_("提示词"), blank=True, help_text=_("用空格分开"))
    effective_from_on = models.DateField(_("自"))
    effective_until_on = models.DateField(_("至"), null=True, blank=True)

    class Meta:
        verbose_name = _("清单条目")
        ordering = ["list", "number"]
        constraints = [
            models.UniqueConstraint(fields=["list", "number", "effective_from_on"], name="one_item_a_list_number_and_day"),
            models.CheckConstraint(
                condition=Q(effective_until_on__isnull=True) | Q(effective_until_on__gte=F("effective_from_on")),
                name="item_ends_after_it_begins",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="item_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
