"""The schema of the API, generated once a run: the generator takes a second."""

import functools
from typing import Any

from drf_spectacular.generators import SchemaGenerator


@functools.cache
def schema() -> dict[str, Any]:
    return dict(SchemaGenerator().get_schema(request=None, public=True))
