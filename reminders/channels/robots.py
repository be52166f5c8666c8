"""Robots of the work chats: how each signs, what it is given, and what its answers mean.

All three say "no" inside a 200. DingTalk: open.dingtalk.com, 自定义机器人接入. WeCom: developer.work.weixin.qq.com, path/91770.
Feishu: open.feishu.cn, 自定义机器人使用指南.
"""

import base64
import hashlib
import hmac
import time
from typing import Any
from urllib.parse import quote_plus

import orjson

from reminders.channels.http import post
from reminders.channels.message import Address, Message
from reminders.errors import Refused, Throttled, Unavailable
from reminders.rules import PENALTY

JSON = {"content-type": "application/json; charset=utf-8"}


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), text.encode(), hashlib.sha256)).decode()


class Robot:
    """What the three share: a body that says the message, and a number in the answer."""

    code_name = "errcode"
    text_name = "errmsg"
    most_bytes = 4096
    too_fast: frozenset[int] = frozenset()
    busy: frozenset[int] = frozenset()

    def send(self, message: Message, address: Address) -> None:
        url, body = self.call(message, address)
        self.judge(post(url, orjson.dumps(body), JSON).json())

    def call(self, message: Message, address: Address) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def judge(self, answer: dict[str, Any]) -> None:
        """Any number but 0 that is neither haste nor trouble on their side is a refusal: sign, key word, key or form."""
        code, text = answer.get(self.code_name), str(answer.get(self.text_name, ""))[:200]
        if code == 0:
            return
        if not isinstance(code, int):
            raise Unavailable("对方的应答无法识别", may_have_arrived=True)
        if code in self.too_fast:
            raise Throttled(f"对方限流（{code} {text}）", wait=PENALTY)
        if code in self.busy:
            raise Unavailable(f"对方繁忙（{code} {text}）")
        raise Refused(f"对方拒收（{code} {text}）")

    def close(self) -> None:
        """Nothing is kept between two messages."""


class DingTalkChannel(Robot):
    most_bytes = 18_000
    too_fast = frozenset({130101, 410100, 90018, 90030})
    busy = frozenset({-1})

    def call(self, message: Message, address: Address) -> tuple[str, dict[str, Any]]:
        url = address.place
        if address.secret:
            stamp = str(int(time.time() * 1000))
            sign = quote_plus(_hmac(address.secret, f"{stamp}\n{address.secret}"))
            url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={sign}"
        text = message.for_chat(most_bytes=self.most_bytes)
        return url, {"msgtype": "markdown", "markdown": {"title": message.subject, "text": text}}


class WeComChannel(Robot):
    too_fast = frozenset({45009, 45033})
    busy = frozenset({-1})

    def call(self, message: Message, address: Address) -> tuple[str, dict[str, Any]]:
        return address.place, {"msgtype": "markdown", "markdown": {"content": message.for_chat(most_bytes=self.most_bytes)}}


class FeishuChannel(Robot):
    code_name = "code"
    text_name = "msg"
    most_bytes = 18_000
    too_fast = frozenset({11232, 99991400})

    def call(self, message: Message, address: Address) -> tuple[str, dict[str, Any]]:
        card = {
            "header": {"title": {"tag": "plain_text", "content": message.subject}},
            "elements": [{"tag": "markdown", "content": message.for_chat(most_bytes=self.most_bytes)}],
        }
        body: dict[str, Any] = {"msg_type": "interactive", "card": card}
        if address.secret:
            stamp = str(int(time.time()))
            body |= {"timestamp": stamp, "sign": _hmac(f"{stamp}\n{address.secret}", "")}  # the key is what is signed, the text is empty
        return address.place, body

    def judge(self, answer: dict[str, Any]) -> None:
        """9499 stands for a malformed body and for haste; only its words tell."""
        if answer.get("code") == 9499 and "too many" in str(answer.get("msg", "")).lower():
            raise Throttled("对方限流（9499）", wait=PENALTY)
        super().judge(answer)
