"""Registers what projects count of their own parts."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = "项目"

    def ready(self) -> None:
        from projects import parts
        from projects.selectors import problems

        parts.figure("open_problem_count", problems.open_counts)
