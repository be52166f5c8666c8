"""Whether generated projects stand among the real ones."""

from projects.models import ProjectTag

LABEL = "演示"


def present() -> bool:
    """Say whether any project is tagged as generated."""
    return ProjectTag.objects.filter(tag__label=LABEL).exists()
