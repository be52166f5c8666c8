"""What is said of a problem: that there is one, how it is worked on, that it is solved, that it is not after all; and of a permit."""

from django.utils.translation import gettext_lazy

from common.api.serializers import ReasonSerializer
from portal.forms.fields import Field
from projects.api.serializers.problems import ClosingInput, CompletionInput, PermitInput, ProblemInput
from projects.models import PermitKind, PermitState, ProblemKind, ProblemLevel, ProblemState

FILE_HINT = gettext_lazy("JPEG、PNG、WebP 照片 15 MB 以内，PDF 30 MB 以内")
PROOF = Field("file", gettext_lazy("佐证（可不传）"), "file", hint=FILE_HINT)
MEASURES = Field("measures", gettext_lazy("措施"), "long", shape=ProblemInput)
DUE = Field("due_on", gettext_lazy("时限"), "day", is_ahead=True)
NEW = (
    Field("text", gettext_lazy("问题"), "long", is_required=True, shape=ProblemInput),
    Field("kind", gettext_lazy("类型"), "choice", is_required=True, choices=ProblemKind.choices),
    Field("level_needed", gettext_lazy("需协调层级"), "choice", is_required=True, choices=ProblemLevel.choices),
    Field("raised_on", gettext_lazy("提出时间"), "day", is_required=True),
    DUE._replace(hint=gettext_lazy("不填则为提出后 7 天")),
    Field("person", gettext_lazy("责任人"), shape=ProblemInput),
    Field("supporting_offices", gettext_lazy("配合单位"), shape=ProblemInput),
    MEASURES,
)
EDITED = [one for one in ProblemState.choices if one[0] != ProblemState.CLOSED]
EDIT = (
    Field("state", gettext_lazy("状态"), "choice", is_required=True, choices=EDITED),
    DUE._replace(is_required=True),
    Field("hold_reason", gettext_lazy("挂起原因"), shape=ProblemInput, hint=gettext_lazy("挂起须写明；挂起期间不催办，仍在清单上")),
    Field("person", gettext_lazy("责任人"), shape=ProblemInput),
    MEASURES,
)
CLOSE = (
    Field("on", gettext_lazy("销号日期"), "day", is_required=True),
    PROOF,
    Field("note", gettext_lazy("如何解决"), "long", shape=ClosingInput, hint=gettext_lazy("写明如何解决，或附佐证")),
)
REOPEN = (Field("reason", gettext_lazy("恢复原因"), is_required=True, shape=ReasonSerializer),)

PERMIT_STATES = [one for one in PermitState.choices if one[0] != PermitState.DONE]
COMPLETE = (
    Field("on", gettext_lazy("办结日期"), "day", is_required=True),
    Field("number", gettext_lazy("文号"), shape=CompletionInput),
    PROOF,
)
PERMIT_EDIT = (
    Field("state", gettext_lazy("状态"), "choice", is_required=True, choices=PERMIT_STATES),
    Field("due_on", gettext_lazy("应办结"), "day", is_ahead=True),
    Field("department", gettext_lazy("办理部门"), shape=PermitInput),
    Field("note", gettext_lazy("备注"), shape=PermitInput),
)
PERMIT_KINDS = dict(PermitKind.choices)
