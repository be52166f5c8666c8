"""A robot's server that behaves as badly as it is told to, and keeps what it accepted."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

YES = {"errcode": 0, "errmsg": "ok", "code": 0}

Behaviour = Callable[["Request"], None]


class Request(http.server.BaseHTTPRequestHandler):
    """One call. `server.behave` answers it."""

    server: "Server"
    body: bytes = b""

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers.get("content-length", "0")))
        self.server.robot.calls.append(self)
        self.server.robot.behave(self)

    do_GET = do_POST

    def answer(self, status: int = 200, body: Any = None, **headers: str) -> None:
        content = body if isinstance(body, bytes) else json.dumps(YES if body is None else body).encode()
        self.send_response(status)
        for name, value in ({"content-length": str(len(content))} | {k.replace("_", "-"): v for k, v in headers.items()}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def json(self) -> Any:
        return json.loads(self.body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def handle(self) -> None:
        try:
            super().handle()
        except OSError:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    robot: "Robot"

    def handle_error(self, *_: Any) -> None:
        """A caller that hung up is what the tests are about."""


class Robot:
    """`with Robot() as robot:`; `robot.behave` is what it does to a call."""

    def __init__(self) -> None:
        self.calls: list[Request] = []
        self.behave: Behaviour = lambda request: request.answer()
        self.over = threading.Event()

    def __enter__(self) -> "Robot":
        self.server = Server(("127.0.0.1", 0), Request)
        self.server.robot = self
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/robot/send?access_token=t"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()


def says(status: int = 200, body: Any = None, **headers: str) -> Behaviour:
    return lambda request: request.answer(status, body, **headers)


def drips(request: Request) -> None:
    """One byte at a time, each well within the patience of a single read."""
    request.wfile.write(b"HTTP/1.1 200 OK\r\nx-slow: ")
    for _number in range(1000):
        if request.server.robot.over.is_set():
            return
        request.wfile.write(b"a")
        time.sleep(0.01)


def never_answers(request: Request) -> None:
    request.server.robot.over.wait(5)


def hangs_up(request: Request) -> None:
    """In the middle of its answer."""
    request.wfile.write(b'HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"errcode"')
    request.wfile.flush()
    request.connection.shutdown(socket.SHUT_RDWR)
