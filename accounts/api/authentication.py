"""Who calls: a bearer key, or the session of the portal. Either way the request's user is a principal."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import authentication, exceptions

from accounts import selectors
from accounts.roles import Principal
from accounts.services import clients
from common import clock
from common.api.parsers import refuse_too_large


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer mpt_….…`: found by prefix, proved by digest."""

    def authenticate(self, request: Any) -> tuple[Principal, Any] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = selectors.client_by_key(secret.strip(), now=clock.now())
        if key is None:
            raise exceptions.AuthenticationFailed(_("令牌无效或已失效。"))
        clients.note_use(key, now=clock.now())
        return selectors.client(key, today=clock.today()), key

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="api"'


class SessionAuthentication(authentication.SessionAuthentication):
    """The portal's session, with its CSRF check on writes."""

    def authenticate(self, request: Any) -> tuple[Principal, Any] | None:
        found = super().authenticate(request)
        return found and (selectors.person(found[0], today=clock.today()), None)

    def enforce_csrf(self, request: Any) -> None:
        """The check reads the form, so one that is larger than any file is refused first. Raises TooLarge."""
        refuse_too_large(request.META)
        super().enforce_csrf(request)
