"""The demonstration's people, their roles, and their parts in projects."""

import datetime as dt
import uuid
from itertools import cycle
from random import Random

from django.db.models import QuerySet

from accounts.models import Membership, Office, User
from accounts.roles import Role
from common.actors import Actor
from portfolio.models import CommitmentKind, CommitmentProject
from portfolio.services.demonstration import materials
from projects.models import Assignment, Part, Project, Status

DOMAIN = "@demo.xinxiang.example"
LED_BY_PATRONS = 100  # generated projects that a city leader has taken on


def all_people() -> QuerySet[User]:
    return User.objects.filter(email__endswith=DOMAIN).order_by("pk")


def nearest(role: str) -> dict[uuid.UUID, Actor]:
    """Who has the role in each office, or in the nearest above it."""
    rows = (
        Membership.objects.filter(role=role, delegated_by=None)
        .order_by("user__username")
        .values_list("office__path", "user_id", "user__name")
    )
    holders: dict[str, Actor] = {}
    for path, key, name in rows:
        holders.setdefault(path, Actor("person", name, key))
    found = {}
    for key, path in Office.objects.values_list("pk", "path"):
        above = [other for other in holders if path.startswith(other)]
        if above:
            found[key] = holders[max(above, key=len)]
    return found


def create(*, today: dt.date, rng: Random) -> tuple[int, int]:
    """Add the people and their assignments; return how many of each. The admin comes first."""
    rows = materials.people()
    offices = {office.code: office for office in Office.objects.all()}
    users = {row["username"]: _user(row, offices[row["office"]]) for row in rows}
    User.objects.bulk_create(users.values())
    Membership.objects.bulk_create(Membership(user=users[row["username"]], office=offices[row["office"]], role=row["role"]) for row in rows)
    assignments = _leads(rows, users, offices) + _patrons(
        [users[row["username"]] for row in rows if row["part"] == Part.PATRON], today, rng
    )
    Assignment.objects.bulk_create(assignments)
    return len(users), len(assignments)


def _user(row: dict[str, str], office: Office) -> User:
    user = User(username=row["username"], name=row["name"], email=row["username"] + DOMAIN, office=office)
    user.set_unusable_password()
    return user


def _leads(rows: list[dict[str, str]], users: dict[str, User], offices: dict[str, Office]) -> list[Assignment]:
    """Every project of the report is led by the editor of its office, or its approver."""
    by_office: dict[uuid.UUID, User] = {}
    for role in (Role.EDITOR, Role.APPROVER):
        for row in rows:
            if row["role"] == role:
                user = users[row["username"]]
                by_office.setdefault(offices[row["office"]].pk, user)
    real = _real().filter(office_id__in=by_office).order_by("name_pinyin").only("pk", "office_id")
    return [Assignment(project=project, user=by_office[project.office_id], part=Part.LEAD) for project in real]


def _patrons(patrons: list[User], today: dt.date, rng: Random) -> list[Assignment]:
    """City leaders take on what the report promises for this year, and some of what is late or large."""
    promised = _real().filter(pk__in=_promised()).order_by("name_pinyin")
    late = Status.objects.filter(late_from_on__lt=today).exclude(project__in=_real()).order_by("late_from_on", "name")
    large = Status.objects.exclude(project__in=_real()).order_by("-total_investment", "name")
    others = [*late.values_list("pk", flat=True)[: LED_BY_PATRONS // 2], *large.values_list("pk", flat=True)[: LED_BY_PATRONS // 2]]
    chosen = [*promised.values_list("pk", flat=True), *dict.fromkeys(others)]
    order = rng.sample(patrons, len(patrons))
    return [Assignment(project_id=project, user=patron, part=Part.PATRON) for project, patron in zip(chosen, cycle(order), strict=False)]


def _real() -> QuerySet[Project]:
    return Project.objects.filter(pk__in=CommitmentProject.objects.values("project"))


def _promised() -> QuerySet[CommitmentProject, uuid.UUID]:
    return CommitmentProject.objects.filter(commitment__kind=CommitmentKind.COMPLETE_THIS_YEAR).values_list("project", flat=True)
