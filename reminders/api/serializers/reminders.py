"""Shapes of reminders, deliveries, rungs and obligations."""

from rest_framework import serializers

from common.api.serializers import DayField, RefField, StrictSerializer
from reminders.lifecycle import Audience, Channel, DeliveryState, Letter, ReminderState, RungKind, SubjectKind


class SubjectSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=SubjectKind.choices)
    id = serializers.UUIDField()
    name = serializers.CharField()


class StepSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=RungKind.choices)
    days = serializers.IntegerField()
    letter = serializers.ChoiceField(choices=Letter.choices)
    audience = serializers.ChoiceField(choices=Audience.choices)


class RecipientSerializer(serializers.Serializer):
    name = serializers.CharField()
    office = RefField(allow_null=True)


class ReminderSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    subject = SubjectSerializer()
    project = RefField(allow_null=True)
    rung = StepSerializer()
    due_on = serializers.DateField()
    recipient = RecipientSerializer()
    state = serializers.ChoiceField(choices=ReminderState.choices)
    state_reason = serializers.CharField()
    due_at = serializers.DateTimeField()
    sent_at = serializers.DateTimeField(allow_null=True)
    acknowledged_at = serializers.DateTimeField(allow_null=True)
    snoozed_until_on = serializers.DateField(allow_null=True)
    muted_until_on = serializers.DateField(allow_null=True)
    letter = serializers.UUIDField(allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices, allow_null=True)
    delivery = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SnoozeInput(StrictSerializer):
    until_on = DayField()
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True, default="")


class DeliverySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    recipient = RecipientSerializer()
    channel = serializers.ChoiceField(choices=Channel.choices)
    window = serializers.DateField(allow_null=True)
    state = serializers.ChoiceField(choices=DeliveryState.choices)
    attempts = serializers.IntegerField()
    may_have_arrived = serializers.BooleanField()
    resends = serializers.UUIDField(allow_null=True)
    resent_by_name = serializers.CharField()
    message_id = serializers.CharField()
    last_error = serializers.CharField()
    sent_at = serializers.DateTimeField(allow_null=True)
    items = serializers.ListField(child=serializers.UUIDField())
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RungSerializer(StepSerializer):
    id = serializers.UUIDField()
    subject_kind = serializers.ChoiceField(choices=SubjectKind.choices, allow_null=True)
    in_working_days = serializers.BooleanField()
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class LastReminderSerializer(serializers.Serializer):
    rung = serializers.DictField()
    sent_at = serializers.DateTimeField()


class ObligationSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=SubjectKind.choices)
    subject = SubjectSerializer()
    project = RefField(allow_null=True)
    due_on = serializers.DateField()
    overdue_days = serializers.IntegerField()
    last_reminder = LastReminderSerializer(allow_null=True)
    actions = serializers.ListField(child=serializers.CharField())


class ObligationPageSerializer(serializers.Serializer):
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ObligationSerializer(many=True)
