"""Shapes of contact points and brakes."""

from rest_framework import serializers

from accounts.models import Office, User
from common.api.serializers import RefField, StrictSerializer
from reminders.lifecycle import BrakeState, Channel

CHATS = [choice for choice in Channel.choices if choice[0] != Channel.EMAIL]


class ContactPointSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    user = RefField(allow_null=True)
    office = RefField(allow_null=True)
    channel = serializers.ChoiceField(choices=Channel.choices)
    channel_display = serializers.CharField()
    url = serializers.CharField()
    has_secret = serializers.BooleanField()
    is_active = serializers.BooleanField()
    throttled_until = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ContactPointPatch(StrictSerializer):
    """Whose it is and by which channel stays: another is another row. The secret is written and never read."""

    url = serializers.CharField(max_length=2000)
    secret = serializers.CharField(max_length=200, required=False, allow_blank=True, default="", write_only=True)
    is_active = serializers.BooleanField(required=False, default=True)


class ContactPointInput(ContactPointPatch):
    user = RefField(User.objects.all(), required=False, allow_null=True, default=None)
    office = RefField(Office.objects.all(), by_code=True, required=False, allow_null=True, default=None)
    channel = serializers.ChoiceField(choices=CHATS)


class BrakeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    window = serializers.DateField()
    message_count = serializers.IntegerField()
    limit = serializers.IntegerField()
    state = serializers.ChoiceField(choices=BrakeState.choices)
    state_display = serializers.CharField()
    told_at = serializers.DateTimeField(allow_null=True)
    decided_by_name = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
