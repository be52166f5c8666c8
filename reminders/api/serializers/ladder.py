"""Bodies and shapes of rungs, mutes, letters, findings and days of the calendar."""

import uuid
from typing import Any

from rest_framework import serializers

from common.api.serializers import DayField, RefField, StrictSerializer
from reminders.api.serializers.reminders import SubjectSerializer
from reminders.lifecycle import Audience, Letter, MuteScope, MuteState, NumberedLetter, RungKind, SubjectKind
from reminders.models import Rung


class RungInput(StrictSerializer):
    subject_kind = serializers.ChoiceField(choices=SubjectKind.choices, required=False, allow_null=True, default=None)
    kind = serializers.ChoiceField(choices=RungKind.choices)
    days = serializers.IntegerField(min_value=0, max_value=250)
    in_working_days = serializers.BooleanField(required=False, default=True)
    audience = serializers.ChoiceField(choices=Audience.choices)
    letter = serializers.ChoiceField(choices=Letter.choices)


class RungPatch(StrictSerializer):
    kind = serializers.ChoiceField(choices=RungKind.choices, required=False)
    days = serializers.IntegerField(min_value=0, max_value=250, required=False)
    in_working_days = serializers.BooleanField(required=False)
    audience = serializers.ChoiceField(choices=Audience.choices, required=False)
    letter = serializers.ChoiceField(choices=Letter.choices, required=False)

    class Meta:
        read_only = {"subject_kind": "一级属于哪套级次不能改；请在另一套中新增。"}


class ProposedRung(RungInput):
    """With an id it is that rung, changed; without one it is new."""

    id = serializers.UUIDField(required=False, allow_null=True, default=None)

    def proposed(self, given: dict[str, Any]) -> Rung:
        return Rung(**({k: v for k, v in given.items() if k != "id"} | ({"id": uuid.UUID(str(given["id"]))} if given["id"] else {})))


class PreviewInput(StrictSerializer):
    rungs = serializers.ListField(child=ProposedRung(), required=False, default=list, max_length=200)


class LoadSerializer(serializers.Serializer):
    messages = serializers.IntegerField()
    reminders = serializers.IntegerField()


class TonightSerializer(LoadSerializer):
    window_on = serializers.DateField()


class PreviewDaySerializer(serializers.Serializer):
    on = serializers.DateField()
    now = LoadSerializer()
    proposed = LoadSerializer()


class PreviewSerializer(serializers.Serializer):
    tonight = TonightSerializer()
    tonight_proposed = TonightSerializer()
    days = PreviewDaySerializer(many=True)


class ScopeSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=MuteScope.choices)
    id = serializers.UUIDField()
    name = serializers.CharField()
    subject_kind = serializers.ChoiceField(choices=SubjectKind.choices, allow_null=True)


class MuteSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    scope = ScopeSerializer()
    project = RefField(allow_null=True)
    reason = serializers.CharField()
    from_on = serializers.DateField()
    until_on = serializers.DateField()
    state = serializers.ChoiceField(choices=MuteState.choices)
    requested_by = RefField()
    decided_by = RefField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()
    ended_by_name = serializers.CharField()
    ended_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ScopeInput(StrictSerializer):
    kind = serializers.ChoiceField(choices=MuteScope.choices)
    id = serializers.UUIDField()
    subject_kind = serializers.ChoiceField(choices=SubjectKind.choices, required=False, allow_null=True, default=None)


class MuteInput(StrictSerializer):
    scope = ScopeInput()
    reason = serializers.CharField(max_length=2000)
    until_on = DayField()


class MuteNoteInput(StrictSerializer):
    note = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True, default="")


class LetterRungSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RungKind.choices)
    days = serializers.IntegerField()


class LetterSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=NumberedLetter.choices)
    kind_display = serializers.CharField()
    number = serializers.CharField()
    subject = SubjectSerializer()
    project = RefField(allow_null=True)
    office = RefField(allow_null=True)
    addressee = serializers.CharField()
    copies = serializers.ListField(child=serializers.CharField())
    due_on = serializers.DateField()
    overdue_days = serializers.IntegerField()
    rung = LetterRungSerializer()
    issued_on = serializers.DateField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ChaseSubjectSerializer(serializers.Serializer):
    kind = serializers.CharField()
    id = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()


class ReminderFindingSerializer(serializers.Serializer):
    code = serializers.CharField()
    level = serializers.CharField()
    subject = ChaseSubjectSerializer()
    detail = serializers.CharField()
    since = serializers.DateField(allow_null=True)


class ReminderFindingsSerializer(serializers.Serializer):
    results = ReminderFindingSerializer(many=True)


class WorkDaySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    day = serializers.DateField()
    is_working = serializers.BooleanField()
    is_official = serializers.BooleanField()
    nth = serializers.IntegerField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class WorkDayPatch(StrictSerializer):
    is_working = serializers.BooleanField()
