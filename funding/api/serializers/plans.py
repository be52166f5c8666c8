"""Shapes of balance plans."""

from rest_framework import serializers

from common.api.serializers import MoneyField, RefField, StrictSerializer
from funding.api.serializers.shared import DERIVED, OF_THE_ROW, RowSerializer
from projects.models import Project


class BalancePlanSerializer(RowSerializer):
    """One year of a project's plan. cover_ratio = (income − cost) ÷ (principal + interest), null without debt."""

    project = RefField()
    year = serializers.IntegerField()
    income = MoneyField()
    cost = MoneyField()
    principal = MoneyField()
    interest = MoneyField()
    cover_ratio = serializers.CharField(allow_null=True)


class BalancePlanPatch(StrictSerializer):
    year = serializers.IntegerField(min_value=1949, max_value=2200)
    income = MoneyField(required=False)
    cost = MoneyField(required=False)
    principal = MoneyField(required=False)
    interest = MoneyField(required=False)

    class Meta:
        read_only = OF_THE_ROW | dict.fromkeys(("project", "cover_ratio"), DERIVED)


class BalancePlanInput(BalancePlanPatch):
    """Amounts that are left out are nothing."""

    project = RefField(Project.objects.all())

    class Meta:
        read_only = OF_THE_ROW | {"cover_ratio": DERIVED}
