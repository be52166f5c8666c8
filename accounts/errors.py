"""What can go wrong with people and their deputies."""

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class DeputyAlready(Conflict):
    """The same person stands in for the same one in these days."""

    code = "duplicate"
    sentence = _("这段时间已委托此人。请先结束原委托，或改选日期。")
