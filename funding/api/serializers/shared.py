"""What the shapes of money share: amounts that move, references read once a list, what is derived."""

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from common.api.serializers import MoneyField, RefField, as_uuid

DERIVED = _("该字段由系统生成，不能填写。")
OF_THE_ROW = dict.fromkeys(("id", "version", "created_at", "updated_at"), DERIVED)


class RowSerializer(serializers.Serializer):
    """What every row carries."""

    id = serializers.UUIDField()
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class LadderSerializer(serializers.Serializer):
    """idle = received − paid; of a past day by what had occurred, so that a late entry may leave a minus."""

    granted = MoneyField()
    received = MoneyField()
    paid = MoneyField()
    idle = MoneyField()


class WhoSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()


class MovedField(MoneyField):
    """An amount that moves is greater than zero."""

    default_error_messages = {"positive": _("金额须大于零。")}

    def to_internal_value(self, data: Any) -> Decimal:
        amount = super().to_internal_value(data)
        if amount <= 0:
            raise serializers.ValidationError({"amount": serializers.ErrorDetail(self.error_messages["positive"], code="invalid")})
        return amount


class TextField(serializers.CharField):
    """Absent, null and "" mean the same."""

    def __init__(self, *, max_length: int = 200, **options: Any) -> None:
        super().__init__(max_length=max_length, required=False, allow_blank=True, allow_null=True, **options)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return "" if value is None else value


class ListedRefField(RefField):
    """A reference in a body of many lines (`lines` of the context): the rows that all of them name are read at once."""

    def to_internal_value(self, data: Any) -> models.Model:
        if not isinstance(data, str):
            self.fail("invalid")
        known = self.context.setdefault("known_rows", {})
        if self.field_name not in known:
            known[self.field_name] = {row.pk: row for row in self.visible().filter(pk__in=self._named())}
        found = known[self.field_name].get(as_uuid(data))
        if found is None:
            self.fail("does_not_exist", value=data[:64])
        return found

    def _named(self) -> list[uuid.UUID]:
        """Every id that a line of the body gives under this name."""
        words = [line.get(self.field_name) for line in self.context["lines"] if isinstance(line, Mapping)]
        return [key for word in words if isinstance(word, str) and (key := as_uuid(word))]
