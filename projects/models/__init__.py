"""What is built, and what belongs to it."""

from projects.models.assignments import Assignment, Part
from projects.models.evidence import Evidence, EvidenceKind
from projects.models.filing import ReportState
from projects.models.plans import Plan
from projects.models.problems import Permit, PermitKind, PermitState, Problem, ProblemKind, ProblemLevel, ProblemState
from projects.models.projects import ApprovalMode, Level, Nature, Project, ProjectTag, StageMove
from projects.models.reference import Region, Sector, Tag
from projects.models.reports import MonthlyReport, ReportRevision
from projects.models.status import Bigrams, Status, StatusAsOf, StatusColumns

__all__ = [
    "ApprovalMode",
    "Assignment",
    "Bigrams",
    "Evidence",
    "EvidenceKind",
    "Level",
    "MonthlyReport",
    "Nature",
    "Part",
    "Permit",
    "PermitKind",
    "PermitState",
    "Plan",
    "Problem",
    "ProblemKind",
    "ProblemLevel",
    "ProblemState",
    "Project",
    "ProjectTag",
    "Region",
    "ReportRevision",
    "ReportState",
    "Sector",
    "StageMove",
    "Status",
    "StatusAsOf",
    "StatusColumns",
    "Tag",
]  # fmt: skip
