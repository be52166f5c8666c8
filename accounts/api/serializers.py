"""Shapes of people and offices."""

from rest_framework import serializers

from accounts.models import OfficeKind
from accounts.roles import Act, Role
from common.api.serializers import RefField


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
