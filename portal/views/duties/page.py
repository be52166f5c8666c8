"""待办: what I owe, what others owe me, and what I was told; whole, or the part that is to be fresh."""

import uuid
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core import signing
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from accounts.selectors import declined, stood_in_for
from common import clock
from portal.templatetags import words
from portal.views import given
from portal.views.access import SignedIn, is_fragment, signed_in
from portal.views.duties import kinds, reports, rows
from reminders.selectors import duties as selectors
from reminders.selectors import reminders as letters
from reminders.selectors.duties import Duty

SIZE = 50
WAITING, RECEIVED = 10, 8
SALT = "duties"


@dataclass(frozen=True)
class Wish:
    """What the address asks for: a row with the deed whose form is open, and the row after which the page begins."""

    open: tuple[str, uuid.UUID] | None
    act: str
    after: tuple[str, str] | None

    def is_open(self, duty: Duty) -> bool:
        return (duty.kind, duty.id) == self.open


@vary_on_headers("HX-Request", "HX-Request-Type")
@require_GET
@signed_in
def my(request: SignedIn) -> HttpResponse:
    context = page(request, wished(request))
    return render(request, "portal/parts/duties.html" if is_fragment(request) else "portal/my.html", context)


@vary_on_headers("HX-Request", "HX-Request-Type")
@require_GET
@signed_in
def duty(request: SignedIn, kind: str, subject_id: uuid.UUID) -> HttpResponse:
    """One row, with the form of `act` open or closed; as a page, the list with it open."""
    act = request.GET.get("act", "")
    if not is_fragment(request):
        return HttpResponseRedirect(f"{reverse('my')}?open={kind}-{subject_id}&act={act}")
    today = clock.today()
    found = selectors.duties(request.actor, today=today, only=(kind, subject_id))
    if not found:
        return render(request, "portal/parts/duty_gone.html", {"key": f"{kind}-{subject_id}"}, status=404)
    return render(request, "portal/parts/duty.html", {"row": shown(request, found[0], act, is_open=bool(act))})


def page(request: SignedIn, wish: Wish) -> dict[str, Any]:
    actor, today = request.actor, clock.today()
    tally, waiting = selectors.standing(actor, today=today, limit=WAITING)
    found, following = selectors.page(actor, today=today, after=wish.after, size=SIZE, only=wish.open)
    make = partial(_row, request, wish)
    return {
        "area": "my",
        "tally": tally,
        "overdue": tally.overdue,
        "groups": rows.groups(found, tally, make, today=today),
        "is_gone": wish.open is not None and not any(wish.is_open(duty) for duty in found),
        "is_first": wish.after is None,
        "unchanged": sum(reports.may_be_unchanged(duty) for duty in found),
        "next": following and f"?after={signing.dumps(following, salt=SALT)}",
        "waiting": [(asked, words.short_day(asked.asked_at)) for asked in waiting],
        "received": letters.received(actor, limit=RECEIVED),
        "declined": declined(actor) if actor.was_declined else [],
        "stood_in_for": stood_in_for(actor.user_id, today=today) if actor.user_id and actor.delegators else [],
    }


def wished(request: SignedIn) -> Wish:
    kind, _dash, key = request.GET.get("open", "").partition("-")
    subject = given.key(key)
    try:
        after = signing.loads(request.GET.get("after", ""), salt=SALT)
    except signing.BadSignature:
        after = None
    return Wish((kind, subject) if subject else None, request.GET.get("act", ""), after)


def shown(request: SignedIn, duty: Duty, act: str, *, is_open: bool) -> rows.Row:
    today = clock.today()
    deed = kinds.find(request.actor, duty, act) if is_open else None
    form = deed and rows.opened(duty, deed, today=today)
    if form:
        form.fields.mark()
    return rows.row(duty, request.actor, today=today, form=form)


def _row(request: SignedIn, wish: Wish, duty: Duty) -> rows.Row:
    return shown(request, duty, wish.act, is_open=wish.is_open(duty))


def gone() -> str:
    return _("该事项已办结，或不归您办。")
