"""Requests to move a due date as others read them, and the decision they wait for as an obligation."""

from typing import Any

from django.db.models import Count, F, IntegerField, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from accounts.roles import DECIDERS, Principal
from common.decisions import RequestState
from common.expressions import DaysBetween
from common.shapes import ref
from milestones.models import Cause, DateChange
from reminders.lifecycle import SubjectKind
from reminders.sources import Awaited, Source

COLUMNS = (
    "id", "milestone_id", "milestone__name", "project_id", "project__name", "project__code", "from_on", "to_on", "cause", "reason", "document_no",
    "document_id", "document__name", "impact", "state", "decision_due_on", "earlier_count", "earlier_days", "requested_by_id", "requested_by_name",
    "decided_by_id", "decided_by_name", "decided_at", "decision_note", "version", "created_at", "updated_at",
)  # fmt: skip


def date_changes(actor: Principal) -> QuerySet[DateChange]:
    """What the actor may see, with the number and the sum of the approved moves that were asked for earlier."""
    earlier = (
        DateChange.objects.filter(milestone=OuterRef("milestone"), state=RequestState.APPROVED, created_at__lt=OuterRef("created_at"))
        .order_by()
        .values("milestone")
    )
    count = Subquery(earlier.annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    days = Subquery(earlier.annotate(n=Sum(DaysBetween(F("to_on"), F("from_on")))).values("n"), output_field=IntegerField())
    return DateChange.objects.visible_to(actor).annotate(earlier_count=Coalesce(count, Value(0)), earlier_days=Coalesce(days, Value(0)))


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it."""
    f = dict(zip(COLUMNS, row, strict=True))
    is_decided = f["state"] != RequestState.REQUESTED
    return {
        "id": f["id"],
        "milestone": {"id": f["milestone_id"], "name": f["milestone__name"]},
        "project": ref(f["project_id"], f["project__name"], f["project__code"]),
        "from_on": f["from_on"],
        "to_on": f["to_on"],
        "days": (f["to_on"] - f["from_on"]).days,
        "cause": f["cause"],
        "cause_display": Cause(f["cause"]).label,
        "reason": f["reason"],
        "document_no": f["document_no"],
        "document": {"id": f["document_id"], "name": f["document__name"]} if f["document_id"] else None,
        "impact": f["impact"],
        "earlier": {"count": f["earlier_count"], "days": f["earlier_days"]},
        "state": f["state"],
        "state_display": RequestState(f["state"]).label,
        "decision_due_on": f["decision_due_on"],
        "requested_by": {"id": f["requested_by_id"], "name": f["requested_by_name"]},
        "decided_by": {"id": f["decided_by_id"], "name": f["decided_by_name"]} if is_decided else None,
        "decided_at": f["decided_at"],
        "decision_note": f["decision_note"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


OBLIGATIONS = Source(
    kind=SubjectKind.DATE_CHANGE,
    obligations="""
        SELECT c.id AS subject_id, m.name || '：' || to_char(c.from_on, 'YYYY-MM-DD') || ' → ' || to_char(c.to_on, 'YYYY-MM-DD') AS subject_name,
               p.id AS project_id, p.office_id, p.authority_id, c.decision_due_on AS due_on,
               c.requested_by_id AS maker_id
          FROM milestones_datechange c JOIN milestones_milestone m ON m.id = c.milestone_id JOIN projects_project p ON p.id = c.project_id
         WHERE c.state = 'requested' AND p.stage NOT IN ('suspended', 'cancelled')""",
    touched="""
        SELECT id FROM milestones_datechange WHERE updated_at >= %(since)s
         UNION SELECT c.id FROM projects_status s JOIN milestones_datechange c ON c.project_id = s.project_id WHERE s.updated_at >= %(since)s""",
    to_do=gettext_lazy("请审批：同意，或写明原因退回。"),
    actions=("approve", "reject"),
    page="/date-changes/{subject}/",
    roles=DECIDERS,
    leads_answer=False,
    has_maker=True,
    facts="""SELECT jsonb_build_object('version', c.version, 'from_on', c.from_on, 'to_on', c.to_on, 'reason', c.reason,
                                       'requested_by_name', c.requested_by_name, 'asked_at', c.created_at)
               FROM milestones_datechange c WHERE c.id = w.subject_id""",
    done="""SELECT p.id AS project_id, p.office_id, (c.decided_at AT TIME ZONE 'Asia/Shanghai')::date AS done_on, c.decided_by_id AS done_by_id
              FROM milestones_datechange c JOIN projects_project p ON p.id = c.project_id WHERE c.state IN ('approved', 'rejected')""",
)

AWAITED = Awaited(
    kind=SubjectKind.DATE_CHANGE,
    requests=f"""
        SELECT o.subject_id, o.subject_name, o.project_id, o.office_id, c.created_at AS asked_at, o.maker_id AS asked_by_id
          FROM ({OBLIGATIONS.obligations}) o JOIN milestones_datechange c ON c.id = o.subject_id""",  # noqa: S608 (our own SQL)
    page="/date-changes/{subject}/",
    is_decision=True,
)
