"""What the pages of months and plans share: who may, the colours of a state, and where a refusal is said."""

from typing import Any

from django.utils.translation import gettext, gettext_lazy

from accounts.roles import Act
from common import clock
from common.decisions import is_own
from common.errors import Denied, DomainError, SamePerson, Stale
from portal.forms.fields import Form
from portal.templatetags import words
from portal.views import given
from portal.views.access import SignedIn
from portal.views.once import status_of
from projects.models import ReportState

COLORS = {"draft": "grey", "submitted": "amber", "requested": "amber", "returned": "red", "rejected": "red", "approved": "green"}
WORDS = {
    ReportState.DRAFT.value: gettext_lazy("待报"),
    ReportState.SUBMITTED.value: gettext_lazy("待审核"),
    ReportState.RETURNED.value: gettext_lazy("已退回"),
    ReportState.APPROVED.value: gettext_lazy("已通过"),
}


def told(refusal: DomainError, form: Form | None = None) -> tuple[str, int]:
    """What is to be said above the form, empty where every fault stands beside its field; and the status of the page."""
    if isinstance(refusal, Stale):
        return gettext("保存期间已被他人修改，没有保存。下面是现在的情况，请核对后再保存。"), 412
    if form is not None:
        is_placed = form.refuse(refusal)
        for entry in form.faults:
            entry.fault = words.in_wan(entry.fault)
        if is_placed:
            return "", status_of(refusal)
    return words.in_wan(str(refusal.faults[0].detail if refusal.faults else refusal.detail)), status_of(refusal)


def require(request: SignedIn, act: str, project: Any, *, maker: Any = None) -> None:
    """Raises Denied; SamePerson for a decision about one's own."""
    if not request.actor.may(act, project.offices):
        raise Denied
    if act == Act.DECIDE and is_own(maker, request.actor):
        raise SamePerson


def stand(request: SignedIn, *, today: bool = False) -> dict[str, Any]:
    """Who acts, when, and upon which version: the keywords of every service of filing."""
    found = {"version": given.whole_number(request.POST.get("version", "")), "actor": request.actor, "now": clock.now()}
    return found | ({"today": clock.today()} if today else {})


def following(request: SignedIn) -> str:
    """Where the form leads when it is done."""
    return request.POST.get("next", "") or request.GET.get("next", "")
