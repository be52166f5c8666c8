"""`python -m tests.storm.sink PORT SEED`: an SMTP server that refuses one message in twenty and logs every other before it says yes."""

import asyncio
import random
import re
import sys
import time
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.storm import log

REFUSED = 0.05


class Keeper:
    """Syncs the log before it answers: what was accepted is known, whoever dies afterwards."""

    def __init__(self, seed: str) -> None:
        self.dice = random.Random(seed)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.dice.random() < REFUSED:
            log.append("refused.log", at=time.time())
            return "451 4.3.0 not now"
        message: Any = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        text = message.get_body(("plain",)).get_content()
        log.append(
            "mails.log",
            at=time.time(),
            channel="email",
            message_id=message["Message-ID"].strip(),
            to=envelope.rcpt_tos,
            claimed=message["X-Storm-Claimed"].strip(),
            judged=float(message["X-Storm-Judged"]),
            items=message["X-Storm-Items"].split(),
            lines=len(re.findall(r"^\d+\. 【", text, re.MULTILINE)),
            links=len(re.findall(r"/milestones/|/my/\?open=", text)),
            html=message.get_body(("html",)) is not None,
        )
        return "250 OK"


async def serve(port: int, seed: str) -> None:
    loop = asyncio.get_running_loop()
    keeper = Keeper(seed)
    server = await loop.create_server(lambda: SMTP(keeper, data_size_limit=32 << 20, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port)
    async with server:
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
