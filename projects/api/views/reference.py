"""Reference lists over HTTP."""

from typing import Any

from django.db import models

from common.api.pagination import Key
from common.api.queries import Query
from common.api.views import Resource, reference
from projects.api.serializers import reference as serializers
from projects.models import Region, Sector, Tag


class RegionViewSet(Resource):
    """Divisions and zones."""

    queryset = Region.objects.none()
    serializer_class = serializers.RegionSerializer
    columns = (
        "id", "code", "name", "short_name", "kind", "parent_id", "parent__name", "parent__code", "province_managed", "tile_row", "tile_column",
        "version", "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("code")]

    def visible(self, query: Query) -> models.QuerySet:
        return Region.objects.all()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        f = reference(dict(zip(self.columns, row, strict=True)), "parent")
        return f | {"kind_display": Region.Kind(f["kind"]).label}


class SectorViewSet(Resource):
    """Industries, in two levels."""

    queryset = Sector.objects.none()
    serializer_class = serializers.SectorSerializer
    columns = (
        "id", "code", "name", "position", "parent_id", "parent__name", "parent__code", "authority_id", "authority__name", "authority__code",
        "version", "created_at", "updated_at",
    )  # fmt: skip
    default_order = [Key("position"), Key("code")]

    def visible(self, query: Query) -> models.QuerySet:
        return Sector.objects.all()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return reference(reference(dict(zip(self.columns, row, strict=True)), "parent"), "authority")


class TagViewSet(Resource):
    """Labels of projects."""

    queryset = Tag.objects.none()
    serializer_class = serializers.TagSerializer
    columns = ("id", "kind", "label", "batch", "version", "created_at", "updated_at")
    default_order = [Key("kind"), Key("label")]

    def visible(self, query: Query) -> models.QuerySet:
        return Tag.objects.all()

    def shape(self, row: tuple[Any, ...]) -> dict[str, Any]:
        return dict(zip(self.columns, row, strict=True))
