"""Registers reminders as a follower of projects, and what projects owe as sources."""

from django.apps import AppConfig


class RemindersConfig(AppConfig):
    name = "reminders"
    verbose_name = "提醒"

    def ready(self) -> None:
        from projects import parts
        from reminders import sources
        from reminders.selectors import of_projects, of_reports
        from reminders.services import settlement

        for source in (of_reports.REPORTS, of_reports.DECISIONS, of_projects.PROBLEMS, of_projects.PERMITS):
            sources.register(source)
        sources.register_awaited(of_reports.AWAITED)
        parts.on_stage_change(settlement.cancel_of_projects)
        parts.on_obligation_end(settlement.cancel)
