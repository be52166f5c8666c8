"""Registers what milestones add to projects and to reminders."""

from django.apps import AppConfig


class MilestonesConfig(AppConfig):
    name = "milestones"
    verbose_name = "节点"
