"""A form of money has its effect once: the hidden key made with the form is kept with the address it led to."""

import hashlib
import uuid
from collections.abc import Callable

import orjson
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from common import clock, services
from common.errors import Conflict, Denied, DomainError, IdempotencyInFlight, IdempotencyMismatch, Missing, Stale
from common.ids import uuid7
from common.services import Scope
from portal.views.access import SignedIn


class SentAlready(Conflict):
    """The form had its effect, and was changed and sent again: from the browser's memory, or in a second tab."""

    code = "sent_already"
    sentence = _("这张表已经提交过，之后又有改动。确需再次提交，请核对后再按一次。")


class Running(Conflict):
    code = "running"
    sentence = _("上一次提交正在处理，请稍候再看结果，不必重复提交。")


STATUSES = ((Denied, 403), (Missing, 404), (Conflict, 409), (Stale, 412))


def key_of(request: SignedIn, refusal: object = None) -> str:
    """The key for a form: the one it came with, a new one when it is new or was sent already."""
    given = request.POST.get("idempotency_key", "")
    return str(uuid7()) if not given or isinstance(refusal, SentAlready) else given


def once(request: SignedIn, effect: Callable[[], str]) -> HttpResponse:
    """Run `effect` in one transaction and go to the address it gives; the same form again goes there without it.

    The key is claimed by the same table as `Idempotency-Key` of the API: a double press waits for the first and follows it.
    What is refused leaves no key, so that a corrected form may be sent. Raises SentAlready, Running, and what `effect` raises.
    """
    scope = Scope(request.actor.label, f"{request.method} {request.path}", _key(request))
    with transaction.atomic():
        try:
            kept = services.claim_key(scope, fingerprint=_fingerprint(request), now=clock.now())
        except IdempotencyMismatch as error:
            raise SentAlready from error
        except IdempotencyInFlight as error:
            raise Running from error
        if kept is not None:
            return HttpResponseRedirect(kept.headers["Location"])
        address = effect()
        services.keep_answer(scope, status=302, headers={"Location": address}, body=b"")
    return HttpResponseRedirect(address)


def status_of(refusal: DomainError) -> int:
    """The status of the page that shows a refusal; 422 unless it is about rights or the state of things."""
    return next((status for kind, status in STATUSES if isinstance(refusal, kind)), 422)


def _key(request: SignedIn) -> str:
    try:
        return str(uuid.UUID(request.POST.get("idempotency_key", "")))
    except ValueError as error:
        raise BadRequest from error


def _fingerprint(request: SignedIn) -> str:
    asked = {name: values for name, values in request.POST.lists() if name not in ("csrfmiddlewaretoken", "idempotency_key")}
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()
