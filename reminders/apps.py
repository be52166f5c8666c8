"""Registers reminders as a follower of projects' stages."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = "提醒"

    def ready(self) -> None:
        from projects import parts
        from reminders.services import settlement

        parts.on_stage_change(settlement.cancel_of_projects)
        parts.on_obligation_end(settlement.cancel)
