"""Shapes of monthly reports."""

from rest_framework import serializers

from common.api.serializers import MoneyField, RefField
from projects.models import ReportState


class ReportSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    project = RefField()
    month = serializers.RegexField(r"^[0-9]{4}-[0-9]{2}$")
    invested = MoneyField()
    physical_percent = serializers.CharField(allow_null=True)
    narrative = serializers.CharField(allow_blank=True)
    no_change = serializers.BooleanField()
    state = serializers.ChoiceField(choices=ReportState.choices)
    state_display = serializers.CharField()
    return_count = serializers.IntegerField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
