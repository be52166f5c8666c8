"""Shapes of milestones."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.serializers import DayField, RefField, StrictSerializer
from milestones.models import Basis, Kind
from projects.models import Project

DERIVED = _("该字段由系统生成，不能填写。")
DATES = {
    "baseline_on": _("基线定后不变；未定日期的节点请用 POST /milestones/{id}/first-date/。"),
    "due_on": _("应完成日期请用 POST /milestones/{id}/first-date/ 首次确定，或用 POST /date-changes/ 申请调整。"),
    "forecast_on": _("预测日期请用 POST /milestones/{id}/forecast/。"),
    "achieved_on": _("请用 POST /milestones/{id}/achieve/ 报完成，或用 POST /milestones/{id}/reopen/ 撤销。"),
}
STATE = dict.fromkeys(
    (
        "id",
        "version",
        "kind",
        "kind_display",
        "is_overdue",
        "overdue_days",
        "slippage_days",
        "was_late",
        "evidence",
        "created_at",
        "updated_at",
    ),
    DERIVED,
)


class DependencySerializer(serializers.Serializer):
    milestone = serializers.UUIDField()
    lag_days = serializers.IntegerField()


class DependencyInput(StrictSerializer):
    """One predecessor. `lag_days` are calendar days."""

    milestone = serializers.UUIDField()
    lag_days = serializers.IntegerField(min_value=0, max_value=3650, required=False, default=0)

    def validate(self, attrs):
        """Within a PATCH nothing is required and no default is given, but the set of predecessors is always whole."""
        if "milestone" not in attrs:
            raise serializers.ValidationError({"milestone": serializers.ErrorDetail(_("必填。"), code="required")})
        return {"lag_days": 0} | attrs


class EvidenceRefSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class MilestoneSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    project = RefField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    kind_display = serializers.CharField()
    position = serializers.IntegerField()
    is_key = serializers.BooleanField()
    weight = serializers.CharField(allow_null=True)
    basis = serializers.ChoiceField(choices=Basis.choices, allow_null=True)
    document_no = serializers.CharField()
    baseline_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    forecast_on = serializers.DateField(allow_null=True)
    forecast_reason = serializers.CharField()
    achieved_on = serializers.DateField(allow_null=True)
    is_overdue = serializers.BooleanField()
    overdue_days = serializers.IntegerField()
    slippage_days = serializers.IntegerField(allow_null=True)
    was_late = serializers.BooleanField()
    depends_on = DependencySerializer(many=True)
    evidence = EvidenceRefSerializer(many=True)
    is_evidence_required = serializers.BooleanField()
    override_reason = serializers.CharField()
    note = serializers.CharField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class MilestoneInput(StrictSerializer):
    """A new milestone. A due date needs its basis, and an approver."""

    project = RefField(Project.objects.all())
    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False, default=500)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, allow_null=True)
    is_key = serializers.BooleanField(required=False, default=False)
    is_evidence_required = serializers.BooleanField(required=False, default=False)
    due_on = DayField(required=False, allow_null=True)
    basis = serializers.ChoiceField(choices=Basis.choices, required=False, allow_null=True)
    document_no = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True, allow_null=True)

    class Meta:
        read_only = STATE | {name: why for name, why in DATES.items() if name != "due_on"}

    def validate(self, attrs):
        for name in ("document_no", "note"):
            if name in attrs:
                attrs[name] = attrs[name] or ""
        if attrs.get("due_on") and not attrs.get("basis"):
            raise serializers.ValidationError({"basis": serializers.ErrorDetail(_("有日期须写明依据。"), code="required")})
        if not attrs.get("due_on"):
            attrs["basis"] = None
        return attrs


class MilestonePatch(StrictSerializer):
    name = serializers.CharField(max_length=200)
    position = serializers.IntegerField(min_value=0, max_value=1_000_000)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100, allow_null=True)
    is_key = serializers.BooleanField()
    is_evidence_required = serializers.BooleanField()
    note = serializers.CharField(max_length=5000, allow_blank=True, allow_null=True)
    depends_on = serializers.ListField(child=DependencyInput(), max_length=100)

    class Meta:
        read_only = STATE | DATES | dict.fromkeys(("project", "basis", "document_no", "forecast_reason", "override_reason"), DERIVED)

    def validate_note(self, value):
        return value or ""


class MilestoneBulkInput(MilestonePatch):
    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1)

    class Meta:
        read_only = {key: why for key, why in MilestonePatch.Meta.read_only.items() if key not in ("id", "version")}


class FirstDateInput(StrictSerializer):
    due_on = DayField()
    basis = serializers.ChoiceField(choices=Basis.choices)
    document_no = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True, default="")


class AchieveInput(StrictSerializer):
    on = DayField()
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True, allow_null=True, default="")
    evidence = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=50, default=list)
    override_reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True, default="")


class ForecastInput(StrictSerializer):
    forecast_on = DayField()
    reason = serializers.CharField(max_length=2000)
    also = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=1000, default=list)


class RippleSerializer(serializers.Serializer):
    """A successor whose forecast moves, or would."""

    milestone = serializers.UUIDField()
    name = serializers.CharField()
    to = serializers.DateField()
    applied = serializers.BooleanField()

    def get_fields(self):
        return super().get_fields() | {"from": serializers.DateField(allow_null=True)}  # no name that Python lets one give


class ForecastAnswer(serializers.Serializer):
    milestone = MilestoneSerializer()
    ripple = RippleSerializer(many=True)
