"""What every page shows around its content."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy

from accounts.roles import Principal
from common import clock
from portal.views import demonstration
from portal.views.appearance import THEMES
from reminders.selectors import duties


@dataclass(frozen=True)
class Entry:
    """One page of the navigation: the name of its URL, its icon, its word and the key after `g`."""

    name: str
    icon: str
    word: Any
    key: str


NAVIGATION = (
    Entry("my", "duty", gettext_lazy("待办"), "t"),
    Entry("board", "board", gettext_lazy("看板"), "b"),
    Entry("projects", "list", gettext_lazy("项目"), "p"),
    Entry("funding", "money", gettext_lazy("资金"), "m"),
    Entry("reminders", "bell", gettext_lazy("提醒"), "r"),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Theme and language for all; navigation, person, day and what the last act brought about for those who signed in.

    `may` holds the acts of the person by name, so that a template shows no button for what may not be done.
    """
    theme = request.COOKIES.get("theme")
    look = {
        "theme": theme if theme in THEMES else "light",
        "other_theme": "light" if theme == "dark" else "dark",
        "language": get_language(),
        "here": request.get_full_path(),
        "other_language": _with_language(request, "zh-hans" if get_language() == "en" else "en"),
    }
    actor = getattr(request, "actor", None)
    if actor is None:
        return look
    return look | {
        "navigation": NAVIGATION,
        "me": actor.name,
        "may": dict.fromkeys(actor.acts, True),
        "results": get_messages(request),
        "my_office": actor.grants[0].office_name if actor.grants else "",
        "today": actor.today,
        "overdue": lambda: overdue(actor),
        "read_at": clock.now(),
        "is_demonstration": demonstration.present(),
    }


def _with_language(request: HttpRequest, language: str) -> str:
    query = request.GET.copy()
    query["lang"] = language
    return f"?{query.urlencode()}"


def overdue(actor: Principal) -> int:
    """How many duties are overdue, asked once a minute: every page says it. The page of duties says its own, fresh number."""
    return _overdue(actor, int(time.monotonic() // 60))


@lru_cache(maxsize=10_000)
def _overdue(actor: Principal, minute: int) -> int:
    return duties.overdue(actor, today=actor.today)
