"""Shapes of findings."""

from rest_framework import serializers

from common.api.serializers import MoneyField, RefField, StrictSerializer
from funding.api.serializers.shared import WhoSerializer
from funding.lifecycle import FindingState, FindingSubject, Level, Use
from funding.rules.monitoring import RULES

RULE_CHOICES = [(rule.code, rule.name) for rule in RULES.values()]


class FindingSubjectSerializer(serializers.Serializer):
    """What breaks the rule. The whole portfolio has the nil id."""

    kind = serializers.ChoiceField(choices=FindingSubject.choices)
    id = serializers.UUIDField()
    name = serializers.CharField()


class FindingReplySerializer(serializers.Serializer):
    text = serializers.CharField()
    replied_by = WhoSerializer()
    replied_at = serializers.DateTimeField()
    written_off_by = WhoSerializer(allow_null=True)
    written_off_at = serializers.DateTimeField(allow_null=True)
    note = serializers.CharField(allow_null=True)


class FindingSerializer(serializers.Serializer):
    """A rule that is broken on the day asked about. `version` and the instants are those of the reply, 0 and null before it."""

    id = serializers.UUIDField()
    rule = serializers.ChoiceField(choices=RULE_CHOICES)
    rule_name = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices)
    level_display = serializers.CharField()
    subject = FindingSubjectSerializer()
    project = RefField(allow_null=True)
    source = RefField(allow_null=True)
    use = serializers.ChoiceField(choices=Use.choices, allow_null=True)
    amount = MoneyField(allow_null=True)
    detail = serializers.CharField()
    since_on = serializers.DateField()
    state = serializers.ChoiceField(choices=FindingState.choices)
    state_display = serializers.CharField()
    reply = FindingReplySerializer(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(allow_null=True)


class ReplyInput(StrictSerializer):
    text = serializers.CharField(max_length=5000)


class WriteOffInput(StrictSerializer):
    note = serializers.CharField(max_length=2000)
