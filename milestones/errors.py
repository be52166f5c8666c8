"""What can go wrong with a milestone."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import Conflict, Fault


class AlreadyAchieved(Conflict):
    code = "already_achieved"
    sentence = _("该节点已完成。")


class NotAchieved(Conflict):
    code = "not_achieved"
    sentence = _("该节点尚未完成，无须撤销。")


class AlreadyDated(Conflict):
    code = "already_dated"
    sentence = _("该节点已有应完成日期，请申请调整。")


class PredecessorOpen(Conflict):
    """Something that comes before has not happened. `predecessors` are references."""

    code = "predecessor_open"

    def __init__(self, open_ones: Sequence[tuple[uuid.UUID, str]]) -> None:
        names = "、".join(f"“{name}”" for _key, name in open_ones)
        detail = gettext("前置节点%(names)s尚未完成。请先报这些节点完成，或由审核人写明原因后办理。") % {"names": names}
        super().__init__(detail, predecessors=[{"id": str(key), "name": name} for key, name in open_ones])


class SuccessorsAchieved(Conflict):
    """What comes after has happened already; only who may decide takes the achievement back all the same."""

    code = "blocked"

    def __init__(self, blockers: Sequence[dict[str, Any]], names: Sequence[str]) -> None:
        quoted = "、".join(f"“{name}”" for name in names)
        detail = gettext("后续节点%(names)s已完成，只有审核人可以撤销本节点的完成。") % {"names": quoted}
        super().__init__(detail, blockers=list(blockers))


class AlreadyAsked(Conflict):
    """A milestone has one open request at a time. The answer's `id` is that of the first."""

    code = "duplicate"

    def __init__(self, first: uuid.UUID, *, by: str, at: dt.datetime, to_on: dt.date) -> None:
        detail = gettext("%(who)s已于 %(day)s 申请调整到 %(to)s，尚未审批。请等审批结果，或由申请人撤回后再报。") % {
            "who": by,
            "day": timezone.localdate(at).isoformat(),
            "to": to_on.isoformat(),
        }
        super().__init__(detail, id=str(first))


class TemplateExists(Conflict):
    code = "duplicate"
    sentence = _("已有这个代码的模板。")

    @classmethod
    def at(cls, field: str) -> "TemplateExists":
        return cls(faults=[Fault((field,), cls.code, str(cls.sentence))])


class NameTaken(Conflict):
    code = "duplicate"
    sentence = _("该项目已有同名的基线，请换一个名称。")

    @classmethod
    def at(cls, field: str) -> "NameTaken":
        return cls(faults=[Fault((field,), cls.code, str(cls.sentence))])
