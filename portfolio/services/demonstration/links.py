"""What must come before what, in some of the generated works: a chain with time left here and there, beside it what goes on meanwhile."""

from collections.abc import Iterator, Sequence
from random import Random

from milestones.models import Dependency, Milestone
from projects.lifecycle import Stage
from projects.models import Project

LINKED = 0.08  # of the works: most offices never say it
SLACK = (0, 0, 0, 5, 15, 30)  # days left between two steps
MEANWHILE = 3  # every third step goes on beside the chain


def build(projects: Sequence[Project], *, rng: Random) -> None:
    """Runs inside the transaction that makes the city."""
    works = [project.pk for project in projects if project.stage == Stage.CONSTRUCTION and not project.is_package]
    chosen = rng.sample(works, round(len(works) * LINKED))
    rows: dict[object, list[Milestone]] = {key: [] for key in chosen}
    for row in Milestone.objects.filter(project__in=chosen, due_on__isnull=False).order_by("position"):
        rows[row.project_id].append(row)
    Dependency.objects.bulk_create(link for steps in rows.values() for link in _links(steps, rng))


def _links(steps: Sequence[Milestone], rng: Random) -> Iterator[Dependency]:
    for number, after in enumerate(steps):
        is_last = number == len(steps) - 1
        near = [number - 1, number - 2] if (number - 1) % MEANWHILE == MEANWHILE - 1 else [number - 1]
        wanted = [number - 2] if number % MEANWHILE == MEANWHILE - 1 and not is_last else near
        for place in wanted:
            if place >= 0 and (days := _between(steps[place], after)) > 0:
                yield Dependency(project_id=after.project_id, before=steps[place], after=after, lag_days=max(days - rng.choice(SLACK), 1))


def _between(before: Milestone, after: Milestone) -> int:
    assert before.due_on is not None and after.due_on is not None  # only dated ones are linked
    return (after.due_on - before.due_on).days
