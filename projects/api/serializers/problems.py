"""Shapes of problems and permits."""

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts.models import Office
from common.api.serializers import DayField, RefField, StrictSerializer
from projects.api.serializers.projects import DERIVED
from projects.models import Evidence, PermitKind, PermitState, ProblemKind, ProblemLevel, ProblemState, Project

CLOSING = gettext_lazy("销号请用 POST /problems/{id}/close/，恢复请用 /reopen/。")
COMPLETING = gettext_lazy("办结请用 POST /permits/{id}/complete/。")
FIXED = gettext_lazy("不能修改；请另立一条。")
# the states that a change may give; the others have calls of their own
EDITED_PROBLEM = [one for one in ProblemState.choices if one[0] != ProblemState.CLOSED]
EDITED_PERMIT = [one for one in PermitState.choices if one[0] != PermitState.DONE]
OWN = dict.fromkeys(("id", "version", "is_overdue", "overdue_days", "created_at", "updated_at"), DERIVED)


def words(length: int = 2000, **options: object) -> serializers.CharField:
    return serializers.CharField(max_length=length, required=False, allow_blank=True, **options)


class RecordSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    project = RefField()
    is_overdue = serializers.BooleanField()
    overdue_days = serializers.IntegerField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ProjectProblemSerializer(RecordSerializer):
    kind = serializers.ChoiceField(choices=ProblemKind.choices)
    kind_display = serializers.CharField()
    text = serializers.CharField()
    raised_on = serializers.DateField()
    level_needed = serializers.ChoiceField(choices=ProblemLevel.choices)
    level_needed_display = serializers.CharField()
    office = RefField()
    supporting_offices = serializers.CharField()
    person = serializers.CharField()
    due_on = serializers.DateField()
    measures = serializers.CharField()
    state = serializers.ChoiceField(choices=ProblemState.choices)
    state_display = serializers.CharField()
    hold_reason = serializers.CharField()
    closed_on = serializers.DateField(allow_null=True)
    closing_note = serializers.CharField()
    closing_evidence = RefField(allow_null=True)
    reopen_reason = serializers.CharField()


class ProblemPatch(StrictSerializer):
    kind = serializers.ChoiceField(choices=ProblemKind.choices)
    text = serializers.CharField(max_length=2000)
    raised_on = DayField()
    level_needed = serializers.ChoiceField(choices=ProblemLevel.choices)
    office = RefField(Office.objects.all(), by_code=True, required=False)
    supporting_offices = words()
    person = words(200)
    due_on = DayField(required=False)
    measures = words()
    state = serializers.ChoiceField(choices=EDITED_PROBLEM, required=False)
    hold_reason = words()

    class Meta:
        read_only = OWN | {"project": FIXED} | dict.fromkeys(("closed_on", "closing_note", "closing_evidence", "reopen_reason"), CLOSING)


class ProblemInput(ProblemPatch):
    """`due_on` defaults to 7 days after `raised_on`, a month where `is_complex`."""

    project = RefField(Project.objects.all())
    is_complex = serializers.BooleanField(required=False, default=False)

    class Meta:
        read_only = {name: why for name, why in ProblemPatch.Meta.read_only.items() if name != "project"}


class ClosingInput(StrictSerializer):
    on = DayField()
    note = words(default="")
    evidence = RefField(Evidence.objects.all(), required=False, allow_null=True, default=None)


class PermitSerializer(RecordSerializer):
    kind = serializers.ChoiceField(choices=PermitKind.choices)
    kind_display = serializers.CharField()
    state = serializers.ChoiceField(choices=PermitState.choices)
    state_display = serializers.CharField()
    department = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    done_on = serializers.DateField(allow_null=True)
    number = serializers.CharField()
    evidence = RefField(allow_null=True)
    note = serializers.CharField()


class PermitPatch(StrictSerializer):
    state = serializers.ChoiceField(choices=EDITED_PERMIT, required=False)
    department = words(200)
    due_on = DayField(required=False, allow_null=True)
    number = words(200)
    note = words()

    class Meta:
        read_only = OWN | dict.fromkeys(("project", "kind"), FIXED) | dict.fromkeys(("done_on", "evidence"), COMPLETING)


class PermitInput(PermitPatch):
    project = RefField(Project.objects.all())
    kind = serializers.ChoiceField(choices=PermitKind.choices)

    class Meta:
        read_only = {name: why for name, why in PermitPatch.Meta.read_only.items() if name not in ("project", "kind")}


class CompletionInput(StrictSerializer):
    on = DayField()
    number = words(200, default="")
    evidence = RefField(Evidence.objects.all(), required=False, allow_null=True, default=None)
