"""What can go wrong with a reminder."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class NotOpen(Conflict):
    """Acknowledged, superseded or cancelled already."""

    code = "already_decided"
    sentence = _("该提醒已处理。")
