"""Shapes of commitments, targets and the summary."""

from rest_framework import serializers

from common.api.serializers import MoneyField, RefField
from portfolio.models import CommitmentKind, Comparator, Scope


class ProgressSerializer(serializers.Serializer):
    promised = serializers.IntegerField(allow_null=True)
    done = serializers.IntegerField()


class CommitmentSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    year = serializers.IntegerField()
    document = serializers.CharField()
    section = serializers.CharField()
    name = serializers.CharField()
    quote = serializers.CharField()
    phrase = serializers.CharField()
    kind = serializers.ChoiceField(choices=CommitmentKind.choices)
    kind_display = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)
    scope = serializers.ChoiceField(choices=Scope.choices)
    parent = RefField(allow_null=True)
    projects = serializers.ListField(child=RefField())
    progress = ProgressSerializer()
    state = serializers.ChoiceField(choices=["kept", "kept_late", "broken", "open"])
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TargetSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    year = serializers.IntegerField()
    key = serializers.CharField()
    title = serializers.CharField()
    title_en = serializers.CharField()
    comparator = serializers.ChoiceField(choices=Comparator.choices)
    value = serializers.CharField()
    unit = serializers.CharField()
    section = serializers.CharField()
    quote = serializers.CharField()
    actual = serializers.CharField(allow_null=True)
    as_of = serializers.DateField()
    state = serializers.ChoiceField(choices=["met", "missed", "on_course", "behind", "unknown"])
    source = serializers.CharField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class LampsSerializer(serializers.Serializer):
    green = serializers.IntegerField()
    amber = serializers.IntegerField()
    red = serializers.IntegerField()
    unjudged = serializers.IntegerField()


class SummaryRowSerializer(serializers.Serializer):
    """One group; the grouped names (`sector`, `region`, …) stand beside the figures as `{code, name}`."""

    project_count = serializers.IntegerField()
    overdue_count = serializers.IntegerField()
    total_investment = MoneyField()
    allocated = MoneyField()
    received = MoneyField()
    paid = MoneyField()
    planned_this_year = MoneyField()
    invested_this_year = MoneyField()
    lamps = LampsSerializer()
    filter = serializers.CharField(required=False)


class SummarySerializer(serializers.Serializer):
    as_of = serializers.DateField()
    results = SummaryRowSerializer(many=True)
    total = SummaryRowSerializer()
