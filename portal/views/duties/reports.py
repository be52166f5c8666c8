"""Duties of months: a report to be filed, or corrected, and what was filed that is to be decided."""

from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts.roles import Act
from portal.forms.duties import NoteForm, ReportForm
from portal.templatetags import words
from portal.views.duties.deeds import Deed, Doing, Door, Kind
from projects.rules import MOST_UNCHANGED
from projects.services import plans, reports, revisions
from reminders.selectors.duties import Duty
from reminders.sources import source


def _submit(doing: Doing) -> str:
    reports.submit(doing.duty.id, doing.values, version=doing.version, actor=doing.actor, today=doing.today, now=doing.now)
    return _("已报送，等待审核。")


def _leave_unchanged(doing: Doing) -> str:
    reports.mark_unchanged(doing.duty.id, version=doing.version, actor=doing.actor, today=doing.today, now=doing.now)
    return _("已报“本月无变化”，等待审核。")


def _given(duty: Duty) -> dict[str, Any]:
    """What was written so far; the percent of the month before to begin with."""
    facts = duty.facts
    is_new = facts["state"] == "draft" and not facts["narrative"]
    return {
        "invested": None if is_new else words.wan(Decimal(facts["invested"])),
        "physical_percent": facts["percent"] or facts["percent_before"],
        "narrative": facts["narrative"],
        "plan_reason": facts["plan_reason"],
        "correction_reason": facts["correction_reason"],
    }


def may_be_unchanged(duty: Duty) -> bool:
    """Whether this month may be left unchanged as far as the earlier ones say; one that was returned is to be corrected first."""
    return duty.facts.get("state") == "draft" and "no_change" in source(duty.kind).actions_of(duty.facts)


def _of_report(duty: Duty) -> tuple[Deed | Door, ...]:
    if duty.facts["of"] == "plan":
        return (CORRECT_PLAN,)
    return (AGAIN,) if duty.facts["state"] == "returned" else (FILE, UNCHANGED)


def _told_of_report(duty: Duty) -> list[str]:
    if duty.facts["state"] != "returned":
        return [_("已连续两月无变化，本月须填报")] if duty.facts.get("unchanged_before", 0) >= MOST_UNCHANGED else []
    values = {"reason": duty.facts["return_reason"], "name": duty.facts["decided_by_name"]}
    return [_("退回原因：%(reason)s") % values, _("退回人：%(name)s") % values]


def _approve(doing: Doing) -> str:
    service = {"report": reports, "plan": plans, "revision": revisions}[doing.duty.facts["of"]]
    service.approve(doing.duty.id, version=doing.version, actor=doing.actor, now=doing.now)
    return _("已同意。")


def _send_back(doing: Doing) -> str:
    key, note, kind = doing.duty.id, doing.values["note"], doing.duty.facts["of"]
    if kind == "report":
        reports.send_back(key, reason=note, version=doing.version, actor=doing.actor, today=doing.today, now=doing.now)
    elif kind == "plan":
        plans.send_back(key, reason=note, version=doing.version, actor=doing.actor, today=doing.today, now=doing.now)
    else:
        revisions.reject(key, note=note, version=doing.version, actor=doing.actor, now=doing.now)
    return _("已退回，报送人会看到原因。")


def _told_of_decision(duty: Duty) -> list[str]:
    facts = duty.facts
    told = [_("%(amount)s 万元") % {"amount": words.wan(Decimal(facts["invested"]))}]
    if facts.get("percent"):
        told.append(_("形象进度 %(percent)s%%") % {"percent": facts["percent"]})
    if facts.get("no_change"):
        told.append(_("本月无变化"))
    elif facts.get("narrative"):
        told.append(facts["narrative"])
    return [*told, _("报送人：%(name)s") % {"name": facts["requested_by_name"]}]


FILE = Deed("submit", pgettext_lazy("act", "填报"), Act.EDIT, _submit, ReportForm, press=gettext_lazy("提交"), given=_given)
AGAIN = Deed("submit", gettext_lazy("修改后再报"), Act.EDIT, _submit, ReportForm, press=gettext_lazy("提交"), given=_given)
CORRECT_PLAN = Door(gettext_lazy("修改后再报"), lambda duty: f"{reverse('plan', args=[duty.id])}?next=/my/", Act.EDIT)
UNCHANGED = Deed("no-change", gettext_lazy("本月无变化"), Act.EDIT, _leave_unchanged, is_offered=may_be_unchanged)
DECIDING = (
    Deed("approve", gettext_lazy("同意"), Act.DECIDE, _approve),
    Deed("reject", gettext_lazy("退回"), Act.DECIDE, _send_back, NoteForm, press=gettext_lazy("退回")),
)
REPORT = Kind(gettext_lazy("截止"), _of_report, _told_of_report)
REPORT_DECISION = Kind(gettext_lazy("应审核"), lambda duty: DECIDING, _told_of_decision)
