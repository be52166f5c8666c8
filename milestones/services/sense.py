"""No date is taken that only a slip of the pen can mean: it could break what is drawn, and counts as overdue or never does."""

import datetime as dt

from django.utils.translation import gettext as _

from common.errors import RuleBroken
from milestones.rules import sense

CODE = "absurd"


def far_away(day: dt.date) -> str:
    return _("%(day)s 与今天相差二十年以上，请核对年份。") % {"day": day.isoformat()}


def require_sense(day: dt.date, *, field: str, today: dt.date, from_on: dt.date | None = None) -> None:
    """Raises RuleBroken at `field` for a day more than twenty years from today, or a move from `from_on` that is a slip."""
    if not sense.is_near(day, today=today):
        raise RuleBroken.at(field, far_away(day), CODE)
    if from_on is not None and sense.is_slip(from_on, day, today=today):
        raise RuleBroken.at(field, _("与现在的应完成日期相差十年以上，请核对年份。"), CODE)
