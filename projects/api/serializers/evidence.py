"""Shapes of evidence."""

from rest_framework import serializers

from common.api.serializers import RefField, StrictSerializer
from projects.api.serializers.projects import LocationSerializer
from projects.models import EvidenceKind, Project


class EvidenceSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    project = RefField()
    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    kind_display = serializers.CharField()
    name = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    location = LocationSerializer(allow_null=True)
    uploaded_by = serializers.CharField()
    content = serializers.CharField()
    thumbnail = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class EvidenceInput(StrictSerializer):
    """A form: the project and the file. An empty file is judged where all files are."""

    project = RefField(Project.objects.all())
    file = serializers.FileField(allow_empty_file=True)
