"""Monthly reports: entered as facts, or drafted, submitted, sent back and approved."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common import calendar
from common.actors import Actor
from common.decisions import require_another
from common.errors import Conflict, DomainError, Fault, Missing, RuleBroken
from common.recording import recording
from projects import parts, rules
from projects.errors import MonthTaken, NotMovable
from projects.models import MonthlyReport, ReportState
from projects.selectors.months import neighbours
from projects.services import filing, report_checks
from projects.services.locks import lock_part, lock_project, lock_projects

BATCH = 4000
REPORT, DECISION = "report", "report_decision"  # kinds of obligation
WRITTEN = ("invested", "physical_percent", "narrative", "plan_reason", "correction_reason")


def enter_reports(rows: Collection[Mapping[str, Any]], *, actor: Actor) -> None:
    """Enter reports as their source states them: registration is no move, so they are approved unless a row says otherwise.

    A row names `project_id`, `month` (its first day) and any other column of a report; a second report of a project's month
    is refused by the database (IntegrityError), and with it all of them.
    """
    with recording(actor):
        lock_projects(row["project_id"] for row in rows)
        MonthlyReport.objects.bulk_create([MonthlyReport(**{"state": ReportState.APPROVED, **row}) for row in rows], batch_size=BATCH)


def create_report(fields: Mapping[str, Any], *, actor: Actor, today: dt.date) -> MonthlyReport:
    """A draft of a month that the system did not open. Raises RuleBroken (a month ahead, or too old) and MonthTaken."""
    report = MonthlyReport(**fields)
    _require_month(report.month, today=today)
    report.due_on = filing.closing_day_of(report.month)
    with recording(actor):
        project = lock_project(report.project_id)
        if project.is_package:
            raise RuleBroken.at("project", _("打包项目不填月报，请在子项目上填写。"))
        try:
            with transaction.atomic():
                report.save(force_insert=True)
        except IntegrityError as error:
            taken = MonthlyReport.objects.filter(project_id=report.project_id, month=report.month).values_list("pk", flat=True).first()
            if taken is None:
                raise
            raise MonthTaken(id=str(taken)) from error
    return MonthlyReport.objects.get(pk=report.pk)


def save_draft(report_id: uuid.UUID, fields: Mapping[str, Any], *, version: int | None, actor: Actor) -> MonthlyReport:
    """Keep what was written so far. Raises Stale, and NotMovable for what was submitted or is closed."""
    with recording(actor):
        report = lock_part(MonthlyReport, report_id, version=version)
        filing.require_movable(report)
        if fields:
            MonthlyReport.objects.filter(pk=report.pk).update(**dict(fields), no_change=False)
    return MonthlyReport.objects.get(pk=report_id)


def submit(
    report_id: uuid.UUID,
    fields: Mapping[str, Any] | None = None,
    *,
    version: int | None = None,
    actor: Actor,
    today: dt.date,
    now: dt.datetime,
) -> MonthlyReport:
    """File a month, with `fields` if something is still to be written; `year_total` among them is only compared.

    Raises NotMovable (submitted already, or closed), Stale, and RuleBroken with every fault at its field.
    """
    written = dict(fields or {})
    year_total = written.pop("year_total", None)
    with recording(actor):
        report = lock_part(MonthlyReport, report_id, version=version)
        filing.require_movable(report)
        for name, value in written.items():
            setattr(report, name, value)
        report.no_change = False
        others = neighbours(report.project_id, but=report.month)
        plan = report_checks.planned(report.project_id, report.month.year)
        report_checks.judge(report, others, plan, year_total=year_total)
        _file([report], {name: getattr(report, name) for name in (*WRITTEN, "no_change")}, actor=actor, today=today, now=now)
    return MonthlyReport.objects.get(pk=report_id)


def mark_unchanged(report_id: uuid.UUID, *, version: int | None = None, actor: Actor, today: dt.date, now: dt.datetime) -> MonthlyReport:
    """本月无变化, in one act. Raises RuleBroken for a third month in a row, and where no earlier month says how far the works are."""
    with recording(actor):
        report = lock_part(MonthlyReport, report_id, version=version)
        _leave_unchanged(report, actor=actor, today=today, now=now)
    return MonthlyReport.objects.get(pk=report_id)


def mark_all_unchanged(
    report_ids: Sequence[uuid.UUID], *, expected_count: int, actor: Actor, today: dt.date, now: dt.datetime
) -> list[MonthlyReport]:
    """The same for many, whole or not at all, the oldest months first. A refusal names the place of its report in `report_ids`.

    Raises Conflict when those still to be filed are not `expected_count`.
    """
    with recording(actor):
        found = {report.pk: report for report in _lock_all(report_ids)}
        movable = sum(report.state in rules.MOVABLE for report in found.values())
        if movable != expected_count or len(set(report_ids)) != expected_count:
            raise Conflict(
                _("应有 %(expected)s 份待报月报，实有 %(found)s 份，请重新核对。") % {"expected": expected_count, "found": movable}
            )
        for report in sorted(found.values(), key=lambda report: (report.month, report.pk)):
            try:
                _leave_unchanged(report, actor=actor, today=today, now=now)
            except DomainError as error:
                error.faults = [Fault(("reports", report_ids.index(report.pk)), fault.code, fault.detail) for fault in error.faults]
                raise
    return list(MonthlyReport.objects.filter(pk__in=found).order_by("pk"))


def approve(report_id: uuid.UUID, *, version: int | None = None, actor: Actor, now: dt.datetime) -> MonthlyReport:
    """Agree; from now on the month counts. Raises SamePerson, NotMovable, AlreadyDecided and Stale."""
    with recording(actor):
        report = lock_part(MonthlyReport, report_id, version=version)
        filing.require_submitted(report, actor)
        MonthlyReport.objects.filter(pk=report.pk).update(**filing.decided(ReportState.APPROVED, actor=actor, now=now))
        parts.obligation_ended(DECISION, [report.pk], reason=_("已审核"), actor=actor)
    return MonthlyReport.objects.get(pk=report_id)


def send_back(
    report_id: uuid.UUID, *, reason: str, version: int | None = None, actor: Actor, today: dt.date, now: dt.datetime
) -> MonthlyReport:
    """Send a month back to be corrected within two working days; an approved one too, up to its closing day.

    Raises RuleBroken (no reason), SamePerson, NotMovable, AlreadyDecided and Stale.
    """
    reason = filing.require_reason(reason)
    with recording(actor):
        report = lock_part(MonthlyReport, report_id, version=version)
        if report.state == ReportState.APPROVED:
            _require_open_month(report, today=today)
            require_another(report.submitted_by_id, actor)
        else:
            filing.require_submitted(report, actor)
        MonthlyReport.objects.filter(pk=report.pk).update(
            **filing.decided(ReportState.RETURNED, actor=actor, now=now, reason=reason),
            return_count=F("return_count") + 1,
            due_on=calendar.working_days_after(today, filing.DAYS_TO_CORRECT),
        )
        parts.obligation_ended(DECISION, [report.pk], reason=_("已退回"), actor=actor)
    return MonthlyReport.objects.get(pk=report_id)


def _leave_unchanged(report: MonthlyReport, *, actor: Actor, today: dt.date, now: dt.datetime) -> None:
    filing.require_movable(report)
    others = neighbours(report.project_id, but=report.month)
    report_checks.require_few_unchanged(others, report.month)
    earlier = rules.before(others, report.month)
    if earlier is None:
        raise RuleBroken.at("physical_percent", _("此前没有报过形象进度，第一次请填写月报。"), "no_earlier_percent")
    report.invested, report.physical_percent, report.no_change = Decimal(0), earlier.percent, True
    report_checks.judge(report, others, report_checks.planned(report.project_id, report.month.year))
    columns = {"invested": report.invested, "physical_percent": report.physical_percent, "no_change": True}
    _file([report], columns, actor=actor, today=today, now=now)


def _file(reports: Sequence[MonthlyReport], columns: Mapping[str, Any], *, actor: Actor, today: dt.date, now: dt.datetime) -> None:
    keys = [report.pk for report in reports]
    MonthlyReport.objects.filter(pk__in=keys).update(**columns, **filing.submitted(actor=actor, today=today, now=now))
    parts.obligation_ended(REPORT, keys, reason=_("月报已报送"), actor=actor)


def _lock_all(report_ids: Sequence[uuid.UUID]) -> list[MonthlyReport]:
    """The projects of the reports, then the reports, each in id order."""
    rows = MonthlyReport.objects.filter(pk__in=set(report_ids))
    lock_projects(rows.values_list("project_id", flat=True))
    found = list(rows.select_for_update(no_key=True).order_by("pk"))
    if len(found) < len(set(report_ids)):
        raise Missing
    return found


def _require_month(month: dt.date, *, today: dt.date) -> None:
    if month > rules.first_of_month(today):
        raise RuleBroken.at("month", _("不能填报以后的月份。"), "future_date")
    if month.year < rules.FIRST_YEAR:
        raise RuleBroken.at("month", _("不能填报 %(year)s 年以前的月份。") % {"year": rules.FIRST_YEAR}, "too_old")


def _require_open_month(report: MonthlyReport, *, today: dt.date) -> None:
    closed_on = filing.closing_day_of(report.month)
    if today > closed_on:
        detail = _("%(month)s 已于 %(day)s 结账并审核通过，不能退回；更正请用修订。")
        raise NotMovable(detail % {"month": f"{report.month:%Y-%m}", "day": closed_on.isoformat()}, report.state)
