"""What the supervisor prints when the system answers: where it is, a sign-in and a first call."""

import http.client
import json
import time
from typing import Any

from local import environment, places
from local.children import say

PEOPLE = places.DATA / "demo.json"
PATIENCE = 90  # seconds for the web server
FIRST_ROLES = ("admin", "supervisor")


def answers(port: int) -> bool:
    """Say whether the web server is alive. No proxy of the environment stands between."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def first_person() -> dict[str, Any] | None:
    """Return the demonstration's person who sees most."""
    try:
        people = json.loads(PEOPLE.read_text())["people"]
    except (OSError, ValueError, KeyError):
        return None
    ranked = [person for role in FIRST_ROLES for person in people if person["role"] == role]
    return next(iter(ranked or people), None)


class Welcome:
    """Waits for the web server, then greets once; complains once when it does not come."""

    def __init__(self, env: dict[str, str], began: float, with_people: bool) -> None:
        self.env, self.began, self.with_people = env, began, with_people
        self.deadline = time.monotonic() + PATIENCE
        self.done = self.complained = False

    def look(self) -> None:
        """Look once; called with every tick."""
        if self.done:
            return
        if answers(environment.port()):
            self.done = True
            self.greet()
        elif time.monotonic() > self.deadline and not self.complained:
            self.complained = True
            say(f"网页服务在 {PATIENCE} 秒内没有应答，请查看上面的输出。")

    def greet(self) -> None:
        """Print the address, a sign-in and a first call."""
        url = self.env["BASE_URL"]
        say(f"\n系统已就绪（{time.monotonic() - self.began:.0f} 秒）：{environment.base_url()}")
        person = first_person() if self.with_people and environment.demonstration(self.env) else None
        if person:
            say(f"  登录    {person['username']} / {person['password']}（{person['role']}，{person['office']}）")
            say(f"  调用    curl -H 'Authorization: Bearer {person['token']}' '{url}/api/v1/summary/?group_by=region'")
            say(f"  更多人  {PEOPLE.relative_to(places.ROOT)}")
        else:
            say("  建管理员  .venv/bin/python -m local.manage createsuperuser")
        if "EMAIL_URL" in self.env and self.env["EMAIL_URL"].startswith("smtp://127.0.0.1:"):
            say(f"  邮件    {(places.DATA / 'mail').relative_to(places.ROOT)}/*.eml")
        say("  停止    Ctrl-C\n")
