"""Shapes of projects."""

from django.utils.translation import gettext, gettext_lazy
from rest_framework import serializers

from accounts.models import Office
from common.api.serializers import ActorSerializer, DayField, MoneyField, RefField, StrictSerializer
from projects.lifecycle import Stage
from projects.models import ApprovalMode, Level, Nature, Part, Project, Region, Sector

MOVES = gettext_lazy("阶段不能直接修改，请用 POST /projects/{id}/transitions/。")


DERIVED = gettext_lazy("该字段由系统生成，不能填写。")


READ_ONLY = {"stage": MOVES} | dict.fromkeys(
    ("id", "version", "stage_display", "status", "lead", "patron", "tags", "created_at", "updated_at"), DERIVED
)


class UnitSerializer(StrictSerializer):
    name = serializers.CharField(max_length=200, allow_blank=True, allow_null=True, required=False)
    uscc = serializers.CharField(max_length=18, allow_blank=True, allow_null=True, required=False)


class LocationSerializer(StrictSerializer):
    """Both or none: a change of a project brings a whole place."""

    lon = serializers.DecimalField(max_digits=9, decimal_places=6, min_value=-180, max_value=180, coerce_to_string=False)
    lat = serializers.DecimalField(max_digits=8, decimal_places=6, min_value=-90, max_value=90, coerce_to_string=False)

    def validate(self, attrs):
        missing = [name for name in ("lon", "lat") if name not in attrs]
        if missing:
            raise serializers.ValidationError({name: serializers.ErrorDetail(gettext("必填。"), code="required") for name in missing})
        return attrs


class DatesSerializer(serializers.Serializer):
    milestone = serializers.UUIDField(allow_null=True)
    basis = serializers.CharField(allow_null=True)
    baseline_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    forecast_on = serializers.DateField(allow_null=True)
    achieved_on = serializers.DateField(allow_null=True)


class NextDueSerializer(serializers.Serializer):
    milestone = serializers.UUIDField()
    name = serializers.CharField()
    due_on = serializers.DateField()


class StatusSerializer(serializers.Serializer):
    """Derived; judged by today in Asia/Shanghai, or by `as_of`."""

    start = DatesSerializer()
    completion = DatesSerializer()
    milestone_count = serializers.IntegerField()
    achieved_count = serializers.IntegerField()
    overdue_count = serializers.IntegerField()
    next_due = NextDueSerializer(allow_null=True)
    is_overdue = serializers.BooleanField()
    overdue_days = serializers.IntegerField()
    slippage_days = serializers.IntegerField(allow_null=True)
    allocated = MoneyField()
    received = MoneyField()
    paid = MoneyField()
    funding_kinds = serializers.ListField(child=serializers.CharField())
    planned_this_year = MoneyField()
    invested_this_year = MoneyField()
    invested_total = MoneyField()
    physical_percent = serializers.CharField(allow_null=True)
    last_reported_month = serializers.CharField(allow_null=True)
    open_problem_count = serializers.IntegerField(allow_null=True)
    finding_count = serializers.IntegerField(allow_null=True)
    lamp = serializers.CharField(allow_null=True)


class LeadSerializer(serializers.Serializer):
    name = serializers.CharField()
    phone = serializers.CharField()


class PatronSerializer(serializers.Serializer):
    name = serializers.CharField()


class ProjectSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    code = serializers.CharField(allow_null=True)
    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    is_package = serializers.BooleanField()
    package = RefField(allow_null=True)
    sector = RefField()
    region = RefField()
    office = RefField()
    authority = RefField(allow_null=True)
    unit = UnitSerializer()
    stage = serializers.ChoiceField(choices=Stage.choices)
    stage_display = serializers.CharField()
    nature = serializers.ChoiceField(choices=Nature.choices, allow_null=True)
    approval_mode = serializers.ChoiceField(choices=ApprovalMode.choices, allow_null=True)
    level = serializers.ChoiceField(choices=Level.choices, allow_null=True)
    scale = serializers.CharField(allow_null=True)
    total_investment = MoneyField(allow_null=True)
    capital = MoneyField(allow_null=True)
    starts_year = serializers.IntegerField(allow_null=True)
    ends_year = serializers.IntegerField(allow_null=True)
    location = LocationSerializer(allow_null=True)
    lead = LeadSerializer(allow_null=True)
    patron = PatronSerializer(allow_null=True)
    is_public = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField())
    reminders_from_on = serializers.DateField(allow_null=True)
    status = StatusSerializer()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class BlockerSerializer(serializers.Serializer):
    code = serializers.CharField()
    detail = serializers.CharField()


class NextStageSerializer(serializers.Serializer):
    stage = serializers.ChoiceField(choices=Stage.choices)
    stage_display = serializers.CharField()
    allowed = serializers.BooleanField()
    blockers = BlockerSerializer(many=True)


class AssignmentPartSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    user = RefField()
    part = serializers.ChoiceField(choices=Part.choices)
    part_display = serializers.CharField()
    valid_from_on = serializers.DateField(allow_null=True)
    valid_until_on = serializers.DateField(allow_null=True)
    version = serializers.IntegerField()


class ProjectDetailSerializer(ProjectSerializer):
    next_stages = NextStageSerializer(many=True)
    assignments = AssignmentPartSerializer(many=True)
    commitments = serializers.ListField(child=serializers.DictField())


class ProjectInput(StrictSerializer):
    """What may be written of a project. Absent, null and "" mean the same for texts that are not required."""

    code = serializers.RegexField(
        r"^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$", allow_null=True, required=False,
        error_messages={"invalid": gettext_lazy("项目代码须为 2412-410700-04-01-123456 这样的形式。")},
    )  # fmt: skip
    name = serializers.CharField(max_length=300)
    aliases = serializers.ListField(child=serializers.CharField(max_length=300), max_length=20, required=False, allow_null=True)
    is_package = serializers.BooleanField(required=False)
    package = RefField(Project.objects.all(), required=False, allow_null=True)
    sector = RefField(Sector.objects.all(), by_code=True)
    region = RefField(Region.objects.all(), by_code=True)
    office = RefField(Office.objects.all(), by_code=True)
    authority = RefField(Office.objects.all(), by_code=True, required=False, allow_null=True)
    unit = UnitSerializer(required=False, allow_null=True)
    nature = serializers.ChoiceField(choices=Nature.choices, required=False, allow_null=True)
    approval_mode = serializers.ChoiceField(choices=ApprovalMode.choices, required=False, allow_null=True)
    level = serializers.ChoiceField(choices=Level.choices, required=False, allow_null=True)
    scale = serializers.CharField(max_length=10_000, required=False, allow_null=True, allow_blank=True)
    total_investment = MoneyField(required=False, allow_null=True)
    capital = MoneyField(required=False, allow_null=True)
    starts_year = serializers.IntegerField(min_value=1949, max_value=2200, required=False, allow_null=True)
    ends_year = serializers.IntegerField(min_value=1949, max_value=2200, required=False, allow_null=True)
    location = LocationSerializer(required=False, allow_null=True)
    is_public = serializers.BooleanField(required=False)
    reminders_from_on = DayField(required=False, allow_null=True)

    class Meta:
        read_only = READ_ONLY

    def to_internal_value(self, data):
        if isinstance(data, dict) and data.get("code") == "":
            data = data | {"code": None}
        return super().to_internal_value(data)

    def validate(self, attrs):
        """To the columns of the row: nested shapes flat, nulls of texts empty."""
        if "unit" in attrs:
            unit = attrs.pop("unit") or {"name": "", "uscc": ""}
            attrs |= {f"unit_{key}": value or "" for key, value in unit.items()}
        if "location" in attrs:
            place = attrs.pop("location") or {"lon": None, "lat": None}
            attrs |= place
        if "scale" in attrs:
            attrs["scale"] = attrs["scale"] or ""
        if "aliases" in attrs:
            attrs["aliases"] = attrs["aliases"] or []
        return attrs


class ProjectBulkInput(ProjectInput):
    """One item of a bulk change: the row, the version seen, and what changes."""

    id = serializers.UUIDField()
    version = serializers.IntegerField(min_value=1)

    class Meta:
        read_only = {key: why for key, why in READ_ONLY.items() if key not in ("id", "version")}


class TransitionInput(StrictSerializer):
    to = serializers.ChoiceField(choices=Stage.choices)
    on = DayField()
    reason = serializers.CharField(max_length=2000, required=False, allow_blank=True, allow_null=True, default="")


class ChangedFieldSerializer(serializers.Serializer):
    name = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ChangeSerializer(serializers.Serializer):
    sequence = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = ActorSerializer()
    action = serializers.ChoiceField(choices=["created", "updated", "deleted"])
    resource = serializers.CharField()
    resource_id = serializers.UUIDField()
    request_id = serializers.CharField()

    def get_fields(self):
        """`fields` cannot be declared as a class attribute: DRF keeps its own under that name."""
        return super().get_fields() | {"fields": ChangedFieldSerializer(many=True)}
