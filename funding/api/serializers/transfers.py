"""Shapes of movements and of statements."""

from rest_framework import serializers

from common.api.serializers import ActorSerializer, DayField, MoneyField, RefField, StrictSerializer
from funding.api.serializers.shared import DERIVED, LadderSerializer, ListedRefField, MovedField, RowSerializer, TextField
from funding.api.serializers.sources import BalanceSerializer
from funding.lifecycle import FactKind, Kind, Use
from funding.models import FundingSource
from projects.models import Project


class TransferSerializer(RowSerializer):
    """One movement. A side whose project is out of reach is null; `sign` −1 is the mirror of what it `reverses`."""

    sequence = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    kind_display = serializers.CharField()
    sign = serializers.ChoiceField(choices=[1, -1], help_text="冲正为 −1：汇总金额时须乘以 sign")
    source = RefField()
    allocation = serializers.UUIDField(allow_null=True)
    project = RefField(allow_null=True)
    use = serializers.ChoiceField(choices=Use.choices, allow_null=True)
    use_display = serializers.CharField(allow_null=True)
    to_allocation = serializers.UUIDField(allow_null=True)
    to_project = RefField(allow_null=True)
    to_use = serializers.ChoiceField(choices=Use.choices, allow_null=True)
    to_use_display = serializers.CharField(allow_null=True)
    amount = MoneyField()
    occurred_on = serializers.DateField()
    recorded_at = serializers.DateTimeField()
    document_no = serializers.CharField()
    voucher_no = serializers.CharField()
    payee = serializers.CharField()
    purpose = serializers.CharField()
    reason = serializers.CharField()
    reverses = serializers.UUIDField(allow_null=True)
    reversed_by = serializers.UUIDField(allow_null=True)
    request = serializers.UUIDField(allow_null=True)
    actor = ActorSerializer()


class FactInput(StrictSerializer):
    """What the bank's statement says: a receipt, a payment or a refund. `id` may be the client's own, so that it is entered once."""

    id = serializers.UUIDField(required=False)
    kind = serializers.ChoiceField(choices=FactKind.choices)
    source = ListedRefField(FundingSource.objects.all())
    project = ListedRefField(Project.objects.all())
    use = serializers.ChoiceField(choices=Use.choices)
    amount = MovedField()
    voucher_no = serializers.CharField(max_length=100)
    payee = TextField()
    purpose = TextField(max_length=500)
    occurred_on = DayField()
    document_no = TextField()
    reason = TextField(max_length=2000)

    class Meta:
        read_only = dict.fromkeys(
            ("version", "created_at", "updated_at", "sequence", "sign", "recorded_at", "actor", "kind_display", "use_display"), DERIVED
        )


class TransferListAnswer(serializers.Serializer):
    results = TransferSerializer(many=True)


class YearSerializer(serializers.Serializer):
    """What moved in a year; plans and issues belong to a source alone."""

    year = serializers.IntegerField()
    planned = MoneyField(allow_null=True)
    issued = MoneyField(allow_null=True)
    granted = MoneyField()
    received = MoneyField()
    paid = MoneyField()


class StatementPartSerializer(LadderSerializer):
    id = serializers.UUIDField()
    source = RefField()
    project = RefField()
    use = serializers.ChoiceField(choices=Use.choices)
    use_display = serializers.CharField()


class StatementSerializer(serializers.Serializer):
    """By `as_of` (what had occurred) and, if asked, `recorded_until` (what was known at the end of that day)."""

    as_of = serializers.DateField()
    recorded_until = serializers.DateField(allow_null=True)
    years = YearSerializer(many=True)
    allocations = StatementPartSerializer(many=True)
    transfers = TransferSerializer(many=True)


class PartStatementSerializer(StatementSerializer):
    balance = LadderSerializer()


class AllocationStatementSerializer(PartStatementSerializer):
    allocation = RefField()


class ProjectStatementSerializer(PartStatementSerializer):
    project = RefField()


class SourceStatementSerializer(StatementSerializer):
    source = RefField()
    balance = BalanceSerializer()
