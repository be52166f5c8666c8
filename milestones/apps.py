"""Registers what milestones add to projects (ends, gate, expansion) and to reminders (obligations)."""

from django.apps import AppConfig


class MilestonesConfig(AppConfig):
    name = "milestones"
    verbose_name = "节点"

    def ready(self) -> None:
        from milestones.selectors import date_changes
        from milestones.selectors import milestones as selectors
        from milestones.services import milestones as services
        from projects import gates, parts
        from reminders import sources

        parts.on_creation(services.create_ends)
        parts.register(parts.Part("milestones", selectors.milestones_of_projects))
        gates.register(selectors.unmet_ends)
        sources.register(selectors.OBLIGATIONS)
        sources.register(date_changes.OBLIGATIONS)
        sources.register_awaited(date_changes.AWAITED)
