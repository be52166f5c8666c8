"""A city of 3,218 projects, each of whose completion was due yesterday, with a person for each and four in each of sixty offices."""

import datetime as dt

from accounts.models import Membership, Office, User
from accounts.roles import Role
from common import work_days
from common.actors import system
from common.recording import recording
from milestones.models import Basis, Kind, Milestone
from projects.models import Assignment, Project, Region, Sector

FLOOD = system("flood")
PROJECTS, OFFICES, EACH = 3218, 60, 4


def build(*, due_on: dt.date) -> int:
    """Return how many people there are."""
    with recording(FLOOD):
        work_days.load(actor=FLOOD)
        city = Office.objects.create(code="410700", name="新乡市人民政府", kind="government", path="/410700/")
        region = Region.objects.create(code="410700", name="新乡市", short_name="新乡", kind="city")
        sector = Sector.objects.create(code="water", name="水利", position=1, authority=_office(city, "SLJ"))
        offices = [_office(city, f"B{number:02}") for number in range(OFFICES)]
        people = _people(len(offices) * EACH + PROJECTS)
        staff, leads = people[:-PROJECTS], people[-PROJECTS:]
        roles = [Role.EDITOR, Role.APPROVER, Role.EDITOR, Role.APPROVER]
        Membership.objects.bulk_create(
            Membership(user=user, office=offices[number // EACH], role=roles[number % EACH]) for number, user in enumerate(staff)
        )
        projects = Project.objects.bulk_create(
            Project(name=f"第{n:04}号工程", office=offices[n % OFFICES], sector=sector, region=region, stage="construction")
            for n in range(PROJECTS)
        )
        Assignment.objects.bulk_create(
            Assignment(project=project, user=lead, part="lead") for project, lead in zip(projects, leads, strict=True)
        )
        Milestone.objects.bulk_create(
            Milestone(project=project, name="竣工", kind=Kind.COMPLETION, baseline_on=due_on, due_on=due_on, basis=Basis.APPROVED)
            for project in projects
        )
    return len(people)


def _office(city: Office, code: str) -> Office:
    path = f"{city.path}410700-{code}/"
    return Office.objects.create(code=f"410700-{code}", name=f"市{code}局", kind="bureau", parent=city, path=path)


def _people(count: int) -> list[User]:
    return User.objects.bulk_create(User(username=f"p{n}", name=f"王{n}", email=f"p{n}@flood.invalid") for n in range(count))
