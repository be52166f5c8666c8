"""Reference lists: divisions, industries, labels."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Office
from common.models import Record
from projects.querysets import TreeQuerySet


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
