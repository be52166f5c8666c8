"""What can go wrong with a milestone."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class AlreadyAchieved(Conflict):
    code = "already_achieved"
    sentence = _("该节点已完成。")


class NotAchieved(Conflict):
    code = "not_achieved"
    sentence = _("该节点尚未完成，无须撤销。")


class AlreadyDated(Conflict):
    code = "already_dated"
    sentence = _("该节点已有应完成日期，请申请调整。")
