"""What should happen by when."""

from milestones.models.dependencies import Dependency
from milestones.models.milestones import Basis, Kind, Milestone, MilestoneEvidence

__all__ = ["Basis", "Dependency", "Kind", "Milestone", "MilestoneEvidence"]
