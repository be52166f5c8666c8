"""A form of labelled fields: what was typed stays in it, what was understood, and what is wrong beside each field."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from rest_framework.serializers import Serializer

from common.errors import DomainError
from portal.forms import typed
from portal.forms.limits import within
from portal.forms.typed import Unread
from portal.templatetags import words

NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
LONGEST = 300  # characters of a name that is looked up


class Field(NamedTuple):
    """One field. `kind` is text, long, amount (in 万元), day, whole, percent (a rate), progress (0 to 100), choice, file or files.

    `name` is also the domain's name of it.
    `shape` is what the API takes with a field of this name, which says how much fits; without it a text is a name to look up.
    """

    name: str
    label: Any
    kind: str = "text"
    is_required: bool = False
    hint: Any = ""
    choices: Sequence[tuple[str, Any]] = ()
    shape: type[Serializer] | None = None
    may_be_zero: bool = False  # of an amount
    is_ahead: bool = False  # of a day: without a year the coming one is meant, not the last


@dataclass
class Entry:
    """A field with its text, the sentence of its fault, and what was understood where the eye may read otherwise."""

    field: Field
    text: str = ""
    fault: str = ""
    understood: str = ""

    @property
    def described_by(self) -> str:
        parts = [
            f"{self.field.name}-{part}" for part in ("hint", "fault") if getattr(self, part, "") or (part == "hint" and self.field.hint)
        ]
        return " ".join(parts)


@dataclass
class Form:
    """The fields in order, and the values of those that were understood and not left empty."""

    entries: list[Entry]
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.fault]

    def entry(self, name: str) -> Entry:
        return next(entry for entry in self.entries if entry.field.name == name)

    def refuse(self, refusal: DomainError) -> bool:
        """Put what a service refused beside the fields it names, whatever they hang from; True when each has found its place."""
        names = {entry.field.name: entry for entry in self.entries}
        placed = 0
        for fault in refusal.faults:
            entry = next((names[part] for part in reversed(fault.path) if part in names), None)
            if entry is not None:
                entry.fault = str(fault.detail)
                placed += 1
        return bool(refusal.faults) and placed == len(refusal.faults)


def empty(fields: Iterable[Field], given: Mapping[str, str] | None = None) -> Form:
    """The form as it is first shown, with what is known already."""
    given = given or {}
    return Form([Entry(field_, given.get(field_.name, "")) for field_ in fields])


def read(post: Mapping[str, str], fields: Iterable[Field], *, today: dt.date) -> Form:
    """Understand every field; a fault stands beside what is missing or not understood."""
    form = Form([Entry(field_, post.get(field_.name, "").strip()) for field_ in fields])
    for entry in form.entries:
        if not entry.text:
            entry.fault = _("必填。") if entry.field.is_required else ""
            continue
        try:
            form.values[entry.field.name] = _understand(entry, today)
        except Unread as unread:
            entry.fault = str(unread)
    return form


def _understand(entry: Entry, today: dt.date) -> Any:
    text, kind = entry.text, entry.field.kind
    if kind == "amount":
        amount = typed.amount(text, unit=words.WAN, may_be_zero=entry.field.may_be_zero)
        entry.understood = "" if amount.is_plain else f"= {_('%(amount)s 万元') % {'amount': words.wan(amount.yuan)}}"
        return amount.yuan
    if kind == "day":
        day = typed.day(text, today=today, is_ahead=entry.field.is_ahead)
        entry.understood = "" if day.isoformat() == text else f"= {day.isoformat()}"
        return day
    if kind == "choice":
        if text not in dict(entry.field.choices):
            raise Unread(_("没有这一项。"))
        return text
    if kind in ("whole", "percent", "progress"):
        return _number(entry.field, text)
    if entry.field.shape is not None:
        return within(entry.field.shape, entry.field.name, text)
    if len(text) > LONGEST:
        raise Unread(_("最多 %(n)s 个字") % {"n": LONGEST})
    return text


def _number(field_: Field, text: str) -> Any:
    """Years, a rate, or how far works have come. Only figures reach the API's field, which says how large and how exact they may be."""
    bare = typed.plain(text).rstrip("%年")
    if not NUMBER.fullmatch(bare):
        raise Unread(_("不是数字：%(text)s") % {"text": text[: typed.LONGEST]})
    assert field_.shape is not None
    if field_.kind == "whole":
        return within(field_.shape, field_.name, bare)
    if field_.kind == "progress":
        return Decimal(within(field_.shape, field_.name, bare))
    try:
        return Decimal(within(field_.shape, field_.name, bare))
    except Unread as unread:
        raise Unread(_("利率须小于 100，最多四位小数")) from unread
