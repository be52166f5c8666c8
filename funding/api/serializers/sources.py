"""Shapes of sources and their bonds."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import Office
from common.api.serializers import DayField, MoneyField, RefField, StrictSerializer
from funding.api.serializers.shared import DERIVED, OF_THE_ROW, RowSerializer, TextField
from funding.lifecycle import Frequency, PurposeClass, RepaymentMethod, SourceKind, SourceState
from funding.rules.repayments import LONGEST_TENOR

CODED = ("purpose_class", "repayment_method", "interest_frequency", "principal_frequency")


class BondSerializer(serializers.Serializer):
    """The terms of a bond issue. The rate is a year's, in percent with four decimals."""

    code = serializers.CharField()
    short_name = serializers.CharField()
    series = serializers.CharField()
    series_year = serializers.IntegerField(allow_null=True)
    category_name = serializers.CharField()
    category_no = serializers.CharField()
    overall_no = serializers.CharField()
    batch_no = serializers.CharField()
    tendered_on = serializers.DateField(allow_null=True)
    interest_from_on = serializers.DateField()
    listed_on = serializers.DateField(allow_null=True)
    matures_on = serializers.DateField()
    tenor_years = serializers.IntegerField()
    rate_percent = serializers.CharField()
    purpose_class = serializers.ChoiceField(choices=PurposeClass.choices)
    purpose_class_display = serializers.CharField()
    repayment_method = serializers.ChoiceField(choices=RepaymentMethod.choices)
    repayment_method_display = serializers.CharField()
    interest_frequency = serializers.ChoiceField(choices=Frequency.choices)
    interest_frequency_display = serializers.CharField()
    principal_frequency = serializers.ChoiceField(choices=Frequency.choices, allow_null=True)
    principal_frequency_display = serializers.CharField(allow_null=True)
    grace_years = serializers.IntegerField()
    amount = MoneyField(allow_null=True)
    amount_as_capital = MoneyField(allow_null=True)
    underwriting = serializers.CharField()
    rating = serializers.CharField()


class BalanceSerializer(serializers.Serializer):
    """unallocated = issued − allocated; idle = received − paid."""

    issued = MoneyField()
    allocated = MoneyField()
    unallocated = MoneyField()
    received = MoneyField()
    paid = MoneyField()
    idle = MoneyField()


class PlanSerializer(serializers.Serializer):
    year = serializers.IntegerField()
    planned = MoneyField()


class SourceSerializer(RowSerializer):
    """One pot of money. For those who do not see everything: as if it held what it gives to the projects in reach, and no plans."""

    kind = serializers.ChoiceField(choices=SourceKind.choices)
    kind_display = serializers.CharField()
    name = serializers.CharField()
    document_no = serializers.CharField()
    issued_on = serializers.DateField(allow_null=True)
    planned = MoneyField(allow_null=True)
    state = serializers.ChoiceField(choices=SourceState.choices)
    state_display = serializers.CharField()
    office = RefField()
    bond = BondSerializer(allow_null=True)
    balance = BalanceSerializer()
    plans = PlanSerializer(many=True)


class RateField(serializers.RegexField):
    """Percent a year, under 100, with at most four decimals: text in, Decimal out, so that 2.15 and 2.1500 are equal."""

    def __init__(self, **options: Any) -> None:
        messages = {"invalid": _("利率须为字符串，最多两位整数、四位小数，如 2.1500。")}
        super().__init__(r"^[0-9]{1,2}(\.[0-9]{1,4})?$", error_messages=messages, **options)

    def run_validation(self, data: Any = serializers.empty) -> Decimal:
        return Decimal(super().run_validation(data))


class BondInput(StrictSerializer):
    """A change names what changes; a new bond needs code, days, tenor, rate, method and frequency."""

    code = serializers.CharField(max_length=50)
    short_name = TextField()
    series = TextField()
    series_year = serializers.IntegerField(min_value=1990, max_value=2200, required=False, allow_null=True)
    category_name = TextField()
    category_no = TextField()
    overall_no = TextField()
    batch_no = TextField()
    tendered_on = DayField(required=False, allow_null=True)
    interest_from_on = DayField()
    listed_on = DayField(required=False, allow_null=True)
    matures_on = DayField()
    tenor_years = serializers.IntegerField(min_value=1, max_value=LONGEST_TENOR)
    rate_percent = RateField()
    purpose_class = serializers.ChoiceField(choices=PurposeClass.choices, required=False)
    repayment_method = serializers.ChoiceField(choices=RepaymentMethod.choices)
    interest_frequency = serializers.ChoiceField(choices=Frequency.choices)
    principal_frequency = serializers.ChoiceField(choices=Frequency.choices, required=False)
    grace_years = serializers.IntegerField(min_value=0, max_value=LONGEST_TENOR - 1, required=False)
    amount = MoneyField(required=False, allow_null=True)
    amount_as_capital = MoneyField(required=False, allow_null=True)
    underwriting = TextField()
    rating = TextField()

    class Meta:
        read_only = {f"{name}_display": DERIVED for name in CODED}


class PlanInput(StrictSerializer):
    """The plans are a whole list: each line is complete, in a change too."""

    year = serializers.IntegerField(min_value=1949, max_value=2200)
    planned = MoneyField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        missing = [name for name in ("year", "planned") if name not in attrs]
        if missing:
            raise serializers.ValidationError({name: serializers.ErrorDetail(gettext("必填。"), code="required") for name in missing})
        return attrs


class SourceInput(StrictSerializer):
    """A new source; the office is the caller's unless another is named."""

    kind = serializers.ChoiceField(choices=SourceKind.choices)
    name = serializers.CharField(max_length=300)
    document_no = TextField()
    issued_on = DayField(required=False, allow_null=True)
    planned = MoneyField(required=False, allow_null=True)
    state = serializers.ChoiceField(choices=SourceState.choices, required=False)
    office = RefField(Office.objects.all(), by_code=True, required=False)
    bond = BondInput(required=False, allow_null=True)
    plans = serializers.ListField(child=PlanInput(), required=False, max_length=100)

    class Meta:
        read_only = (
            OF_THE_ROW
            | dict.fromkeys(("kind_display", "state_display"), DERIVED)
            | {"balance": _("余额只随资金流水变动：POST /transfer-requests/ 与 POST /transfers/。")}
        )


class SourcePatch(SourceInput):
    office = None

    class Meta:
        read_only = SourceInput.Meta.read_only | {"office": _("管理单位登记后不变。")}
