"""JSON in: strict (no NaN, no lone surrogates), also as a merge patch (RFC 7396)."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.parsers import MultiPartParser as FormParser

from common.errors import TooLarge

ROUND_THE_FILE = 1 << 16  # the other fields, boundaries and headers of a form
DEEPEST = 20  # levels of nesting; no body of the contract has more than four


class JSONParser(BaseParser):
    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            body = parser_context["request"]._request.body
        except RequestDataTooBig as error:
            raise TooLarge from error
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


class MultiPartParser(FormParser):
    """A form with one file. What says that it is larger than any file is refused before it is read."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        refuse_too_large(parser_context["request"].META)
        try:
            return super().parse(stream, media_type, parser_context)
        except SuspiciousOperation as error:
            raise TooLarge from error


def refuse_too_large(meta: Mapping[str, Any]) -> None:
    """Raises TooLarge for a body that says it is larger than any file with what stands around it."""
    length = meta.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > settings.LARGEST_FILE + ROUND_THE_FILE:
        raise TooLarge(_("文件过大：最大 %(limit)s MB。") % {"limit": settings.LARGEST_FILE >> 20})
