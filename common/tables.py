"""Reads a CSV file and says of every bad cell where it stands, what is wrong and what to do."""

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from common.errors import Fault, Malformed


@dataclass
class Table:
    """The rows of one file, and the faults found so far. Line numbers count from 1, the header's."""

    name: str
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, column: str, code: str, detail: str) -> None:
        self.faults.append(Fault((self.name, line, column), code, detail))

    def filled(self, *columns: str) -> None:
        for line, row in self.rows:
            for column in columns:
                if not row[column]:
                    self.fault(line, column, "required", _("不能为空，请填写。"))

    def unique(self, column: str) -> None:
        seen: dict[str, int] = {}
        for line, row in self.rows:
            first = seen.setdefault(row[column], line)
            if row[column] and first != line:
                self.fault(
                    line,
                    column,
                    "duplicate",
                    _("“%(value)s”与第 %(line)s 行重复，请只留一行或改名。") % {"value": row[column], "line": first},
                )

    def known(self, column: str, values: Collection[str], what: str) -> None:
        """Every filled cell of `column` is one of `values`; `what` tells people where those stand."""
        for line, row in self.rows:
            if row[column] and row[column] not in values:
                self.fault(line, column, "unknown", _("“%(value)s”不在%(what)s中，请改正。") % {"value": row[column], "what": what})


def read(path: Path, columns: Collection[str]) -> Table:
    """Read a file in UTF-8 whose header holds exactly `columns`."""
    table = Table(path.name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        table.fault(1, "", "missing", _("没有此文件，请放入该目录：%(folder)s") % {"folder": path.parent})
        return table
    except UnicodeDecodeError:
        table.fault(1, "", "encoding", _("文件不是 UTF-8 编码，请另存为 UTF-8。"))
        return table
    _parse(table, text, columns)
    return table


def refuse(*tables: Table) -> None:
    """Raise one error that names every fault of every table."""
    faults = [fault for table in tables for fault in table.faults]
    if faults:
        raise Malformed(faults=faults)


def sentence(fault: Fault) -> str:
    """A fault as one line: file, line, column, what is wrong and what to do."""
    name, line, column = fault.path
    place = _("%(file)s 第 %(line)s 行") % {"file": name, "line": line}
    return f"{place}{f' {column}' if column else ''}：{fault.detail}"


def _parse(table: Table, text: str, columns: Collection[str]) -> None:
    reader = csv.reader(text.splitlines(keepends=True))
    header = next(reader, [])
    for column in [name for name in columns if name not in header]:
        table.fault(1, column, "missing_column", _("缺少此列，请补上。"))
    for column in [name for name in header if name not in columns]:
        table.fault(1, column, "unknown_column", _("不认识此列，应为：%(columns)s") % {"columns": "、".join(columns)})
    if table.faults:
        return
    for cells in reader:
        if any(cells):
            _add(table, reader.line_num, header, cells)


def _add(table: Table, line: int, header: list[str], cells: list[str]) -> None:
    if len(cells) != len(header):
        detail = _("有 %(found)s 格，应为 %(wanted)s 格；含逗号的内容请加双引号。") % {"found": len(cells), "wanted": len(header)}
        table.fault(line, "", "cells", detail)
        return
    table.rows.append((line, dict(zip(header, (cell.strip() for cell in cells), strict=True))))


def rows(path: Path) -> list[Mapping[str, str]]:
    """The rows of a file of our own, which needs no judgement."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
