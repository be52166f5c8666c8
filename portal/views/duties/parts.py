"""Duties of a project's parts: a problem to be solved, a permit to be obtained."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Act
from portal.forms.duties import CloseForm, CompleteForm
from portal.views.duties.deeds import Deed, Doing, Kind
from projects.models import Evidence
from projects.services import permits, problems
from reminders.selectors.duties import Duty


def _close(doing: Doing) -> str:
    on, note = doing.values["on"], doing.values["note"]
    problems.close_problem(
        doing.duty.id, on=on, note=note, evidence=_photo(doing), version=doing.version, actor=doing.actor, today=doing.today
    )
    return _("已销号：%(day)s") % {"day": on.isoformat()}


def _complete(doing: Doing) -> str:
    on, number = doing.values["on"], doing.values["number"]
    permits.complete_permit(
        doing.duty.id, on=on, number=number, evidence=_photo(doing), version=doing.version, actor=doing.actor, today=doing.today
    )
    return _("已报办结：%(day)s") % {"day": on.isoformat()}


def _photo(doing: Doing) -> Evidence | None:
    """The photo that proves it; of many, all are kept and the first one stands for them."""
    return next(iter(doing.photos), None)


def _told_of_problem(duty: Duty) -> list[str]:
    return [_("措施：%(text)s") % {"text": duty.facts["measures"]}] if duty.facts.get("measures") else []


def _told_of_permit(duty: Duty) -> list[str]:
    return [duty.facts["department"]] if duty.facts.get("department") else []


PROBLEM_DEEDS = (Deed("close", gettext_lazy("销号"), Act.EDIT, _close, CloseForm, press=gettext_lazy("销号")),)
PERMIT_DEEDS = (Deed("complete", gettext_lazy("报办结"), Act.EDIT, _complete, CompleteForm),)
PROBLEM = Kind(gettext_lazy("时限"), lambda duty: PROBLEM_DEEDS, _told_of_problem)
PERMIT = Kind(gettext_lazy("时限"), lambda duty: PERMIT_DEEDS, _told_of_permit)
