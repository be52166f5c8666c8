"""What should happen by when."""

from milestones.models.date_changes import Cause, DateChange
from milestones.models.dependencies import Dependency
from milestones.models.milestones import Basis, Kind, Milestone, MilestoneEvidence

__all__ = ["Basis", "Cause", "DateChange", "Dependency", "Kind", "Milestone", "MilestoneEvidence"]
