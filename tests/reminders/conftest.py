"""A real SMTP server in a thread, and the product pointed at it."""

from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from local import ports


class Sink:
    """Keeps what it accepts. `refuse_person` and `refuse_message` are answers given instead."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.refuse_person = self.refuse_message = ""

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.refuse_person:
            return self.refuse_person
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.refuse_message:
            return self.refuse_message
        self.messages.append(message_from_bytes(envelope.original_content or b"", policy=policy.default))
        return "250 OK"

    def to(self, name: str) -> list[Any]:
        return [message for message in self.messages if message["To"] == f"{name}@example.invalid"]

    def text(self) -> str:
        return "\n".join(message.get_body(("plain",)).get_content() for message in self.messages)


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    kept = Sink()
    controller = Controller(kept, hostname="127.0.0.1", port=ports.free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    yield kept
    controller.stop()
