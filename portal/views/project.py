"""项目概况: is it late, since when, who answers, what was said and changed."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from common import clock
from common.errors import Missing
from funding.lifecycle import SourceKind
from portal import charts
from portal.charts import Stock, Stream
from portal.templatetags import words
from portal.views.access import SignedIn, signed_in
from portal.views.changes import worded
from portal.views.standing import standing
from portal.views.windows import WINDOWS, lane_of, window_of
from portfolio.selectors.dossier import Dossier, dossier
from projects.lifecycle import UNHURRIED, Stage

STEPS = (Stage.RESERVE, Stage.PREPARATION, Stage.CONSTRUCTION, Stage.COMPLETED, Stage.OPERATION)


@signed_in
def project(request: SignedIn, project_id: uuid.UUID) -> HttpResponse:
    today = clock.today()
    try:
        found = dossier(project_id, request.actor, today=today)
    except Missing as error:
        raise Http404 from error
    asked = request.GET.get("window", "")
    chosen = asked if asked in WINDOWS else "two"
    window = window_of(chosen, found.milestones, today)
    context = {
        "area": "projects",
        "status": found.status,
        "project": found.status.project,
        "found": found,
        "worst": found.worst,
        "answerable": [person for person in found.status.people if person["part"] == "lead"],
        "patrons": [person for person in found.status.people if person["part"] == "patron"],
        "lamp": _lamp(found),
        "steps": [(Stage(step).label, _place(step, found.status.stage)) for step in STEPS],
        "rows": [
            (milestone, standing(milestone, found.status.stage, today), lane_of(milestone, window, today)) for milestone in found.milestones
        ],
        "windows": [(key, word, key == chosen) for key, word in WINDOWS.items()],
        "ticks": charts.ticks(window),
        "money": _money(found),
        "changes": [worded(change) for change in found.changes],
    }
    return render(request, "portal/project.html", context)


def _money(found: Dossier) -> dict[str, Any]:
    """What sources gave to the project: rows with the width of their bar, sums, and where it went."""
    rows = found.status.allocations
    granted, received, paid = (sum((row[name] for row in rows), Decimal()) for name in ("granted", "received", "paid"))
    return {
        "rows": [row | {"width": charts.bar(float(row["paid"]), float(row["received"]))} for row in rows],
        "granted": granted,
        "received": received,
        "paid": paid,
        "flow": _flow(rows),
    }


def _flow(rows: Sequence[Mapping[str, Any]]) -> charts.Drawing:
    """From the sources by what was granted to what is paid, lies idle, and has not arrived."""
    sources: dict[str, Decimal] = {}
    for row in rows:
        word = str(SourceKind(row["kind"]).label)
        sources[word] = sources.get(word, Decimal()) + row["granted"]
    granted, received, paid = (sum((row[name] for row in rows), Decimal()) for name in ("granted", "received", "paid"))
    ends = (
        ("paid", gettext("已支付"), paid, "paid"),
        ("idle", gettext("到位未付"), received - paid, "idle"),
        ("awaited", gettext("未到位"), granted - received, "none"),
    )
    return charts.flow(
        [
            [Stock(word, word, float(amount), words.wan(amount)) for word, amount in sources.items()],
            [Stock("granted", gettext("已下达"), float(granted), words.wan(granted))],
            [Stock(key, word, float(amount), words.wan(amount), kind) for key, word, amount, kind in ends],
        ],
        [
            *(Stream(word, "granted", float(amount)) for word, amount in sources.items()),
            *(Stream("granted", key, float(amount), kind) for key, _, amount, kind in ends),
        ],
    )


def _lamp(found: Dossier) -> str:
    """Red while something is overdue, amber while something open is expected late, grey where nothing is dated."""
    if found.worst is not None:
        return "red"
    if found.status.stage in UNHURRIED or not any(milestone.due_on for milestone in found.milestones):
        return "grey"
    late = any(m.achieved_by is None and m.forecast_on and m.due_on and m.forecast_on > m.due_on for m in found.milestones)
    return "amber" if late else "green"


def _place(step: str, stage: str) -> str:
    """Where a step stands against the present stage: done, now, ahead."""
    order = list(STEPS)
    if stage not in order:
        return "ahead"
    return "now" if step == stage else "done" if order.index(Stage(step)) < order.index(Stage(stage)) else "ahead"
