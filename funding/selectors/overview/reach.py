"""The projects that somebody may see, as statements of our own ask for them."""

from typing import Any

from accounts.roles import Principal
from projects.models import Project


def reach(actor: Principal) -> tuple[str, tuple[Any, ...]]:
    """The projects in reach as an array in SQL; null is all."""
    if actor.sees_everything:
        return "NULL::uuid[]", ()
    sql, params = Project.objects.visible_to(actor).order_by().values("pk").query.sql_with_params()
    return f"ARRAY({sql})", params
