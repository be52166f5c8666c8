"""JSON by orjson; problems under their own media type."""

from typing import Any

from rest_framework.renderers import BaseRenderer

from common.api.answers import encode


class JSONRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else encode(data)
