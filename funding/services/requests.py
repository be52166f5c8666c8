"""Decisions about money: asked for by one person, decided by another."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Principal
from common.decisions import RequestState, decided, require_another, require_maker, require_open
from common.errors import Conflict, Malformed, Missing, RuleBroken, Stale
from common.ids import uuid7
from common.recording import recording
from funding.lifecycle import OF_THE_POOL, RequestKind
from funding.models import TransferRequest
from funding.services import ids, judgement, ledger, repayments
from funding.services.moves import REQUESTED, REVERSE, Check, Move, at, of_request, project_ids, require_shape
from projects.services.locks import lock_projects

# A request reserves nothing: whether there is enough is judged when it is approved.
JUDGED_LATER = ("insufficient_balance",)


def request_transfers(moves: Sequence[Move], *, actor: Principal, today: dt.date) -> list[TransferRequest]:
    """Ask for movements, all of one act in one batch, whole or not at all.

    Raises Malformed, FutureDate, RuleBroken, MoneyBlocked, IneligibleUse, AlreadyReversed and Duplicate (an id again), with line
    and field.
    """
    standing = _completed(moves)
    lines = judgement.judge(standing, today=today, is_final=False)
    judgement.block(lines, but=JUDGED_LATER)
    batch = uuid7()
    with recording(actor):
        lock_projects(project_ids(standing))
        ids.require_new(standing, TransferRequest)
        with ids.inserting(standing, TransferRequest):
            made = TransferRequest.objects.bulk_create(_row(line, batch, actor) for line in lines)
    return _read(request.pk for request in made)


def validate(moves: Sequence[Move], *, today: dt.date) -> list[list[Check]]:
    """What each movement would meet if it were decided now. Changes nothing; raises only Malformed and the absurd."""
    return [line.checks for line in judgement.judge(_completed(moves), today=today)]


def approve(
    request_ids: Sequence[uuid.UUID],
    *,
    actor: Principal,
    today: dt.date,
    now: dt.datetime,
    version: int | None = None,
    expected_count: int | None = None,
) -> list[TransferRequest]:
    """Agree and move the money, in one transaction; everything is judged again under the lock.

    Raises SamePerson, AlreadyDecided, Stale, Conflict (not as many as expected) and all that blocks a movement.
    """
    with recording(actor):
        requests, projects = _lock(request_ids)
        _require_another(requests, actor)
        _require_open(requests, version, expected_count)
        asked = [of_request(request) for request in requests]
        moves = ledger.fresh(asked, projects | ledger.lock(asked))
        lines = judgement.judge(moves, today=today)
        judgement.block(lines)
        ledger.post(moves, actor=actor, today=today)
        _decide(requests, RequestState.APPROVED, actor=actor, now=now)
        _keep_checks(requests, lines)
        for source in sorted({move.source.pk for move in moves if _changes_the_issue(move)}):
            repayments.reschedule(source, actor=actor)
    return _read(request_ids)


def reject(
    request_ids: Sequence[uuid.UUID],
    *,
    note: str,
    actor: Principal,
    now: dt.datetime,
    version: int | None = None,
    expected_count: int | None = None,
) -> list[TransferRequest]:
    """Send requests back with a reason. Raises SamePerson, AlreadyDecided, Stale and Conflict."""
    with recording(actor):
        requests, _projects = _lock(request_ids)
        _require_another(requests, actor)
        _require_open(requests, version, expected_count)
        _decide(requests, RequestState.REJECTED, note=note, actor=actor, now=now)
    return _read(request_ids)


def withdraw(request_id: uuid.UUID, *, actor: Principal, now: dt.datetime, version: int | None = None) -> TransferRequest:
    """Take one's own request back before it is decided. Raises Denied, AlreadyDecided and Stale."""
    return withdraw_all([request_id], actor=actor, now=now, version=version)[0]


def withdraw_all(
    request_ids: Sequence[uuid.UUID],
    *,
    actor: Principal,
    now: dt.datetime,
    version: int | None = None,
    expected_count: int | None = None,
) -> list[TransferRequest]:
    """The same for all of one act, whole or not at all. Raises Conflict when they are not as many as expected."""
    with recording(actor):
        requests, _projects = _lock(request_ids)
        for request in requests:
            require_maker(request.requested_by_id, actor)
        _require_open(requests, version, expected_count)
        _decide(requests, RequestState.WITHDRAWN, actor=actor, now=now)
    return _read(request_ids)


def _completed(moves: Sequence[Move]) -> list[Move]:
    """Reversals with what they mirror, everything of the right shape."""
    faults = [
        at(index, "kind", "invalid_choice", _("没有这一类别。")) for index, move in enumerate(moves) if move.kind not in RequestKind.values
    ]
    if faults:
        raise Malformed(faults=faults)
    require_shape(moves)
    return [_mirrored(index, move) if move.kind == REVERSE else move for index, move in enumerate(moves)]


def _mirrored(index: int, move: Move) -> Move:
    """A reversal bears all that its original does. What the caller repeats must be equal; a reversal itself is never reversed."""
    original = move.reverses
    assert original is not None
    if original.sign < 0:
        raise RuleBroken(faults=[at(index, "reverses", "invalid", _("冲正不能再冲正；请重新登记。"))])
    mirror: dict[str, Any] = {"source": original.source, "amount": original.amount}
    for names, allocation in ((("project", "use"), original.allocation), (("to_project", "to_use"), original.target)):
        mirror |= {names[0]: allocation and allocation.project, names[1]: allocation and allocation.use}
    faults = [
        at(index, name, "differs", _("与原记录不同；冲正须与原记录一致。"))
        for name, value in mirror.items()
        if getattr(move, name) is not None and getattr(move, name) != value
    ]
    if faults:
        raise RuleBroken(faults=faults)
    return Move(**{**vars(move), **mirror})


def _row(line: judgement.Line, batch: uuid.UUID, actor: Principal) -> TransferRequest:
    move = line.move
    assert actor.id is not None  # a decision is asked for by a person or a client, never by the system
    return TransferRequest(
        **({"id": move.id} if move.id else {}),
        **{name: getattr(move, name) for name in REQUESTED},
        batch=batch,
        checks=judgement.stored(line.checks),
        requested_by_id=actor.id,
        requested_by_name=actor.name,
    )


def _lock(request_ids: Sequence[uuid.UUID]) -> tuple[list[TransferRequest], Any]:
    """The projects of the requests, then the requests, each in id order."""
    ids = set(request_ids)
    named = TransferRequest.objects.filter(pk__in=ids).values_list("project_id", "to_project_id")
    projects = lock_projects(key for pair in named for key in pair if key is not None)
    list(TransferRequest.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    requests = TransferRequest.objects.filter(pk__in=ids).select_related(
        "source", "project", "to_project", "eligibility_item", "reverses__source"
    )
    found = list(requests.order_by("pk"))
    if not found or len(found) < len(ids):
        raise Missing
    return found, projects


def _require_another(requests: Sequence[TransferRequest], actor: Principal) -> None:
    for request in requests:
        require_another(request.requested_by_id, actor)


def _require_open(requests: Sequence[TransferRequest], version: int | None, expected_count: int | None) -> None:
    if version is not None and requests[0].version != version:
        raise Stale
    if expected_count is not None and expected_count != len(requests):
        raise Conflict(_("应有 %(expected)s 笔，实有 %(found)s 笔，请重新核对。") % {"expected": expected_count, "found": len(requests)})
    for request in requests:
        require_open(request.state)


def _decide(requests: Sequence[TransferRequest], state: str, *, actor: Principal, now: dt.datetime, note: str = "") -> None:
    TransferRequest.objects.filter(pk__in=[request.pk for request in requests]).update(**decided(state, actor=actor, now=now, note=note))


def _keep_checks(requests: Sequence[TransferRequest], lines: Sequence[judgement.Line]) -> None:
    """What the rules said at the moment of approval, where it is not what they said when it was asked."""
    changed = []
    for request, line in zip(requests, lines, strict=True):
        if (checks := judgement.stored(line.checks)) != request.checks:
            request.checks = checks
            changed.append(request)
    TransferRequest.objects.bulk_update(changed, ["checks"])


def _changes_the_issue(move: Move) -> bool:
    return (move.reverses.kind if move.reverses else move.kind) in OF_THE_POOL


def _read(request_ids: Iterable[uuid.UUID]) -> list[TransferRequest]:
    return list(TransferRequest.objects.filter(pk__in=list(request_ids)).order_by("pk"))
