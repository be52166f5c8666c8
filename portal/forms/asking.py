"""One decision about a pot: issue, cut, take back, return, adjust, reverse; with the fields of its kind."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from common.errors import DomainError
from funding.api.serializers.requests import RequestInput
from funding.lifecycle import ADJUSTMENTS, OF_THE_POOL, Ground, Level, RequestKind, Use
from funding.models import Allocation, FundingSource, Transfer
from funding.selectors import acting, matching
from funding.services import requests
from funding.services.moves import Move
from portal.forms import allocation, fields, sheets
from portal.forms.fields import Entry, Field, Form
from portal.forms.sheets import COLORS, Mark
from portal.forms.typed import Unread
from portal.templatetags import words

KINDS = (
    RequestKind.ISSUE, RequestKind.CANCEL_ISSUE, RequestKind.WITHDRAW, RequestKind.RETURN, RequestKind.ADJUST_QUOTA,
    RequestKind.ADJUST_MONEY,
)  # fmt: skip
AMOUNT = Field("amount", gettext_lazy("金额（万元）"), "amount", is_required=True)
DAY = Field("occurred_on", gettext_lazy("发生日期"), "day", hint=gettext_lazy("不填为复核通过当天"))
DOCUMENT = Field("document_no", gettext_lazy("依据文号"), shape=RequestInput)
REASON = Field("reason", gettext_lazy("说明"), "long", shape=RequestInput)


@dataclass
class Asked:
    """The form, the movement it means, and what the checks say of it."""

    form: Form
    kind: str
    move: Move | None = None
    marks: list[Mark] = field(default_factory=list)
    nearest: str = ""

    @property
    def wrong(self) -> list[Entry]:
        """Fields that say something which was not understood: what is only missing is still to come."""
        return [entry for entry in self.form.faults if entry.text]

    @property
    def is_blocked(self) -> bool:
        """Whether what stands there may not be asked for; what is missing will be asked for by the fields."""
        return bool(self.wrong) or any(mark.color == "red" for mark in self.marks)

    @property
    def is_red(self) -> bool:
        return bool(self.form.faults) or any(mark.color == "red" for mark in self.marks)


class Unfit(Exception):
    """A field is wrong, or a check forbids the movement: nothing is asked for."""

    def __init__(self, asked: Asked) -> None:
        super().__init__()
        self.asked = asked


def fields_of(kind: str, parts: Sequence[Allocation]) -> list[Field]:
    if kind == RequestKind.REVERSE:
        return [DAY._replace(label=gettext_lazy("冲正日期")), REASON._replace(label=gettext_lazy("冲正原因"), is_required=True)]
    if kind in OF_THE_POOL:
        return [AMOUNT, DAY, DOCUMENT, REASON]
    part = Field("part", gettext_lazy("项目与用途"), "choice", is_required=True, choices=[(str(row.pk), _of_part(row)) for row in parts])
    if kind not in ADJUSTMENTS:
        return [part, AMOUNT, DAY, DOCUMENT, REASON]
    return [
        part._replace(label=gettext_lazy("调出项目与用途")),
        Field("to_project", gettext_lazy("调入项目名称或代码"), is_required=True),
        Field("to_use", gettext_lazy("调入用途"), "choice", is_required=True, choices=Use.choices),
        AMOUNT,
        Field(
            "ground",
            gettext_lazy("事由"),
            "choice",
            is_required=True,
            hint=gettext_lazy("财预〔2021〕110号规定的四种"),
            choices=Ground.choices,
        ),
        DOCUMENT,
        DAY,
        Field("eligibility_item", gettext_lazy("清单条目"), hint=gettext_lazy("如 负5、资3；没有则不填")),
        Field("override_reason", gettext_lazy("放行原因"), hint=gettext_lazy("条目在负面清单内时必填"), shape=RequestInput),
        REASON,
    ]


def read(
    post: Mapping[str, str],
    kind: str,
    source: FundingSource,
    parts: Sequence[Allocation],
    original: Transfer | None,
    *,
    actor: Principal,
    today: dt.date,
) -> Asked:
    """The form with its movement, and what the checks say of the movement where it is whole."""
    asked = Asked(fields.read(post, fields_of(kind, parts), today=today), kind)
    _understand(asked, source, parts, original, actor, today)
    if asked.move is not None:
        _judge(asked, today)
    return asked


def _understand(
    asked: Asked, source: FundingSource, parts: Sequence[Allocation], original: Transfer | None, actor: Principal, today: dt.date
) -> None:
    form, kind = asked.form, asked.kind
    values = {name: form.values[name] for name in ("amount", "occurred_on", "document_no", "reason", "ground") if name in form.values}
    if kind == RequestKind.REVERSE and original is not None:
        values |= {"amount": original.amount, "reverses": original}
    if "part" in form.values:
        part = next(row for row in parts if row.pk == uuid.UUID(form.values["part"]))
        values |= {"project": part.project, "use": part.use}
    if kind in ADJUSTMENTS:
        values |= {"to_project": _target(asked, actor), "to_use": form.values.get("to_use"), "eligibility_item": _item(form, today)}
        values["override_reason"] = form.values.get("override_reason", "")
    if not form.faults:
        asked.move = Move(kind=kind, source=source, **values)


def _target(asked: Asked, actor: Principal) -> Any:
    name = asked.form.entry("to_project").text
    found = matching.match([name], actor).get(name)
    if found is None or found.project is not None:
        return found and found.project
    several = _("有 %(n)s 个项目叫这个名称，请填项目代码") % {"n": found.several}
    asked.form.entry("to_project").fault = several if found.several else _("无此项目")
    asked.nearest = found.nearest
    return None


def _item(form: Form, today: dt.date) -> Any:
    entry = form.entry("eligibility_item")
    try:
        return allocation.find_item(entry.text, acting.items(today)) if entry.text else None
    except Unread as unread:
        entry.fault = str(unread)
        return None


def _judge(asked: Asked, today: dt.date) -> None:
    assert asked.move is not None
    try:
        checks = requests.validate([asked.move], today=today)[0]
    except DomainError as refusal:
        if not asked.form.refuse(refusal):
            asked.marks.append(Mark("red", str(refusal.faults[0].detail if refusal.faults else refusal.detail)))
        return
    asked.marks = [Mark(COLORS[Level(check.level)], sheets.worded(check, words.WAN)) for check in checks]
    if not any(mark.color == "red" for mark in asked.marks):
        asked.marks.insert(0, Mark("green", _("可以提交")))


def _of_part(row: Allocation) -> str:
    """A part of the pot with what may be moved of it."""
    return _("%(project)s · %(use)s（额度 %(granted)s，到位 %(received)s，支付 %(paid)s）") % {
        "project": row.project.name, "use": row.get_use_display(), "granted": words.wan(row.granted),
        "received": words.wan(row.received), "paid": words.wan(row.paid),
    }  # fmt: skip
