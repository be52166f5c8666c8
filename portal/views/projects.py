"""项目: which projects, sorted by trouble, narrowed by an address that can be sent."""

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy

from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, Page, keys, paginate
from portal.views import filtering
from portal.views.access import SignedIn, signed_in
from portal.views.filtering import Selection
from portfolio.models import CommitmentKind
from portfolio.selectors.catalog import Choice, narrowed, totals_and_facets
from projects.api.filters import ProjectFilter
from projects.lifecycle import Stage
from projects.models import Level, Nature
from projects.selectors.lists import statuses

PAGE_SIZE = 50
OPEN_CHOICES = 8  # a facet with more shows the rest on demand
COLUMNS = (
    "pk", "name", "project__code", "stage", "project__region__short_name", "office_name", "total_investment", "completion_due_on",
    "next_due_name", "next_due_on", "is_overdue", "overdue_days", "overdue_count", "slippage_days", "completion_achieved_on",
)  # fmt: skip
ORDER: dict[str, str | Key] = {
    "name": "name_pinyin",
    "total_investment": "total_investment",
    "completion_due": "completion_due_on",
    "next_due": "next_due_on",
    "slippage_days": "slippage_days",
    # the earliest date is the longest overdue: the index serves both ways
    "overdue_days": Key("late_from_on", descending=True),
}
HEADS = (
    ("name", gettext_lazy("项目 · 代码"), False),
    ("", gettext_lazy("阶段"), False),
    ("", gettext_lazy("区划 · 责任单位"), False),
    ("total_investment", gettext_lazy("总投资（亿元）"), True),
    ("completion_due", gettext_lazy("竣工应完成"), True),
    ("next_due", gettext_lazy("下一节点"), False),
    ("overdue_days", gettext_lazy("期限"), False),
    ("slippage_days", gettext_lazy("偏差"), False),
)
WORDS = {
    "is_overdue": gettext_lazy("期限"),
    "stage": gettext_lazy("阶段"),
    "commitment": gettext_lazy("报告承诺"),
    "sector": gettext_lazy("行业"),
    "region__only": gettext_lazy("区划"),
    "office__only": gettext_lazy("责任单位"),
}
PLAIN_WORDS = {
    "q": gettext_lazy("搜索"),
    "is_package": gettext_lazy("打包项目"),
    "overdue_days__gte": gettext_lazy("逾期天数不少于"),
    "slippage_days__gte": gettext_lazy("滞后天数不少于"),
    "region": gettext_lazy("区划及下级"),
    "office": gettext_lazy("责任单位及下级"),
    "authority": gettext_lazy("主管部门"),
    "completion_due__gte": gettext_lazy("竣工应完成不早于"),
    "completion_due__lte": gettext_lazy("竣工应完成不晚于"),
    "completion_due__isnull": gettext_lazy("竣工日期未定"),
    "next_due__lte": gettext_lazy("下一节点不晚于"),
    "total_investment__gte": gettext_lazy("总投资不少于（元）"),
    "total_investment__lte": gettext_lazy("总投资不多于（元）"),
    "nature": gettext_lazy("建设性质"),
    "level": gettext_lazy("级别"),
    "tag": gettext_lazy("标签"),
    "code": gettext_lazy("项目代码"),
}
OVERDUE_WORDS = {"true": gettext_lazy("逾期"), "false": gettext_lazy("未逾期")}
PLAIN_VALUES = {"true": gettext_lazy("是"), "false": gettext_lazy("否")} | dict(Nature.choices) | dict(Level.choices)


@dataclass(frozen=True)
class Row:
    """One project of the list."""

    id: uuid.UUID
    name: str
    code: str | None
    stage: str
    region: str
    office: str
    total_investment: Decimal | None
    completion_due_on: dt.date | None
    next_name: str | None
    next_on: dt.date | None
    is_overdue: bool
    overdue_days: int
    overdue_count: int
    slippage_days: int | None
    completed_on: dt.date | None

    @property
    def stage_word(self) -> str:
        return str(Stage(self.stage).label)


@signed_in
def projects(request: SignedIn) -> HttpResponse:
    today = clock.today()
    selection = filtering.read(request.GET)
    seen, faults = _filtered(statuses(request.actor, today=today), selection, today)
    totals, found = totals_and_facets(seen, selection.chosen)
    try:
        page = _page(narrowed(seen, selection.chosen), selection)
    except BadQuery:  # a cursor of another list: begin anew
        return HttpResponseRedirect(request.path + selection.address())
    facets = {facet: _choices(facet, found[facet], selection) for facet in filtering.FACETS}
    context = {
        "area": "projects",
        "selection": selection,
        "totals": totals,
        "rows": [Row(*row) for row in page.rows],
        "heads": [_head(selection, *head) for head in HEADS],
        "facets": [(facet, WORDS[facet], choices, any(on for _, on in choices)) for facet, choices in facets.items() if choices],
        "faults": faults,
        "chips": _chips(selection, facets),
        "hidden": [(name, value) for name, value in selection.plain.items() if name != "q"],
        "q": selection.plain.get("q", ""),
        "previous": page.previous and selection.address(cursor=page.previous),
        "next": page.next and selection.address(cursor=page.next),
        "open_choices": OPEN_CHOICES,
    }
    return render(request, "portal/projects.html", context)


def _filtered(rows: Any, selection: Selection, today: dt.date) -> tuple[Any, list[str]]:
    """The API's own filters. One that is not understood is left aside and said so."""
    filters = ProjectFilter(dict(selection.plain), queryset=rows)
    filters.day = today
    filters.form.is_valid()
    for name, value in list(filters.form.cleaned_data.items()):
        rows = filters.filters[name].filter(rows, value)
    return rows, [_named(PLAIN_WORDS.get(name, name), error) for name, errors in filters.form.errors.items() for error in errors]


def _page(rows: Any, selection: Selection) -> Page:
    order = keys([selection.ordering], ORDER)
    bound_to = f"projects-page {selection.address()}"
    return paginate(rows, COLUMNS, order, size=PAGE_SIZE, cursor=selection.cursor, bound_to=bound_to)


def _head(selection: Selection, name: str, word: Any, is_number: bool) -> dict[str, Any]:
    link = selection.sorted_by(name) if name else ""
    return {"word": word, "is_number": is_number, "link": link, "direction": selection.direction(name) if name else ""}


def _choices(facet: str, choices: list[Choice], selection: Selection) -> list[tuple[Choice, bool]]:
    """The choices with their words, largest first; the stages in the order of a project's life."""
    order = {"stage": Stage.values, "commitment": CommitmentKind.values, "is_overdue": ["true", "false"]}.get(facet, [])
    named = [Choice(c.value, _word(facet, c), c.count) for c in choices]
    named.sort(key=lambda c: (order.index(c.value) if order else 0, -c.count, c.value))
    return [(choice, selection.has(facet, choice.value)) for choice in named]


def _word(facet: str, choice: Choice) -> str:
    words: dict[str, Any] = {"stage": dict(Stage.choices), "commitment": dict(CommitmentKind.choices), "is_overdue": OVERDUE_WORDS}
    return str(words[facet][choice.value]) if facet in words else choice.word


def _chips(selection: Selection, facets: dict[str, list[tuple[Choice, bool]]]) -> list[tuple[str, str]]:
    """What narrows the list, each with the address without it."""
    chips = []
    for facet, values in selection.chosen.items():
        words = {choice.value: choice.word for choice, _ in facets[facet]}
        chips += [(_named(WORDS[facet], words.get(value, value)), selection.address(drop=(facet, value))) for value in values]
    for name, value in selection.plain.items():
        word = PLAIN_VALUES.get(value, value)
        chips.append((_named(PLAIN_WORDS.get(name, name), word), selection.address(drop=(name, ""))))
    return chips


def _named(name: Any, value: Any) -> str:
    return gettext("%(name)s：%(value)s") % {"name": name, "value": value}
