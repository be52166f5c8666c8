"""Every call of the schema that writes is tried on a dated milestone: one alone moves its due date."""

import datetime as dt
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from common import clock
from common.recording import recording
from milestones.models import DateChange, Milestone, Template, TemplateStep
from milestones.services import date_changes
from tests import world
from tests.schema import schema

DUE = dt.date(2025, 1, 10)
OTHER = dt.date(2027, 3, 1)
UNDONE = {"/api/v1/rungs/preview/"}  # tries the sweeps of thirty days and takes all back
MOVES = "POST /api/v1/date-changes/{id}/approve/"
# what must have been done, or the walk proves nothing
DONE = {
    "PATCH /api/v1/milestones/",
    "PATCH /api/v1/milestones/{id}/",
    "POST /api/v1/milestones/",
    "POST /api/v1/milestones/{id}/achieve/",
    "POST /api/v1/milestones/{id}/forecast/",
    "POST /api/v1/projects/{id}/apply-template/",
    "POST /api/v1/date-changes/{id}/reject/",
    MOVES,
}


@pytest.fixture
def asked(people: world.People) -> DateChange:
    """An overdue completion with an open request to move it, and a template that has a completion."""
    with recording(world.TESTER):
        template = Template.objects.create(code="road", name="公路")
        TemplateStep.objects.create(template=template, position=1, name="竣工", kind="completion")
    milestone = world.completion(world.project(at="construction"), DUE)
    actor = people.principal("editor")
    return date_changes.ask(milestone.pk, to_on=OTHER, reason="汛期停工", actor=actor, today=clock.today())


class Bodies:
    """A body for each shape of the schema: the milestone and its project where one is named, another day for every date."""

    def __init__(self, change: DateChange) -> None:
        self.shapes = schema()["components"]["schemas"]
        milestone = Milestone.objects.get(pk=change.milestone_id)
        self.known: dict[str, Any] = {
            "id": str(milestone.pk), "milestone": str(milestone.pk), "project": str(milestone.project_id), "version": milestone.version,
            "on": clock.today().isoformat(), "depends_on": [], "evidence": [],
            "template": Template.objects.get().code, "completes_on": None, "also": [], "weight": "10.00", "note": "雨", "position": 10,
        }  # fmt: skip

    def tried(self, shape: dict[str, Any], *, is_near: bool) -> Iterator[Any]:
        """All that may be said; and another due date with it, where that is not said already and the address is near a milestone."""
        body = self.of(shape)
        yield body
        rows = body if isinstance(body, list) else [body]
        if is_near and any("due_on" not in row for row in rows):
            dated = [row | {"due_on": OTHER.isoformat()} for row in rows]
            yield dated if isinstance(body, list) else dated[0]

    def of(self, shape: dict[str, Any], name: str = "") -> Any:
        if name in self.known:
            return self.known[name]
        if "$ref" in shape:
            return self.of(self.shapes[shape["$ref"].rsplit("/", 1)[-1]], name)
        if choice := next((shape[key] for key in ("oneOf", "anyOf", "allOf") if key in shape), None):
            return self.of(choice[0], name)
        if shape.get("enum"):
            return shape["enum"][0]
        kind = shape.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if kind == "object":
            fields = shape.get("properties", {}).items()
            return {key: self.of(value, key) for key, value in fields if not value.get("readOnly")}
        if kind == "array":
            return [self.of(shape.get("items", {}))]
        plain = {"boolean": True, "integer": 1, "number": 1, "date": OTHER.isoformat(), "uuid": str(uuid.uuid4())}
        return plain.get(shape.get("format", kind), plain.get(kind, "汛期停工"))


def writing() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Method, address and shape of the body of every call that changes something and deletes nothing."""
    for path, methods in sorted(schema()["paths"].items()):
        if path in UNDONE:
            continue
        for method in ("patch", "post", "put"):
            content = methods.get(method, {}).get("requestBody", {}).get("content", {"application/json": {}})
            if method in methods and "application/json" in content:
                yield method.upper(), path, content["application/json"].get("schema", {"type": "object"})


def test_of_all_calls_an_approved_date_change_alone_moves_a_due_date(api: Any, asked: DateChange) -> None:
    client, bodies = api("admin"), Bodies(asked)
    ids = {"milestones": asked.milestone_id, "projects": asked.project_id, "date-changes": asked.pk}
    moved, done = set(), set()
    for method, path, shape in writing():
        key = ids.get(path.split("/")[3], uuid.uuid4())
        address = re.sub(r"\{\w+\}", str(key), path)
        for given in bodies.tried(shape, is_near=path.split("/")[3] in ids):
            with transaction.atomic():
                match = client.get(address).headers.get("ETag") if method == "PATCH" and address != path else None
                answer = client.send(address, given, match=match, method=method)
                now = Milestone.objects.get(pk=asked.milestone_id)
                transaction.set_rollback(True)
            assert answer.status_code < 500, (method, path)
            if answer.status_code < 300:
                done.add(f"{method} {path}")
            if (now.baseline_on, now.due_on) != (DUE, DUE):
                moved.add(f"{method} {path}")
                assert now.baseline_on == DUE
    assert moved == {MOVES}
    assert done >= DONE, DONE - done
