"""What each channel says, how it signs, and what it makes of servers that behave badly."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from common import clock
from local import ports
from reminders.channels import adapters, email, http
from reminders.channels.message import Address, Message, plain
from reminders.channels.webhook import secret_bytes
from reminders.errors import Refused, Throttled, Unavailable, Undelivered
from tests.reminders.robots import Behaviour, Robot, drips, hangs_up, never_answers, says

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
CHATS = ("dingtalk", "wecom", "feishu")


def message(lines: int = 3, *, long: int = 1) -> Message:
    return Message(
        id="<0199-aa@tracker.invalid>", subject="重大项目提醒：3 项逾期", text="全文", html="<p>全文", head="**王工：3 项逾期**",
        lines=[f"{n}. 【提醒函】{'项目' * long}{n}" for n in range(1, lines + 1)], link="https://x.invalid/my/",
        data={"items": []}, at=clock.now(),
    )  # fmt: skip


@pytest.fixture
def robot(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Robot]:
    settings.CHANNEL_ALLOW_PRIVATE = True
    monkeypatch.setattr(http, "DEADLINE", 5.0)
    http._trust()
    with Robot() as found:
        yield found


def send(channel: str, robot: Robot, secret: str = "", **kind: int) -> Any:
    adapters()[channel].send(message(**kind), Address(robot.url, secret))
    return robot.calls[-1]


def test_dingtalk_signs_in_the_address(robot: Robot) -> None:
    call = send("dingtalk", robot, "SECabc")
    query = {name: values[0] for name, values in parse_qs(urlsplit(call.path).query).items()}
    signed = hmac.digest(b"SECabc", f"{query['timestamp']}\nSECabc".encode(), hashlib.sha256)
    assert query == {"access_token": "t", "timestamp": query["timestamp"], "sign": base64.b64encode(signed).decode()}
    assert len(query["timestamp"]) == 13
    assert call.json()["markdown"]["title"] == "重大项目提醒：3 项逾期"


def test_feishu_signs_in_the_body(robot: Robot) -> None:
    body = send("feishu", robot, "abc").json()
    key = f"{body['timestamp']}\nabc".encode()
    assert body["sign"] == base64.b64encode(hmac.digest(key, b"", hashlib.sha256)).decode()
    assert len(body["timestamp"]) == 10
    assert "王工" in body["card"]["elements"][0]["content"]


def test_a_webhook_is_signed_by_the_standard_and_keeps_its_id(robot: Robot) -> None:
    robot.behave = says(204, b"")
    for _try in range(2):
        send("webhook", robot, SECRET)
    first, second = robot.calls
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "0199-aa"
    signed = f"0199-aa.{first.headers['webhook-timestamp']}.".encode() + first.body
    expected = base64.b64encode(hmac.digest(b"k" * 32, signed, hashlib.sha256)).decode()
    assert first.headers["webhook-signature"] == f"v1,{expected}"
    assert json.loads(first.body)["type"] == "reminder.digest"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_kurz", "whsec_" + base64.b64encode(b"k" * 23).decode(), "%%%"])
def test_a_secret_that_is_none_is_refused(secret: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        secret_bytes(secret)


@pytest.mark.parametrize("channel", CHATS)
def test_a_chat_gets_twenty_lines_and_a_link_to_the_rest(robot: Robot, channel: str) -> None:
    text = send(channel, robot, lines=33).body.decode()
    assert "20. 【提醒函】" in json.loads(text).__repr__()
    assert "21. 【提醒函】" not in text
    assert "另有 13 项" in text
    assert "https://x.invalid/my/" in text


def test_wecom_gets_no_more_bytes_than_it_takes(robot: Robot) -> None:
    text = send("wecom", robot, lines=20, long=60).json()["markdown"]["content"]
    assert len(text.encode()) <= 4096
    assert "另有" in text


def test_a_name_cannot_mark_up_mention_or_break_the_line() -> None:
    assert plain("a\n<@all> [x](y) **b** _c_ `d`") == "a ＜@all＞ ［x］(y) ＊＊b＊＊ ＿c＿ ｀d｀"


def verdict(channel: str, robot: Robot, behave: Behaviour) -> tuple[type[Undelivered], bool]:
    robot.behave = behave
    with pytest.raises(Undelivered) as caught:
        send(channel, robot, SECRET)
    return type(caught.value), caught.value.may_have_arrived


def test_an_answer_beyond_measure_is_not_read_to_its_end(robot: Robot) -> None:
    """It may be a yes; who wraps it in so much is not a robot that we know."""
    assert verdict("dingtalk", robot, says(200, {"errcode": 0, "padding": "x" * http.LARGEST_ANSWER})) == (Unavailable, True)


@pytest.mark.parametrize("channel", ["feishu", "webhook"])
@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        (says(429, b"", retry_after="77"), (Throttled, False)),
        (says(500), (Unavailable, False)),
        (says(503), (Unavailable, False)),
        (says(502), (Unavailable, True)),
        (says(404), (Refused, False)),
        (says(302, b"", location="http://127.0.0.1:1/"), (Refused, False)),
        (hangs_up, (Unavailable, True)),
    ],
)
def test_what_a_bad_answer_means(robot: Robot, channel: str, behave: Behaviour, expected: tuple[type[Undelivered], bool]) -> None:
    assert verdict(channel, robot, behave) == expected
    assert len(robot.calls) == 1


@pytest.mark.parametrize("behave", [drips, never_answers])
def test_a_server_that_keeps_us_waiting_is_left_at_the_deadline(robot: Robot, behave: Behaviour, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DEADLINE", 1.0)
    assert verdict("dingtalk", robot, behave) == (Unavailable, True)


def test_a_name_that_nobody_resolves_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    over, gave_up = threading.Event(), []

    def hang(*_: Any, **__: Any) -> None:
        gave_up.append(not over.wait(5))
        raise socket.gaierror

    monkeypatch.setattr(http, "DEADLINE", 0.3)
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with pytest.raises(Unavailable) as caught:
        http.post("https://robot.example.invalid/", b"{}", {})
    assert not caught.value.may_have_arrived
    assert gave_up == []
    over.set()


@pytest.mark.parametrize(
    ("channel", "body", "expected"),
    [
        ("dingtalk", {"errcode": 130101, "errmsg": "send too fast"}, Throttled),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, Refused),
        ("dingtalk", {"errcode": -1, "errmsg": "busy"}, Unavailable),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, Throttled),
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, Refused),
        ("feishu", {"code": 11232, "msg": "frequency limited"}, Throttled),
        ("feishu", {"code": 9499, "msg": "too many request"}, Throttled),
        ("feishu", {"code": 9499, "msg": "Bad Request"}, Refused),
        ("feishu", {"code": 19021, "msg": "sign match fail or timestamp is not within one hour"}, Refused),
        ("wecom", {"something": "else"}, Unavailable),
        ("wecom", b"<html>", Unavailable),
        ("wecom", b"x" * 100_000, Unavailable),
    ],
)
def test_robots_say_no_inside_a_yes(robot: Robot, channel: str, body: Any, expected: type[Undelivered]) -> None:
    assert verdict(channel, robot, says(200, body))[0] is expected


def test_the_servers_own_wait_is_kept(robot: Robot) -> None:
    robot.behave = says(429, b"", retry_after="77")
    with pytest.raises(Throttled) as caught:
        send("webhook", robot, SECRET)
    assert caught.value.wait.total_seconds() == 77


def test_where_nobody_listens_nothing_arrived(robot: Robot) -> None:
    robot.url = f"http://127.0.0.1:{ports.free_port()}/"
    with pytest.raises(Unavailable) as caught:
        send("wecom", robot)
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "192.168.1.1", "0.0.0.0"])
def test_the_inside_is_not_called(robot: Robot, settings: Any, host: str) -> None:
    settings.CHANNEL_ALLOW_PRIVATE = False
    robot.url = f"http://{host}:{robot.server.server_address[1]}/"
    with pytest.raises(Refused, match="内部网络"):
        adapters()["wecom"].send(message(), Address(robot.url))
    assert robot.calls == []


def test_a_mail_server_that_drips_is_hung_up(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(email, "DEADLINE", 0.2)
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        taken, _from = listener.accept()
        with taken:
            taken.sendall(b"220 x\r\n")
            taken.recv(1000)
            taken.sendall(b"250 x\r\n")
            taken.recv(1000)
            while not over.wait(0.02):
                try:
                    taken.sendall(b"2")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", listener.getsockname()[1]
    with pytest.raises(Unavailable):
        adapters()["email"].send(message(), Address("a@example.invalid"))
    over.set()
    thread.join()
    listener.close()
