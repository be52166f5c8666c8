"""What can go wrong with a reminder, a mute, a ladder, and with a message on its way."""

import datetime as dt

from django.utils.translation import gettext_lazy as _

from common.errors import Conflict


class NotOpen(Conflict):
    """Acknowledged, superseded or cancelled already."""

    code = "already_decided"
    sentence = _("该提醒已处理。")


class SentRecently(Conflict):
    """One message is sent again at most once an hour."""

    code = "already_decided"
    sentence = _("一小时内已重发过，请稍后再试。")
    wait_seconds = 3600


class NothingToSend(Conflict):
    """What the message carried is done, hidden or moved, or its recipient has no address any more."""

    code = "blocked"
    sentence = _("所含事项均已办结、已变更或收件人无可用渠道，无需重发。")


class Undelivered(Exception):
    """A message did not arrive, as far as we know. `may_have_arrived` where no answer says that it did not."""

    def __init__(self, reason: str, *, may_have_arrived: bool = False) -> None:
        super().__init__(reason)
        self.may_have_arrived = may_have_arrived


class Refused(Undelivered):
    """This address takes this message never: there is no use in trying it here again."""


class Throttled(Undelivered):
    """Too many for this address: nothing more goes there for so long."""

    def __init__(self, reason: str, *, wait: dt.timedelta) -> None:
        super().__init__(reason)
        self.wait = wait


class Unavailable(Undelivered):
    """Not now; the same may succeed later."""


class MuteOver(Conflict):
    """Decided, ended or run out already."""

    code = "already_decided"
    sentence = _("该静默已处理或已结束。")


class SweepAtWork(Conflict):
    """A preview sends nobody waiting, and waits for nobody."""

    code = "conflict"
    sentence = _("系统正在扫描提醒，请稍后再预览。")
    wait_seconds = 30


class PreviewTooLong(Conflict):
    """The preview was given up, so that the sweep is not held off for long."""

    code = "conflict"
    sentence = _("预览用时过长，已中止，未作任何修改。请稍后再试。")
    wait_seconds = 120


class SameRung(Conflict):
    """The ladder has this step already."""

    code = "duplicate"
    sentence = _("这套级次里已有同一天、同一对象的一级。")


class RetiredRung(SameRung):
    """A step that people were told on was retired; another one cannot become it, or who was told would no longer be known."""

    sentence = _("同一天、同一对象的一级已停用，不能把别的一级改成它。请新增这一级（原来的会恢复），再停用现在这一级。")
