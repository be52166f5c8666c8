"""One HTTP call to an address that somebody typed in: with a deadline for the whole of it, a bound on the answer, and no way inside."""

import asyncio
import datetime as dt
import functools
import ipaddress
import socket
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from django.conf import settings

from reminders.errors import Refused, Throttled, Unavailable
from reminders.rules import PENALTY

DEADLINE = 10.0  # seconds for name, connection, handshake, request and answer together
LARGEST_ANSWER = 64 * 1024  # bytes; a robot's answer has a hundred
LONGEST_PENALTY = dt.timedelta(hours=12)
# What stands behind these answered in its stead: it may have taken the message.
GATEWAY_TROUBLE = (502, 504)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: httpx.Headers
    body: bytes

    def json(self) -> dict[str, Any]:
        """The answer as an object. Raises Unavailable where it is none: the message may have arrived."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise Unavailable("对方的应答无法识别", may_have_arrived=True)
        return found


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send, and return the answer of a server that said 2xx. Raises Refused, Throttled or Unavailable."""
    call = _Call(is_public_only=not settings.CHANNEL_ALLOW_PRIVATE)
    try:
        answer = _wait(call.within(DEADLINE, "POST", url, body, headers))
    except TimeoutError as error:
        raise Unavailable(f"{DEADLINE:g} 秒内没有完整应答", may_have_arrived=call.has_spoken) from error
    except httpx.InvalidURL as error:
        raise Refused("地址有误") from error
    except (httpx.HTTPError, OSError) as error:
        reason = "连接在应答之前中断" if call.has_spoken else "无法连接"
        raise Unavailable(f"{reason}（{type(error).__name__}）", may_have_arrived=call.has_spoken) from error
    return _judged(answer)


def ping(url: str, *, deadline: float) -> None:
    """GET an address that the operator set. Raises httpx.HTTPError or OSError."""
    answer = _wait(_Call(is_public_only=False).within(deadline, "GET", url, b"", {}))
    if not 200 <= answer.status < 300:
        raise httpx.HTTPError(f"HTTP {answer.status}")


def _wait(call: Coroutine[Any, Any, Answer]) -> Answer:
    """In a thread of its own: who calls may stand in an event loop already."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, call).result()


def is_forbidden(host: str) -> bool:
    """Is this the literal address of the machine itself or of a network that is not the public one?"""
    try:
        return not ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_global
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


_trust = functools.cache(httpx.create_ssl_context)  # reads the certificates of every authority: once a worker


# The loop's own threads are joined before it ends: a resolver that hangs would outlast the deadline.
_lookups = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lookup")


class _Call:
    """`has_spoken` tells afterwards whether the other side may have heard anything."""

    def __init__(self, *, is_public_only: bool) -> None:
        self.is_public_only, self.has_spoken = is_public_only, False

    async def within(self, deadline: float, method: str, url: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Cancelled at the deadline wherever it stands: a time-out of each step would let a server drip for ever."""
        async with asyncio.timeout(deadline):
            target = httpx.URL(url)
            # The name is looked up once and that address is called: it cannot change between the check and the call.
            there = target.copy_with(host=await self._resolved(target))
            named = headers | {"host": target.netloc.decode()}
            extensions = {"sni_hostname": target.host, "trace": self._listen}
            trust = _trust() if target.scheme == "https" else False  # 60 ms a worker, for nothing where nothing is encrypted
            async with httpx.AsyncClient(trust_env=False, verify=trust, follow_redirects=False, timeout=None) as client:  # noqa: S113 the deadline is above
                request = client.build_request(method, there, content=body, headers=named, extensions=extensions)
                response = await client.send(request, stream=True)
                try:
                    return Answer(response.status_code, response.headers, await _bounded(response))
                finally:
                    await response.aclose()

    async def _listen(self, event: str, _info: dict[str, Any]) -> None:
        self.has_spoken |= event.endswith("send_request_headers.started")

    async def _resolved(self, target: httpx.URL) -> str:
        if target.scheme not in ("https", "http") or not target.host:
            raise Refused("地址有误")
        port = target.port or (443 if target.scheme == "https" else 80)
        lookup = functools.partial(socket.getaddrinfo, target.host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(_lookups, lookup)
        places = [str(entry[4][0]) for entry in found]
        if self.is_public_only and any(is_forbidden(place) for place in places):
            raise Refused("地址指向内部网络，不予发送")
        return places[0]


async def _bounded(response: httpx.Response) -> bytes:
    body = b""
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LARGEST_ANSWER:
            return b""  # whoever says so much says nothing that we understand
    return body


def _judged(answer: Answer) -> Answer:
    status = answer.status
    if 200 <= status < 300:
        return answer
    if status == 429:
        raise Throttled("对方限流（HTTP 429）", wait=_retry_after(answer))
    if status in (408, 425) or status >= 500:
        raise Unavailable(f"对方出错（HTTP {status}）", may_have_arrived=status in GATEWAY_TROUBLE)
    if 300 <= status < 400:
        raise Refused(f"对方要求转到别处（HTTP {status}），不予跟随")
    raise Refused(f"对方拒收（HTTP {status}）")


def _retry_after(answer: Answer) -> dt.timedelta:
    text = answer.headers.get("retry-after", "")
    return min(dt.timedelta(seconds=int(text)), LONGEST_PENALTY) if text.isascii() and text.isdigit() and len(text) < 9 else PENALTY
