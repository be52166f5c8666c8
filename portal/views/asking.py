"""What the address of a reading page asks for: a past day, filters, an order; and the address with one thing changed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext

from portal.views import given


@dataclass(frozen=True)
class Asked:
    """`values` are the known parameters that say something. A day that is none, or is ahead, is left aside and said so in `fault`."""

    values: Mapping[str, str]
    as_of: dt.date | None
    fault: str

    def get(self, name: str) -> str:
        return self.values.get(name, "")

    def address(self, **changes: Any) -> str:
        """The query string with some parts changed; None or nothing takes a part away. The page is turned back to its first."""
        kept = {**self.values, "cursor": "", **{name: str(value or "") for name, value in changes.items()}}
        return f"?{urlencode({name: value for name, value in kept.items() if value})}"

    def hidden(self, *besides: str) -> list[tuple[str, str]]:
        """What a form of this page must carry along."""
        return [(name, value) for name, value in self.values.items() if name not in (*besides, "cursor")]


def asked(query: QueryDict, *names: str, today: dt.date) -> Asked:
    """Reads `names`, and `as_of`: today, or no day at all, is no past day."""
    values = {name: word for name in names if (word := str(query.get(name, "")).strip())}
    text = str(query.get("as_of", "")).strip()
    day = given.day(text) if text else today
    fault = ""
    if day is None:
        fault = gettext("日期应写作 2025-06-30 的样子，现按今天显示。")
    elif day > today:
        fault = gettext("日期不能晚于今天，现按今天显示。")
    past = day if day is not None and day < today else None
    if past is not None:
        values["as_of"] = past.isoformat()
    return Asked(values, past, fault)
