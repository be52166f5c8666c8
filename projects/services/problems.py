"""The problem list: raised, worked on, held, closed, opened again (13710: solved within 7 days, a complex one within a month)."""

import calendar
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common.actors import Actor
from common.errors import Conflict, FutureDate, RuleBroken
from common.recording import recording
from projects import parts
from projects.models import Evidence, Problem, ProblemState, Project
from projects.services.locks import lock_part, lock_project

KIND = "problem"
DAYS_TO_SOLVE = 7


def raise_problem(fields: Mapping[str, Any], *, is_complex: bool = False, actor: Actor, today: dt.date) -> Problem:
    """Put a problem on the list. Its office is the project's unless one is named, its term 7 days, a month where it is complex."""
    problem = Problem(**fields)
    _require_past(problem.raised_on, today)  # before its term is computed: the last days of the calendar have none
    problem.due_on = problem.due_on or _term(problem.raised_on, is_complex)
    with recording(actor):
        project = lock_project(problem.project_id)
        if problem.office_id is None:
            problem.office_id = project.office_id
        _judge(problem, project, today)
        problem.save(force_insert=True)
    return Problem.objects.get(pk=problem.pk)


def edit_problem(problem_id: uuid.UUID, changes: Mapping[str, Any], *, version: int | None, actor: Actor, today: dt.date) -> Problem:
    """Change it, or its state among open, working and on hold; closing and opening again have calls of their own.

    Raises Conflict where it is closed, RuleBroken, FutureDate, Stale, Missing.
    """
    with recording(actor):
        problem = lock_part(Problem, problem_id, version=version)
        if problem.state == ProblemState.CLOSED:
            raise Conflict(_("问题已销号。要修改，请先恢复。"))
        owed = _owed(problem)
        for name, value in changes.items():
            setattr(problem, name, value)
        if problem.state != ProblemState.ON_HOLD:
            problem.hold_reason = ""
        _judge(problem, problem.project, today)
        Problem.objects.filter(pk=problem_id).update(**{**changes, "hold_reason": problem.hold_reason})
        if owed != _owed(problem):
            reason = "问题已挂起" if problem.state == ProblemState.ON_HOLD else "时限已变"
            parts.obligation_ended(KIND, [problem_id], reason=reason, actor=actor)
    return Problem.objects.get(pk=problem_id)


def close_problem(
    problem_id: uuid.UUID, *, on: dt.date, note: str = "", evidence: Evidence | None = None, version: int | None = None, actor: Actor,
    today: dt.date,
) -> Problem:  # fmt: skip
    """Take it off the list, by a sentence or by evidence of the same project. Raises Conflict, FutureDate, RuleBroken."""
    if on > today:
        raise FutureDate.at("on", FutureDate.sentence, FutureDate.code)
    if not note and evidence is None:
        raise RuleBroken.at("note", _("销号须写明如何解决，或附佐证。"), "required")
    with recording(actor):
        problem = lock_part(Problem, problem_id, version=version)
        if problem.state == ProblemState.CLOSED:
            raise Conflict(_("问题已销号。"))
        if on < problem.raised_on:
            raise RuleBroken.at("on", _("销号日期不能早于提出时间 %(day)s。") % {"day": problem.raised_on.isoformat()})
        require_own(evidence, problem.project_id)
        Problem.objects.filter(pk=problem_id).update(
            state=ProblemState.CLOSED, closed_on=on, closing_note=note, closing_evidence=evidence, hold_reason=""
        )
        parts.obligation_ended(KIND, [problem_id], reason="问题已销号", actor=actor)
    return Problem.objects.get(pk=problem_id)


def reopen_problem(problem_id: uuid.UUID, *, reason: str, version: int | None = None, actor: Actor) -> Problem:
    """Put a closed problem back on the list; how it was closed stays in history. Raises Conflict where it is open."""
    with recording(actor):
        problem = lock_part(Problem, problem_id, version=version)
        if problem.state != ProblemState.CLOSED:
            raise Conflict(_("问题没有销号，无须恢复。"))
        Problem.objects.filter(pk=problem_id).update(
            state=ProblemState.WORKING, closed_on=None, closing_note="", closing_evidence=None, reopen_reason=reason
        )
    return Problem.objects.get(pk=problem_id)


def require_own(evidence: Evidence | None, project_id: uuid.UUID) -> None:
    """A file proves something about its own project only."""
    if evidence is not None and evidence.project_id != project_id:
        raise RuleBroken.at("evidence", _("佐证须是本项目的文件。"))


def _judge(problem: Problem, project: Project, today: dt.date) -> None:
    """The rules of a row; the database says most of them by constraint."""
    _require_past(problem.raised_on, today)
    if problem.due_on < problem.raised_on:
        raise RuleBroken.at("due_on", _("时限不能早于提出时间 %(day)s。") % {"day": problem.raised_on.isoformat()})
    if problem.state == ProblemState.ON_HOLD and not problem.hold_reason:
        raise RuleBroken.at("hold_reason", _("挂起须写明原因。"), "required")
    answering = [office.path for office in (project.office, project.authority) if office is not None]
    if not any(path.startswith(problem.office.path) for path in answering):
        raise RuleBroken.at("office", _("责任单位须是项目的责任单位、主管部门或其上级；其他单位请写入配合单位。"))


def _require_past(raised_on: dt.date, today: dt.date) -> None:
    if raised_on > today:
        raise FutureDate.at("raised_on", FutureDate.sentence, FutureDate.code)


def _owed(problem: Problem) -> dt.date | None:
    """The day by which somebody owes it; None on hold."""
    return None if problem.state == ProblemState.ON_HOLD else problem.due_on


def _term(raised_on: dt.date, is_complex: bool) -> dt.date:
    if not is_complex:
        return raised_on + dt.timedelta(days=DAYS_TO_SOLVE)
    year, month = (raised_on.year + 1, 1) if raised_on.month == 12 else (raised_on.year, raised_on.month + 1)
    return raised_on.replace(year=year, month=month, day=min(raised_on.day, calendar.monthrange(year, month)[1]))
