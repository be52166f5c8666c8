"""What registration owes to a project that enters in the middle of its life: the moves it made before."""

from collections.abc import Collection
from typing import Any

from projects.lifecycle import Stage
from projects.models import Project, StageMove, Status

REASON = "登记时按节点补记"
BATCH = 4000


def record_moves(projects: Collection[Project]) -> None:
    """Write the moves that the milestones prove, so that the stage on a past day can be told.

    Runs inside the caller's transaction. A move whose day nobody knows is left out, never invented.
    """
    facts = Status.objects.filter(pk__in=[project.pk for project in projects]).values_list(
        "pk", "start_achieved_on", "completion_achieved_on"
    )
    known = {key: (started_on, completed_on) for key, started_on, completed_on in facts.iterator()}
    moves = [move for project in projects for move in _moves(project, *known[project.pk])]
    StageMove.objects.bulk_create(moves, batch_size=BATCH)


def _moves(project: Project, started_on: Any, completed_on: Any) -> list[StageMove]:
    stage = project.stage_before_suspension or project.stage
    found = []
    if started_on and stage in (Stage.CONSTRUCTION, Stage.COMPLETED, Stage.OPERATION):
        found.append((Stage.PREPARATION, Stage.CONSTRUCTION, started_on))
    if completed_on and stage in (Stage.COMPLETED, Stage.OPERATION):
        found.append((Stage.CONSTRUCTION, Stage.COMPLETED, completed_on))
        if stage == Stage.OPERATION:
            found.append((Stage.COMPLETED, Stage.OPERATION, completed_on))
    return [StageMove(project=project, from_stage=source, to_stage=target, on=on, reason=REASON) for source, target, on in found]
