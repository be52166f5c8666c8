"""提醒: who is told what on which rung, what keeps it quiet, and what is wrong with the chase."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.models import Office
from accounts.roles import Act, Principal
from common import clock
from common.api.exceptions import BadQuery
from common.api.pagination import Key, paginate
from common.errors import DomainError, Missing, RuleBroken
from portal.forms import typed
from portal.forms.typed import Unread
from portal.views import given
from portal.views.access import SignedIn, signed_in
from portal.views.asking import Asked, asked
from reminders.lifecycle import SUPERIORS, Channel, ReminderState, SubjectKind
from reminders.models import Reminder
from reminders.selectors import findings as chase
from reminders.selectors import ladder, waiting
from reminders.selectors import reminders as selectors
from reminders.services import answers
from reminders.services.sweep import windows_at
from reminders.sources import source

PAGE_SIZE = 50
COLUMNS = (*selectors.REMINDER_COLUMNS, "recipient_id", "digest_of_today")
SNOOZE = dt.timedelta(days=3)
FILTERS = ("whose", "state", "kind", "office", "subject", "due_on", "cursor")
STATES = {
    "": gettext_lazy("全部"),
    "pending": gettext_lazy("待发"),
    "sent": gettext_lazy("已发未知悉"),
    "acknowledged": gettext_lazy("已知悉"),
    "quiet": gettext_lazy("暂缓与静默"),
    "cancelled": gettext_lazy("已取消"),
    "superseded": gettext_lazy("被替代"),
}


@signed_in
@require_GET
def reminders(request: SignedIn) -> HttpResponse:
    today, actor = clock.today(), request.actor
    wish = asked(request.GET, *FILTERS, today=today)
    visible = selectors.reminders(actor, today=today).annotate(digest_of_today=waiting.digest_of_today(today))
    rows = _narrowed(visible, wish, request, today)
    try:
        page = paginate(
            rows, COLUMNS, [Key("due_at", descending=True)], size=PAGE_SIZE, cursor=wish.get("cursor"),
            bound_to=f"reminders-page {wish.address()}",
        )  # fmt: skip
    except BadQuery:
        return HttpResponseRedirect(request.path + wish.address())
    listed = [dict(zip(COLUMNS, row, strict=True)) for row in page.rows]
    shown = [_worded(row, actor, today) for row in listed]
    subject = given.key(wish.get("subject"))
    supervises = actor.may(Act.SUPERVISE)
    context = {
        "area": "reminders",
        "rows": shown,
        "wish": wish,
        "steps": _steps(shown, actor, today) if subject else [],
        "to_do": source(shown[0]["subject"]["kind"]).to_do if subject and shown else "",
        "findings": chase.findings(actor, today=today) if not subject and (supervises or actor.may(Act.READ_DELIVERIES)) else None,
        "outlook": _outlook(today) if supervises and not subject else None,
        "states": [(word, wish.address(state=name), name == wish.get("state")) for name, word in STATES.items()],
        "kinds": SubjectKind.choices,
        "offices": _offices(actor),
        "kept": wish.hidden("kind", "office", "subject", "due_on"),
        "whose": [
            (gettext("全部"), wish.address(whose=None, state=None), not wish.get("whose") and not wish.get("state")),
            (gettext("给我的"), wish.address(whose="me"), wish.get("whose") == "me"),
        ],
        "is_narrowed": bool(wish.values),
        "back": f"{request.path}{wish.address(cursor=wish.get('cursor'))}",
        "previous": page.previous and wish.address(cursor=page.previous),
        "next": page.next and wish.address(cursor=page.next),
    }  # fmt: skip
    return render(request, "portal/reminders.html", context)


@signed_in
@require_POST
def acknowledge(request: SignedIn, reminder_id: uuid.UUID) -> HttpResponse:

    def act() -> str:
        answers.acknowledge(reminder_id, actor=request.actor)
        return gettext("已知悉。未完成的，到下一级次仍会提醒。")

    return _answered(request, reminder_id, act)


@signed_in
@require_POST
def snooze(request: SignedIn, reminder_id: uuid.UUID) -> HttpResponse:
    """Three days, or until the day given, with the reason if there is one."""
    today = clock.today()

    def act() -> str:
        until_on, reason = _until(request.POST.get("until_on", ""), today), request.POST.get("reason", "").strip()[:2000]
        answers.snooze(reminder_id, until_on=until_on, reason=reason, actor=request.actor, today=today)
        return gettext("已暂缓至 %(day)s。") % {"day": f"{until_on:%m-%d}"}

    return _answered(request, reminder_id, act)


def _until(text: str, today: dt.date) -> dt.date:
    """Raises RuleBroken for what is no day."""
    try:
        return typed.day(text, today=today, is_ahead=True) if text.strip() else today + SNOOZE
    except Unread as unread:
        raise RuleBroken.at("until_on", gettext("未暂缓：%(why)s") % {"why": unread}) from unread


def _answered(request: SignedIn, reminder_id: uuid.UUID, act: Callable[[], str]) -> HttpResponse:
    """Back to where the button stood, with what came of it."""
    if not Reminder.objects.visible_to(request.actor).filter(pk=reminder_id).exists():
        raise Http404
    try:
        done = act()
    except Missing as error:
        raise Http404 from error
    except DomainError as refusal:
        messages.error(request, str(refusal.detail))
    else:
        messages.success(request, done)
    target = request.POST.get("back", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(target if is_ours else reverse("reminders"))


def _narrowed(rows: QuerySet, wish: Asked, request: SignedIn, today: dt.date) -> QuerySet:
    if wish.get("whose") == "me":
        rows = rows.filter(recipient_id=request.actor.user_id)
    if wish.get("kind") in SubjectKind.values:
        rows = rows.filter(subject_kind=wish.get("kind"))
    if office := given.key(wish.get("office")):
        path = Office.objects.filter(pk=office).values("path")
        rows = rows.filter(project__office__path__startswith=path)
    if subject := given.key(wish.get("subject")):
        rows = rows.filter(subject_id=subject)
        if due_on := given.day(wish.get("due_on")):
            rows = rows.filter(due_on=due_on)
    state = wish.get("state")
    if state == "quiet":
        later = rows.filter(state=ReminderState.PENDING)
        return later.filter(snoozed_until_on__gt=today) | later.filter(muted_until_on__isnull=False)
    return rows.filter(state=state) if state in ReminderState.values else rows


def _offices(actor: Principal) -> list[tuple[str, str]]:
    """Those in reach that projects may answer to, as a choice."""
    found = Office.objects.all() if actor.sees_everything else Office.objects.filter(pk__in=list(actor.office_ids))
    return [(str(key), name) for key, name in found.order_by("path").values_list("pk", "name")]


def _outlook(today: dt.date) -> dict[str, Any]:
    """Is the window open, how many messages wait for it, how many for the next, and when that opens."""
    found, (opens_at, next_at) = waiting.waiting(today=today), windows_at(now=clock.now())
    return {"is_open": opens_at < next_at, "next_at": next_at, "all": found.now + found.later, "found": found}


def _steps(rows: list[dict[str, Any]], actor: Principal, today: dt.date) -> list[ladder.Step]:
    if not rows:
        return []
    subject = rows[0]["subject"]
    return ladder.steps(subject["kind"], subject["id"], rows[0]["due_on"], actor, today=today)


def _worded(facts: dict[str, Any], actor: Principal, today: dt.date) -> dict[str, Any]:
    """A row with its state in words, why, and what its reader may do about it."""
    row = selectors.shape_reminder(tuple(facts[name] for name in selectors.REMINDER_COLUMNS))
    state, color = row["state"], "grey"
    word = str(ReminderState(state).label)
    if state == ReminderState.PENDING and row["muted_until_on"]:
        word = gettext("静默至 %(day)s") % {"day": f"{row['muted_until_on']:%m-%d}"}
    elif state == ReminderState.PENDING and row["snoozed_until_on"] and row["snoozed_until_on"] > today:
        word = gettext("暂缓至 %(day)s") % {"day": f"{row['snoozed_until_on']:%m-%d}"}
    elif state == ReminderState.PENDING and row["delivery"] is None and row["rung"]["audience"] in SUPERIORS:
        word = gettext("待责任单位先收到")
    elif state == ReminderState.PENDING and facts["digest_of_today"] not in (None, row["delivery"]):
        word = gettext("待下一窗口")
    elif state in (ReminderState.SENT, ReminderState.ACKNOWLEDGED):
        color = "green"
    rung = row["rung"]
    is_mine = facts["recipient_id"] == actor.user_id and actor.user_id is not None
    return row | {
        "word": word,
        "why": row["state_reason"],
        "color": color,
        "sign": f"T{'−' if rung['kind'] == 'before' else '+'}{rung['days']}",
        "channel_word": Channel(row["channel"]).label if row["channel"] else "",
        "may_acknowledge": is_mine and state in (ReminderState.PENDING, ReminderState.SENT),
        "may_snooze": is_mine and state == ReminderState.PENDING,
    }
