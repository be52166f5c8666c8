"""What the generated OpenAPI must say of every operation: shared parameters and problems."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

SHARED = {
    "fields": "只要这些字段，逗号分隔，可用 a.b",
    "omit": "不要这些字段",
    "expand": "展开的关联列表",
    "as_of": "按过去某日的事实判断，如 2025-06-30",
    "ordering": "排序，前加 - 为倒序",
    "page_size": "每页条数，1 到 500，默认 50",
    "cursor": "上一页答复给出的游标",
    "with_count": "附总数（最多数到 10000）",
    "facets": "附分面计数，逗号分隔",
    "q": "搜索",
}


class ProblemSerializer(serializers.Serializer):
    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.ListField(child=serializers.DictField(), required=False)


class ProblemAwareSchema(AutoSchema):
    """Adds the shared parameters of lists and details, and the problem answer of every operation."""

    def get_override_parameters(self) -> list[Any]:
        view = self.view
        if not hasattr(view, "read_query") or self.method != "GET":
            return []
        names = ["fields", "omit"] + (["expand"] if view.expansions() else []) + (["as_of"] if view.has_past else [])
        if getattr(view, "action", "") == "list":
            names += ["page_size", "cursor", "with_count"] + (["ordering"] if view.orderings else []) + (["facets"] if view.facets else [])
        lists = view.filterset_class is not None and getattr(view, "action", "") in ("list", "summary")
        filters = list(view.filterset_class.base_filters) if lists else []
        return [OpenApiParameter(name, str, description=SHARED.get(name, "")) for name in [*names, *filters]]

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        bodies["default"] = {
            "description": "problem",
            "content": {"application/problem+json": {"schema": self.resolve_serializer(ProblemSerializer, "response").ref}},
        }
        return bodies
