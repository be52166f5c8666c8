"""Makes the city around the real projects, once, in one transaction."""

import datetime as dt
from random import Random
from typing import NamedTuple

from common.actors import Actor
from common.recording import recording
from milestones.models import Milestone
from portfolio.selectors.demonstration import LABEL
from portfolio.services import entry
from portfolio.services.demonstration import chase, links, money, months, packages, people, sites
from portfolio.services.demonstration.projects import Drawn, Lists, draw
from projects.models import Project, ProjectTag, Status, Tag

KIND = "demo"
SIZE = 3218
OVERDUE = 0.1
BATCH = 4000


class Built(NamedTuple):
    """How many rows are new."""

    projects: int = 0
    milestones: int = 0
    people: int = 0
    assignments: int = 0
    allocations: int = 0


def exists() -> bool:
    return Tag.objects.filter(kind=KIND, label=LABEL).exists()


def build(*, seed: int, size: int = SIZE, today: dt.date, actor: Actor) -> Built:
    """Generate projects up to `size` in all, and the people; nothing when the demonstration is there already.

    The same seed, day and real projects give the same city, but for the keys.
    """
    if exists():
        return Built()
    with recording(actor):
        rng = Random(seed)  # noqa: S311
        drawn = _draw(size, today, rng)
        milestones = _insert(drawn)
        new_people, assignments = people.create(today=today, rng=rng)
        projects = [row.project for row in drawn]
        allocations = money.build(projects, today=today, rng=rng, actor=actor)
        months.build(projects, today=today, rng=rng, actor=actor)
        sites.build(projects, today=today, rng=rng, actor=actor)
        chase.build(projects, today=today, rng=rng)
        links.build(projects, rng=rng)
        return Built(len(drawn), milestones, new_people, assignments, allocations)


def _draw(size: int, today: dt.date, rng: Random) -> list[Drawn]:
    taken = set(Project.objects.values_list("name", flat=True))
    count = max(size - len(taken), 0)
    late = max(round(size * OVERDUE) - Status.objects.filter(late_from_on__lt=today).count(), 0)
    wanted = min(packages.COUNT, count // 20)
    lists = Lists.read()
    drawn = draw(count - wanted, late=late, taken=taken, lists=lists, today=today, rng=rng)
    bundles = packages.bundle(drawn, count=wanted, taken=taken, today=today, rng=rng)
    missing = count - len(drawn) - len(bundles)
    taken |= {row.project.name for row in drawn}
    return bundles + drawn + draw(missing, late=0, taken=taken, lists=lists, today=today, rng=rng)


def _insert(drawn: list[Drawn]) -> int:
    projects = [row.project for row in drawn]
    tag = Tag.objects.create(kind=KIND, label=LABEL)
    Project.objects.bulk_create(projects, batch_size=BATCH)
    ProjectTag.objects.bulk_create([ProjectTag(project=project, tag=tag) for project in projects], batch_size=BATCH)
    milestones = [Milestone(project=row.project, **columns) for row in drawn for columns in row.milestones]
    Milestone.objects.bulk_create(milestones, batch_size=BATCH)
    entry.record_moves(projects)
    return len(milestones)
