"""Shapes of templates, baselines, the network of a project and the trend of a milestone."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.serializers import ActorSerializer, DayField, RefField, StrictSerializer
from milestones.api.serializers.milestones import DERIVED
from milestones.models import Basis, Kind, Template
from projects.models import Project

OF_THE_ROW = dict.fromkeys(("id", "version", "created_at", "updated_at"), DERIVED)


class RowSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class TemplateStepSerializer(serializers.Serializer):
    """A milestone of the template: `lag_days` calendar days after each step whose position stands in `after`."""

    position = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    weight = serializers.CharField(allow_null=True)
    is_key = serializers.BooleanField()
    is_evidence_required = serializers.BooleanField()
    after = serializers.ListField(child=serializers.IntegerField())
    lag_days = serializers.IntegerField()


class TemplateSerializer(RowSerializer):
    code = serializers.CharField()
    name = serializers.CharField()
    is_retired = serializers.BooleanField()
    steps = TemplateStepSerializer(many=True)


class TemplateStepInput(StrictSerializer):
    position = serializers.IntegerField(min_value=0, max_value=1_000_000)
    name = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=Kind.choices, required=False, default=Kind.OTHER)
    weight = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0, max_value=100, required=False, allow_null=True)
    is_key = serializers.BooleanField(required=False, default=False)
    is_evidence_required = serializers.BooleanField(required=False, default=False)
    after = serializers.ListField(child=serializers.IntegerField(min_value=0, max_value=1_000_000), required=False, max_length=100)
    lag_days = serializers.IntegerField(min_value=0, max_value=3650, required=False, default=0)

    def validate(self, attrs):
        """Within a PATCH nothing is required and no default is given, but the steps are always whole."""
        if missing := [name for name in ("position", "name") if name not in attrs]:
            raise serializers.ValidationError({name: serializers.ErrorDetail(_("必填。"), code="required") for name in missing})
        return {"kind": Kind.OTHER, "after": [], "lag_days": 0} | attrs


class TemplatePatch(StrictSerializer):
    name = serializers.CharField(max_length=200)
    is_retired = serializers.BooleanField(required=False)
    steps = serializers.ListField(child=TemplateStepInput(), min_length=1, max_length=200)

    class Meta:
        read_only = OF_THE_ROW | {"code": DERIVED}


class TemplateInput(TemplatePatch):
    code = serializers.RegexField(r"^[a-z][a-z0-9_]{0,49}$")

    class Meta:
        read_only = OF_THE_ROW


class ApplyInput(StrictSerializer):
    """Exactly one of the two days."""

    template = RefField(Template.objects.all(), by_code=True)
    starts_on = DayField(required=False, allow_null=True)
    completes_on = DayField(required=False, allow_null=True)
    basis = serializers.ChoiceField(choices=Basis.choices, required=False, default=Basis.ESTIMATE)
    document_no = serializers.CharField(max_length=200, required=False, allow_blank=True, allow_null=True)

    def validate(self, attrs):
        if bool(attrs.get("starts_on")) == bool(attrs.get("completes_on")):
            detail = serializers.ErrorDetail(_("开工日期和竣工日期须填一个，且只填一个。"), code="one_of")
            raise serializers.ValidationError({"starts_on": detail})
        return attrs


class PlannedSerializer(serializers.Serializer):
    """`date` names the field that took the day: due_on (with the baseline), forecast_on, or none."""

    milestone = serializers.UUIDField()
    name = serializers.CharField()
    on = serializers.DateField()
    date = serializers.CharField(allow_null=True)


class SkippedSerializer(PlannedSerializer):
    """`why`: achieved, dated, past (a forecast is never of a day that has passed)."""

    why = serializers.CharField()


class AppliedSerializer(serializers.Serializer):
    created = PlannedSerializer(many=True)
    dated = PlannedSerializer(many=True)
    skipped = SkippedSerializer(many=True)


class BaselineDatesSerializer(serializers.Serializer):
    due_on = serializers.DateField(allow_null=True)
    forecast_on = serializers.DateField(allow_null=True)
    achieved_on = serializers.DateField(allow_null=True)
    expected_on = serializers.DateField(allow_null=True)


class ComparedSerializer(serializers.Serializer):
    """A milestone then and now. `moved_days`: later above zero. `state`: kept, moved, gone, added."""

    milestone = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    state = serializers.CharField()
    then = BaselineDatesSerializer(allow_null=True)
    now = BaselineDatesSerializer(allow_null=True)
    moved_days = serializers.IntegerField(allow_null=True)


class BaselineSerializer(RowSerializer):
    project = RefField()
    name = serializers.CharField()
    note = serializers.CharField()
    taken_by = serializers.CharField()


class BaselineDetailSerializer(BaselineSerializer):
    comparison = ComparedSerializer(many=True)


class BaselineInput(StrictSerializer):
    project = RefField(Project.objects.all())
    name = serializers.CharField(max_length=200)
    note = serializers.CharField(max_length=5000, required=False, allow_blank=True, allow_null=True)

    class Meta:
        read_only = OF_THE_ROW | {"taken_by": DERIVED}


class ScheduleNodeSerializer(serializers.Serializer):
    """`float_days`: how far it may slip before the end moves; null for what is achieved, undated or not linked."""

    milestone = serializers.UUIDField()
    name = serializers.CharField()
    expected_on = serializers.DateField(allow_null=True)
    is_achieved = serializers.BooleanField()
    float_days = serializers.IntegerField(allow_null=True)
    is_critical = serializers.BooleanField()


class ScheduleEdgeSerializer(serializers.Serializer):
    before = serializers.UUIDField()
    after = serializers.UUIDField()
    lag_days = serializers.IntegerField()


class ScheduleSerializer(serializers.Serializer):
    nodes = ScheduleNodeSerializer(many=True)
    edges = ScheduleEdgeSerializer(many=True)


class TrendSerializer(serializers.Serializer):
    at = serializers.DateTimeField()
    baseline_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    forecast_on = serializers.DateField(allow_null=True)
    achieved_on = serializers.DateField(allow_null=True)
    actor = ActorSerializer()


class TrendAnswer(serializers.Serializer):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = TrendSerializer(many=True)
