"""Files that prove something about a project."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.models import Record
from projects.models.projects import Project
from projects.querysets import PartQuerySet


class EvidenceKind(models.TextChoices):
    PHOTO = "photo", _("照片")
    DOCUMENT = "document", _("文档")


class Evidence(Record):
    """A photo or document of a project. The file lies under its SHA-256; a row never changes and never loses its file.

    `taken_at` and the place come from the photo's EXIF; null where it says nothing.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="+", verbose_name=_("项目"))
    kind = models.TextField(_("类别"), choices=EvidenceKind.choices)
    name = models.TextField(_("文件名"))
    media_type = models.TextField(_("类型"))
    size = models.BigIntegerField(_("大小（字节）"))
    sha256 = models.TextField(_("哈希"))
    width = models.IntegerField(null=True)
    height = models.IntegerField(null=True)
    taken_at = models.DateTimeField(_("拍摄时间"), null=True)
    lon = models.DecimalField(_("经度"), max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField(_("纬度"), max_digits=8, decimal_places=6, null=True)
    uploaded_by_name = models.TextField(_("上传人"))

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = _("佐证文件")
        indexes = [models.Index(fields=["project", "id"], name="evidence_by_project")]
        constraints = [
            models.UniqueConstraint(fields=["sha256", "project"], name="a_project_has_a_file_once"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="evidence_has_a_sha256"),
            models.CheckConstraint(condition=Q(size__gt=0), name="evidence_is_not_empty"),
            models.CheckConstraint(condition=~Q(name=""), name="evidence_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
