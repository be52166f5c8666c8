"""Shapes that every resource shares: money, references, choices, strict bodies."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.days import FIRST_DAY, exact_day
from common.errors import Fault, ReadOnly

AMOUNT = re.compile(r"^[0-9]{1,16}(\.[0-9]{1,2})?$", re.ASCII)


class StrictSerializer(serializers.Serializer):
    """A body with exactly the documented keys: an unknown one is refused, so that no typo is lost.

    `Meta.read_only` names keys that exist but move otherwise: key → which call moves it.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            moved = getattr(getattr(self, "Meta", None), "read_only", {})
            if refused := [key for key in data if key in moved]:
                raise ReadOnly(faults=[Fault((key,), ReadOnly.code, str(moved[key])) for key in refused])
            if unknown := [key for key in data if key not in self.fields]:
                raise serializers.ValidationError(
                    {key: serializers.ErrorDetail(_("没有这个字段。"), code="unknown_field") for key in unknown}
                )
        return super().to_internal_value(data)


class DayField(serializers.DateField):
    """`2025-06-30`, no other form, from 1900 on."""

    default_error_messages = {"invalid": _("日期须为 2025-06-30 这样的形式。")}

    def to_internal_value(self, data: Any) -> dt.date:
        day = exact_day(data) if isinstance(data, str) else None
        if day is None or day < FIRST_DAY:
            self.fail("invalid")
        return day


@extend_schema_field(
    {
        "type": "object",
        "required": ["amount", "currency"],
        "properties": {"amount": {"type": "string", "examples": ["12345678.90"]}, "currency": {"type": "string", "const": "CNY"}},
    }
)
class MoneyField(serializers.Field):
    """`{"amount": "12345678.90", "currency": "CNY"}`, in yuan: a decimal string, never a float."""

    default_error_messages = {
        "invalid": _('金额须为 {{"amount": "12345678.90", "currency": "CNY"}}。'),
        "amount": _("金额须为字符串，最多 16 位整数、2 位小数，如 12345678.90。"),
        "currency": _("币种须为 CNY。"),
    }

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, Mapping) or set(data) - {"amount", "currency"} or "amount" not in data:
            self.fail("invalid")
        amount = data["amount"]
        if not isinstance(amount, str) or not AMOUNT.fullmatch(amount):
            raise serializers.ValidationError({"amount": serializers.ErrorDetail(self.error_messages["amount"], code="invalid")})
        if data.get("currency", "CNY") != "CNY":
            raise serializers.ValidationError({"currency": serializers.ErrorDetail(self.error_messages["currency"], code="invalid_choice")})
        return Decimal(amount)

    def to_representation(self, value: Any) -> Any:
        return value


class RefField(serializers.Field):
    """A reference: read as `{"id", "name", "code"}`, written as the id, or the code where `by_code`."""

    default_error_messages = {
        "invalid": _("须为编号或代码。"),
        "does_not_exist": _("没有这一项：{value}"),
    }

    def __init__(self, queryset: models.QuerySet | None = None, *, by_code: bool = False, **options: Any) -> None:
        self.queryset = queryset
        self.by_code = by_code
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> models.Model:
        if not isinstance(data, str):
            self.fail("invalid")
        assert self.queryset is not None
        key = as_uuid(data)
        if key is None and (not self.by_code or "\0" in data):
            self.fail("does_not_exist", value=data[:64])
        rows = self.visible().filter(**({"pk": key} if key else {"code": data}))
        found = rows.first()
        if found is None:
            self.fail("does_not_exist", value=data[:64])
        return found

    def visible(self) -> models.QuerySet:
        """Only what the actor may see can be referred to."""
        assert self.queryset is not None
        if hasattr(self.queryset, "visible_to"):
            return self.queryset.visible_to(self.context["request"].user)
        return self.queryset.all()

    def to_representation(self, value: Any) -> Any:
        return value


class ActorSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["person", "client", "system"])
    name = serializers.CharField()


class ReasonSerializer(StrictSerializer):
    reason = serializers.CharField(max_length=2000)


class RefExtension(OpenApiSerializerFieldExtension):
    """What the generated schema says of a reference: an object in answers, the id (or the code, where it has one) in bodies."""

    target_class = RefField
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if direction == "request":
            return {"type": "string"} if self.target.by_code else {"type": "string", "format": "uuid"}
        properties = {"id": {"type": "string", "format": "uuid"}, "name": {"type": "string"}, "code": {"type": ["string", "null"]}}
        return {"type": "object", "required": ["id", "name"], "properties": properties}


def as_uuid(text: str) -> uuid.UUID | None:
    """The UUID in its usual form, else None."""
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
