"""A webhook, signed as Standard Webhooks says (standardwebhooks.com)."""

import base64
import hashlib
import hmac
import time

import orjson

from reminders.channels.http import post
from reminders.channels.message import Address, Message

PREFIX = "whsec_"


class WebhookChannel:
    def send(self, message: Message, address: Address) -> None:
        """Any 2xx is a yes, whatever it says. The id is the same on every try, so that a copy can be recognized."""
        body = orjson.dumps({"type": "reminder.digest", "timestamp": message.at, "data": message.data})
        stamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "webhook-id": message.key,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{sign(address.secret, message.key, stamp, body)}",
        }
        post(address.place, body, headers)

    def close(self) -> None:
        """Nothing is kept between two messages."""


def sign(secret: str, key: str, stamp: str, body: bytes) -> str:
    signed = f"{key}.{stamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret_bytes(secret), signed, hashlib.sha256)).decode()


def secret_bytes(secret: str) -> bytes:
    """The key behind `whsec_…`. Raises ValueError unless it is base64 of 24 to 64 bytes."""
    found = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    if not 24 <= len(found) <= 64:
        raise ValueError("a secret has 24 to 64 bytes")
    return found
