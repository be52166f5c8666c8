"""A small city for tests, made through the product's own services."""

import datetime as dt
import importlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.test import Client

from accounts import selectors as account_selectors
from accounts.models import Membership, Office, User
from accounts.roles import Act, Principal
from accounts.services import clients
from common import clock
from common.actors import system
from common.recording import recording
from funding.models import MonitoringRule
from milestones.models import Kind, Milestone
from milestones.services import milestones as milestone_services
from projects.models import Project, Region, Sector
from projects.services import projects
from reminders.models import Rung

TESTER = system("tests")
OFFICES = [
    ("410700", "新乡市人民政府", "government", None),
    ("410700-ZDB", "市重点项目服务中心", "city_office", "410700"),
    ("410700-JTJ", "市交通运输局", "bureau", "410700"),
    ("410700-SLJ", "市水利局", "bureau", "410700"),
    ("410700-CZJ", "市财政局", "bureau", "410700"),
    ("410782", "辉县市人民政府", "county", "410700"),
    ("410782-JTJ", "辉县市交通运输局", "bureau", "410782"),
    ("410781", "卫辉市人民政府", "county", "410700"),
]
# name → (role, office)
PEOPLE = {
    "admin": ("admin", "410700-ZDB"),
    "supervisor": ("supervisor", "410700-ZDB"),
    "auditor": ("auditor", "410700-ZDB"),
    "finance": ("finance", "410700-CZJ"),
    "finance_approver": ("finance_approver", "410700-CZJ"),
    "editor": ("editor", "410782"),  # county 辉县 and below
    "approver": ("approver", "410782"),
    "reader": ("reader", "410782"),
    "outsider": ("editor", "410781"),  # another county
    "bureau": ("editor", "410700-JTJ"),  # the authority of transport
}


class ApiClient(Client):
    """Django's client with a bearer token and JSON bodies."""

    def __init__(self, token: str) -> None:
        super().__init__(headers={"authorization": f"Bearer {token}"})

    def _json(self, method: str, path: str, body: Any, **headers: str) -> Any:
        return self.generic(method, path, json.dumps(body), content_type="application/json", headers=headers)

    def send(self, path: str, body: Any = None, *, match: str | None = None, method: str = "POST") -> Any:
        headers = {"if-match": match} if match is not None else {}
        return self._json(method, path, {} if body is None else body, **headers)

    def change(self, path: str, body: Any, *, match: str | None = None) -> Any:
        return self.send(path, body, match=match, method="PATCH")


@dataclass
class People:
    offices: dict[str, Office]
    users: dict[str, User]
    tokens: dict[str, str] = field(default_factory=dict)

    def client(self, name: str) -> ApiClient:
        return ApiClient(self.tokens[name])

    def principal(self, name: str) -> Principal:
        return account_selectors.person(self.users[name], today=clock.today())


def people() -> People:
    """Offices, people with roles, and a token each."""
    with recording(TESTER):
        offices: dict[str, Office] = {}
        for code, name, kind, parent in OFFICES:
            path = (offices[parent].path if parent else "/") + code + "/"
            offices[code] = Office.objects.create(code=code, name=name, kind=kind, parent=offices.get(parent or ""), path=path)
        found = People(offices, {})
        for name, (role, office) in PEOPLE.items():
            user = User.objects.create(username=name, name=f"{name}先生", email=f"{name}@example.invalid", office=offices[office])
            Membership.objects.create(user=user, office=offices[office], role=role)
            _key, secret = clients.issue(
                name,
                office=offices[office],
                user=user,
                scopes=list(Act.values),
                expires_at=clock.now() + dt.timedelta(days=1),
                actor=TESTER,
            )
            found.users[name], found.tokens[name] = user, secret
        city = Region.objects.create(code="410700", name="新乡市", short_name="新乡", kind="city")
        for code, name in (("410782", "辉县市"), ("410781", "卫辉市")):
            Region.objects.create(code=code, name=name, short_name=name, kind="city", parent=city)
        transport = Sector.objects.create(code="transport", name="交通", position=1, authority=offices["410700-JTJ"])
        Sector.objects.create(code="transport.expressway", name="高速公路", position=1, parent=transport, authority=offices["410700-JTJ"])
        Sector.objects.create(code="water", name="水利", position=2, authority=offices["410700-SLJ"])
    return found


def report() -> None:
    """The city's real report."""
    call_command("load_work_days", verbosity=0)
    call_command("load_report", verbosity=0)


def project(
    name: str = "辉县高速",
    *,
    office: str = "410782",
    sector: str = "transport.expressway",
    region: str = "410782",
    at: str = "reserve",
    **fields: Any,
) -> Project:
    """A project, entered at a stage as a registration does."""
    made = projects.create_project(
        {
            "name": name,
            "office": Office.objects.get(code=office),
            "sector": Sector.objects.get(code=sector),
            "region": Region.objects.get(code=region),
        }
        | fields,
        actor=TESTER,
    )
    if at != "reserve":
        with recording(TESTER):
            Project.objects.filter(pk=made.pk).update(stage=at)
    return Project.objects.get(pk=made.pk)


def completion(project_: Project, due_on: dt.date | None = None) -> Milestone:
    """The completion milestone, dated if a day is given."""
    milestone = Milestone.objects.get(project=project_, kind=Kind.COMPLETION)
    if due_on is not None:
        milestone = milestone_services.set_first_date(milestone.pk, due_on=due_on, basis="approved", actor=TESTER, today=clock.today())
    return milestone


def ladder() -> None:
    """The default ladders, put back after a test that emptied every table."""
    if not Rung.objects.exists():
        for migration in ("0003_ladder", "0005_repayments"):
            importlib.import_module(f"reminders.migrations.{migration}").insert(apps, None)


def money_rules() -> None:
    """The monitoring rules and the two lists of eligibility, put back likewise."""
    if not MonitoringRule.objects.exists():
        importlib.import_module("funding.migrations.0003_rules").insert(apps, None)
