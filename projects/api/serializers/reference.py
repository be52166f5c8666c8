"""Shapes of reference lists."""

from rest_framework import serializers

from common.api.serializers import RefField
from projects.models import Region


class NamedSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RegionSerializer(NamedSerializer):
    code = serializers.CharField()
    short_name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Region.Kind.choices)
    kind_display = serializers.CharField()
    parent = RefField(allow_null=True)
    province_managed = serializers.BooleanField()
    tile_row = serializers.IntegerField(allow_null=True)
    tile_column = serializers.IntegerField(allow_null=True)


class SectorSerializer(NamedSerializer):
    code = serializers.CharField()
    parent = RefField(allow_null=True)
    authority = RefField(allow_null=True)
    position = serializers.IntegerField()


class TagSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.CharField()
    label = serializers.CharField()
    batch = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
