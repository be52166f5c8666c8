"""Loads the city's work report: its promises, the projects that keep them, its targets and the known outcomes."""

import datetime as dt
import uuid
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from accounts.models import Office
from accounts.services import offices
from common.actors import Actor
from common.recording import recording
from milestones.models import Basis, Kind, Milestone
from milestones.services import templates
from portfolio.models import Commitment, CommitmentKind, CommitmentProject, Target
from portfolio.services import entry, report_files
from portfolio.services.report_files import SCOPES, Report, sector_code
from portfolio.services.report_places import region_of
from projects import parts
from projects.lifecycle import Stage
from projects.models import Level, Project, ProjectTag, Region, Sector, Tag
from projects.pinyin import initials, sort_key
from projects.services import reference

YEAR = 2025
DOCUMENT = "2025年政府工作报告"
TAG = {"kind": "commitment", "label": "政府工作报告", "batch": str(YEAR)}

STAGES = {
    CommitmentKind.COMPLETE_THIS_YEAR: Stage.CONSTRUCTION,
    CommitmentKind.ACCELERATE: Stage.CONSTRUCTION,
    CommitmentKind.IMPLEMENT: Stage.CONSTRUCTION,
    CommitmentKind.START: Stage.PREPARATION,
    CommitmentKind.PLAN: Stage.RESERVE,
}


class Loaded(NamedTuple):
    """How many rows are new."""

    offices: int
    regions: int
    sectors: int
    commitments: int
    projects: int
    targets: int


def load(*, actor: Actor, folder: Path = report_files.XINXIANG_2025) -> Loaded:
    """Add what is missing, by natural keys; never touch what is there. Raises Malformed, and then nothing is loaded."""
    with recording(actor):
        report = report_files.read(folder)
        new_offices = offices.load(actor=actor)
        new_regions = reference.load_regions(report.regions, actor=actor)
        new_sectors = reference.load_sectors(actor=actor)
        templates.load(actor=actor)
        commitments = _load_commitments(report)
        projects = _load_projects(report, commitments)
        return Loaded(new_offices, new_regions, new_sectors, len(commitments), len(projects), _load_targets(report))


def _load_commitments(report: Report) -> dict[str, Commitment]:
    """Return the new ones by name."""
    sectors = dict(Sector.objects.values_list("code", "id"))
    known = {row.name: row for row in Commitment.objects.filter(year=YEAR, document=DOCUMENT)}
    fresh = {
        row["name"]: Commitment(
            year=YEAR,
            position=position,
            document=DOCUMENT,
            section=row["section"],
            name=row["name"],
            quote=row["quote"],
            phrase=row["commitment_phrase"],
            kind=row["commitment"],
            count=int(row["count"]) if row["count"] else None,
            scope=SCOPES[row["kind"]],
            sector_id=sectors[sector_code(row)],
            note=row["note"],
        )
        for position, row in enumerate(report.projects, start=1)
        if row["name"] not in known
    }
    for row in report.projects:
        if row["name"] in fresh and row["parent"]:
            fresh[row["name"]].parent = (known | fresh)[row["parent"]]
    Commitment.objects.bulk_create(fresh.values())
    return fresh


def _load_projects(report: Report, commitments: dict[str, Commitment]) -> dict[str, Project]:
    """Give every new commitment about one project its project, with tag, link and dates."""
    sectors = {sector.pk: sector for sector in Sector.objects.all()}
    regions = {region.code: region for region in Region.objects.all()}
    owners = {office.code: office.pk for office in Office.objects.filter(code__in=regions)}
    finished = {row["project"] for row in report.outcomes if row["kind"] == Kind.COMPLETION and row["achieved_on"]}
    projects: dict[str, Project] = {}
    for row in report.projects:
        if row["kind"] == "project" and row["name"] in commitments:
            sector = sectors[commitments[row["name"]].sector_id]
            region = region_of(row, regions)
            projects[row["name"]] = Project(
                name=row["name"],
                name_pinyin=sort_key(row["name"]),
                initials=initials(row["name"]),
                sector=sector,
                region=region,
                office_id=_owner(region, sector, owners),
                authority_id=sector.authority_id,
                stage=Stage.COMPLETED if row["name"] in finished else STAGES[CommitmentKind(row["commitment"])],
                level=Level.CITY,
            )
    if projects:
        _insert(report, commitments, projects)
    return projects


def _owner(region: Region, sector: Sector, owners: dict[str, uuid.UUID]) -> uuid.UUID:
    """The county or zone where it stands, else the bureau in charge of its sector."""
    owner = owners[region.code] if region.parent_id and region.code in owners else sector.authority_id
    if owner is None:
        raise LookupError(f"sector {sector.code} has no authority")
    return owner


def _insert(report: Report, commitments: dict[str, Commitment], projects: dict[str, Project]) -> None:
    Project.objects.bulk_create(projects.values())
    tag, _created = Tag.objects.get_or_create(label=TAG["label"], batch=TAG["batch"], defaults=TAG)
    ProjectTag.objects.bulk_create(ProjectTag(project=project, tag=tag) for project in projects.values())
    CommitmentProject.objects.bulk_create(
        CommitmentProject(commitment=commitments[name], project=project) for name, project in projects.items()
    )
    parts.created([project.pk for project in projects.values()])
    _date(report, commitments, projects)
    entry.record_moves(projects.values())


def _date(report: Report, commitments: dict[str, Commitment], projects: dict[str, Project]) -> None:
    """Promised for this year is due on its last day; then the outcomes that are known."""
    ends = {(row.project_id, row.kind): row for row in Milestone.objects.filter(project__in=projects.values())}
    changed: dict[uuid.UUID, Milestone] = {}
    for name, project in projects.items():
        if commitments[name].kind == CommitmentKind.COMPLETE_THIS_YEAR:
            end = ends[project.pk, Kind.COMPLETION]
            end.baseline_on = end.due_on = dt.date(YEAR, 12, 31)
            end.basis = Basis.REPORT
            changed[end.pk] = end
    others = []
    for row in [row for row in report.outcomes if row["project"] in projects]:
        project = projects[row["project"]]
        if row["kind"] == Kind.OTHER:
            others.append(_other(project, row))
        else:
            end = ends[project.pk, row["kind"]]
            end.achieved_on, end.note = _day(row["achieved_on"]), row["note"]
            changed[end.pk] = end
    Milestone.objects.bulk_update(changed.values(), ["baseline_on", "due_on", "basis", "achieved_on", "note"])
    Milestone.objects.bulk_create(others)


def _other(project: Project, row: dict[str, str]) -> Milestone:
    due_on = _day(row["due_on"])
    return Milestone(
        project=project,
        name=row["milestone"],
        position=int(row["position"]),
        baseline_on=due_on,
        due_on=due_on,
        basis=row["basis"] or None,
        achieved_on=_day(row["achieved_on"]),
        note=row["note"],
    )


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _load_targets(report: Report) -> int:
    known = set(Target.objects.filter(year=YEAR).values_list("key", flat=True))
    fresh = [
        Target(
            year=YEAR,
            position=position,
            key=row["key"],
            title=row["title_zh"],
            title_en=row["title_en"],
            comparator=row["comparator"],
            value=Decimal(row["value"]),
            unit=row["unit"],
            section=row["section"],
            quote=row["quote"],
        )
        for position, row in enumerate(report.targets, start=1)
        if row["key"] not in known
    ]
    Target.objects.bulk_create(fresh)
    return len(fresh)
