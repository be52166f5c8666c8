"""What the sign-in library asks of us: nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.models import User
from common.actors import Actor
from common.recording import recording


class AccountAdapter(DefaultAccountAdapter):
    """People are registered by an administrator; a new password is recorded in history as the person's own act."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def set_password(self, user: User, password: str) -> None:
        with recording(Actor(kind="person", name=user.name, id=user.id)):
            super().set_password(user, password)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Signing in needs no banner."""
