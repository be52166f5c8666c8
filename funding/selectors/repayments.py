"""When principal and interest fall due: rows of the API, and the source of reminders."""

import datetime as dt
from typing import Any

from django.db.models import BooleanField, Case, DateField, F, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy

from accounts.roles import Principal, Role
from common.expressions import DaysBetween
from common.shapes import money
from funding.models import Repayment
from reminders.lifecycle import SubjectKind
from reminders.sources import Source


def repayments(actor: Principal, *, today: dt.date) -> QuerySet:
    """What the actor may see, judged by the day: what was paid after it was not paid yet."""
    is_paid = Q(paid_on__lte=today)
    late, ahead = Q(due_on__lt=today) & ~Q(is_paid=True), Q(due_on__gte=today) & ~Q(is_paid=True)
    return (
        Repayment.objects.visible_to(actor)
        .annotate(
            is_paid=Case(When(is_paid, then=Value(True)), default=Value(False), output_field=BooleanField()),
            paid_by=Case(When(is_paid, then=F("paid_on")), default=None, output_field=DateField()),
        )
        .annotate(
            is_overdue=Case(When(late, then=Value(True)), default=Value(False), output_field=BooleanField()),
            overdue_days=Case(When(late, then=DaysBetween(today, F("due_on"))), default=Value(0), output_field=IntegerField()),
            days_left=Case(When(ahead, then=DaysBetween(F("due_on"), today)), default=None, output_field=IntegerField()),
        )
    )


COLUMNS = (
    "id", "bond__source_id", "bond__source__name", "bond__code", "number", "due_on", "principal", "interest", "is_paid", "paid_by", "document_no",
    "reopen_reason", "is_overdue", "overdue_days", "days_left", "version", "created_at", "updated_at",
)  # fmt: skip


def shape(row: tuple[Any, ...]) -> dict[str, Any]:
    """A row of `COLUMNS` as the API gives it. `days_left` is null when it is paid or late."""
    f = dict(zip(COLUMNS, row, strict=True))
    return {
        "id": f["id"],
        "bond": {"id": f["bond__source_id"], "name": f["bond__source__name"], "code": f["bond__code"]},
        "number": f["number"],
        "due_on": f["due_on"],
        "principal": money(f["principal"]),
        "interest": money(f["interest"]),
        "total": money(f["principal"] + f["interest"]),
        "is_paid": f["is_paid"],
        "paid_on": f["paid_by"],
        "document_no": f["document_no"] if f["is_paid"] else "",
        "reopen_reason": f["reopen_reason"],
        "is_overdue": f["is_overdue"],
        "overdue_days": f["overdue_days"],
        "days_left": f["days_left"],
        "version": f["version"],
        "created_at": f["created_at"],
        "updated_at": f["updated_at"],
    }


# The money must lie ready on the day (field practice: 60, 30 and 10 days ahead). A whole source owes it, no one project.
OBLIGATIONS = Source(
    kind=SubjectKind.REPAYMENT,
    obligations="""
        SELECT r.id AS subject_id, s.name || ' 第' || r.number || '期还本付息 ' || to_char(r.principal + r.interest, 'FM999,999,999,999,990.00') || ' 元'
                   AS subject_name,
               NULL::uuid AS project_id, s.office_id, NULL::uuid AS authority_id, r.due_on
          FROM funding_repayment r JOIN funding_bond b ON b.id = r.bond_id JOIN funding_fundingsource s ON s.id = b.source_id
         WHERE r.paid_on IS NULL AND r.principal + r.interest > 0""",
    touched="""
        SELECT id FROM funding_repayment WHERE updated_at >= %(since)s
         UNION SELECT r.id FROM funding_repayment r JOIN funding_bond b ON b.id = r.bond_id JOIN funding_fundingsource s ON s.id = b.source_id
                WHERE r.paid_on IS NULL AND s.updated_at >= %(since)s""",
    to_do=gettext_lazy("请在应付日前归集本息，归集后登记日期与文号。"),
    actions=("pay",),
    page="/funding/repayments/",
    roles=(Role.FINANCE, Role.FINANCE_APPROVER),
    facts="SELECT jsonb_build_object('version', r.version) FROM funding_repayment r WHERE r.id = w.subject_id",
    done="""SELECT NULL::uuid AS project_id, s.office_id, r.paid_on AS done_on
              FROM funding_repayment r JOIN funding_bond b ON b.id = r.bond_id JOIN funding_fundingsource s ON s.id = b.source_id
             WHERE r.paid_on IS NOT NULL""",
)
