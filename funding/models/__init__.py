"""The money behind projects: pots, parts of them, movements, and who agreed."""

from funding.models.allocations import Allocation, BalancePlan
from funding.models.amounts import ZERO, yuan
from funding.models.eligibility import EligibilityItem
from funding.models.findings import Finding, FindingReply, MonitoringRule
from funding.models.repayments import Repayment
from funding.models.sources import Bond, FundingSource, YearPlan
from funding.models.transfers import NextSequence, Transfer, TransferRequest

__all__ = [
    "ZERO",
    "Allocation",
    "BalancePlan",
    "Bond",
    "EligibilityItem",
    "Finding",
    "FindingReply",
    "FundingSource",
    "MonitoringRule",
    "NextSequence",
    "Repayment",
    "Transfer",
    "TransferRequest",
    "YearPlan",
    "yuan",
]
