"""The files of a work report, read and judged whole: every bad cell is named before anything is written."""

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.utils.translation import gettext as _

from common import tables
from common.tables import Table
from milestones.models import Basis, Kind
from portfolio.models import CommitmentKind, Comparator
from projects.models import Region
from projects.services import reference

XINXIANG_2025 = Path(__file__).resolve().parent.parent / "data" / "xinxiang-2025"
SCOPES = {"project": "project", "program": "programme"}
COUNT_LIMIT = 2_147_483_647

REGIONS = ["code", "name", "kind", "province_managed"]
PROJECTS = ["name", "sector", "subsector", "commitment", "commitment_phrase", "section", "quote", "kind", "count", "note", "parent"]
TARGETS = ["key", "title_zh", "title_en", "comparator", "value", "unit", "section", "quote"]
OUTCOMES = ["project", "milestone", "kind", "position", "due_on", "basis", "achieved_on", "note"]


@dataclass(frozen=True)
class Report:
    """What the files say, as rows of text that passed judgement."""

    regions: list[dict[str, str]]
    projects: list[dict[str, str]]
    targets: list[dict[str, str]]
    outcomes: list[dict[str, str]]


def read(folder: Path) -> Report:
    """Read regions, projects and targets, and the known outcomes where there are any. Raises Malformed with every fault."""
    regions, projects, targets = (
        tables.read(folder / name, columns)
        for name, columns in [("regions.csv", REGIONS), ("projects.csv", PROJECTS), ("targets.csv", TARGETS)]
    )
    _judge_regions(regions)
    _judge_projects(projects)
    _judge_targets(targets)
    outcomes = tables.read(folder / "outcomes.csv", OUTCOMES) if (folder / "outcomes.csv").exists() else Table("outcomes.csv")
    _judge_outcomes(outcomes, {row["name"] for _line, row in projects.rows if row["kind"] == "project"})
    tables.refuse(regions, projects, targets, outcomes)
    return Report(*([row for _line, row in table.rows] for table in (regions, projects, targets, outcomes)))


def sector_code(row: dict[str, str]) -> str:
    return f"{row['sector']}.{row['subsector']}" if row["subsector"] else row["sector"]


def _judge_regions(table: Table) -> None:
    table.filled("code", "name", "kind", "province_managed")
    table.unique("code")
    table.known("kind", Region.Kind.values, _("区划类别（%(values)s）") % {"values": "、".join(Region.Kind.values)})
    if table.rows and not any(row["code"].endswith("00") for _line, row in table.rows):
        table.fault(table.rows[0][0], "code", "missing", _("没有市一级的区划（代码以 00 结尾），请补上。"))
    table.known("province_managed", ["true", "false"], "true、false")


def _judge_projects(table: Table) -> None:
    table.filled("name", "sector", "commitment", "commitment_phrase", "section", "quote", "kind")
    table.unique("name")
    table.known("commitment", CommitmentKind.values, _("承诺类别（%(values)s）") % {"values": "、".join(CommitmentKind.values)})
    table.known("kind", SCOPES, _("范围（%(values)s）") % {"values": "、".join(SCOPES)})
    table.known("parent", {row["name"] for _line, row in table.rows}, _("本表的名称"))
    sectors = reference.sector_codes()
    parents = {row["name"]: row["parent"] for _line, row in table.rows}
    for line, row in table.rows:
        if _is_circular(row["name"], parents):
            table.fault(line, "parent", "circle", _("上级绕回自己，请改正。"))
        if row["count"] and (not re.fullmatch(r"[0-9]{1,10}", row["count"]) or not 0 < int(row["count"]) <= COUNT_LIMIT):
            table.fault(line, "count", "invalid", _("“%(value)s”不是正整数，请改为整数或留空。") % {"value": row["count"]})
        _judge_sector(table, line, row, sectors)


def _is_circular(name: str, parents: dict[str, str]) -> bool:
    above, seen = parents[name], set()
    while above and above not in seen:
        if above == name:
            return True
        seen.add(above)
        above = parents.get(above, "")
    return False


def _judge_sector(table: Table, line: int, row: dict[str, str], sectors: set[str]) -> None:
    column, value = ("sector", row["sector"]) if row["sector"] not in sectors else ("subsector", sector_code(row))
    if row["sector"] and value not in sectors:
        table.fault(line, column, "unknown", _("“%(value)s”不在行业目录中，请改正或先登记该行业。") % {"value": value})


def _judge_targets(table: Table) -> None:
    table.filled("key", "title_zh", "title_en", "comparator", "value", "unit", "section", "quote")
    table.unique("key")
    table.known("comparator", Comparator.values, _("比较符（%(values)s）") % {"values": "、".join(Comparator.values)})
    for line, row in table.rows:
        if row["value"] and not _is_value(row["value"]):
            table.fault(line, "value", "invalid", _("“%(value)s”不是数字（最多 12 位整数、4 位小数），请改正。") % {"value": row["value"]})


def _judge_outcomes(table: Table, projects: set[str]) -> None:
    table.filled("project", "milestone", "kind", "position")
    table.known("project", projects, _("项目表"))
    table.known("kind", Kind.values, _("节点类型（%(values)s）") % {"values": "、".join(Kind.values)})
    table.known("basis", Basis.values, _("日期依据（%(values)s）") % {"values": "、".join(Basis.values)})
    for line, row in table.rows:
        for column in [column for column in ("due_on", "achieved_on") if row[column] and not _is_day(row[column])]:
            table.fault(line, column, "invalid", _("“%(value)s”不是日期，请写成 2025-12-31。") % {"value": row[column]})
        if bool(row["due_on"]) != bool(row["basis"]):
            table.fault(line, "basis", "required", _("应完成日期与日期依据须同时填写或同时留空。"))
        if row["position"] and not re.fullmatch(r"[0-9]{1,4}", row["position"]):
            table.fault(line, "position", "invalid", _("“%(value)s”不是顺序号，请改正。") % {"value": row["position"]})


def _is_day(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_value(text: str) -> bool:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return False
    return value.is_finite() and abs(value) < 10**12 and value == round(value, 4)
