"""Who must be told of a date: the ladder, one row a duty to tell, one message that carries many."""

from reminders.models.contact_points import ContactPoint
from reminders.models.deliveries import Brake, Delivery
from reminders.models.letters import OfficialLetter
from reminders.models.mutes import Mute
from reminders.models.reminders import Reminder, SweepState
from reminders.models.rungs import Rung

__all__ = [
    "Brake",
    "ContactPoint",
    "Delivery",
    "Mute",
    "OfficialLetter",
    "Reminder",
    "Rung",
    "SweepState",
]
