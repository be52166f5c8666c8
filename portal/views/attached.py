"""Files that come with a form: kept at once, so that a form that comes back has not lost them."""

import uuid
from typing import Protocol

from common import clock
from common.errors import DomainError, Fault, TooLarge
from portal.views import given
from portal.views.access import SignedIn
from projects.models import Evidence
from projects.services import evidence


class Refusing(Protocol):
    """A form that can be told what is wrong with it."""

    def refuse(self, refusal: DomainError) -> bool: ...


def kept(request: SignedIn, project_id: uuid.UUID, *, field: str = "file") -> list[Evidence]:
    """The files that the form brings now and those that it brought before, as evidence of the project. Raises what `add_many` does."""
    uploads = request.FILES.getlist(field)
    now = evidence.add_many(project_id, uploads, actor=request.actor, now=clock.now()) if uploads else []
    return [row for row in _before(request, project_id) if row not in now] + now


def kept_in_any_case(request: SignedIn, project_id: uuid.UUID, form: Refusing, *, may: bool, field: str = "file") -> list[Evidence]:
    """The same where the form may come back: a file that is refused is one more thing wrong with it. Nothing of who may not edit."""
    if not may:
        return []
    try:
        return kept(request, project_id, field=field)
    except DomainError as refusal:
        if not form.refuse(at_file(refusal)):
            raise
        return _before(request, project_id)


def _before(request: SignedIn, project_id: uuid.UUID) -> list[Evidence]:
    keys = [key for text in request.POST.getlist("evidence") if (key := given.key(text)) is not None]
    return list(Evidence.objects.of_projects([project_id]).filter(pk__in=keys).order_by("pk")) if keys else []


def at_file(refusal: DomainError, *names: str) -> DomainError:
    """The refusal with what it says of the files beside the field that chooses them."""
    if not refusal.faults and isinstance(refusal, TooLarge):
        refusal.faults = [Fault(("file",), refusal.code, str(refusal.detail))]
    refusal.faults = [fault._replace(path=("file",)) if fault.path[:1] and fault.path[0] in names else fault for fault in refusal.faults]
    return refusal
