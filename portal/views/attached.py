"""Files that come with a form: kept at once, so that a form that comes back has not lost them."""

import uuid
from typing import Any

from accounts.roles import Act
from common import clock
from common.errors import DomainError, Fault, TooLarge
from portal.forms.fields import Form
from portal.views import given
from portal.views.access import SignedIn
from projects.models import Evidence
from projects.services import evidence


def kept(request: SignedIn, project_id: uuid.UUID) -> list[Evidence]:
    """The files that the form brings now and those that it brought before, as evidence of the project. Raises what `add_many` does."""
    before = [key for text in request.POST.getlist("evidence") if (key := given.key(text)) is not None]
    found = list(Evidence.objects.of_projects([project_id]).filter(pk__in=before).order_by("pk"))
    uploads = request.FILES.getlist("file")
    return found + (evidence.add_many(project_id, uploads, actor=request.actor, now=clock.now()) if uploads else [])


def kept_in_any_case(request: SignedIn, found: Any, form: Form) -> list[Evidence]:
    """The same for a form that comes back anyhow: a file that is refused is one more thing wrong with it."""
    if not request.actor.may(Act.EDIT, found.project.offices):
        return []
    try:
        return kept(request, found.project_id)
    except DomainError as refusal:
        form.refuse(at_file(refusal))
        return []


def at_file(refusal: DomainError, *names: str) -> DomainError:
    """The refusal with what it says of the files beside the field that chooses them."""
    if not refusal.faults and isinstance(refusal, TooLarge):
        refusal.faults = [Fault(("file",), refusal.code, str(refusal.detail))]
    refusal.faults = [fault._replace(path=("file",)) if fault.path[:1] and fault.path[0] in names else fault for fault in refusal.faults]
    return refusal
