"""What is sent and to where, before any channel gives it a form."""

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any

LINES_IN_A_CHAT = 20
# What a chat would take for markup, a mention or the end of a link.
MARKUP = str.maketrans(
    {"[": "［", "]": "］", "<": "＜", ">": "＞", "*": "＊", "_": "＿", "`": "｀", "#": "＃", "~": "～", "\\": "＼", "|": "｜"}
)


@dataclass(frozen=True)
class Address:
    """An e-mail address, or the URL and secret of a robot or webhook."""

    place: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True)
class Message:
    """One message in every form that a channel may want. `id` is the Message-ID, the same on every try.

    `head` and `lines` are markdown for chats, one line an obligation; `data` is what a webhook's body carries.
    """

    id: str
    subject: str
    text: str
    html: str
    head: str
    lines: list[str]
    link: str
    data: dict[str, Any]
    at: dt.datetime
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The left half of the Message-ID: stable, and without a dot."""
        return self.id.strip("<>").partition("@")[0]

    def for_chat(self, *, most_bytes: int) -> str:
        """Markdown of at most twenty lines and so many bytes, what is left out counted and linked."""
        for shown in range(min(len(self.lines), LINES_IN_A_CHAT), -1, -1):
            text = self._chat(shown)
            if len(text.encode()) <= most_bytes:
                return text
        return self.head

    def _chat(self, shown: int) -> str:
        rest = len(self.lines) - shown
        foot = f"[另有 {rest} 项，打开待办]({self.link})" if rest else f"[打开待办]({self.link})"
        return "\n\n".join([self.head, *self.lines[:shown], foot])


def plain(text: str) -> str:
    """A name as part of a line of markdown: it stays on the line, and marks nothing up."""
    return re.sub(r"\s+", " ", text).translate(MARKUP)
