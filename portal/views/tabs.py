"""What the pages of one project have in common: who may see them, and how a form of theirs is answered."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from accounts.roles import Act
from common.errors import Denied, DomainError, Missing, Stale, TooLarge
from portal.forms.fields import Form
from portal.views import attached, given
from portal.views.access import SignedIn
from portal.views.back import back
from portal.views.once import once, status_of
from projects.models import Evidence
from projects.selectors.tabs import project_head

FILE = "file"  # the field of forms that take files


def head(request: SignedIn, project_id: uuid.UUID, **also: Any) -> Any:
    """The project of the page, with what is annotated besides; none for those who may not see it.

    `may_edit` says whether its forms stand open to them.
    """
    try:
        found = project_head(project_id, request.actor, **also)
    except Missing as error:
        raise Http404 from error
    found.may_edit = request.actor.may(Act.EDIT, found.offices)
    return found


def answered(
    request: SignedIn, project: Any, form: Any, act: Callable[[], str], *, again: Callable[[str, int], HttpResponse], to: str,
    is_once: bool = False,
) -> HttpResponse:  # fmt: skip
    """Do it whole or not at all and go on to `to` with a line that says so; or `again` with what is wrong and its status.

    `form` is a Form, or has its `faults` and `refuse`. With `is_once` it carries a key, and a double press does it once.
    """
    if not project.may_edit:
        return again(str(Denied.sentence), 403)
    if form.faults:
        return again("", 422)

    def effect() -> str:
        messages.success(request, act())
        return back(request, to)

    try:
        if is_once:
            return once(request, effect)
        with transaction.atomic():
            return HttpResponseRedirect(effect())
    except Missing as error:
        raise Http404 from error
    except Stale:
        return again(gettext("保存期间已被他人修改，没有保存。下面是现在的情况，请核对后再保存。"), 412)
    except TooLarge as refusal:
        form.entry(FILE).fault = str(refusal.detail)
        return again("", 413)
    except DomainError as refusal:
        is_placed = form.refuse(refusal)
        alert = "" if is_placed else str(refusal.faults[0].detail if refusal.faults else refusal.detail)
        return again(alert, status_of(refusal))


def version(request: SignedIn) -> int | None:
    return given.whole_number(request.POST.get("version", ""))


def proof(request: SignedIn, project: Any, form: Form) -> list[Evidence]:
    """The file that a form brings, or brought before: kept before the form is judged, so that one that comes back has not lost it."""
    return attached.kept_in_any_case(request, project.pk, form, may=project.may_edit)[-1:]
