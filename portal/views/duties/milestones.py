"""Duties of dates: a milestone that is to happen, a date change that is to be decided."""

import datetime as dt
import uuid

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.roles import Act, Principal
from common.decisions import RequestState
from common.errors import Denied, Missing
from milestones.selectors import milestones as selectors
from milestones.services import date_changes, forecasts, milestones
from portal.forms.duties import AchieveForm, ForecastForm, NoteForm
from portal.views.duties.deeds import Deed, Doing, Door, Kind
from portal.views.standing import reported
from reminders.selectors.duties import Duty
from reminders.sources import source


def _achieve(doing: Doing) -> str:
    on, note, override = doing.values["on"], doing.values["note"], doing.values.get("override_reason", "")
    if override and not doing.actor.may(Act.DECIDE, doing.duty.offices):
        raise Denied(_("只有审核人可以越过前置节点。"))
    milestones.achieve(
        doing.duty.id, on=on, note=note, override_reason=override, evidence=[one.pk for one in doing.photos], version=doing.version,
        actor=doing.actor, today=doing.today,
    )  # fmt: skip
    return reported(on.isoformat(), on, doing.duty.due_on)


def _forecast(doing: Doing) -> str:
    on, reason = doing.values["forecast_on"], doing.values["reason"]
    forecasts.forecast(doing.duty.id, forecast_on=on, reason=reason, version=doing.version, actor=doing.actor, today=doing.today)
    return _("预测已改为 %(day)s，应完成日期不变。") % {"day": on.isoformat()}


def _reopen(milestone_id: uuid.UUID, actor: Principal, today: dt.date) -> None:
    found = selectors.milestones(actor, today=today).select_related("project").filter(pk=milestone_id).first()
    if found is None:
        raise Missing
    if not actor.may(Act.EDIT, found.project.offices):
        raise Denied
    may_decide = actor.may(Act.DECIDE, found.project.offices)
    milestones.reopen(milestone_id, reason=_("误报，当即撤销"), may_decide=may_decide, actor=actor, today=today)


def _told_of_milestone(duty: Duty) -> list[str]:
    asked, forecast_on = duty.facts.get("asked") or {}, duty.facts.get("forecast_on")
    if asked.get("state") == RequestState.REQUESTED:
        return [_("已申请调整至 %(day)s，待审批") % {"day": asked["to_on"]}]
    said = _("预测 %(day)s") % {"day": forecast_on} if forecast_on else _("未报预测")
    if asked.get("state") == RequestState.REJECTED:
        return [said, _("调整申请已退回：%(note)s（%(name)s）") % {"note": asked["note"], "name": asked["by"]}]
    return [said]


def _approve(doing: Doing) -> str:
    date_changes.approve(doing.duty.id, version=doing.version, actor=doing.actor, today=doing.today, now=doing.now)
    return _("已同意：应完成改为 %(day)s") % {"day": doing.duty.facts["to_on"]}


def _reject(doing: Doing) -> str:
    date_changes.reject(doing.duty.id, note=doing.values["note"], version=doing.version, actor=doing.actor, now=doing.now)
    return _("已退回，申请人会看到原因。")


def _told_of_change(duty: Duty) -> list[str]:
    facts = duty.facts
    days = (dt.date.fromisoformat(facts["to_on"]) - dt.date.fromisoformat(facts["from_on"])).days
    return [
        _("推迟 %(n)s 天") % {"n": days} if days > 0 else _("提前 %(n)s 天") % {"n": -days},
        _("原因：%(reason)s") % {"reason": facts["reason"]},
        _("申请人：%(name)s") % {"name": facts["requested_by_name"]},
    ]


def _of_milestone(duty: Duty) -> tuple[Deed | Door, ...]:
    """Who has asked for another date sees the request in place of asking again."""
    is_asked = (duty.facts.get("asked") or {}).get("state") == RequestState.REQUESTED
    return ACHIEVE, FORECAST, SEE_REQUEST if is_asked else ASK


MILESTONE = Kind(gettext_lazy("应完成"), _of_milestone, _told_of_milestone, undo={"achieve": _reopen})
ACHIEVE = Deed("achieve", gettext_lazy("报完成"), Act.EDIT, _achieve, AchieveForm, given=lambda duty: duty.facts)
FORECAST = Deed("forecast", gettext_lazy("改预测"), Act.EDIT, _forecast, ForecastForm, ends=False)
ASK = Door(gettext_lazy("申请调整"), lambda duty: f"{reverse('ask-date-change', args=[duty.id])}?next=/my/", Act.EDIT)
SEE_REQUEST = Door(gettext_lazy("看申请"), lambda duty: reverse("date-change", args=[duty.facts["asked"]["id"]]), Act.READ)
DATE_CHANGE = Kind(gettext_lazy("应审批"), lambda duty: CHANGE_DEEDS, _told_of_change)
CHANGE_DEEDS = (
    Deed("approve", gettext_lazy("同意"), Act.DECIDE, _approve),
    Deed("reject", gettext_lazy("退回"), Act.DECIDE, _reject, NoteForm, press=gettext_lazy("退回")),
    Door(gettext_lazy("看影响"), lambda duty: source(duty.kind).path(duty.id, duty.project_id), Act.READ),
)
