"""Many months left unchanged in one act: the list is shown first, then one button does exactly what it shows."""

import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.roles import Act
from common import clock
from common.errors import DomainError
from portal.views import given
from portal.views.access import SignedIn, for_act
from portal.views.duties import reports, rows
from portal.views.once import status_of
from projects.services import reports as service
from reminders.selectors import duties as selectors
from reminders.selectors.duties import Duty

MOST = 200  # months shown at once


@require_http_methods(["GET", "POST"])
@for_act(Act.EDIT)
def unchanged(request: SignedIn) -> HttpResponse:
    """The months that may be left unchanged, each with a tick; by POST, those that were ticked, whole or not at all."""
    found = _found(request)
    if request.method != "POST":
        return _page(request, found, {duty.id for duty in found})
    ticked = {key for text in request.POST.getlist("report") if (key := given.key(text))}
    chosen = [duty.id for duty in found if duty.id in ticked]
    if not chosen or len(chosen) != len(ticked):
        return _page(request, found, ticked, alert=_("清单已有变化，未作任何修改。请核对后再提交。"), status=409)
    try:
        service.mark_all_unchanged(chosen, expected_count=len(chosen), actor=request.actor, today=clock.today(), now=clock.now())
    except DomainError as refusal:
        places = {fault.path[1] for fault in refusal.faults if len(fault.path) > 1}
        names = [f"{duty.name} {duty.project_name}" for duty in found if duty.id in {chosen[int(place)] for place in places}]
        return _page(request, found, ticked, alert=f"{'、'.join(names)} {refusal.detail}".strip(), status=status_of(refusal))
    messages.success(request, _("已报 %(n)s 份“本月无变化”，等待审核。") % {"n": len(chosen)})
    return HttpResponseRedirect(reverse("my"))


def _found(request: SignedIn) -> list[Duty]:
    owed = selectors.duties(request.actor, today=clock.today(), limit=MOST)
    return [duty for duty in owed if reports.may_be_unchanged(duty) and request.actor.may(Act.EDIT, duty.offices)]


def _page(request: SignedIn, found: list[Duty], ticked: set[uuid.UUID], *, alert: str = "", status: int = 200) -> HttpResponse:
    today = clock.today()
    listed = [(rows.row(duty, request.actor, today=today), duty.id in ticked) for duty in found]
    return render(request, "portal/unchanged.html", {"area": "my", "rows": listed, "alert": alert}, status=status)
