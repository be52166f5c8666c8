"""The URLs of a resource, by what may be done with it."""

from collections.abc import Mapping
from typing import Any

from django.urls import URLPattern, path


def read_only(name: str, view: Any) -> list[URLPattern]:
    return [
        path(f"{name}/", view.as_view({"get": "list"}), name=f"api-{name}"),
        path(f"{name}/<str:pk>/", view.as_view({"get": "retrieve"}), name=f"api-{name}-one"),
    ]


def crud(name: str, view: Any) -> list[URLPattern]:
    return [
        path(f"{name}/", view.as_view({"get": "list", "post": "create"}), name=f"api-{name}"),
        path(
            f"{name}/<str:pk>/",
            view.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
            name=f"api-{name}-one",
        ),
    ]


def acts(name: str, view: Any, methods: Mapping[str, str]) -> list[URLPattern]:
    """The acts upon one row: the word in the address → the method of the view."""
    return [path(f"{name}/<str:pk>/{word}/", view.as_view({"post": method}), name=f"api-{name}-{word}") for word, method in methods.items()]
