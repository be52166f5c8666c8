"""Named filters over commitments."""

from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.roles import Principal
from projects.querysets import in_reach


class CommitmentQuerySet(models.QuerySet):
    def visible_to(self, actor: Principal) -> Self:
        """The report is public: its words are for everybody. A commitment about one project is seen by those who see the project."""
        if actor.sees_everything:
            return self
        links = apps.get_model("portfolio", "CommitmentProject")
        seen = links.objects.filter(commitment=OuterRef("pk")).filter(in_reach(actor, prefix="project__", key="project_id"))
        return self.filter(Q(scope="programme") | Exists(seen))
