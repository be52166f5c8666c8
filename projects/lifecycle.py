"""The stages of a project and the moves between them, as data."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.errors import IllegalTransition


class Stage(models.TextChoices):
    RESERVE = "reserve", _("谋划储备")
    PREPARATION = "preparation", _("前期")
    CONSTRUCTION = "construction", _("在建")
    COMPLETED = "completed", _("竣工")
    OPERATION = "operation", _("投产")
    SUSPENDED = "suspended", _("停缓建")
    CANCELLED = "cancelled", _("退库")


# A suspended project goes back to where it stood (remembered on the row) or is cancelled.
TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    Stage.RESERVE: (Stage.PREPARATION, Stage.CANCELLED),
    Stage.PREPARATION: (Stage.CONSTRUCTION, Stage.SUSPENDED, Stage.CANCELLED),
    Stage.CONSTRUCTION: (Stage.COMPLETED, Stage.SUSPENDED, Stage.CANCELLED),
    Stage.COMPLETED: (Stage.OPERATION,),
    Stage.OPERATION: (),
    Stage.SUSPENDED: (Stage.CANCELLED,),
    Stage.CANCELLED: (),
}

# In these stages no date presses: the project is never overdue and nobody is reminded.
UNHURRIED = (Stage.RESERVE, Stage.SUSPENDED, Stage.CANCELLED)


def next_stages(stage: str, remembered: str | None) -> tuple[str, ...]:
    """Where a project may move from `stage`; `remembered` is where a suspended one stood before."""
    back = (remembered,) if stage == Stage.SUSPENDED and remembered else ()
    return back + TRANSITIONS[stage]


def require(stage: str, target: str, *, remembered: str | None = None) -> None:
    """Raise IllegalTransition unless the move exists."""
    allowed = next_stages(stage, remembered)
    if target not in allowed:
        raise IllegalTransition(stage, target, allowed=allowed)
