"""A duty is done where it stands: the row becomes its result, or comes back with what is wrong and what was typed."""

import uuid
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from common import clock
from common.errors import Denied, DomainError, Missing, Stale
from portal.views import attached, given
from portal.views.access import SignedIn, is_fragment, signed_in
from portal.views.duties import kinds, page, rows
from portal.views.duties.deeds import Deed, Doing
from portal.views.once import status_of
from reminders.selectors import duties as selectors
from reminders.selectors.duties import Duty

PHOTOS = "photos"  # the field of rows that take some


@require_POST
@signed_in
def act(request: SignedIn, kind: str, subject_id: uuid.UUID, code: str) -> HttpResponse:
    """Do it. What is no longer owed was done meanwhile, by oneself in another tab or by a colleague: nothing is done twice."""
    duty = _owed(request, kind, subject_id)
    if duty is None:
        return _gone(request, kind, subject_id)
    deed = kinds.find(request.actor, duty, code)
    if deed is None:
        raise PermissionDenied
    form = rows.opened(duty, deed, today=clock.today(), data=request.POST, files=request.FILES)
    if form is not None:
        form = _with_photos(request, duty, form)
    if form is not None and not form.fields.is_valid():
        return _refused(request, duty, form, "", status=422)
    try:
        with transaction.atomic():
            said = deed.do(_doing(request, duty, form))
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        is_placed = form is not None and form.fields.refuse(refusal)
        return _refused(request, duty, form, "" if is_placed else _sentence(refusal), status=status_of(refusal))
    return _done(request, duty, deed, said)


@require_POST
@signed_in
def undo(request: SignedIn, kind: str, subject_id: uuid.UUID, code: str) -> HttpResponse:
    """Take back what was done a moment ago: the duty is owed again."""
    take_back = kinds.KINDS[kind].undo.get(code) if kind in kinds.KINDS else None
    if take_back is None:
        raise Http404
    try:
        take_back(subject_id, request.actor, clock.today())
    except Missing as error:
        raise Http404 from error
    except Denied as error:
        raise PermissionDenied from error
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("my"))
    if not is_fragment(request):
        messages.success(request, _("已撤销。"))
        return HttpResponseRedirect(reverse("my"))
    duty = _owed(request, kind, subject_id)
    if duty is None:
        return _gone(request, kind, subject_id)
    row = page.shown(request, duty, "", is_open=False)
    return render(request, "portal/parts/duty.html", {"row": row, "is_fresh": True} | _counts(request, duty))


def _owed(request: SignedIn, kind: str, subject_id: uuid.UUID) -> Duty | None:
    return next(iter(selectors.duties(request.actor, today=clock.today(), only=(kind, subject_id))), None)


def _with_photos(request: SignedIn, duty: Duty, form: rows.Form) -> rows.Form:
    """Its photos kept as evidence before it is judged: one that comes back has not lost them."""
    takes = PHOTOS in form.fields.fields and PHOTOS not in form.fields.errors
    if not takes or duty.project_id is None:
        return form
    return replace(form, kept=attached.kept_in_any_case(request, duty.project_id, form.fields, may=True, field=PHOTOS))


def _doing(request: SignedIn, duty: Duty, form: rows.Form | None) -> Doing:
    version = given.whole_number(request.POST.get("version", ""))
    values, kept = (form.fields.cleaned_data, form.kept) if form is not None else ({}, ())
    return Doing(request.actor, duty, version, clock.today(), clock.now(), values, kept)


def _done(request: SignedIn, duty: Duty, deed: Deed, said: str) -> HttpResponse:
    if not is_fragment(request):
        messages.success(request, f"{duty.name}：{said}")
        return HttpResponseRedirect(reverse("my"))
    context: dict[str, Any] = {"said": said} | _counts(request, duty)
    if not deed.ends and (still := _owed(request, duty.kind, duty.id)):
        row = page.shown(request, still, "", is_open=False)
        return render(request, "portal/parts/duty.html", context | {"row": row, "is_fresh": True})
    row = rows.row(duty, request.actor, today=clock.today())
    can_undo = deed.code in kinds.kind_of(duty).undo
    undo_at = reverse("duty-undo", args=[duty.kind, duty.id, deed.code]) if can_undo else ""
    return render(request, "portal/parts/duty_done.html", context | {"row": row, "undo": undo_at})


def _refused(request: SignedIn, duty: Duty, form: rows.Form | None, alert: Any, *, status: int) -> HttpResponse:
    """The row as it was typed, in its place; without scripts, on the whole page."""
    if form is not None:
        form.fields.mark()
    row = rows.row(duty, request.actor, today=clock.today(), form=form, alert=alert)
    if is_fragment(request):
        return render(request, "portal/parts/duty.html", {"row": row, "is_fresh": form is None}, status=status)
    context = page.page(request, page.Wish((duty.kind, duty.id), "", None))
    context["groups"] = rows.put(context["groups"], row)
    return render(request, "portal/my.html", context, status=status)


def _gone(request: SignedIn, kind: str, subject_id: uuid.UUID) -> HttpResponse:
    if is_fragment(request):
        return render(request, "portal/parts/duty_gone.html", {"key": f"{kind}-{subject_id}"}, status=409)
    messages.error(request, page.gone())
    return HttpResponseRedirect(reverse("my"))


def _counts(request: SignedIn, duty: Duty) -> dict[str, Any]:
    """What changes around the row: the figures, the number in the navigation, the count of its group."""
    tally = selectors.tally(request.actor, today=clock.today())
    group = rows.span(duty.due_on, clock.today())
    return {"tally": tally, "overdue": tally.overdue, "group_name": group, "group_count": getattr(tally, group), "is_swap": True}


def _sentence(refusal: DomainError) -> str:
    if isinstance(refusal, Stale):
        return _("未保存，内容还在：保存期间已被他人修改。请看过现在的内容，再按一次。")
    return _("未保存，内容还在：%(why)s") % {"why": refusal.detail}
