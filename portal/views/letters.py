"""One numbered letter, on one page A4."""

import datetime as dt
import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from portal.views.access import SignedIn, signed_in
from reminders.selectors import letters


@signed_in
@require_GET
def letter(request: SignedIn, letter_id: uuid.UUID) -> HttpResponse:
    """As it stood on its day: nothing on it changes later."""
    found = letters.letters(request.actor).select_related("rung").filter(pk=letter_id).first()
    if found is None:
        raise Http404
    context = {
        "area": "reminders",
        "letter": found,
        "number": letters.number(found.kind, found.year, found.number),
        "facts": found.facts,
        "due_on": dt.date.fromisoformat(found.facts.get("due_on", found.due_on.isoformat())),
    }
    return render(request, "portal/letter.html", context)
