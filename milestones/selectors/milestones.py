"""Milestones as others read them: rows of the API, the gate of a move, the source of reminders."""

import datetime as dt
import uuid
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext_lazy as _

from accounts.roles import Principal
from milestones.models import Dependency, Kind, Milestone, MilestoneEvidence
from milestones.querysets import MilestoneQuerySet
from projects.gates import Blocker
from projects.lifecycle import Stage
from reminders.lifecycle import SubjectKind
from reminders.sources import Source

DEPENDS_ON = (
    Dependency.objects.filter(after=OuterRef("pk"))
    .order_by("before__position", "before_id")
    .values(item=JSONObject(milestone="before_id", lag_days="lag_days"))
)
PROOFS = (
    MilestoneEvidence.objects.filter(milestone=OuterRef("pk"))
    .order_by("id")
    .values(item=JSONObject(id="evidence_id", name="evidence__name"))
)


def milestones(actor: Principal, *, today: dt.date) -> MilestoneQuerySet:
    """What the actor may see, judged by the day, be it past."""
    rows = Milestone.objects.visible_to(actor).judged(today=today, past=today < actor.today)
    return rows.annotate(depends_on=ArraySubquery(DEPENDS_ON), proofs=ArraySubquery(PROOFS))


def present(rows: MilestoneQuerySet) -> list[dict[str, Any]]:
    """Rows as the API gives them."""
    return [shape(row) for row in rows.values_list(*COLUMNS)]


def milestones_of_projects(project_ids: list[uuid.UUID], actor: Principal, today: dt.date) -> dict[uuid.UUID, list[dict[str, Any]]]:
    """The milestones of each project in order, for `expand=milestones`."""
    found: dict[uuid.UUID, list[dict[str, Any]]] = {project_id: [] for project_id in project_ids}
    rows = milestones(actor, today=today).of_projects(project_ids).order_by("project_id", "position", "id")
    for row in present(rows):
        found[row["project"]["id"]].append(row)
    return found


def unmet_ends(project_id: uuid.UUID, to: str, on: dt.date) -> list[Blocker]:
    """Construction needs an achieved start, completion an achieved completion milestone (practice of other cities' systems)."""
    needed = {Stage.CONSTRUCTION: Kind.START, Stage.COMPLETED: Kind.COMPLETION}.get(Stage(to))
    if needed is None or Milestone.objects.filter(project_id=project_id, kind=needed, achieved_on__lte=on).exists():
        return []
    sentences = {Kind.START: _("开工节点尚未完成"), Kind.COMPLETION: _("竣工节点尚未完成")}
    return [Blocker(f"{needed}_not_achieved", sentences[needed])]


OBLIGATIONS = Source(
    kind=SubjectKind.MILESTONE,
    obligations="""
        SELECT m.id AS subject_id, m.name AS subject_name, p.id AS project_id, p.office_id, p.authority_id, m.due_on
          FROM milestones_milestone m JOIN projects_project p ON p.id = m.project_id
         WHERE m.achieved_on IS NULL AND m.due_on IS NOT NULL AND projects_dates_press(p.stage)
           AND (p.reminders_from_on IS NULL OR m.due_on >= p.reminders_from_on)""",
    touched="""
        SELECT id FROM milestones_milestone WHERE updated_at >= %(since)s
         UNION SELECT m.id FROM projects_status s JOIN milestones_milestone m ON m.project_id = s.project_id WHERE s.updated_at >= %(since)s""",
    to_do=_("完成后请报完成；不能按期的，请报预测日期并申请调整。"),
    actions=("achieve", "forecast"),
    answered="""
        SELECT id FROM milestones_milestone WHERE forecast_on >= %(today)s
         UNION ALL SELECT milestone_id FROM milestones_datechange WHERE state = 'requested'""",
    remarks="""
        SELECT m.id AS subject_id, coalesce('已申请调整至 ' || to_char(c.to_on, 'YYYY-MM-DD') || '，待审批',
                                            '预计 ' || to_char(m.forecast_on, 'YYYY-MM-DD') || ' 完成') AS remark
          FROM milestones_milestone m LEFT JOIN milestones_datechange c ON c.milestone_id = m.id AND c.state = 'requested'
         WHERE m.id = ANY (%(ids)s) AND (c.id IS NOT NULL OR m.forecast_on >= %(today)s)""",
    facts="""SELECT jsonb_build_object('version', m.version, 'forecast_on', m.forecast_on,
                                       'asked', (SELECT jsonb_build_object('id', c.id, 'to_on', c.to_on, 'state', c.state, 'note', c.decision_note,
                                                                            'by', c.decided_by_name)
                                                    FROM milestones_datechange c WHERE c.milestone_id = m.id ORDER BY c.created_at DESC LIMIT 1),
                                       'needs_photo', m.is_evidence_required,
                                       'is_blocked', EXISTS (SELECT FROM milestones_dependency d JOIN milestones_milestone b ON b.id = d.before_id
                                                              WHERE d.after_id = m.id AND b.achieved_on IS NULL))
               FROM milestones_milestone m WHERE m.id = w.subject_id""",
    done="""SELECT p.id AS project_id, p.office_id, coalesce(m.reported_on, m.achieved_on) AS done_on
              FROM milestones_milestone m JOIN projects_project p ON p.id = m.project_id WHERE m.achieved_on IS NOT NULL""",
    page="/milestones/{subject}/",
)

COLUMNS = (
    "id", "project_id", "project__name", "project__code", "name", "kind", "position", "is_key", "weight", "basis", "baseline_on",
    "due_on", "forecast_on", "achieved_by", "is_overdue", "overdue_days", "slippage_days", "was_late", "note", "document_no", "forecast_reason",
    "depends_on", "proofs", "is_evidence_required", "override_reason", "version", "created_at", "updated_at",
)  # fmt: skip


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it."""
    facts = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": facts["id"],
        "project": {"id": facts["project_id"], "name": facts["project__name"], "code": facts["project__code"]},
        "name": facts["name"],
        "kind": facts["kind"],
        "kind_display": Kind(facts["kind"]).label,
        "position": facts["position"],
        "is_key": facts["is_key"],
        "weight": None if facts["weight"] is None else f"{facts['weight']:.2f}",
        "basis": facts["basis"],
        "document_no": facts["document_no"],
        "baseline_on": facts["baseline_on"],
        "due_on": facts["due_on"],
        "forecast_on": facts["forecast_on"],
        "forecast_reason": facts["forecast_reason"],
        "achieved_on": facts["achieved_by"],
        "is_overdue": facts["is_overdue"],
        "overdue_days": facts["overdue_days"],
        "slippage_days": facts["slippage_days"],
        "was_late": facts["was_late"],
        "depends_on": facts["depends_on"],
        "evidence": facts["proofs"],
        "is_evidence_required": facts["is_evidence_required"],
        "override_reason": facts["override_reason"],
        "note": facts["note"],
        "version": facts["version"],
        "created_at": facts["created_at"],
        "updated_at": facts["updated_at"],
    }
