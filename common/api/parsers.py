"""JSON in: strict (no NaN, no lone surrogates), also as a merge patch (RFC 7396)."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from common.errors import DomainError


class TooLarge(DomainError):
    code = "too_large"


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            body = parser_context["request"]._request.body
        except RequestDataTooBig as error:
            raise TooLarge(_("请求过大。")) from error
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("不是合法的 JSON：%(reason)s") % {"reason": error}) from error


class MergePatchParser(JSONParser):
    media_type = "application/merge-patch+json"
