"""Shapes of the lists and rules by which money is judged."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.serializers import DayField, StrictSerializer
from funding.api.serializers.shared import DERIVED, OF_THE_ROW, RowSerializer, TextField
from funding.lifecycle import EligibilityList, Level

FIXED = _("条目立定后不变；请写明旧条目的终止日，另立新条目。")


class EligibilityItemSerializer(RowSerializer):
    """One item of the negative list or of the capital list. `hints` are words that make it worth asking about; they never decide."""

    list = serializers.ChoiceField(choices=EligibilityList.choices)
    list_display = serializers.CharField()
    number = serializers.IntegerField()
    name = serializers.CharField()
    detail = serializers.CharField()
    hints = serializers.CharField()
    effective_from_on = serializers.DateField()
    effective_until_on = serializers.DateField(allow_null=True)


class EligibilityItemPatch(StrictSerializer):
    detail = TextField(max_length=2000)
    hints = TextField(max_length=500)
    effective_from_on = DayField()
    effective_until_on = DayField(required=False, allow_null=True)

    class Meta:
        read_only = OF_THE_ROW | dict.fromkeys(("list", "number", "name"), FIXED) | {"list_display": DERIVED}


class EligibilityItemInput(EligibilityItemPatch):
    list = serializers.ChoiceField(choices=EligibilityList.choices)
    number = serializers.IntegerField(min_value=1, max_value=999)
    name = serializers.CharField(max_length=300)

    class Meta:
        read_only = OF_THE_ROW | {"list_display": DERIVED}


class MonitoringRuleSerializer(RowSerializer):
    """A rule that is watched. `threshold` is a decimal in `unit`, null where the rule has none."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.ChoiceField(choices=Level.choices)
    level_display = serializers.CharField()
    threshold = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    basis = serializers.CharField()
    is_active = serializers.BooleanField()


class MonitoringRulePatch(StrictSerializer):
    threshold = serializers.DecimalField(max_digits=14, decimal_places=4, min_value=0, allow_null=True)  # each unit has its own limits
    is_active = serializers.BooleanField()

    class Meta:
        read_only = OF_THE_ROW | dict.fromkeys(("code", "name", "level", "level_display", "unit", "basis"), DERIVED)
