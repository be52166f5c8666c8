"""A small office that owes: its pages, its projects, and milestones made through the product's own services."""

import datetime as dt
from typing import Any

from django.test import Client
from django.urls import reverse

from common import clock
from milestones.models import Milestone
from milestones.services import milestones
from projects.models import Project
from tests import world
from tests.world import TESTER, People

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


def signed_in(people: People, name: str) -> Client:
    client = Client()
    client.force_login(people.users[name], backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def project(name: str = "辉县高速", **fields: Any) -> Project:
    return world.project(name, at="construction", **fields)


def milestone(of: Project, name: str, days: int) -> Milestone:
    """Due so many days from today; before it where negative."""
    fields: dict[str, Any] = {"name": name, "due_on": clock.today() + dt.timedelta(days=days), "basis": "approved"}
    return milestones.create_milestone(of.pk, fields, actor=TESTER, today=clock.today())


def act(client: Client, subject: Any, code: str, *, kind: str = "milestone", in_place: bool = True, **typed: Any) -> Any:
    """One deed, by the form of its row."""
    path = reverse("duty-act", args=[kind, subject.pk, code])
    return client.post(path, {"version": subject.version, **typed}, headers=FRAGMENT if in_place else {})


def text(client: Client, query: str = "", *, status: int = 200) -> str:
    answer = client.get(f"/my/{query}")
    assert answer.status_code == status
    return answer.content.decode()


def groups(client: Client, query: str = "") -> dict[str, list[str]]:
    found = client.get(f"/my/{query}").context["groups"]
    return {group.name: [row.duty.name for row in group.rows] for group in found}
