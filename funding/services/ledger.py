"""The only place that inserts transfers: everything locked in the one order, one statement, balances by the trigger."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db.models import Q

from common.actors import Actor
from funding.lifecycle import ADJUSTMENTS, Kind
from funding.models import Allocation, FundingSource, Transfer
from funding.services.moves import Move, project_ids
from projects.models import Project
from projects.services.locks import lock_projects
from reminders.lifecycle import SubjectKind
from reminders.services import settlement


def lock(moves: Sequence[Move]) -> dict[uuid.UUID, Project]:
    """Lock projects, sources and allocations, each in id order; make the allocations that a grant or an adjustment begins."""
    projects = lock_projects(project_ids(moves))
    sources = {move.source.pk for move in moves}
    list(FundingSource.objects.select_for_update(no_key=True).filter(pk__in=sources).order_by("pk"))
    _begin(moves)
    touched = Q(source_id__in=sources, project_id__in=list(projects))
    list(Allocation.objects.select_for_update(no_key=True).filter(touched).order_by("pk"))
    return projects


def fresh(moves: Sequence[Move], projects: dict[uuid.UUID, Project]) -> list[Move]:
    """The same movements with their source and projects as they stand under the lock."""
    sources = {source.pk: source for source in FundingSource.objects.filter(pk__in={move.source.pk for move in moves})}
    found = []
    for move in moves:
        names = {name: projects[project.pk] for name in ("project", "to_project") if (project := getattr(move, name)) is not None}
        found.append(Move(**{**vars(move), "source": sources[move.source.pk], **names}))
    return found


def post(moves: Sequence[Move], *, actor: Actor, today: dt.date) -> list[Transfer]:
    """Insert the transfers of movements that were judged under the lock. A decision without a day occurs today."""
    places = [place for move in moves for place in (move.here, move.there) if place is not None]
    rows = Allocation.objects.filter(source_id__in={place[0] for place in places}, project_id__in={place[1] for place in places})
    allocations = {(row.source_id, row.project_id, row.use): row for row in rows}
    entries = _entries(moves)
    transfers = [
        Transfer(
            **({"id": move.id} if move.id else {}),
            kind=move.reverses.kind if move.reverses else move.kind,
            sign=-1 if move.reverses else 1,
            source=move.source,
            allocation=allocations[move.here] if move.here else None,
            target=allocations[move.there] if move.there else None,
            amount=move.amount,
            occurred_on=move.occurred_on or today,
            document_no=move.document_no,
            voucher_no=move.voucher_no,
            entry=entries.get((move.source.pk, move.voucher_no), 1),
            payee=move.payee,
            purpose=move.purpose,
            reason=move.reason,
            reverses=move.reverses,
            request_id=move.request_id,
            recorded_by=actor.label,
            recorded_by_name=actor.name,
        )
        for move in moves
    ]
    made = Transfer.objects.bulk_create(transfers)
    settlement.review(SubjectKind.IDLE_MONEY, sorted(row.pk for row in allocations.values()), today=today, actor=actor)
    return list(Transfer.objects.filter(pk__in=[transfer.pk for transfer in made]).order_by("sequence"))


def _begin(moves: Sequence[Move]) -> None:
    """An allocation starts with nothing, before money is granted to it."""
    wanted = {move.here for move in moves if move.kind == Kind.GRANT} | {move.there for move in moves if move.kind in ADJUSTMENTS}
    Allocation.objects.bulk_create(
        [Allocation(source_id=source, project_id=project, use=use) for source, project, use in sorted(place for place in wanted if place)],
        ignore_conflicts=True,
    )


def _entries(moves: Sequence[Move]) -> dict[tuple[uuid.UUID, str], int]:
    """How many times each voucher has been entered, with this one: earlier entries were reversed, or the judgement had refused."""
    numbers = {move.voucher_no for move in moves if move.voucher_no}
    counts: dict[tuple[uuid.UUID, str], int] = {}
    if numbers:
        rows = Transfer.objects.filter(source_id__in={move.source.pk for move in moves}, voucher_no__in=numbers, sign=1)
        for source, number, entry in rows.values_list("source_id", "voucher_no", "entry"):
            counts[source, number] = max(counts.get((source, number), 1), entry + 1)
    return counts
