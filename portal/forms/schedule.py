"""Forms of a project's plan: from a template, a baseline, one more milestone, and what must come before one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError
from milestones.api.serializers.milestones import FirstDateInput, MilestoneInput
from milestones.api.serializers.plans import BaselineInput
from milestones.models import Basis
from portal.forms import typed
from portal.forms.fields import Field, Form

SIDES = (("starts_on", gettext_lazy("开工日期，往后推")), ("completes_on", gettext_lazy("竣工日期，往前推")))
LONGEST_LAG = 3650  # days; the database takes no more
MOST = 100  # predecessors of one milestone

BASELINE = (
    Field("name", gettext_lazy("基线名称"), is_required=True, shape=BaselineInput, hint=gettext_lazy("例如：初设批复、2026年计划")),
    Field("note", gettext_lazy("说明（可不填）"), shape=BaselineInput),
)
BASIS = Field("basis", gettext_lazy("日期依据"), "choice", choices=Basis.choices)
DOCUMENT = Field("document_no", gettext_lazy("批文号（可不填）"), shape=FirstDateInput)


def applying(templates: Iterable[Mapping[str, Any]], *, may_decide: bool) -> list[Field]:
    """From which template and day. Who decides says what the days rest on."""
    return [
        Field("template", gettext_lazy("工程类型"), "choice", is_required=True, choices=[(row["id"], row["name"]) for row in templates]),
        Field("side", gettext_lazy("已知"), "choice", is_required=True, choices=SIDES),
        Field("day", gettext_lazy("日期"), "day", is_required=True, is_ahead=True),
        *([BASIS._replace(is_required=True), DOCUMENT] if may_decide else []),
    ]


def adding(milestones: Iterable[Any], *, may_decide: bool) -> list[Field]:
    """A name and a place; a date from who decides."""
    places = [(str(row.pk), row.name) for row in milestones]
    return [
        Field("name", gettext_lazy("节点名称"), is_required=True, shape=MilestoneInput),
        Field("place", gettext_lazy("排在哪个节点之后"), "choice", choices=places, hint=gettext_lazy("不选则排在竣工之前")),
        *([Field("due_on", gettext_lazy("应完成日期（可不填）"), "day", is_ahead=True), BASIS, DOCUMENT] if may_decide else []),
    ]


def require_basis(form: Form) -> None:
    """A date rests on something."""
    if "due_on" in form.values and "basis" not in form.values:
        form.entry("basis").fault = form.entry("basis").fault or _("有日期须写明依据。")


@dataclass
class Line:
    """One predecessor as it was typed: the key of a milestone, the days between."""

    before: str = ""
    lag: str = ""
    fault: str = ""
    lag_fault: str = ""


@dataclass
class Lines:
    """The predecessors of one milestone. A line without a milestone is none."""

    lines: list[Line]
    items: list[dict[str, Any]] = field(default_factory=list)
    read: list[Line] = field(default_factory=list)

    @property
    def faults(self) -> bool:
        return any(line.fault or line.lag_fault for line in self.lines)

    def refuse(self, refusal: DomainError) -> bool:
        """Put what a service refused beside the lines it names; True when each has found its place."""
        placed = 0
        for fault in refusal.faults:
            place = next((part for part in fault.path if isinstance(part, int)), None)
            if place is not None and place < len(self.read):
                self.read[place].fault = str(fault.detail)
                placed += 1
        return bool(refusal.faults) and placed == len(refusal.faults)


def known(edges: Sequence[Any]) -> Lines:
    return Lines([Line(str(edge.before), str(edge.lag_days)) for edge in edges])


def read_lines(post: QueryDict, milestones: Iterable[Any]) -> Lines:
    """Every line of the form, of the milestones that may be chosen; a fault stands beside what is missing or not understood."""
    keys = {str(row.pk): row.pk for row in milestones}
    lags = post.getlist("lag_days")
    pairs = zip(post.getlist("before"), [*lags, *[""] * MOST], strict=False)
    found = Lines([Line(before.strip(), lag.strip()) for before, lag in list(pairs)[:MOST]])
    for line in found.lines:
        lag = _lag(line.lag)
        if not line.before:
            line.fault = _("请选择前置节点，或清空天数。") if lag != 0 else ""
        elif line.before not in keys:
            line.fault = _("请从列表中选择节点。")
        elif lag is None:
            line.lag_fault = _("请填 0 到 %(most)s 的整数天。") % {"most": LONGEST_LAG}
        else:
            found.read.append(line)
            found.items.append({"milestone": keys[line.before], "lag_days": lag})
    return found


def _lag(text: str) -> int | None:
    """Nothing is no day between; None is no number of days, or too many."""
    bare = typed.plain(text).removesuffix("天").strip() if text else "0"
    return int(bare) if bare.isdecimal() and len(bare) <= 4 and int(bare) <= LONGEST_LAG else None
