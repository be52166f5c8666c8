"""What one person asks and another decides: the states and the judgement, the same for money, dates, reports and mutes."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.actors import Actor
from common.errors import AlreadyDecided, Denied, SamePerson


class RequestState(models.TextChoices):
    REQUESTED = "requested", gettext_lazy("待复核")
    APPROVED = "approved", gettext_lazy("已同意")
    REJECTED = "rejected", gettext_lazy("已退回")
    WITHDRAWN = "withdrawn", gettext_lazy("已撤回")


def require_another(requested_by_id: Any, actor: Actor) -> None:
    """The one who makes does not check, nor does who stands in for them. Raises SamePerson."""
    if is_own(requested_by_id, actor):
        raise SamePerson


def is_own(requested_by_id: Any, actor: Actor) -> bool:
    """Did the actor ask for it, or somebody whose deputy the actor is today?"""
    return requested_by_id is not None and requested_by_id in (actor.id, *actor.delegators)


def require_maker(requested_by_id: Any, actor: Actor) -> None:
    """Only the one who asked takes it back. Raises Denied."""
    if requested_by_id != actor.id:
        raise Denied(_("只有经办人可以撤回。"))


def require_open(state: str) -> None:
    """What was decided stays decided. Raises AlreadyDecided."""
    if state != RequestState.REQUESTED:
        raise AlreadyDecided


def decided(state: str, *, actor: Actor, now: dt.datetime | Now, note: str = "") -> dict[str, Any]:
    """The columns that a decision writes."""
    return {"state": state, "decided_by_id": actor.id, "decided_by_name": actor.name, "decided_at": now, "decision_note": note}
