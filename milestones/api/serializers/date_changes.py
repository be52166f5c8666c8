"""Shapes of date changes."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.serializers import DayField, RefField, StrictSerializer
from common.decisions import RequestState
from milestones.api.serializers.milestones import DERIVED
from milestones.models import Cause, Milestone


class DateChangeNameSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class ImpactSubjectSerializer(DateChangeNameSerializer):
    kind = serializers.CharField()


class ImpactSerializer(serializers.Serializer):
    """One thing that the move changes: `overdue` counts days, `successor` and others hold dates or codes."""

    kind = serializers.CharField()
    subject = ImpactSubjectSerializer()
    to = serializers.JSONField(allow_null=True)

    def get_fields(self):
        return super().get_fields() | {"from": serializers.JSONField(allow_null=True)}  # no name that Python lets one give


class EarlierSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    days = serializers.IntegerField()


class DateChangeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    milestone = DateChangeNameSerializer()
    project = RefField()
    from_on = serializers.DateField()
    to_on = serializers.DateField()
    days = serializers.IntegerField()
    cause = serializers.ChoiceField(choices=Cause.choices)
    cause_display = serializers.CharField()
    reason = serializers.CharField()
    document_no = serializers.CharField()
    document = DateChangeNameSerializer(allow_null=True)
    impact = ImpactSerializer(many=True)
    earlier = EarlierSerializer()
    state = serializers.ChoiceField(choices=RequestState.choices)
    state_display = serializers.CharField()
    decision_due_on = serializers.DateField()
    requested_by = DateChangeNameSerializer()
    decided_by = DateChangeNameSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DateChangeInput(StrictSerializer):
    """Another due date for a dated milestone that is not achieved. `document` is a file of the same project."""

    milestone = RefField(Milestone.objects.select_related("project"))
    to_on = DayField()
    cause = serializers.ChoiceField(choices=Cause.choices, required=False, default=Cause.OTHER)
    reason = serializers.CharField(max_length=2000)
    document_no = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True, default="")
    document = serializers.UUIDField(required=False, allow_null=True, default=None)

    class Meta:
        read_only = dict.fromkeys(
            ("id", "version", "created_at", "updated_at", "project", "from_on", "days", "cause_display", "impact", "earlier", "state",
             "state_display", "decision_due_on", "requested_by", "decided_by", "decided_at", "decision_note"), DERIVED,
        )  # fmt: skip


class DecisionInput(StrictSerializer):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True, default="")


class RejectionInput(StrictSerializer):
    note = serializers.CharField(max_length=2000, error_messages={"required": _("退回须写明原因。"), "blank": _("退回须写明原因。")})
