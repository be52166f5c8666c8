"""What can go wrong with a project."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class IllegalTransition(Conflict):
    """No such move from the present stage."""

    code = "illegal_transition"
    sentence = _("当前阶段不能作此变更。")

    def __init__(self, stage: str, target: str, *, allowed: Sequence[str]) -> None:
        super().__init__(stage=str(stage), to=str(target), allowed=[str(stage) for stage in allowed])


class Blocked(Conflict):
    """The move exists, but its conditions are not met."""

    code = "blocked"
    sentence = _("条件未满足，不能变更阶段。")

    def __init__(self, blockers: Sequence[dict[str, Any]]) -> None:
        super().__init__(blockers=list(blockers))


class Duplicate(Conflict):
    """The national project code is taken."""

    code = "duplicate"
    sentence = _("项目代码已存在。")


class AlreadyListed(Conflict):
    """The project has a permit of that kind already."""

    code = "duplicate"
    sentence = _("该手续已在清单中，请直接修改。")


class AlreadyAssigned(Conflict):
    """The person has that part already."""

    code = "duplicate"
    sentence = _("该人员在此期间已担任这一角色。")


class MonthTaken(Conflict):
    """The project has a report of that month; `id` names it."""

    code = "duplicate"
    sentence = _("该项目本月已有月报，请在原月报上填写。")


class PlanTaken(Conflict):
    """The project has a plan of that year, or a revision of it that is not decided; `id` names it."""

    code = "duplicate"
    sentence = _("该项目本年度已有计划或未审核完的修订。")


class NotMovable(Conflict):
    """What was submitted or approved is no longer edited."""

    code = "illegal_transition"

    def __init__(self, detail: Any, state: str, *, allowed: Sequence[str] = ()) -> None:
        super().__init__(detail, state=str(state), allowed=[str(one) for one in allowed])
