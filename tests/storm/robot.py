"""`python -m tests.storm.robot PORT SEED`: a robot's server that refuses one message in twenty and logs every other before it says yes."""

import http.server
import json
import random
import re
import sys
import threading
import time

from tests.storm import log

REFUSED = 0.05


class Robot(http.server.BaseHTTPRequestHandler):
    """One call. Half of what it refuses is an error of HTTP, half a number inside a 200."""

    dice, lock = random.Random(), threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.lock:
            thrown = self.dice.random()
        if thrown < REFUSED:
            log.append("refused.log", at=time.time())
            self._answer(503 if thrown < REFUSED / 2 else 200, {"errcode": -1, "errmsg": "busy"})
            return
        text = json.loads(body)["markdown"]["text"]
        log.append(
            "mails.log",
            at=time.time(),
            channel="dingtalk",
            message_id=self.headers["X-Storm-Message"],
            to=[self.path],
            claimed=self.headers["X-Storm-Claimed"],
            judged=float(self.headers["X-Storm-Judged"]),
            items=self.headers["X-Storm-Items"].split(),
            lines=len(re.findall(r"^\d+\. 【", text, re.MULTILINE)),
            links=text.count("](") - 1,  # the last leads to everything
            html=True,
        )
        self._answer(200, {"errcode": 0, "errmsg": "ok"})

    def _answer(self, status: int, body: dict[str, object]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: what counts is in the log."""


if __name__ == "__main__":
    Robot.dice = random.Random(f"robot {sys.argv[2]}")
    http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Robot).serve_forever()
