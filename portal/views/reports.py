"""月报: one month against plan, written by one and decided by another; and its correction once it is closed."""

import uuid
from collections.abc import Callable, Collection
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
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
from portal.views import filing
from portal.views.access import SignedIn, signed_in
from portal.views.back import back
from projects import rules
from projects.api.serializers.reports import RejectInput
from projects.models import ReportState
from projects.selectors import months
from projects.selectors.months import Sheet
from projects.services import reports, revisions
from projects.services.filing import closing_day_of
from reminders.lifecycle import SubjectKind
from reminders.selectors.turns import turns


@signed_in
@require_GET
def report(request: SignedIn, report_id: uuid.UUID) -> HttpResponse:
    """The month; a plan or a correction, to which letters lead by the same address, on its own page."""
    try:
        found = months.sheet(report_id, request.actor)
    except Missing:
        return _elsewhere(request, report_id)
    return _page(request, found)


@signed_in
@require_POST
def submit(request: SignedIn, report_id: uuid.UUID) -> HttpResponse:
    """File the month, or keep what was written so far (`draft`)."""
    found = _found(request, report_id)
    is_draft = "draft" in request.POST
    form = fields.read(request.POST, forms.REPORT, today=clock.today())
    if is_draft and not form.entry("invested").text:
        form.entry("invested").fault = ""
    if form.faults:
        return _page(request, found, form=form, status=422)

    def act() -> str:
        filing.require(request, Act.EDIT, found.report.project)
        said = forms.written(form)
        stand = filing.stand(request, today=True)
        if is_draft:
            reports.save_draft(report_id, said, version=stand["version"], actor=request.actor)
            return _("草稿已保存，尚未报送。")
        reports.submit(report_id, said | _compared(form), **stand)
        return _("%(month)s 月报已报送，等待审核。") % {"month": f"{found.report.month:%Y-%m}"}

    here = reverse("report", args=[report_id])
    return _done(request, found, act, form=form, leads_to=here if is_draft else back(request, here))


@signed_in
@require_POST
def no_change(request: SignedIn, report_id: uuid.UUID) -> HttpResponse:
    """本月无变化, in one act."""
    found = _found(request, report_id)

    def act() -> str:
        filing.require(request, Act.EDIT, found.report.project)
        reports.mark_unchanged(report_id, **filing.stand(request, today=True))
        return _("%(month)s 已报“本月无变化”，等待审核。") % {"month": f"{found.report.month:%Y-%m}"}

    return _done(request, found, act)


@signed_in
@require_POST
def decide(request: SignedIn, report_id: uuid.UUID) -> HttpResponse:
    found, act = _found(request, report_id), request.POST.get("act", "")
    if act not in ("approve", "return"):
        raise Http404
    reason = request.POST.get("reason", "").strip()
    try:
        reason = _reason(ReasonSerializer, "reason", reason) if act == "return" else ""
    except Unread as unread:
        return _page(request, found, note=request.POST.get("reason", ""), note_fault=str(unread), status=422)

    def effect() -> str:
        filing.require(request, Act.DECIDE, found.report.project, maker=found.report.submitted_by_id)
        if act == "approve":
            reports.approve(report_id, **filing.stand(request))
            return _("已同意，本月计入完成投资。")
        reports.send_back(report_id, reason=reason, **filing.stand(request, today=True))
        return _("已退回，报送人会看到原因。")

    return _done(request, found, effect, note=reason)


@signed_in
@require_POST
def revise(request: SignedIn, report_id: uuid.UUID) -> HttpResponse:
    """Ask that a month that was approved say something else."""
    found = _found(request, report_id)
    form = fields.read(request.POST, forms.REVISION, today=clock.today())
    if form.faults:
        return _page(request, found, revision=form, status=422)

    def act() -> str:
        filing.require(request, Act.EDIT, found.report.project)
        stand = filing.stand(request, today=True)
        values = {name: value for name, value in form.values.items() if name != "reason"}
        revisions.revise(
            report_id, values, reason=form.values["reason"], version=stand["version"], actor=request.actor, today=stand["today"]
        )
        return _("更正申请已提交，同意后数字才变动。")

    return _done(request, found, act, revision=form)


@signed_in
@require_POST
def decide_revision(request: SignedIn, report_id: uuid.UUID, revision_id: uuid.UUID) -> HttpResponse:
    """Approve, reject or withdraw a correction."""
    found, act = _found(request, report_id), request.POST.get("act", "")
    revision = next((row for row in found.report.revisions if row["id"] == revision_id), None)
    if revision is None or act not in ("approve", "reject", "withdraw"):
        raise Http404
    note = request.POST.get("note", "").strip()
    try:
        note = _reason(RejectInput, "note", note) if act == "reject" else ""
    except Unread as unread:
        return _page(request, found, note=request.POST.get("note", ""), note_fault=str(unread), status=422)

    def effect() -> str:
        right = Act.EDIT if act == "withdraw" else Act.DECIDE
        filing.require(request, right, found.report.project, maker=revision["requested_by_id"])
        stand = filing.stand(request)
        if act == "reject":
            revisions.reject(revision_id, note=note, **stand)
        else:
            {"approve": revisions.approve, "withdraw": revisions.withdraw}[act](revision_id, **stand)
        done = {"approve": _("已同意，月报数字已更正。"), "reject": _("已退回，月报没有变动。"), "withdraw": _("已撤回，月报没有变动。")}
        return done[act]

    return _done(request, found, effect, note=note)


def _compared(form: Form) -> dict[str, Any]:
    return {"year_total": form.values["year_total"]} if "year_total" in form.values else {}


def _reason(shape: Any, name: str, text: str) -> str:
    """Raises Unread where a return gives no reason, or where it is too long."""
    if not text:
        raise Unread(_("退回须写明原因。"))
    return str(within(shape, name, text))


def _done(
    request: SignedIn, found: Sheet, act: Callable[[], str], *, form: Form | None = None, revision: Form | None = None, note: str = "",
    leads_to: str = "",
) -> HttpResponse:  # fmt: skip
    """On with a line that says what was done; or the page again with what is wrong, what was typed kept."""
    try:
        result = act()
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        alert, status = filing.told(refusal, form or revision)
        asked = {"correction_reason" for fault in refusal.faults if fault.code in forms.FALLS}
        fresh = _found(request, found.report.pk)
        return _page(request, fresh, form=form, revision=revision, note=note, alert=alert, asked=asked, status=status)
    messages.success(request, result)
    return HttpResponseRedirect(leads_to or back(request, reverse("report", args=[found.report.pk])))


def _page(
    request: SignedIn, found: Sheet, *, form: Form | None = None, revision: Form | None = None, note: str = "", note_fault: str = "",
    alert: str = "", asked: Collection[str] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    report, today = found.report, clock.today()
    may = {act: request.actor.may(act, report.project.offices) for act in (Act.EDIT, Act.DECIDE)}
    is_mine = report.submitted_by_id is not None and report.submitted_by_id == request.actor.id
    is_approved = report.state == ReportState.APPROVED
    is_closed = today > closing_day_of(report.month)
    if form is None and report.state in rules.MOVABLE and may[Act.EDIT]:
        form = fields.empty(forms.REPORT, forms.of_report(report, found.earlier and found.earlier.percent))
    may_revise = is_approved and may[Act.EDIT] and found.waiting is None
    if may_revise and revision is None and request.GET.get("form") == "revise":
        revision = fields.empty(forms.REVISION, forms.of_revision(report))
    waiting = found.waiting
    is_asker = waiting is not None and waiting["requested_by_id"] == request.actor.id
    undecided = [report.pk] if report.state == ReportState.SUBMITTED else []
    undecided += [waiting["id"]] if waiting else []
    turn = turns(SubjectKind.REPORT_DECISION, undecided, today=today)
    context = {
        "area": "projects",
        "sheet": found,
        "report": report,
        "project": report.project,
        "color": filing.COLORS[report.state],
        "state_word": filing.WORDS[report.state],
        "left": words.distance(report.due_on, today) if report.due_on and report.state in rules.MOVABLE else "",
        "is_late": bool(report.due_on and report.due_on < today),
        "entries": forms.shown(form, dict.fromkeys(asked)) if form is not None and report.state in rules.MOVABLE else [],
        "is_mine": is_mine,
        "may_decide": report.state == ReportState.SUBMITTED and may[Act.DECIDE] and not is_own(report.submitted_by_id, request.actor),
        "may_return": is_approved and not is_closed and may[Act.DECIDE] and not is_own(report.submitted_by_id, request.actor),
        "may_revise": may_revise,
        "revision": revision if may_revise else None,
        "waiting": waiting,
        "waiting_rows": _differing(waiting) if waiting else [],
        "is_asker": is_asker,
        "may_decide_revision": waiting is not None and may[Act.DECIDE] and not is_own(waiting["requested_by_id"], request.actor),
        "history": [(row, filing.COLORS.get(row["state"], "grey"), _differing(row)) for row in report.revisions if row is not waiting],
        "turn": turn.get(report.pk),
        "turn_of_revision": waiting and turn.get(waiting["id"]),
        "note": note,
        "note_fault": note_fault,
        "alert": alert,
        "next": filing.following(request),
    }
    return render(request, "portal/report.html", context, status=status)


def _differing(revision: dict[str, Any]) -> list[tuple[str, Any, Any]]:
    """What a correction changes: its word, what was said, what is to be said."""
    rows = [
        (_("完成投资（万元）"), words.wan(revision["from_invested"]), words.wan(revision["invested"])),
        (_("形象进度"), words.rate(revision["from_physical_percent"]), words.rate(revision["physical_percent"])),
        (_("本月进展"), revision["from_narrative"] or words.NOTHING, revision["narrative"] or words.NOTHING),
    ]
    return [row for row in rows if row[1] != row[2]]


def _elsewhere(request: SignedIn, subject_id: uuid.UUID) -> HttpResponse:
    try:
        kind, key = months.home_of(subject_id, request.actor)
    except Missing as error:
        raise Http404 from error
    address = reverse("plan" if kind == "plan" else "report", args=[key])
    return HttpResponseRedirect(f"{address}#revision" if kind == "revision" else address)


def _found(request: SignedIn, report_id: uuid.UUID) -> Sheet:
    try:
        return months.sheet(report_id, request.actor)
    except Missing as error:
        raise Http404 from error
