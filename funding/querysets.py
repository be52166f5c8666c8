"""Named filters over money; `visible_to` stands in every read."""

from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.roles import Principal
from projects.querysets import PartQuerySet, in_reach


def project_in_reach(actor: Principal, name: str = "project") -> Q:
    """The rows whose project the actor may see."""
    return in_reach(actor, prefix=f"{name}__", key=f"{name}_id")


class SourceQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """All, or those that give money to a project in reach."""
        if actor.sees_everything:
            return self
        own = apps.get_model("funding", "Allocation").objects.visible_to(actor)
        return self.filter(Exists(own.filter(source_id=OuterRef("pk"))))


class OfSourceQuerySet(models.QuerySet):
    """Over what belongs to a whole pot of money: only for those who see everything."""

    def visible_to(self, actor: Principal) -> Self:
        return self if actor.sees_everything else self.none()


class AllocationQuerySet(PartQuerySet):
    def with_money(self) -> Self:
        return self.filter(granted__gt=0)


class TransferQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """All, or those that touch a project in reach."""
        if actor.sees_everything:
            return self
        return self.filter(project_in_reach(actor, "allocation__project") | project_in_reach(actor, "target__project"))


class RequestQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        if actor.sees_everything:
            return self
        return self.filter(project_in_reach(actor) | project_in_reach(actor, "to_project"))
