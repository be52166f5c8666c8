"""One duty as a row: its lamp, why it is here, what can be done, and the form where it is open."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import Principal
from portal.forms.duties import DutyForm
from portal.templatetags import words
from portal.views.duties import kinds
from portal.views.duties.deeds import Deed, Door
from projects.models import Evidence
from reminders.lifecycle import Letter
from reminders.selectors.duties import Duty, Tally, spans
from reminders.sources import source


@dataclass(frozen=True)
class Button:
    """`href` opens a form or a page; without it, `post` is where one press goes. `pull` is the same form as a part."""

    word: Any
    code: str = ""
    href: str = ""
    pull: str = ""
    post: str = ""


@dataclass(frozen=True)
class Form:
    """The open form of a row: where it goes, the word of its filled button, and the photos it brought, which are kept already."""

    fields: DutyForm
    post: str
    press: Any
    kept: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Row:
    """`alert` is why the last deed was refused, where no field bears it."""

    duty: Duty
    lamp: str
    path: str
    due: str
    distance: str
    told: Sequence[str]
    buttons: Sequence[Button]
    form: Form | None = None
    alert: Any = ""

    @property
    def key(self) -> str:
        return self.duty.key


@dataclass(frozen=True)
class Group:
    """`name` is the key of its count in the tally."""

    name: str
    word: Any
    rows: Sequence[Row]
    count: int


def row(duty: Duty, actor: Principal, *, today: dt.date, form: Form | None = None, alert: Any = "") -> Row:
    kind = kinds.kind_of(duty)
    return Row(
        duty=duty,
        lamp=_lamp(duty, today),
        path=source(duty.kind).path(duty.id, duty.project_id),
        due=f"{kind.date_word} {near(duty.due_on, today)}",
        distance=words.distance(duty.due_on, today),
        told=[*_letter(duty), *kind.told(duty)],
        buttons=[_button(duty, deed) for deed in kinds.open_to(actor, duty) if isinstance(deed, Door) or deed.is_offered(duty)],
        form=form,
        alert=alert,
    )


def opened(duty: Duty, deed: Deed, *, today: dt.date, data: Any = None, files: Any = None) -> Form | None:
    """The form of a deed with what stands in it; None where one press is all."""
    if deed.form is None:
        return None
    fields = deed.form(data, files, key=duty.key, today=today, initial=deed.given(duty))
    return Form(fields, address(duty, deed.code), deed.press)


def groups(duties: Sequence[Duty], tally: Tally, make: Any, *, today: dt.date) -> list[Group]:
    """Overdue, this week, this month, within thirty days; those without a row are left out."""
    found: dict[str, list[Row]] = {}
    for duty in duties:
        found.setdefault(span(duty.due_on, today), []).append(make(duty))
    names = {"overdue": _("已逾期"), "week": _("本周"), "month": _("本月"), "ahead": _("以后 30 天")}
    return [Group(name, word, found[name], getattr(tally, name)) for name, word in names.items() if name in found]


def put(groups: Sequence[Group], row: Row) -> list[Group]:
    """The groups with this row in place of the same duty's."""
    return [replace(group, rows=[row if row.key == one.key else one for one in group.rows]) for group in groups]


def span(due_on: dt.date, today: dt.date) -> str:
    ends = spans(today)
    if due_on < today:
        return "overdue"
    if due_on <= ends["week_ends"]:
        return "week"
    return "month" if due_on <= ends["month_ends"] else "ahead"


def address(duty: Duty, code: str) -> str:
    return reverse("duty-act", args=[duty.kind, duty.id, code])


def near(day: dt.date, today: dt.date) -> str:
    """A day in a dense row: without the year where it is this one."""
    return f"{day:%m-%d}" if day.year == today.year else day.isoformat()


def _lamp(duty: Duty, today: dt.date) -> str:
    where = span(duty.due_on, today)
    return {"overdue": "red", "week": "amber"}.get(where, "grey")


def _letter(duty: Duty) -> list[str]:
    if duty.told is None:
        return []
    return [_("%(letter)s %(day)s 已发") % {"letter": Letter(duty.told.letter).label, "day": words.short_day(duty.told.sent_at)}]


def _button(duty: Duty, deed: Deed | Door) -> Button:
    if isinstance(deed, Door):
        return Button(deed.word, href=deed.address(duty))
    if deed.form is None:
        return Button(deed.word, deed.code, post=address(duty, deed.code))
    part = reverse("duty", args=[duty.kind, duty.id])
    return Button(deed.word, deed.code, href=f"?open={duty.key}&act={deed.code}", pull=f"{part}?act={deed.code}")
