"""The query string of a reading call: strict (an unknown parameter is an error, never ignored) and typed."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.api.exceptions import BadQuery, UnknownParameter
from common.days import FIRST_DAY, exact_day
from common.errors import Fault

SHAPING = ("fields", "omit", "expand")
LISTING = ("ordering", "page_size", "cursor", "with_count", "facets")
LARGEST_PAGE = 500
DEFAULT_PAGE = 50


@dataclass(frozen=True)
class Query:
    """What a reading call asks for, besides its filters."""

    fields: frozenset[str] = frozenset()
    omit: frozenset[str] = frozenset()
    expand: tuple[str, ...] = ()
    ordering: tuple[str, ...] = ()
    page_size: int = DEFAULT_PAGE
    cursor: str = ""
    with_count: bool = False
    facets: tuple[str, ...] = ()
    as_of: dt.date | None = None
    faults: list[Fault] = field(default_factory=list, compare=False)


def fault(name: str, code: str, detail: str) -> Fault:
    return Fault(("query", name), code, detail)


def refuse_unknown(parameters: QueryDict, known: Collection[str]) -> None:
    if unknown := [name for name in parameters if name not in known]:
        raise UnknownParameter(faults=[fault(name, "unknown_parameter", _("没有这个参数。")) for name in unknown])
    if repeated := [name for name in parameters if len(parameters.getlist(name)) > 1]:
        raise BadQuery(faults=[fault(name, "repeated", _("参数只能出现一次；多个值用逗号分开。")) for name in repeated])
    if blank := [name for name, value in parameters.items() if not value.strip(" ,")]:
        raise BadQuery(faults=[fault(name, "blank", _("参数没有值；不需要时请去掉。")) for name in blank])
    if torn := [name for name, value in parameters.items() if "\0" in value]:
        raise BadQuery(faults=[fault(name, "invalid", _("不能含有空字符。")) for name in torn])


def read(
    parameters: QueryDict,
    *,
    shape: Mapping[str, Any],
    expansions: Collection[str] = (),
    orderings: Collection[str] = (),
    facets: Collection[str] = (),
    today: dt.date,
) -> Query:
    """Parse the shared parameters. `shape` names the fields that may be asked for or left out, nested ones as mappings."""
    faults: list[Fault] = []

    def listed(name: str, allowed: Collection[str]) -> tuple[str, ...]:
        values = tuple(value for value in parameters.get(name, "").split(",") if value)
        if len({value.removeprefix("-") for value in values}) < len(values):
            faults.append(fault(name, "repeated", _("同一项只能出现一次。")))
        faults.extend(fault(name, "invalid_choice", _("没有这一项：%s") % value) for value in values if value not in allowed)
        return values

    dotted = set(shape) | {f"{outer}.{inner}" for outer, inners in shape.items() if inners for inner in inners} | set(expansions)
    signed = [f"{sign}{name}" for name in orderings for sign in ("", "-")]
    query = Query(
        fields=frozenset(listed("fields", dotted)),
        omit=frozenset(listed("omit", dotted)),
        expand=listed("expand", expansions),
        ordering=listed("ordering", signed),
        page_size=_page_size(parameters.get("page_size"), faults),
        cursor=parameters.get("cursor", ""),
        with_count=_flag(parameters.get("with_count"), faults),
        facets=listed("facets", facets),
        as_of=_past_day(parameters.get("as_of"), today, faults),
    )
    if faults:
        raise BadQuery(faults=faults)
    return query


def _page_size(text: str | None, faults: list[Fault]) -> int:
    if text is None:
        return DEFAULT_PAGE
    if text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_PAGE:
        return int(text)
    faults.append(fault("page_size", "invalid", _("每页条数须为 1 到 500。")))
    return DEFAULT_PAGE


def _flag(text: str | None, faults: list[Fault]) -> bool:
    if text not in (None, "true", "false"):
        faults.append(fault("with_count", "invalid", _("须为 true 或 false。")))
    return text == "true"


def _past_day(text: str | None, today: dt.date, faults: list[Fault]) -> dt.date | None:
    if text is None:
        return None
    day = exact_day(text)
    if day is None or day < FIRST_DAY:
        faults.append(fault("as_of", "invalid", _("日期须为 2025-06-30 这样的形式。")))
    elif day > today:
        faults.append(fault("as_of", "future_date", _("只能查询今天或以前的日期。")))
    return day


def cut(row: dict[str, Any], query: Query) -> dict[str, Any]:
    """The row with only `fields`, without `omit`."""
    if query.fields:
        row = _only(row, query.fields | set(query.expand))
    return _without(row, query.omit) if query.omit else row


def _only(row: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in row.items():
        inner = {name.split(".", 1)[1] for name in names if name.startswith(f"{key}.")}
        if key in names:
            kept[key] = value
        elif inner:
            kept[key] = {name: value[name] for name in value if name in inner} if isinstance(value, dict) else value
    return kept


def _without(row: dict[str, Any], names: frozenset[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in row.items():
        if key in names:
            continue
        inner = {name.split(".", 1)[1] for name in names if name.startswith(f"{key}.")}
        kept[key] = {name: value[name] for name in value if name not in inner} if inner and isinstance(value, dict) else value
    return kept
