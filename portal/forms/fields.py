"""A form of labelled fields: what was typed stays in it, what was understood, and what is wrong beside each field."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from common.errors import DomainError
from funding.services.judgement import LARGEST
from portal.forms import typed
from portal.forms.typed import Unread
from portal.templatetags import words

LONGEST = 1000  # characters of a text


class Field(NamedTuple):
    """One field. `kind` is text, long, amount (in 万元), day, whole, percent or choice; `name` is also the domain's name of it."""

    name: str
    label: Any
    kind: str = "text"
    is_required: bool = False
    hint: Any = ""
    choices: Sequence[tuple[str, Any]] = ()


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
        amount = typed.amount(text, unit=words.WAN)
        if amount.yuan > LARGEST:
            raise Unread(_("金额超出合理范围，请核对单位"))
        entry.understood = "" if amount.is_plain else f"= {_('%(amount)s 万元') % {'amount': words.wan(amount.yuan)}}"
        return amount.yuan
    if kind == "day":
        day = typed.day(text, today=today)
        entry.understood = "" if day.isoformat() == text else f"= {day.isoformat()}"
        return day
    if kind in ("whole", "percent"):
        return _number(text, is_whole=kind == "whole")
    if kind == "choice" and text not in dict(entry.field.choices):
        raise Unread(_("没有这一项。"))
    if len(text) > LONGEST:
        raise Unread(_("最多 %(n)s 个字") % {"n": LONGEST})
    return text


def _number(text: str, *, is_whole: bool) -> Any:
    bare = typed.plain(text).rstrip("%年")
    try:
        number = Decimal(bare) if bare.replace(".", "", 1).isdecimal() and len(bare) <= 12 else None
    except InvalidOperation:  # digits of a script that Decimal does not know
        number = None
    if number is None or (is_whole and number != int(number)):
        raise Unread(_("不是数字：%(text)s") % {"text": text[: typed.LONGEST]})
    return int(number) if is_whole else number
