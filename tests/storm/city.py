"""The city of the storm: offices with and without people, forty persons, sixty projects, three hundred milestones."""

import datetime as dt
import os
import random
from dataclasses import dataclass, field

from accounts.models import Membership, Office, User
from common import clock, work_days
from common.actors import system
from common.recording import recording
from milestones.models import Milestone
from milestones.services import milestones
from projects.models import Assignment, Project, Region, Sector
from projects.services import assignments, projects
from reminders.models import ContactPoint

STORM = system("storm")
PROJECTS = 60
OTHERS = 3  # milestones a project beside start and completion
AUTHORITIES = ("JTJ", "SLJ", "GXJ")
COUNTIES = ("410782", "410781", "410725", "410726")


@dataclass
class City:
    """What the deeds choose from."""

    projects: list[Project] = field(default_factory=list)
    patrons: list[User] = field(default_factory=list)
    supervisors: list[User] = field(default_factory=list)
    created: int = 0


def build(dice: random.Random, *, today: dt.date) -> City:
    city = City()
    with recording(STORM):
        work_days.load(actor=STORM)
        answerable, sectors, region = (
            _offices(),
            _sectors(),
            Region.objects.create(code="410700", name="新乡市", short_name="新乡", kind="city"),
        )
        _people(answerable)
        leads = [_person(f"责任人{n}") for n in range(6)]
        city.supervisors = list(User.objects.filter(memberships__role="supervisor").order_by("username"))
        city.patrons = [_person(f"包保领导{n}") for n in range(6)]
    for number in range(PROJECTS):
        project = projects.create_project(
            {"name": f"第{number:02}号工程", "office": dice.choice(answerable), "sector": dice.choice(sectors), "region": region},
            actor=STORM,
        )
        with recording(STORM):
            Project.objects.filter(pk=project.pk).update(stage=dice.choices(["construction", "preparation", "reserve"], [12, 7, 1])[0])
        if number % 5 < 2:
            assignments.assign({"project": project, "user": dice.choice(leads), "part": "lead"}, actor=STORM)
        if number % 2:
            assignments.assign({"project": project, "user": dice.choice(city.patrons), "part": "patron"}, actor=STORM)
        city.projects.append(project)
        for _other in range(OTHERS):
            create(city, project, some_day(dice, today))
        for end in Milestone.objects.filter(project=project, kind__in=["start", "completion"]):
            if dice.random() < 0.8:
                milestones.set_first_date(end.pk, due_on=some_day(dice, today), basis="approved", actor=STORM, today=today)
    return city


def some_day(dice: random.Random, today: dt.date) -> dt.date:
    """From nine weeks late to two months ahead."""
    return today + dt.timedelta(days=dice.randint(-65, 60))


def create(city: City, project: Project, due_on: dt.date) -> Milestone:
    city.created += 1
    return milestones.create_milestone(
        project.pk, {"name": f"节点{city.created:04}", "due_on": due_on, "basis": "approved"}, actor=STORM, today=clock.today()
    )


def patronages() -> list[Assignment]:
    return list(Assignment.objects.filter(part="patron").order_by("id"))


def _offices() -> list[Office]:
    """Make the tree; return the answerable offices, one of them without anybody in it."""
    city = Office.objects.create(code="410700", name="新乡市人民政府", kind="government", path="/410700/")
    below: list[Office] = []
    for code, kind in [("ZDB", "city_office"), *((code, "bureau") for code in AUTHORITIES)]:
        Office.objects.create(code=f"410700-{code}", name=f"市{code}", kind=kind, parent=city, path=f"/410700/410700-{code}/")
    for code in COUNTIES:
        county = Office.objects.create(code=code, name=f"{code}县", kind="county", parent=city, path=f"/410700/{code}/")
        below.append(county)
        for bureau in ("A", "B"):
            path = f"{county.path}{code}-{bureau}/"
            below.append(
                Office.objects.create(code=f"{code}-{bureau}", name=f"{code}县{bureau}局", kind="bureau", parent=county, path=path)
            )
    return below


def _sectors() -> list[Sector]:
    """One a city bureau, and one that no bureau answers for."""
    found = [
        Sector.objects.create(code=code.lower(), name=code, position=n, authority=Office.objects.get(code=f"410700-{code}"))
        for n, code in enumerate(AUTHORITIES)
    ]
    return [*found, Sector.objects.create(code="other", name="其他", position=9)]


def _people(answerable: list[Office]) -> None:
    """Two in every office but the last, which is empty, and the county of the last, which has only one without an address."""
    for number in range(2):
        _member(f"督查{number}", Office.objects.get(code="410700-ZDB"), "supervisor")
        for code in AUTHORITIES:
            _member(f"{code}{number}", Office.objects.get(code=f"410700-{code}"), "editor")
    for office in answerable[:-3]:
        _member(f"{office.name}填报", office, "editor")
        _member(f"{office.name}审核", office, "approver")
    _member("无邮箱", answerable[-3], "editor", email="")
    _member(f"{answerable[-2].name}填报", answerable[-2], "editor")


def _member(name: str, office: Office, role: str, **fields: str) -> None:
    Membership.objects.create(user=_person(name, office=office, **fields), office=office, role=role)


def _person(name: str, **fields: object) -> User:
    """Half of each role, which come in turns, have no e-mail but a robot of a work chat; who is given an empty address has neither."""
    number = User.objects.count()
    by_robot = number % 4 in (1, 2) and "email" not in fields
    email = "" if by_robot else f"p{number}@storm.invalid"
    user = User.objects.create(**{"username": f"p{number}", "name": name, "email": email} | fields)
    if by_robot:
        url = f"http://127.0.0.1:{os.environ['STORM_ROBOT']}/p{number}"
        ContactPoint.objects.create(user=user, channel="dingtalk", url=url)
    return user
