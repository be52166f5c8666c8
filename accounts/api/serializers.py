"""Shapes of people and offices."""

from rest_framework import serializers

from accounts.models import OfficeKind, User
from accounts.roles import Act, Role
from common.api.serializers import DayField, RefField, StrictSerializer


class OfficeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=OfficeKind.choices)
    kind_display = serializers.CharField()
    parent = RefField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PersonSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    office = RefField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class HeldRoleSerializer(serializers.Serializer):
    role = serializers.ChoiceField(choices=[*Role.choices, ("client", "client")])
    office = RefField()


class MeSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["person", "client"])
    name = serializers.CharField()
    roles = HeldRoleSerializer(many=True)
    can = serializers.ListField(child=serializers.ChoiceField(choices=Act.choices))


class DeputySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    user = RefField()
    delegated_by = RefField()
    office = RefField()
    role = serializers.ChoiceField(choices=Role.choices)
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    declined_on = serializers.DateField(allow_null=True)
    reason = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DeputyInput(StrictSerializer):
    """`until_on` may be missing here: the service says that there is none without an end."""

    user = RefField(User.objects.all())
    from_on = DayField()
    until_on = DayField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True, default="")


class DeputiesSerializer(serializers.Serializer):
    results = DeputySerializer(many=True)
