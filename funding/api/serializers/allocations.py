"""Shapes of allocations."""

from rest_framework import serializers

from common.api.serializers import RefField
from funding.api.serializers.shared import LadderSerializer, RowSerializer
from funding.lifecycle import SourceKind, Use


class AllocationSerializer(RowSerializer, LadderSerializer):
    """What a source gave to a project for a use. `idle_days`: since the oldest money came that is not paid; null when none is left."""

    source = RefField()
    source_kind = serializers.ChoiceField(choices=SourceKind.choices)
    source_kind_display = serializers.CharField()
    project = RefField()
    use = serializers.ChoiceField(choices=Use.choices)
    use_display = serializers.CharField()
    first_received_on = serializers.DateField(allow_null=True)
    last_paid_on = serializers.DateField(allow_null=True)
    idle_days = serializers.IntegerField(allow_null=True)
    findings = serializers.ListField(child=serializers.CharField())
