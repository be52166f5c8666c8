"""Shapes of decisions about money."""

from django.utils.translation import gettext as _
from rest_framework import serializers

from common.api.serializers import DayField, MoneyField, RefField, StrictSerializer
from common.decisions import RequestState
from funding.api.serializers.shared import DERIVED, ListedRefField, MovedField, RowSerializer, TextField, WhoSerializer
from funding.lifecycle import Level, RequestKind, Use
from funding.models import EligibilityItem, FundingSource, Transfer
from projects.models import Project


class CheckSerializer(serializers.Serializer):
    """What a rule says: an error blocks, a warning is told."""

    code = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices)
    detail = serializers.CharField()


class RequestSerializer(RowSerializer):
    """A decision asked for. A side whose project is out of reach is null, and then checks and grounds of eligibility are not told."""

    batch = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    kind_display = serializers.CharField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    state_display = serializers.CharField()
    source = RefField()
    project = RefField(allow_null=True)
    use = serializers.ChoiceField(choices=Use.choices, allow_null=True)
    use_display = serializers.CharField(allow_null=True)
    to_project = RefField(allow_null=True)
    to_use = serializers.ChoiceField(choices=Use.choices, allow_null=True)
    to_use_display = serializers.CharField(allow_null=True)
    amount = MoneyField()
    occurred_on = serializers.DateField(allow_null=True)
    ground = serializers.CharField()
    document_no = serializers.CharField()
    reason = serializers.CharField()
    reverses = serializers.UUIDField(allow_null=True)
    eligibility_item = RefField(allow_null=True)
    override_reason = serializers.CharField()
    checks = CheckSerializer(many=True)
    transfers = serializers.ListField(child=serializers.UUIDField())
    requested_by = WhoSerializer()
    decided_by = WhoSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField()


class RequestInput(StrictSerializer):
    """A movement that needs a second person. A reversal names what it `reverses`; the rest is the original's.

    `id` may be the client's own.
    """

    id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    source = ListedRefField(FundingSource.objects.all(), required=False, allow_null=True)
    project = ListedRefField(Project.objects.all(), required=False, allow_null=True)
    use = serializers.ChoiceField(choices=Use.choices, required=False, allow_null=True)
    to_project = ListedRefField(Project.objects.all(), required=False, allow_null=True)
    to_use = serializers.ChoiceField(choices=Use.choices, required=False, allow_null=True)
    amount = MovedField(required=False, allow_null=True)
    occurred_on = DayField(required=False, allow_null=True)
    ground = TextField(max_length=500)
    document_no = TextField()
    reason = TextField(max_length=2000)
    reverses = ListedRefField(
        Transfer.objects.select_related("source", "allocation__project", "target__project"), required=False, allow_null=True
    )
    eligibility_item = ListedRefField(EligibilityItem.objects.all(), required=False, allow_null=True)
    override_reason = TextField(max_length=2000)

    class Meta:
        read_only = dict.fromkeys(
            ("version", "created_at", "updated_at", "state", "state_display", "kind_display", "use_display", "to_use_display", "batch",
             "checks", "transfers", "requested_by", "decided_by", "decided_at", "decision_note"), DERIVED,
        )  # fmt: skip

    def validate(self, attrs):
        """Every movement names its source and amount; a reversal has them from its original."""
        needed = ["reverses"] if attrs["kind"] == RequestKind.REVERSE else ["source", "amount"]
        if missing := [name for name in needed if attrs.get(name) is None]:
            raise serializers.ValidationError({name: serializers.ErrorDetail(_("必填。"), code="required") for name in missing})
        return attrs


class RequestListAnswer(serializers.Serializer):
    results = RequestSerializer(many=True)


class ChecksSerializer(serializers.Serializer):
    checks = CheckSerializer(many=True)


class ChecksListAnswer(serializers.Serializer):
    results = ChecksSerializer(many=True)


class NothingInput(StrictSerializer):
    """The call takes no fields."""


class NoteInput(StrictSerializer):
    note = serializers.CharField(max_length=2000)


class BatchInput(StrictSerializer):
    """A bulk act carries how many it expects: another count means that the batch is not what the caller saw."""

    batch = serializers.UUIDField()
    expected_count = serializers.IntegerField(min_value=1, max_value=500)


class BatchRejectInput(BatchInput):
    note = serializers.CharField(max_length=2000)
