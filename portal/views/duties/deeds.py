"""What can be done to a duty where it stands: the shapes that the modules of single kinds fill in."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy

from accounts.roles import Principal
from portal.forms.duties import DutyForm
from projects.models import Evidence
from reminders.selectors.duties import Duty

SAVE = gettext_lazy("保存")


@dataclass(frozen=True)
class Doing:
    """One deed under way: who, to what, with what was typed, the version of the row that was seen, and the photos that came along."""

    actor: Principal
    duty: Duty
    version: int | None
    today: dt.date
    now: dt.datetime
    values: Mapping[str, Any] = field(default_factory=dict)
    photos: Sequence[Evidence] = ()


@dataclass(frozen=True)
class Deed:
    """A form that opens in the row, or one press where `form` is None.

    `do` raises what the service refuses and returns the sentence of the result. `ends` is False where the duty stays owed.
    Where it is not `is_offered` the service would refuse it: no button, but who asks all the same hears why.
    """

    code: str
    word: Any
    needs: str
    do: Callable[[Doing], str]
    form: Callable[..., DutyForm] | None = None
    press: Any = SAVE
    ends: bool = True
    is_offered: Callable[[Duty], bool] = lambda duty: True
    given: Callable[[Duty], dict[str, Any]] = lambda duty: {}  # what stands in the fields at first


@dataclass(frozen=True)
class Door:
    """A page of its own where it is done."""

    word: Any
    address: Callable[[Duty], str]
    needs: str


# Takes a deed back; judges for itself whether the actor may, and raises Missing or Denied.
Undo = Callable[[uuid.UUID, Principal, dt.date], None]


@dataclass(frozen=True)
class Kind:
    """How duties of one kind look: the word before the date, what else is to be known of one, and what can be done, the usual first.

    `undo` holds the deeds that can be taken back, by name.
    """

    date_word: Any
    deeds: Callable[[Duty], Sequence[Deed | Door]] = lambda duty: ()
    told: Callable[[Duty], list[str]] = lambda duty: []
    undo: Mapping[str, Undo] = field(default_factory=dict)
