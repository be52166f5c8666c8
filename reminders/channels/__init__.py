"""How a message leaves: one adapter a channel, all of one shape."""

from typing import Protocol

from reminders.channels.email import EmailChannel
from reminders.channels.message import Address, Message
from reminders.channels.robots import DingTalkChannel, FeishuChannel, WeComChannel
from reminders.channels.webhook import WebhookChannel
from reminders.lifecycle import Channel


class Adapter(Protocol):
    """One way out. `send` returns when the other side said yes.

    Raises Refused (this address never takes it), Throttled (not before a moment) or Unavailable (try again); the last two
    say whether the message may have arrived all the same. Each call ends within two thirds of a lease.
    """

    def send(self, message: Message, address: Address) -> None: ...

    def close(self) -> None:
        """Let go of what is kept open between two messages."""


def adapters() -> dict[str, Adapter]:
    """A set of adapters for one run of one worker."""
    return {
        Channel.EMAIL: EmailChannel(),
        Channel.DINGTALK: DingTalkChannel(),
        Channel.WECOM: WeComChannel(),
        Channel.FEISHU: FeishuChannel(),
        Channel.WEBHOOK: WebhookChannel(),
    }
