"""A table that people paste: its lines as typed, what was understood of each, and what is wrong."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError
from funding.lifecycle import Level
from funding.selectors.matching import Match
from funding.services.moves import Check, Move
from portal.forms import typed
from portal.forms.typed import Unread
from portal.templatetags import words

SPARE = 3  # empty lines below the last
COLORS = {Level.ERROR: "red", Level.WARN: "amber", Level.INFO: "grey"}
SUGGESTION = re.compile(r"(\d{1,4}):(.+)")


class Column(NamedTuple):
    """One column of inputs. `width` is one of the classes of the style sheet."""

    name: str
    title: Any
    width: str = ""
    is_number: bool = False
    has_day: bool = False


class Mark(NamedTuple):
    """What a check says of a line: a lamp's color and a sentence."""

    color: str
    text: str


@dataclass
class Line:
    """One line: its cells as typed, which of them are wrong, what is said of it, and the movement it means, if it means one."""

    number: int
    cells: dict[str, str]
    wrong: set[str] = field(default_factory=set)
    marks: list[Mark] = field(default_factory=list)
    move: Move | None = None
    amount: Decimal | None = None
    nearest: str = ""
    reason: str = ""
    wants_reason: bool = False
    is_head: bool = False  # titles that were copied along

    @property
    def is_empty(self) -> bool:
        return not any(self.cells.values())

    @property
    def is_red(self) -> bool:
        return any(mark.color == "red" for mark in self.marks)

    @property
    def color(self) -> str:
        return next((color for color in ("red", "amber", "green") if any(mark.color == color for mark in self.marks)), "")

    def refuse(self, text: object, *cells: str) -> None:
        self.marks.append(Mark("red", str(text)))
        self.wrong.update(cells)

    def read(self, name: str, how: Callable[[str], Any]) -> Any:
        """What a cell means, or None with the line marked."""
        try:
            return how(self.cells[name])
        except Unread as unread:
            self.refuse(unread, name)
            return None

    def read_amount(self, name: str, unit: Decimal) -> None:
        """The amount in yuan; where the eye may have read another, what was understood is said."""
        found = self.read(name, lambda text: typed.amount(text, unit=unit))
        if found is None:
            return
        self.amount = found.yuan
        if not found.is_plain:
            self.marks.append(Mark("", f"= {in_unit(found.yuan, unit)}"))

    def read_project(self, name: str, match: Match | None) -> Any:
        """The project meant, or None with the line marked and the nearest name kept."""
        if match is not None and match.project is not None:
            return match.project
        if match is None:
            self.refuse(_("未填项目"), name)
        elif match.several:
            self.refuse(_("有 %(n)s 个项目叫这个名称，请填项目代码") % {"n": match.several}, name)
        else:
            self.refuse(_("无此项目"), name)
            self.nearest = match.nearest
        return None


@dataclass
class Sheet:
    """The whole table. `unit` is how many yuan the amounts of the page count in, `fault` what is wrong with the field above it."""

    columns: Sequence[Column]
    lines: list[Line]
    unit: Decimal
    fault: str = ""

    @property
    def filled(self) -> list[Line]:
        """The lines that say something, but a copied head."""
        return [line for line in self.lines if not (line.is_empty or line.is_head)]

    @property
    def red(self) -> list[Line]:
        return [line for line in self.filled if line.is_red]

    @property
    def good(self) -> list[Line]:
        return [line for line in self.filled if line.move is not None and not line.is_red]

    @property
    def total(self) -> Decimal:
        """Of every line whose amount was understood, in yuan."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))

    @property
    def rows(self) -> Iterator[tuple[Line, list[tuple[Column, str, bool]]]]:
        """Each line with its cells: column, text, whether it is wrong."""
        for line in self.lines:
            yield line, [(column, line.cells[column.name], column.name in line.wrong) for column in self.columns]

    def judged(self, checks_of: Callable[[list[Move]], list[list[Check]]], word: Callable[[Line, Check], str], fine: object) -> None:
        """Mark every line with what the checks say of its movement; `fine` where they say nothing."""
        lines = [line for line in self.filled if line.move is not None]
        try:
            checks = checks_of([line.move for line in lines if line.move is not None]) if lines else []
        except DomainError as refusal:
            self.refuse(refusal, lines)
            return
        for line, said in zip(lines, checks, strict=True):
            line.marks += [Mark(COLORS[Level(check.level)], word(line, check)) for check in said]
            if not line.color:
                line.marks.insert(0, Mark("green", str(fine)))

    def refuse(self, refusal: DomainError, lines: Sequence[Line]) -> None:
        """Put what a service refused at the lines it names; a service counts the movements it was given."""
        for fault in refusal.faults:
            if fault.path and isinstance(fault.path[0], int) and fault.path[0] < len(lines):
                line = lines[fault.path[0]]
                line.marks = [mark for mark in line.marks if mark.color != "green"]
                line.refuse(fault.detail)


class Unfit(Exception):
    """Some lines of the sheet are red, or there are none: nothing is done."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet


def read(post: Mapping[str, str], columns: Sequence[Column], *, unit: Decimal, most: int) -> Sheet:
    """The lines of a form, whose fields are named by column and number, with a few empty ones below.

    Every line stays in its place and keeps its text: whoever types on must find it there. Raises Unread
    when there are more than `most`. `take` puts a suggested name in the place of what was typed.
    """
    numbers = sorted({int(found[1]) for name in post if (found := re.fullmatch(rf"(?:{columns[0].name})-(\d{{1,5}})", name))})
    lines = []
    taken = SUGGESTION.fullmatch(post.get("take", ""))
    for number in numbers:
        cells = {column.name: post.get(f"{column.name}-{number}", "").strip() for column in columns}
        if taken and int(taken[1]) == number:
            cells["project"] = taken[2]
        lines.append(Line(len(lines) + 1, cells, reason=post.get(f"reason-{number}", "").strip(), is_head=is_head(cells, columns)))
    while lines and lines[-1].is_empty:
        lines.pop()
    if len(lines) > most:
        raise Unread(_("一次最多 %(most)s 行，现有 %(n)s 行，请分批") % {"most": most, "n": len(lines)})
    for line in lines:
        if line.is_head:
            line.marks.append(Mark("", _("表头，不计")))
    return Sheet(columns, lines + blank(columns, from_=len(lines) + 1), unit)


def is_head(cells: Mapping[str, str], columns: Sequence[Column]) -> bool:
    """Whether a line holds titles: people copy the head along."""
    words_ = [cells[column.name] for column in columns if cells[column.name]]
    return len(words_) > 1 and not any(re.search(r"\d", word) for word in words_) and any(word in TITLES for word in words_)


TITLES = {"项目", "项目名称", "项目名称或代码", "凭证号", "额度", "额度（万元）", "额度(万元)", "金额", "金额（元）", "金额(元)"}


def blank(columns: Sequence[Column], *, from_: int = 1, n: int = SPARE) -> list[Line]:
    return [Line(number, {column.name: "" for column in columns}) for number in range(from_, from_ + n)]


def in_unit(yuan: Decimal, unit: Decimal) -> str:
    """An amount with its unit, in that of the page."""
    if unit == words.WAN:
        return _("%(amount)s 万元") % {"amount": words.wan(yuan)}
    return _("%(amount)s 元") % {"amount": words.grouped(yuan.quantize(typed.FEN))}


# Checks whose sentence has an amount: said in the unit of the page, as no page mixes two.
IN_UNITS = {
    "insufficient_balance": ("available", gettext_lazy("余额不足，可用 %s")),
    "above_total_investment": ("excess", gettext_lazy("各项资金合计将超出总投资 %s")),
    "capital_overfunded": ("excess", gettext_lazy("用作资本金的财政与债券资金将超出项目资本金 %s")),
}


def worded(check: Check, unit: Decimal) -> str:
    """What a check says, its amounts in units of `unit` yuan."""
    if check.code not in IN_UNITS:
        return check.detail
    name, sentence = IN_UNITS[check.code]
    return str(sentence) % in_unit(Decimal(str(check.values[name]).replace(",", "")), unit)
