"""Shapes of monthly reports, their revisions, and yearly plans."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.api.serializers import MoneyField, RefField, StrictSerializer
from common.days import exact_day
from common.decisions import RequestState
from projects.api.serializers.projects import DERIVED
from projects.models import Project, ReportState

MONTH = r"^[0-9]{4}-[0-9]{2}$"
MOVES = _("状态不能直接修改，请用 submit、return、approve。")
MARKED = _("请用 POST /reports/{id}/no-change/。")
READ_ONLY = {"state": MOVES, "no_change": MARKED} | dict.fromkeys(
    ("id", "version", "state_display", "return_count", "return_reason", "due_on", "submitted_by", "submitted_at", "decision_due_on",
     "decided_by", "decided_at", "created_at", "updated_at"),
    DERIVED,
)  # fmt: skip


@extend_schema_field({"type": "string", "pattern": MONTH, "examples": ["2025-12"]})
class MonthField(serializers.CharField):
    """`2025-12`, as its first day."""

    default_error_messages = {"invalid": _("月份须为 2025-12 这样的形式。")}

    def to_internal_value(self, data: Any) -> Any:
        first = exact_day(f"{super().to_internal_value(data)}-01")
        if first is None:
            self.fail("invalid")
        return first


class PercentField(serializers.DecimalField):
    """0 to 100 with two decimals."""

    default_error_messages = dict.fromkeys(
        ("invalid", "max_value", "min_value", "max_digits", "max_decimal_places", "max_whole_digits", "max_string_length"),
        _("须为 0 到 100 的数，最多两位小数。"),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, **options)


class FilerSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class FiledSerializer(serializers.Serializer):
    """What reports and plans say alike."""

    state = serializers.ChoiceField(choices=ReportState.choices)
    state_display = serializers.CharField()
    return_reason = serializers.CharField(allow_blank=True)
    submitted_by = FilerSerializer(allow_null=True)
    submitted_at = serializers.DateTimeField(allow_null=True)
    decision_due_on = serializers.DateField(allow_null=True)
    decided_by = FilerSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class ReportSerializer(FiledSerializer):
    id = serializers.UUIDField()
    project = RefField()
    month = serializers.RegexField(MONTH)
    invested = MoneyField()
    physical_percent = serializers.CharField(allow_null=True)
    narrative = serializers.CharField(allow_blank=True)
    no_change = serializers.BooleanField()
    return_count = serializers.IntegerField()
    due_on = serializers.DateField(allow_null=True)
    plan_reason = serializers.CharField(allow_blank=True)
    correction_reason = serializers.CharField(allow_blank=True)


class ReportPatch(StrictSerializer):
    invested = MoneyField(required=False)
    physical_percent = PercentField(required=False, allow_null=True)
    narrative = serializers.CharField(max_length=10_000, required=False, allow_blank=True, allow_null=True)
    plan_reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True)
    correction_reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True)

    class Meta:
        read_only = READ_ONLY

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Absent, null and "" mean the same for texts."""
        texts = ("narrative", "plan_reason", "correction_reason")
        return attrs | {name: attrs[name] or "" for name in texts if name in attrs}


class ReportInput(ReportPatch):
    project = RefField(Project.objects.all())
    month = MonthField()


class SubmitInput(ReportPatch):
    """What is still to be written; `year_total` is only compared with the sum of the year's months."""

    year_total = MoneyField(required=False)


class UnchangedInput(StrictSerializer):
    reports = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=500)
    expected_count = serializers.IntegerField(min_value=1, max_value=500)


class ReportListAnswer(serializers.Serializer):
    results = ReportSerializer(many=True)


class NothingInput(StrictSerializer):
    """An act that needs no words."""


class ReviseInput(StrictSerializer):
    invested = MoneyField(required=False)
    physical_percent = PercentField(required=False)
    narrative = serializers.CharField(max_length=10_000, required=False)
    reason = serializers.CharField(max_length=2000)


class RevisionSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    project = RefField()
    report = serializers.UUIDField()
    month = serializers.RegexField(MONTH)
    number = serializers.IntegerField()
    from_invested = MoneyField()
    from_physical_percent = serializers.CharField(allow_null=True)
    from_narrative = serializers.CharField(allow_blank=True)
    invested = MoneyField()
    physical_percent = serializers.CharField(allow_null=True)
    narrative = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    state = serializers.ChoiceField(choices=RequestState.choices)
    state_display = serializers.CharField()
    requested_by = FilerSerializer()
    decision_due_on = serializers.DateField()
    decided_by = FilerSerializer(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision_note = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class RejectInput(StrictSerializer):
    note = serializers.CharField(max_length=2000)


class YearlyPlanSerializer(FiledSerializer):
    id = serializers.UUIDField()
    project = RefField()
    year = serializers.IntegerField()
    revision = serializers.IntegerField()
    investment = MoneyField()
    monthly = serializers.ListField(child=MoneyField(), min_length=12, max_length=12)
    content = serializers.CharField(allow_blank=True)
    due_on = serializers.DateField(allow_null=True)


class YearlyPlanPatch(StrictSerializer):
    investment = MoneyField()
    monthly = serializers.ListField(child=MoneyField(), min_length=12, max_length=12)
    content = serializers.CharField(max_length=10_000, required=False, allow_blank=True, allow_null=True)

    class Meta:
        read_only = {key: why for key, why in READ_ONLY.items() if key not in ("no_change", "return_count")} | {"revision": DERIVED}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs | ({"content": attrs["content"] or ""} if "content" in attrs else {})


class YearlyPlanInput(YearlyPlanPatch):
    project = RefField(Project.objects.all())
    year = serializers.IntegerField(min_value=2000, max_value=2100)
