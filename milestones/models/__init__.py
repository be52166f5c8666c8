"""What should happen by when."""

from milestones.models.baselines import Baseline, BaselineDate
from milestones.models.date_changes import Cause, DateChange
from milestones.models.dependencies import Dependency
from milestones.models.milestones import Basis, Kind, Milestone, MilestoneEvidence
from milestones.models.templates import Template, TemplateStep

__all__ = [
    "Baseline",
    "BaselineDate",
    "Basis",
    "Cause",
    "DateChange",
    "Dependency",
    "Kind",
    "Milestone",
    "MilestoneEvidence",
    "Template",
    "TemplateStep",
]
