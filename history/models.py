"""What changed: one append-only row a change, written by triggers only, and the positions of the feed."""

import json
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Action(models.TextChoices):
    CREATED = "created", _("新增")
    UPDATED = "updated", _("修改")
    DELETED = "deleted", _("删除")


class ExactNumbers(json.JSONDecoder):
    """Money in history is as exact as in its table: no float on the way."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"parse_float": Decimal})


class Change(models.Model):
    """One row of history. `before` and `after` are whole rows without masked columns."""

    sequence = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    actor_name = models.TextField()
    request_id = models.TextField()
    table_name = models.TextField()
    row_id = models.UUIDField()
    row_version = models.IntegerField(null=True)
    project_id = models.UUIDField(null=True)
    action = models.TextField(choices=Action.choices)
    before = models.JSONField(null=True, decoder=ExactNumbers)
    after = models.JSONField(null=True, decoder=ExactNumbers)

    class Meta:
        verbose_name = _("变更")
        indexes = [
            # "what changed since version 7", for conflicts
            models.Index(fields=["table_name", "row_id", "row_version"], name="change_by_row"),
            # the history page of a project, newest first
            models.Index(fields=["project_id", "-sequence"], name="change_by_project", condition=models.Q(project_id__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.table_name} {self.action}"


class Pending(models.Model):
    """A change that has no position in the feed yet."""

    sequence = models.BigIntegerField(primary_key=True)


class Feed(models.Model):
    """The place of a change in the feed: given after commit, by one publisher."""

    position = models.BigIntegerField(primary_key=True)
    sequence = models.BigIntegerField(unique=True)


class FeedState(models.Model):
    """The last position given. One row, whose lock is the right to publish."""

    position = models.BigIntegerField(default=0)
