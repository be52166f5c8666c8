"""The generated city of the demonstration, built once a worker: what a test changes is rolled back."""

import datetime as dt
import uuid
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db.models import Model
from django.test import override_settings

from accounts.models import ApiClient, Membership, User
from common.actors import system
from funding.models import (
    Allocation,
    BalancePlan,
    Bond,
    FindingReply,
    FundingSource,
    Repayment,
    Transfer,
    TransferRequest,
    YearPlan,
)
from milestones.models import Milestone, MilestoneEvidence
from portfolio.services.demonstration import city
from projects.models import Assignment, Evidence, MonthlyReport, Permit, Plan, Problem, Project, ProjectTag, Status, Tag
from reminders.models import Delivery, Reminder
from tests.databases import MADE, Databases

ACTOR = system("test")
TODAY = dt.date(2026, 3, 18)
SIZE = 400
FILLED: tuple[type[Model], ...] = (
    Project, Status, Milestone, Tag, ProjectTag, Assignment, User, Membership, ApiClient, Reminder, Delivery, FundingSource, YearPlan,
    Bond, Allocation, TransferRequest, Transfer, Repayment, BalancePlan, FindingReply, MonthlyReport, Plan,
    Problem, Permit, MilestoneEvidence, Evidence,
)  # fmt: skip


class Before(NamedTuple):
    """What there was before the city was built, and the folder in which its files were put."""

    projects: list[tuple[Any, ...]]
    counts: list[int]
    files: Path


def projects() -> list[tuple[Any, ...]]:
    return sorted(Project.objects.exclude(pk__in=generated()).values_list("pk", "version", "name"))


def counts() -> list[int]:
    return [model._default_manager.count() for model in FILLED]


def generated() -> list[uuid.UUID]:
    return list(ProjectTag.objects.filter(tag__label="演示").values_list("project", flat=True))


def build() -> Before:
    before = Before(projects(), counts(), Path(settings.MEDIA_ROOT).with_name("files of the demonstration"))
    with override_settings(MEDIA_ROOT=before.files):
        city.build(seed=1, size=SIZE, today=TODAY, actor=ACTOR)
    return before


MADE["demonstration"] = ("report", build)


@pytest.fixture
def demonstration(all_databases: Databases, db: None) -> Before:
    return all_databases.made("demonstration")
