"""月报 of one project: its months by year, its yearly plans with their revisions, and the form of a plan."""

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.roles import Act
from common import clock
from common.api.serializers import ReasonSerializer
from common.decisions import is_own
from common.errors import DomainError, Missing
from portal.forms import fields
from portal.forms import reports as forms
from portal.forms.fields import Form
from portal.forms.limits import within
from portal.forms.typed import Unread
from portal.templatetags import words
from portal.views import filing, given
from portal.views.access import SignedIn, signed_in
from portal.views.back import back
from projects import rules
from projects.models import MonthlyReport, Plan, Project, ReportState
from projects.selectors import months
from projects.services import plans
from reminders.lifecycle import SubjectKind
from reminders.selectors.turns import turns

DRAFTED = gettext_lazy("草稿已保存，尚未报送。")
FILED = gettext_lazy("%(year)s 年度计划已报送，等待审核。")


@dataclass(frozen=True)
class Row:
    """One month of a year: what was planned, what was done, and the year's sum with it. Yuan; None where nothing is known."""

    word: str
    plan: Decimal | None
    report: MonthlyReport | None
    cumulative: Decimal | None

    @property
    def done(self) -> Decimal | None:
        return self.report.invested if self.report is not None and self.report.state in rules.COUNTED else None

    @property
    def color(self) -> str:
        return filing.COLORS[self.report.state] if self.report is not None else "grey"

    @property
    def state_word(self) -> Any:
        return filing.WORDS[self.report.state] if self.report is not None else ""


@signed_in
@require_GET
def project_reports(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    try:
        project = months.project_of(project_id, request.actor)
    except Missing as error:
        raise Http404 from error
    today = clock.today()
    reports, found = months.months_of(project_id, request.actor), months.plans_of(project_id, request.actor)
    years = sorted({row.month.year for row in reports} | {row.year for row in found} | {today.year}, reverse=True)
    asked = given.whole_number(request.GET.get("year", ""))
    year = asked if asked in years else today.year
    counted = _counted(found, year)
    rows = _rows(year, reports, counted)
    may_edit = request.actor.may(Act.EDIT, project.offices)
    owed = next((row for row in reports if row.state in rules.MOVABLE), None)
    context = {
        "area": "projects",
        "project": project,
        "years": [(each, each == year) for each in years],
        "year": year,
        "rows": rows,
        "planned": counted and counted.investment,
        "done": sum((row.done or Decimal(0) for row in rows), Decimal(0)),
        "owed": owed if may_edit else None,
        "plans": [(row, filing.COLORS[row.state], filing.WORDS[row.state], _counted(found, row.year) is row) for row in found],
        "to_plan": _unplanned(project, found, today) if may_edit else [],
    }
    return render(request, "portal/project_reports.html", context)


@signed_in
def new_plan(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    """The first plan of a year."""
    try:
        project = months.project_of(project_id, request.actor)
    except Missing as error:
        raise Http404 from error
    year = given.whole_number(request.POST.get("year", "") or request.GET.get("year", "")) or clock.today().year
    if request.method != "POST":
        return _form_page(request, project, year, fields.empty(forms.plan_fields()))
    form = fields.read(request.POST, forms.plan_fields(), today=clock.today())
    if form.faults:
        return _form_page(request, project, year, form, status=422)
    if "check" in request.POST:
        return _form_page(request, project, year, form)
    is_draft = "draft" in request.POST
    try:
        filing.require(request, Act.EDIT, project)
        with transaction.atomic():  # what may not be submitted is not made either
            made = plans.create_plan({"project_id": project.pk, "year": year} | forms.planned(form), actor=request.actor)
            if not is_draft:
                plans.submit(made.pk, actor=request.actor, today=clock.today(), now=clock.now())
    except DomainError as refusal:
        alert, sum_fault, status = _told(refusal, form)
        return _form_page(request, project, year, form, alert=alert, sum_fault=sum_fault, status=status)
    messages.success(request, DRAFTED if is_draft else FILED % {"year": year})
    return HttpResponseRedirect(back(request, reverse("plan", args=[made.pk])))


@signed_in
def plan(request: SignedIn, plan_id: uuid.UUID) -> HttpResponse:
    """One revision; while it is a draft, its form."""
    found = _found(request, plan_id)
    row = found[0]
    if request.method != "POST":
        return _page(request, found)
    form = fields.read(request.POST, forms.plan_fields(), today=clock.today())
    if form.faults:
        return _page(request, found, form=form, status=422)
    if "check" in request.POST:
        return _page(request, found, form=form)

    def act() -> Any:
        filing.require(request, Act.EDIT, row.project)
        stand = filing.stand(request, today=True)
        if "draft" in request.POST:
            plans.edit_plan(row.pk, forms.planned(form), version=stand["version"], actor=request.actor)
            return DRAFTED
        plans.submit(row.pk, forms.planned(form), **stand)
        return FILED % {"year": row.year}

    return _done(request, row, act, form=form)


@signed_in
@require_POST
def check(request: SignedIn) -> HttpResponse:
    """The sum of the months as typed: a fragment."""
    form = fields.read(request.POST, forms.plan_fields(), today=clock.today())
    return render(request, "portal/parts/plan_sum.html", {"total": forms.total(form)})


@signed_in
@require_POST
def decide(request: SignedIn, plan_id: uuid.UUID) -> HttpResponse:
    """Approve or return what was submitted; revise what counts."""
    found = _found(request, plan_id)
    row, act, reason = found[0], request.POST.get("act", ""), request.POST.get("reason", "").strip()
    if act not in ("approve", "return", "revise"):
        raise Http404
    if act == "return":
        try:
            if not reason:
                raise Unread(_("退回须写明原因。"))
            reason = str(within(ReasonSerializer, "reason", reason))
        except Unread as unread:
            return _page(request, found, note=reason, note_fault=str(unread), status=422)
    leads_to: list[str] = []

    def effect() -> str:
        stand = filing.stand(request)
        if act == "revise":
            filing.require(request, Act.EDIT, row.project)
            made = plans.revise(row.pk, version=stand["version"], actor=request.actor)
            leads_to.append(reverse("plan", args=[made.pk]))
            return _("已建新版次，改好后报送；审核通过前仍按原版次执行。")
        filing.require(request, Act.DECIDE, row.project, maker=row.submitted_by_id)
        if act == "approve":
            plans.approve(row.pk, **stand)
            return _("已同意，从现在起按这一版次执行。")
        plans.send_back(row.pk, reason=reason, today=clock.today(), **stand)
        return _("已退回，报送人会看到原因。")

    return _done(request, row, effect, note=reason, leads_to=leads_to)


def _done(
    request: SignedIn, row: Plan, act: Callable[[], Any], *, form: Form | None = None, note: str = "", leads_to: Sequence[str] = ()
) -> HttpResponse:
    try:
        result = act()
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        alert, sum_fault, status = _told(refusal, form)
        return _page(request, _found(request, row.pk), form=form, note=note, alert=alert, sum_fault=sum_fault, status=status)
    messages.success(request, result)
    return HttpResponseRedirect(next(iter(leads_to), "") or back(request, reverse("plan", args=[row.pk])))


def _told(refusal: DomainError, form: Form | None) -> tuple[str, str, int]:
    """What is said above the form, what beside the sum of the months, and the status of the page."""
    alert, status = filing.told(refusal, form)
    is_of_sum = any(fault.path[:1] == ("monthly",) for fault in refusal.faults)
    return ("", alert, status) if is_of_sum else (alert, "", status)


def _form_page(
    request: SignedIn, project: Project, year: int, form: Form, *, alert: str = "", sum_fault: str = "", status: int = 200
) -> HttpResponse:
    if not request.actor.may(Act.EDIT, project.offices):
        raise PermissionDenied
    context = {"area": "projects", "project": project, "year": year, "form": form, "total": forms.total(form)}
    context |= {"alert": alert, "sum_fault": sum_fault}
    return render(request, "portal/plan.html", context | {"next": filing.following(request)}, status=status)


def _page(
    request: SignedIn, found: tuple[Plan, Plan | None, bool], *, form: Form | None = None, note: str = "", note_fault: str = "",
    alert: str = "", sum_fault: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    row, before, is_newest = found
    may = {act: request.actor.may(act, row.project.offices) for act in (Act.EDIT, Act.DECIDE)}
    is_mine = row.submitted_by_id is not None and row.submitted_by_id == request.actor.id
    is_movable = row.state in rules.MOVABLE
    if form is None and is_movable and may[Act.EDIT]:
        form = fields.read(forms.of_plan(row), forms.plan_fields(), today=clock.today())
    rows = zip(range(1, 13), row.monthly, before.monthly if before else [None] * 12, strict=True)
    context = {
        "area": "projects",
        "project": row.project,
        "year": row.year,
        "plan": row,
        "before": before,
        "color": filing.COLORS[row.state],
        "state_word": filing.WORDS[row.state],
        "months": [(words.month(number), now, then) for number, now, then in rows],
        "form": form if is_movable else None,
        "total": forms.total(form) if form is not None else None,
        "sum_fault": sum_fault,
        "is_mine": is_mine,
        "may_decide": row.state == ReportState.SUBMITTED and may[Act.DECIDE] and not is_own(row.submitted_by_id, request.actor),
        "may_revise": row.state == ReportState.APPROVED and is_newest and may[Act.EDIT],
        "turn": turns(SubjectKind.REPORT_DECISION, [row.pk] if row.state == ReportState.SUBMITTED else [], today=clock.today()).get(row.pk),
        "note": note,
        "note_fault": note_fault,
        "alert": alert,
        "next": filing.following(request),
    }
    return render(request, "portal/plan.html", context, status=status)


def _counted(found: Sequence[Plan], year: int) -> Plan | None:
    """The newest approved revision of a year."""
    return next((row for row in found if row.year == year and row.state == ReportState.APPROVED), None)


def _rows(year: int, reports: Sequence[MonthlyReport], plan: Plan | None) -> list[Row]:
    """The months of a year that were planned or opened."""
    by_month = {row.month.month: row for row in reports if row.month.year == year}
    rows, so_far = [], Decimal(0)
    for number in range(1, 13):
        report = by_month.get(number)
        is_counted = report is not None and report.state in rules.COUNTED
        if report is not None and is_counted:
            so_far += report.invested
        if report is not None or plan is not None:
            rows.append(Row(words.month(number), plan and plan.monthly[number - 1], report, so_far if is_counted else None))
    return rows


def _unplanned(project: Project, found: Sequence[Plan], today: dt.date) -> list[int]:
    """The years that may be planned now and are not: this one, and the next from October on."""
    known = {row.year for row in found}
    years = [today.year] + [today.year + 1] * (today.month >= 10)
    return [] if project.is_package else [year for year in years if year not in known]


def _found(request: SignedIn, plan_id: uuid.UUID) -> tuple[Plan, Plan | None, bool]:
    try:
        return months.plan(plan_id, request.actor)
    except Missing as error:
        raise Http404 from error
