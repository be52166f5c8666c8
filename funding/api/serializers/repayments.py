"""Shapes of repayments."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.serializers import DayField, MoneyField, RefField, StrictSerializer
from funding.api.serializers.shared import RowSerializer, TextField


class RepaymentSerializer(RowSerializer):
    """One day on which principal or interest of a bond falls due. `days_left` is null when it is paid or late."""

    bond = RefField(help_text=_("资金来源，代码为债券代码"))
    number = serializers.IntegerField()
    due_on = serializers.DateField()
    principal = MoneyField()
    interest = MoneyField()
    total = MoneyField()
    is_paid = serializers.BooleanField()
    paid_on = serializers.DateField(allow_null=True)
    document_no = serializers.CharField()
    reopen_reason = serializers.CharField()
    is_overdue = serializers.BooleanField()
    overdue_days = serializers.IntegerField()
    days_left = serializers.IntegerField(allow_null=True)


class PayInput(StrictSerializer):
    on = DayField()
    document_no = TextField(default="")
