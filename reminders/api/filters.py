"""The filters of reminders and deliveries."""

from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Office
from projects.api.filters import ExactDate, JudgedFilterSet, KnownId, choice_filters, node_filters, offices_below
from reminders.lifecycle import Channel, DeliveryState, ReminderState, SubjectKind


class Mine(filters.Filter):
    """`recipient=me`, nothing else: one asks for one's own."""

    class Field(forms.Field):
        def clean(self, value: Any) -> str | None:
            if value and value != "me":
                raise ValidationError(_("只能是 me。"), code="invalid_choice")
            return value or None

    field_class = Field

    def filter(self, queryset: QuerySet, value: str | None) -> QuerySet:
        return queryset.filter(recipient_id=self.parent.request.user.user_id) if value else queryset


class ReminderFilterBase(JudgedFilterSet):
    project = KnownId(field_name="project_id")
    recipient = Mine()
    rung = KnownId(field_name="rung_id")
    due_on__gte = ExactDate(field_name="due_on", lookup_expr="gte")
    due_on__lte = ExactDate(field_name="due_on", lookup_expr="lte")


ReminderFilter: Any = type(
    "ReminderFilter",
    (ReminderFilterBase,),
    {
        "office": node_filters("office", Office, offices_below, field_name="project__office_id")["office"],
        "state": choice_filters("state", ReminderState.choices)["state"],
        "subject_kind": choice_filters("subject_kind", SubjectKind.choices)["subject_kind"],
    },
)


class DeliveryFilterBase(JudgedFilterSet):
    recipient = Mine()


DeliveryFilter: Any = type(
    "DeliveryFilter",
    (DeliveryFilterBase,),
    {
        "state": choice_filters("state", DeliveryState.choices)["state"],
        "channel": choice_filters("channel", Channel.choices)["channel"],
    },
)
