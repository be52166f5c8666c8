"""Shapes of people's parts in projects."""

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from accounts import selectors as account_selectors
from accounts.models import User
from common.api.serializers import DayField, RefField, StrictSerializer
from projects.api.serializers.projects import DERIVED, AssignmentPartSerializer
from projects.models import Part, Project


class AssignmentSerializer(AssignmentPartSerializer):
    project = RefField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class PersonField(RefField):
    """Somebody one may give a part in a project."""

    def visible(self):
        return account_selectors.assignable(self.context["request"].user)


class AssignmentInput(StrictSerializer):
    project = RefField(Project.objects.all())
    user = PersonField(User.objects.all())
    part = serializers.ChoiceField(choices=Part.choices)
    valid_from_on = DayField(required=False, allow_null=True)
    valid_until_on = DayField(required=False, allow_null=True)

    class Meta:
        read_only = dict.fromkeys(("id", "version", "created_at", "updated_at"), DERIVED)


class AssignmentPatch(AssignmentInput):
    """The project and the person stay: another person is another assignment."""

    project = None
    user = None

    class Meta:
        read_only = AssignmentInput.Meta.read_only | dict.fromkeys(("project", "user"), gettext_lazy("请另立一条；原来的写明结束日。"))
