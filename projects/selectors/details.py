"""What only a project's detail shows: the moves it may make, its people, its history."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from accounts.roles import Principal
from common.shapes import money
from history import selectors as history_selectors
from projects import gates, lifecycle, parts
from projects.gates import Blocker
from projects.lifecycle import Stage
from projects.models import Assignment, Project


def move_blockers(project: Project, to: str, on: dt.date) -> list[Blocker]:
    """What stands in the way of a move. Going back to where a suspended project stood asks nothing anew."""
    return [] if to == project.stage_before_suspension else gates.blockers(project.pk, to, on)


def next_stages(project: Project, *, on: dt.date) -> list[dict[str, Any]]:
    """Every move from the present stage, with what stands in its way."""
    moves = []
    for stage in lifecycle.next_stages(project.stage, project.stage_before_suspension):
        blockers = move_blockers(project, stage, on)
        moves.append(
            {
                "stage": stage,
                "stage_display": Stage(stage).label,
                "allowed": not blockers,
                "blockers": [{"code": blocker.code, "detail": blocker.detail} for blocker in blockers],
            }
        )
    return moves


def assignments(project_id: uuid.UUID) -> list[dict[str, Any]]:
    """All parts in a project, past ones too."""
    rows = Assignment.objects.filter(project_id=project_id).select_related("user").order_by("part", "id")
    return [
        {
            "id": row.id,
            "user": {"id": row.user_id, "name": row.user.name},
            "part": row.part,
            "part_display": row.get_part_display(),
            "valid_from_on": row.valid_from_on,
            "valid_until_on": row.valid_until_on,
            "version": row.version,
        }
        for row in rows
    ]


def detail(project: Project, actor: Principal, *, today: dt.date) -> dict[str, Any]:
    """All of it, with what upper apps add to a detail."""
    added = {part.name: part.rows([project.pk], actor, today).get(project.pk, []) for part in parts.detail_parts()}
    return {"next_stages": next_stages(project, on=today), "assignments": assignments(project.pk)} | added


# Tables under a project whose changes are told, and the columns that may be: history leaves only through this list.
TOLD = {
    "projects_project": (
        "project",
        ("code", "name", "aliases", "is_package", "package", "sector", "region", "office", "authority", "unit_name", "unit_uscc", "stage", "nature",
         "approval_mode", "level", "total_investment", "capital", "scale", "starts_year", "ends_year", "lon", "lat", "is_public", "reminders_from_on"),
    ),
    "projects_assignment": ("assignment", ("user", "part", "valid_from_on", "valid_until_on")),
    "projects_projecttag": ("tag", ("tag",)),
    "projects_stagemove": ("transition", ("from_stage", "to_stage", "on", "reason")),
    "milestones_milestone": (
        "milestone",
        ("name", "kind", "position", "is_key", "weight", "basis", "document_no", "baseline_on", "due_on", "forecast_on", "forecast_reason",
         "achieved_on", "is_evidence_required", "override_reason", "reopen_reason", "note"),
    ),
    "milestones_datechange": (
        "date_change", ("milestone", "from_on", "to_on", "cause", "reason", "document_no", "state", "decided_by_name", "decided_at", "decision_note"),
    ),
    "milestones_dependency": ("dependency", ("before", "after", "lag_days")),
    "milestones_baseline": ("baseline", ("name", "note")),
    "milestones_milestoneevidence": ("milestone_evidence", ("milestone", "evidence")),
    "projects_problem": (
        "problem",
        ("kind", "text", "raised_on", "level_needed", "office", "supporting_offices", "person", "due_on", "measures", "state", "hold_reason",
         "closed_on", "closing_note", "closing_evidence", "reopen_reason"),
    ),
    "projects_permit": ("permit", ("kind", "state", "department", "due_on", "done_on", "number", "evidence", "note")),
    "projects_evidence": ("evidence", ("kind", "name", "media_type", "size", "sha256", "taken_at", "lon", "lat")),
    "reminders_mute": ("mute", ("reason", "from_on", "until_on", "state")),
    "reminders_officialletter": ("letter", ("kind", "year", "number", "due_on", "issued_on")),
    "portfolio_commitmentproject": ("commitment", ("commitment",)),
    "projects_monthlyreport": (
        "report",
        ("month", "invested", "physical_percent", "narrative", "no_change", "state", "return_count", "due_on", "return_reason", "plan_reason",
         "correction_reason"),
    ),
    "projects_plan": ("plan", ("year", "revision", "investment", "monthly", "content", "state", "due_on", "return_reason")),
    "projects_reportrevision": (
        "report_revision",
        ("report", "number", "from_invested", "invested", "from_physical_percent", "physical_percent", "narrative", "reason", "state", "decision_note"),
    ),
    "funding_allocation": ("allocation", ("source", "use", "granted", "received", "paid")),
    "funding_balanceplan": ("balance_plan", ("year", "income", "cost", "principal", "interest")),
    # never the project that an adjustment moves money to: it may be out of the reader's reach
    "funding_transferrequest": (
        "transfer_request",
        ("kind", "state", "source", "project", "use", "amount", "occurred_on", "ground", "document_no", "reason"),
    ),
}  # fmt: skip


MONEY = (
    "total_investment", "capital", "invested", "granted", "received", "paid", "income", "cost", "principal", "interest", "amount",
    "investment", "from_invested",
)  # fmt: skip
# column → its shape in the API, from its value in history
FORMS: dict[str, Callable[[Any], Any]] = dict.fromkeys(MONEY, money) | {
    "physical_percent": lambda value: None if value is None else f"{value:.2f}",
    "from_physical_percent": lambda value: None if value is None else f"{value:.2f}",
    "monthly": lambda value: None if value is None else [money(amount) for amount in value],
    "month": lambda value: None if value is None else value[:7],
}


def history(project_id: uuid.UUID) -> Any:
    """The changes of a project and its parts that may be told, as rows of `HISTORY_COLUMNS`."""
    return history_selectors.changes_of_project(project_id, tables=list(TOLD))


HISTORY_COLUMNS = ("sequence", "at", "actor", "actor_name", "table_name", "row_id", "action", "before", "after", "request_id")


def shape_change(row: tuple[Any, ...]) -> dict[str, Any]:
    """A change as the API gives it: only listed fields, only those that changed."""
    f = dict(zip(HISTORY_COLUMNS, row, strict=True))
    resource, columns = TOLD[f["table_name"]]
    changed = history_selectors.changed_fields(f["before"], f["after"], columns)
    for field in changed:
        if form := FORMS.get(field["name"]):
            field |= {side: form(field[side]) for side in ("before", "after")}
    return {
        "sequence": f["sequence"],
        "at": f["at"],
        "actor": history_selectors.actor_of(f["actor"], f["actor_name"]),
        "action": f["action"],
        "resource": resource,
        "resource_id": f["row_id"],
        "fields": changed,
        "request_id": f["request_id"],
    }
