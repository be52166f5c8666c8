"""The kinds of duty that can be done where they stand. One that is not here is shown with the way to its page."""

from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from portal.views.duties import milestones, money, parts, reports
from portal.views.duties.deeds import Deed, Door, Kind
from reminders.lifecycle import SubjectKind
from reminders.selectors.duties import Duty

KINDS: dict[str, Kind] = {
    SubjectKind.MILESTONE: milestones.MILESTONE,
    SubjectKind.DATE_CHANGE: milestones.DATE_CHANGE,
    SubjectKind.REPORT: reports.REPORT,
    SubjectKind.REPORT_DECISION: reports.REPORT_DECISION,
    SubjectKind.PROBLEM: parts.PROBLEM,
    SubjectKind.PERMIT: parts.PERMIT,
    SubjectKind.REPAYMENT: money.REPAYMENT,
    SubjectKind.IDLE_MONEY: money.IDLE_MONEY,
}
PLAIN = Kind(gettext_lazy("时限"))


def kind_of(duty: Duty) -> Kind:
    return KINDS.get(duty.kind, PLAIN)


def open_to(actor: Principal, duty: Duty) -> list[Deed | Door]:
    """What the actor may do to it; what may not be done is not shown."""
    return [deed for deed in kind_of(duty).deeds(duty) if actor.may(deed.needs, duty.offices)]


def find(actor: Principal, duty: Duty, code: str) -> Deed | None:
    """The deed of that name that the actor may do; without a name, the usual one. Where that is one press there is no form to open."""
    deeds = [deed for deed in open_to(actor, duty) if isinstance(deed, Deed)]
    return next((deed for deed in deeds if code in ("", deed.code)), None)
