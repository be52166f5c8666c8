"""What is said of one milestone: done, expected on another day, not done after all, first dated; and what is asked for."""

from typing import Any

from django.utils.translation import gettext_lazy

from common.api.serializers import ReasonSerializer
from milestones.api.serializers.date_changes import DateChangeInput
from milestones.api.serializers.milestones import AchieveInput, FirstDateInput, ForecastInput
from milestones.models import Basis, Cause
from portal.forms.fields import Field

ON = Field("on", gettext_lazy("实际完成日期"), "day", is_required=True)
NOTE = Field("note", gettext_lazy("说明（可不填）"), shape=AchieveInput)
PHOTO = Field("file", gettext_lazy("现场照片（可不附）"), "files")
DOCUMENT = Field("file", gettext_lazy("批文（可不附）"), "files")
OVERRIDE = Field(
    "override_reason", gettext_lazy("越过前置节点的原因"), shape=AchieveInput, hint=gettext_lazy("前置节点尚未完成，写明原因才能报完成")
)
FORECAST = (
    Field("forecast_on", gettext_lazy("预测完成日期"), "day", is_required=True, is_ahead=True),
    Field("reason", gettext_lazy("原因"), is_required=True, shape=ForecastInput),
)
REOPEN = (Field("reason", gettext_lazy("撤销原因"), is_required=True, shape=ReasonSerializer),)
FIRST = (
    Field("due_on", gettext_lazy("应完成日期"), "day", is_required=True, hint=gettext_lazy("首个日期即基线，定后不变"), is_ahead=True),
    Field("basis", gettext_lazy("日期依据"), "choice", is_required=True, choices=Basis.choices),
    Field("document_no", gettext_lazy("批文号"), shape=FirstDateInput),
)
MOVE = (
    Field("to_on", gettext_lazy("新的应完成日期"), "day", is_required=True, is_ahead=True),
    Field("cause", gettext_lazy("原因类别"), "choice", choices=Cause.choices),
    Field("reason", gettext_lazy("理由"), "long", is_required=True, shape=DateChangeInput),
    Field("document_no", gettext_lazy("批文号"), shape=DateChangeInput),
    DOCUMENT,
)


def achieving(milestone: Any, *, may_decide: bool) -> list[Field]:
    """Who may decide may let it stand before what comes before it, where that is still open."""
    is_blocked = any(row["achieved_on"] is None for row in milestone.before)
    photo = PHOTO._replace(label=gettext_lazy("现场照片（须附）")) if milestone.is_evidence_required and not milestone.proofs else PHOTO
    return [ON, photo, NOTE, *([OVERRIDE] if is_blocked and may_decide else [])]
