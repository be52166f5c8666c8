"""How much fits a field: read from what the API takes, so that both doors refuse the same."""

from functools import cache
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from portal.forms.typed import Unread


def within(shape: type[serializers.Serializer], name: str, text: str) -> Any:
    """The text as the API's field of this name understands it. Raises Unread with how much fits, or with the API's own sentence."""
    field = _field(shape, name)
    longest = getattr(field, "max_length", None)
    if longest is not None and len(text) > longest:
        raise Unread(_("最多 %(n)s 个字") % {"n": longest})
    try:
        return field.run_validation(text)
    except serializers.ValidationError as error:
        raise Unread(_first(error.detail)) from error


@cache
def _field(shape: type[serializers.Serializer], name: str) -> serializers.Field:
    return shape().fields[name]


def _first(detail: Any) -> str:
    """The sentence of a field, which the framework keeps in a list."""
    return str(detail[0])
