"""`python -m local.mail PORT FOLDER`: an SMTP server that keeps every message as an `.eml` file."""

import asyncio
import datetime as dt
import pathlib
import secrets
import signal
import sys

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 32 << 20


class Keeper:
    """Writes each message under another name first: whoever reads the folder never sees half a file."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep one message; its name tells when it came."""
        name = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(3)}"
        draft = self.folder / f".{name}.part"
        content = envelope.original_content or b""
        draft.write_bytes(content)
        draft.rename(self.folder / f"{name}.eml")
        return "250 OK"


async def serve(port: int, folder: pathlib.Path) -> None:
    """Serve until TERM or Ctrl-C."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    keeper = Keeper(folder)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(lambda: SMTP(keeper, data_size_limit=LARGEST, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", port)
    async with server:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), pathlib.Path(sys.argv[2])))
