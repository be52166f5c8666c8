"""节点 of a project: what waits for what, where there is time left, what moved since a baseline, and the forms that change it."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET

from accounts.roles import Act
from common import clock
from common.ids import uuid7
from milestones.models import Basis, Kind
from milestones.selectors.plan import Plan, beside, plan_of
from milestones.services.applying import Applied
from portal import charts
from portal.forms import fields
from portal.forms import schedule as forms
from portal.forms.fields import Field, Form
from portal.forms.schedule import Line, Lines
from portal.views import given, tabs
from portal.views.access import SignedIn, signed_in
from portal.views.standing import standing
from portal.views.windows import WINDOWS, lane_of, window_of

WORDS = {
    "template": gettext_lazy("套用模板"),
    "baseline": gettext_lazy("存基线"),
    "add": gettext_lazy("新增节点"),
}
WHY = {
    "dated": gettext_lazy("已有日期，不动"),
    "achieved": gettext_lazy("已完成，不动"),
    "past": gettext_lazy("日期已过，不报预测"),
}


@dataclass
class Open:
    """The form that stands open, what is wrong with it as a whole, and for a template the plan that would come of it."""

    name: str
    form: Form | None = None
    lines: Lines | None = None
    milestone: Any = None
    alert: str = ""
    applied: Applied | None = None

    @property
    def shown(self) -> str:
        """A mark of the plan that is shown: only the same plan is carried out."""
        return mark(self.applied) if self.applied else ""

    @property
    def steps(self) -> list[dict[str, Any]]:
        """Every milestone of the plan in the order of its days, with what would become of it."""
        if self.applied is None:
            return []
        rows = [item | {"is_new": True} for item in self.applied.created] + self.applied.dated
        rows += [item | {"word": WHY[item["why"]]} for item in self.applied.skipped]
        return sorted(rows, key=lambda row: row["on"])

    def passed(self, today: dt.date) -> int:
        """How many would be overdue at once."""
        return sum(row["date"] == "due_on" and row["on"] < today for row in self.steps)

    @property
    def changes(self) -> int:
        return len(self.applied.created) + len(self.applied.dated) if self.applied else 0


def mark(applied: Applied) -> str:
    """Of what would be done; the keys of new milestones are not known before."""
    items = [(name, item["name"], item["on"], item["date"]) for name in ("created", "dated") for item in getattr(applied, name)]
    return hashlib.sha256(repr(items).encode()).hexdigest()[:32]


@signed_in
@require_GET
def schedule(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    project = head(request, project_id)
    found = found_of(request, project)
    return page(request, project, found, _opened(request, project, found) if project.may_edit else None)


def head(request: SignedIn, project_id: uuid.UUID) -> Any:
    return tabs.head(request, project_id, **beside(given.key(request.GET.get("baseline", ""))))


def found_of(request: SignedIn, project: Any) -> Plan:
    return plan_of(project, request.actor, today=clock.today())


def may_decide(request: SignedIn, project: Any) -> bool:
    return request.actor.may(Act.DECIDE, project.offices)


def fields_of(request: SignedIn, project: Any, found: Plan, name: str) -> list[Field]:
    if name == "template":
        return forms.applying(project.templates, may_decide=may_decide(request, project))
    if name == "add":
        return forms.adding(found.milestones, may_decide=may_decide(request, project))
    return list(forms.BASELINE)


def the_milestone(found: Plan, key: uuid.UUID | None) -> Any:
    milestone = next((row for row in found.milestones if row.pk == key), None)
    if milestone is None:
        raise Http404
    return milestone


def page(request: SignedIn, project: Any, found: Plan, opened: Open | None, *, status: int = 200) -> HttpResponse:
    today = clock.today()
    chosen = request.GET.get("window", "")
    chosen = chosen if chosen in WINDOWS else "all"
    window = window_of(chosen, found.milestones, today)
    context = {
        "area": "projects",
        "tab": "milestones",
        "project": project,
        "plan": found,
        "rows": [_row(row, found, project, window, today) for row in found.milestones],
        "critical": sum(found.schedule.is_critical(row.pk) for row in found.milestones),
        "moves": _moves(found),
        "windows": [(key, word, key == chosen) for key, word in WINDOWS.items()],
        "window": chosen,
        "ticks": charts.ticks(window),
        "opened": opened,
        "passed": opened.passed(today) if opened else 0,
        "others": [row for row in found.milestones if opened and opened.milestone and row.pk != opened.milestone.pk],
        "offered": [(name, word, opened is not None and opened.name == name) for name, word in WORDS.items()] if project.may_edit else [],
        "may_decide": may_decide(request, project),
        "key": str(uuid7()),
    }
    return render(request, "portal/schedule.html", context, status=status)


def _opened(request: SignedIn, project: Any, found: Plan) -> Open | None:
    """The form that was asked for; of a project whose plan is nothing but its two undated ends, the template."""
    name = request.GET.get("form", "")
    if name == "predecessors":
        milestone = the_milestone(found, given.key(request.GET.get("milestone", "")))
        lines = forms.known(found.predecessors(milestone.pk))
        lines.lines.append(Line())
        return Open(name, lines=lines, milestone=milestone)
    is_bare = all(row.kind != Kind.OTHER and row.due_on is None and row.achieved_on is None for row in found.milestones)
    if name not in WORDS and not is_bare:
        return None
    name = name if name in WORDS else "template"
    known = {"side": "starts_on", "basis": Basis.ESTIMATE} if name == "template" else {}
    return Open(name, fields.empty(fields_of(request, project, found, name), known))


def _row(milestone: Any, found: Plan, project: Any, window: charts.Window, today: dt.date) -> dict[str, Any]:
    names = found.schedule.network.names
    return {
        "milestone": milestone,
        "state": standing(milestone, project.stage, today),
        "lane": lane_of(milestone, window, today),
        "before": [{"id": edge.before, "name": names[edge.before], "lag": edge.lag_days} for edge in found.predecessors(milestone.pk)],
        "float": found.schedule.floats.get(milestone.pk),
        "is_critical": found.schedule.is_critical(milestone.pk),
        "compared": found.compared.get(milestone.pk),
    }


def _moves(found: Plan) -> str:
    """How many milestones moved each way since the baseline."""
    days = [item.moved_days for item in found.compared.values() if item.moved_days]
    states = [item.state for item in found.compared.values()]
    told = (
        (gettext("推迟 %(n)s 个"), sum(number > 0 for number in days)),
        (gettext("提前 %(n)s 个"), sum(number < 0 for number in days)),
        (gettext("新增 %(n)s 个"), states.count("added")),
        (gettext("删除 %(n)s 个"), states.count("gone")),
    )
    return " · ".join(word % {"n": n} for word, n in told if n) or gettext("日期没有变动")
