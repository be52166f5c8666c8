"""E-mail: one SMTP connection for many messages, and what the server's answers mean."""

import contextlib
import smtplib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.mail import EmailMultiAlternatives, get_connection

from reminders.channels.message import Address, Message
from reminders.errors import Refused, Unavailable

# A server that refuses for good: there is no use in trying this message again.
PERMANENT = range(500, 600)
DEADLINE = 60.0  # seconds for one message: the time-out of each step would let a server drip for ever


class EmailChannel:
    def __init__(self) -> None:
        self.mailer: Any = get_connection()

    def send(self, message: Message, address: Address) -> None:
        mail = EmailMultiAlternatives(
            subject=message.subject,
            body=message.text,
            to=[address.place],
            headers={"Message-ID": message.id, "Auto-Submitted": "auto-generated"} | message.headers,
        )
        mail.attach_alternative(message.html, "text/html")
        try:
            self._open()
            with self._deadline():
                if self.mailer.send_messages([mail]) != 1:
                    raise smtplib.SMTPException("no message left")
        except Exception:
            self.close()
            raise

    def close(self) -> None:
        self.mailer.close()

    def _open(self) -> None:
        try:
            self.mailer.open()
        except smtplib.SMTPResponseException as error:
            raise judged(error) from error
        except OSError as error:  # before anything was said: nothing has arrived
            raise Unavailable(f"无法连接邮件服务器（{type(error).__name__}）") from error

    @contextmanager
    def _deadline(self) -> Iterator[None]:
        timer = threading.Timer(DEADLINE, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (smtplib.SMTPException, OSError) as error:
            raise judged(error) from error
        finally:
            timer.cancel()

    def _cut(self) -> None:
        sock = getattr(getattr(self.mailer, "connection", None), "sock", None)
        with contextlib.suppress(OSError):
            if sock is not None:
                sock.shutdown(socket.SHUT_RDWR)


def judged(error: Exception) -> Refused | Unavailable:
    """What a failure of the mail server means: refused for good, refused for now, or nobody knows."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "；".join(_said(code, text) for code, text in error.recipients.values())
        is_final = all(code in PERMANENT for code, _text in error.recipients.values())
        return (Refused if is_final else Unavailable)(f"邮件服务器不接受该收件人（{said}）")
    if isinstance(error, smtplib.SMTPDataError):
        is_final = error.smtp_code in PERMANENT
        return (Refused if is_final else Unavailable)(f"邮件服务器不接受该邮件（{_said(error.smtp_code, error.smtp_error)}）")
    if isinstance(error, smtplib.SMTPResponseException):  # of greeting, sign-in or sender: about us, not about this person
        return Unavailable(f"邮件服务器不接受本系统（{_said(error.smtp_code, error.smtp_error)}）")
    return Unavailable(f"连接在应答之前中断（{type(error).__name__}）", may_have_arrived=True)


def _said(code: int, text: bytes | str) -> str:
    """The answer in the server's own words, on one line."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return " ".join(f"{code} {words}".split())
