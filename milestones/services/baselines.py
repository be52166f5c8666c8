"""Taking a picture of a project's dates."""

import uuid

from django.db import IntegrityError, transaction

from common.actors import Actor
from common.recording import recording
from milestones.errors import NameTaken
from milestones.models import Baseline, BaselineDate, Milestone
from projects.services.locks import lock_project

COPIED = ("name", "kind", "position", "is_key", "weight", "baseline_on", "due_on", "forecast_on", "achieved_on")


def take(project_id: uuid.UUID, *, name: str, note: str = "", actor: Actor) -> Baseline:
    """Keep every date of a project as it stands, under a name. Raises Missing and NameTaken."""
    with recording(actor):
        lock_project(project_id)
        baseline = Baseline(project_id=project_id, name=name, note=note, taken_by_id=actor.id, taken_by_name=actor.name)
        try:
            with transaction.atomic():
                baseline.save(force_insert=True)
        except IntegrityError as error:
            raise NameTaken.at("name") from error
        BaselineDate.objects.bulk_create(
            BaselineDate(
                baseline=baseline, project_id=project_id, milestone_id=row.pk, **{column: getattr(row, column) for column in COPIED}
            )
            for row in Milestone.objects.filter(project_id=project_id).order_by("position", "id")
        )
    return baseline
