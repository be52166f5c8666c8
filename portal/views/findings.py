"""疑点: which rules are broken, since when, by whom explained, and who accepted the explanation."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.roles import Act
from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, paginate
from common.errors import DomainError, Missing
from common.shapes import plain_number
from funding.api.serializers.findings import ReplyInput, WriteOffInput
from funding.lifecycle import FindingState, Level
from funding.models import MonitoringRule
from funding.selectors import acting
from funding.selectors import findings as selectors
from funding.services import findings as services
from portal.forms.limits import within
from portal.forms.typed import Unread
from portal.templatetags import words
from portal.views import given
from portal.views.access import SignedIn, for_act, signed_in
from portal.views.once import status_of

PAGE_SIZE = 50
ORDER = (Key("position"), Key("since_on"))
COLUMNS = (*selectors.COLUMNS, "project__office__name")
COLORS = {Level.ERROR: "red", Level.WARN: "amber", Level.INFO: "grey"}
ALL = "all"
STATES = (("", gettext_lazy("未核销")), *FindingState.choices, (ALL, gettext_lazy("全部")))
UNITS = {
    "points": gettext_lazy("%s 个百分点"), "months": gettext_lazy("%s 个月"), "ratio": gettext_lazy("%s 倍"),
    "percent": gettext_lazy("%s%%"), "years": gettext_lazy("%s 年"), "yuan": gettext_lazy("%s 元"), "": gettext_lazy("%s"),
}  # fmt: skip
FILTERS = ("rule", "level", "state", "project", "source", "as_of")


@dataclass(frozen=True)
class Trouble:
    """What a form of one finding said that could not be done."""

    finding_id: uuid.UUID
    sentence: str
    text: str
    status: int


@signed_in
def findings(request: SignedIn) -> HttpResponse:
    return _page(request)


@require_POST
@for_act(Act.REQUEST_MONEY)
def reply(request: SignedIn, finding_id: uuid.UUID) -> HttpResponse:
    """Say what the matter is."""
    fit = partial(within, ReplyInput, "text")
    return _acted(request, finding_id, services.reply, fit, _("已说明，等待另一人核销。"), must_say=_("请写明情况。"))


@require_POST
@for_act(Act.DECIDE_MONEY)
def write_off(request: SignedIn, finding_id: uuid.UUID) -> HttpResponse:
    """Accept what was said."""
    fit = partial(within, WriteOffInput, "note")
    return _acted(request, finding_id, services.write_off, fit, _("已核销。"), must_say=_("请写明核销意见。"))


def _acted(request: SignedIn, finding_id: uuid.UUID, act: Any, fit: Callable[[str], str], done: str, *, must_say: str) -> HttpResponse:
    """Do it with what was said, which must `fit`; or the page again, with the sentence of what stands against it."""
    text, version = request.POST.get("text", "").strip(), given.whole_number(request.POST.get("version", ""))
    if not text:
        return _page(request, Trouble(finding_id, must_say, text, 422))
    try:
        act(finding_id, fit(text), version=version, actor=request.actor, today=clock.today(), now=clock.now())
    except Unread as unread:
        return _page(request, Trouble(finding_id, str(unread), text, 422))
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        return _page(request, Trouble(finding_id, str(refusal.detail), text, status_of(refusal)))
    messages.success(request, done)
    kept = {name: request.POST[name] for name in FILTERS if request.POST.get(name)}
    return HttpResponseRedirect(f"{reverse('findings')}{'?' if kept else ''}{urlencode(kept)}")


def _page(request: SignedIn, trouble: Trouble | None = None) -> HttpResponse:
    """The list by the address; after a form that failed, that finding alone with what was typed."""
    today = clock.today()
    query = request.GET if trouble is None else request.POST
    chosen = {name: value for name in FILTERS if (value := query.get(name, "").strip())}
    as_of = given.day(chosen.get("as_of", ""))
    if as_of is not None and as_of >= today:
        as_of = None
    seen = selectors.findings(request.actor, today=today, as_of=as_of)
    rows = seen.filter(pk=trouble.finding_id) if trouble else _narrowed(seen, chosen)
    try:
        page = paginate(rows, COLUMNS, ORDER, size=PAGE_SIZE, cursor=request.GET.get("cursor", ""), bound_to=urlencode(chosen))
    except BadQuery:
        return HttpResponseRedirect(_address(chosen))
    shown = [_shown(selectors.shape(row[:-1]), office=row[-1]) for row in page.rows]
    rules = _rules(seen, chosen)
    context = {
        "area": "funding",
        "rows": shown,
        "trouble": trouble,
        "rules": rules,
        "rule_count": len(rules),
        "standing": sum(rule["count"] for rule in rules),
        "levels": [(value, label, _address(chosen, level=value), chosen.get("level") == value) for value, label in Level.choices],
        "states": [(label, _address(chosen, state=value), chosen.get("state", "") == value) for value, label in STATES],
        "chosen": chosen,
        "is_narrowed": bool(set(chosen) - {"as_of"}),
        "as_of": as_of,
        "actor_id": request.actor.id,
        "clear": _address({"as_of": chosen["as_of"]} if "as_of" in chosen else {}),
        "previous": page.previous and _address(chosen, cursor=page.previous),
        "next": page.next and _address(chosen, cursor=page.next),
    }
    return render(request, "portal/findings.html", context, status=trouble.status if trouble else 200)


def _narrowed(rows: Any, chosen: Mapping[str, str]) -> Any:
    state = chosen.get("state", "")
    if state in FindingState.values:
        rows = rows.filter(state=state)
    elif state != ALL:
        rows = rows.exclude(state=FindingState.WRITTEN_OFF)
    for name in ("rule", "level"):
        rows = rows.filter(**{name: chosen[name]}) if name in chosen else rows
    for name in ("project", "source"):
        if name in chosen:
            key = given.key(chosen[name])
            rows = rows.filter(**{f"{name}_id": key}) if key else rows.none()
    return rows


def _rules(seen: Any, chosen: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every rule in force with its threshold in words, how many stand, and the address that shows them."""
    counts = acting.standing_by_rule(seen)
    found = []
    for rule in acting.rules():
        count, is_on = counts.get(rule.code, 0), chosen.get("rule") == rule.code
        found.append(
            {
                "rule": rule,
                "color": COLORS[Level(rule.level)],
                "threshold": _threshold(rule),
                "count": count,
                "is_on": is_on,
                "link": _address(chosen, rule="" if is_on else rule.code),
            }
        )
    return sorted(found, key=lambda one: (not one["count"], one["rule"].position))


def _threshold(rule: MonitoringRule) -> str:
    return "" if rule.threshold is None else str(UNITS[rule.unit]) % plain_number(rule.threshold)


def _shown(row: dict[str, Any], *, office: str | None) -> dict[str, Any]:
    """The row with its amount as a number, its sentence in the unit of the page, and the office that answers for the project."""
    amount = row["amount"] and Decimal(row["amount"]["amount"])
    return row | {"amount": amount, "detail": words.in_wan(row["detail"]), "office": office, "color": COLORS[Level(row["level"])]}


def _address(chosen: Mapping[str, str], **changes: str) -> str:
    pairs = {name: value for name, value in ({**chosen} | changes).items() if value}
    return f"{reverse('findings')}{'?' if pairs else ''}{urlencode(pairs)}"
