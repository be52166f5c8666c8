"""JSON in: strict (no NaN, no lone surrogates), also as a merge patch (RFC 7396)."""

from typing import Any

import orjson
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from common.errors import DomainError

DEEPEST = 20  # levels of nesting; no body of the contract has more than four


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
            data = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(_("不是合法的 JSON：%(reason)s") % {"reason": error}) from error
        if _is_deeper(data, DEEPEST):
            raise ParseError(_("嵌套过深。"))
        return data


def _is_deeper(data: Any, levels: int) -> bool:
    """Level by level, without recursion: deep enough a body would exhaust the stack of whoever prints it."""
    level = [data] if isinstance(data, dict | list) else []
    for _level in range(levels):
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


class MergePatchParser(JSONParser):
    media_type = "application/merge-patch+json"
