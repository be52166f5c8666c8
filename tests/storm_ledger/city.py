"""What the storm moves money between: three sources, and in each an allocation for both uses of four projects."""

import uuid
from typing import NamedTuple

from accounts.models import Office
from common.actors import system
from common.recording import recording
from funding.lifecycle import SourceKind, Use
from funding.models import Allocation, FundingSource
from projects.models import Region, Sector
from projects.services import projects

STORM = system("storm")
KINDS = (SourceKind.SPECIAL_BOND, SourceKind.CENTRAL_BUDGET, SourceKind.BANK_LOAN)
PROJECTS = 4


class Part(NamedTuple):
    """An allocation: its id and whose it is."""

    id: uuid.UUID
    source: uuid.UUID
    project: uuid.UUID
    use: str


def build() -> list[Part]:
    with recording(STORM):
        office = Office.objects.create(code="410700", name="新乡市人民政府", kind="government", path="/410700/")
        region = Region.objects.create(code="410700", name="新乡市", short_name="新乡", kind="city")
        sector = Sector.objects.create(code="water", name="水利", position=1)
        sources = [FundingSource.objects.create(kind=kind, name=kind.label, office=office) for kind in KINDS]
    sites = [
        projects.create_project({"name": f"第{n}号工程", "office": office, "sector": sector, "region": region}, actor=STORM)
        for n in range(PROJECTS)
    ]
    with recording(STORM):
        made = [
            Allocation.objects.create(source=source, project=site, use=use) for source in sources for site in sites for use in Use.values
        ]
    return [Part(row.pk, row.source_id, row.project_id, row.use) for row in made]
