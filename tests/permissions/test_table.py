"""The table of roles against the real API: what is out of reach does not exist, at any address of the schema."""

import datetime as dt
import json
import re
import uuid
from typing import Any

import pytest
from django.urls import get_resolver
from django.utils import timezone

from accounts.models import ApiClient, Membership, User
from accounts.roles import POWERS, Act
from accounts.services import clients
from common import clock
from common.recording import recording
from funding.models import Allocation, BalancePlan, FundingSource, Transfer, TransferRequest
from milestones.models import Baseline, BaselineDate, DateChange, Milestone
from portfolio.models import Commitment, CommitmentProject
from projects.models import Assignment, Evidence, MonthlyReport, Permit, Plan, Problem, Project, ProjectTag, ReportRevision, Sector, Tag
from projects.services import evidence
from reminders.models import Brake, ContactPoint, Delivery, Mute, OfficialLetter, Reminder, Rung
from tests import files, funding_rows, world
from tests.databases import MADE, Databases
from tests.sampling import few
from tests.schema import schema

API = "/api/v1"
EVERYWHERE = {"admin", "supervisor", "auditor", "finance", "finance_approver"}
# person → the projects of the `counties` they reach, written out by hand
REACH = {name: {"highway", "reservoir", "foreign"} for name in EVERYWHERE} | {
    "editor": {"highway", "reservoir"}, "approver": {"highway", "reservoir"}, "reader": {"highway", "reservoir"},
    "outsider": {"foreign"}, "bureau": {"highway"},
}  # fmt: skip
MAY_EDIT = {"admin", "editor", "approver", "outsider", "bureau"}
TELL_ALL = {"admin", "supervisor", "auditor"}  # who reads all deliveries
MAY_DECIDE = {"admin", "approver"}
LATE = dt.date(2025, 1, 10)
WIRE = "秘密之渠道"  # in the address and as the secret of every robot
HELD = 987_654_321  # messages of a held window


def make_counties() -> dict[str, Project]:
    """A highway (office 辉县, authority transport), a reservoir (office 辉县交通局, authority water), one of another county."""
    admin = User.objects.get(username="admin")
    made = {
        "highway": world.project("highway", at="construction", aliases=["秘密highway"]),
        "reservoir": world.project("reservoir", at="construction", office="410782-JTJ", sector="water", aliases=["秘密reservoir"]),
        "foreign": world.project("foreign", at="construction", office="410781", region="410781", sector="water", aliases=["秘密foreign"]),
    }
    rung = Rung.objects.get(subject_kind=None, kind="after", days=1)
    with recording(world.TESTER):
        tag = Tag.objects.create(kind="batch", label="三个一批")
        for number, (name, project) in enumerate(made.items()):
            milestone = world.completion(project, LATE)
            Milestone.objects.filter(pk=milestone.pk).update(note=f"秘密{name}")
            ProjectTag.objects.create(project=project, tag=tag)
            baseline = Baseline.objects.create(project=project, name=f"秘密{name}", taken_by_name="王工")
            BaselineDate.objects.create(
                baseline=baseline, project=project, milestone_id=uuid.uuid4(), name=f"秘密{name}", kind="other", position=1, is_key=False
            )
            Assignment.objects.create(project=project, user=admin, part="team")
            MonthlyReport.objects.create(project=project, month=dt.date(2025, 1, 1), narrative=f"秘密{name}", state="approved")
            DateChange.objects.create(
                project=project, milestone=milestone, from_on=LATE, to_on=clock.today(), reason=f"秘密{name}", decision_due_on=LATE,
                requested_by_id=admin.pk, requested_by_name=f"秘密{name}",
            )  # fmt: skip
            report = MonthlyReport.objects.get(project=project)
            Plan.objects.create(project=project, year=2025, investment=0, monthly=[0] * 12, content=f"秘密{name}")
            ReportRevision.objects.create(
                report=report, project=project, number=1, from_invested=0, invested=1, reason=f"秘密{name}", requested_by_id=uuid.uuid4(),
                requested_by_name="经办", decision_due_on=LATE,
            )  # fmt: skip
            commitment = Commitment.objects.create(
                year=2025, position=number, document="报告", section="一", name=f"秘密{name}", quote="…", phrase="完成",
                kind="complete_this_year", scope="project", sector=Sector.objects.first(),
            )  # fmt: skip
            CommitmentProject.objects.create(commitment=commitment, project=project)
            day = LATE + dt.timedelta(days=number)
            delivery = Delivery.objects.create(recipient=admin, message_id=f"<{name}@x>", window=day, state="sent")
            Reminder.objects.create(
                subject_kind="milestone", subject_id=milestone.pk, subject_name=f"秘密{name}", project=project, due_on=LATE, rung=rung,
                recipient=admin, due_at=timezone.now(), delivery=delivery, state="sent", sent_at=timezone.now(),
            )  # fmt: skip
            Mute.objects.create(
                scope_kind="project", project=project, reason=f"秘密{name}", from_on=LATE, until_on=LATE, state="in_force",
                requested_by_id=admin.pk, requested_by_name="管理",
            )  # fmt: skip
            OfficialLetter.objects.create(
                kind="reminder", year=2025, number=number + 1, subject_kind="milestone", subject_id=milestone.pk, project=project,
                due_on=LATE, office=project.office, rung=rung, issued_on=day,
                facts={"subject": f"秘密{name}", "addressee": "", "copies": [], "overdue_days": 1},
            )  # fmt: skip
    with recording(world.TESTER):
        for name, project in made.items():
            Permit.objects.create(project=project, kind="initiation", note=f"秘密{name}")
            Problem.objects.create(
                project=project, kind="land", text=f"秘密{name}", raised_on=LATE, level_needed="city", office=project.office, due_on=LATE
            )
    for name, project in made.items():
        photo = files.upload(files.photo(), f"秘密{name}.jpg")
        evidence.add_evidence(project.pk, photo, actor=world.TESTER, now=clock.now())
    money(made)
    wires(made)
    return made


MADE["counties"] = ("peopled", make_counties)


@pytest.fixture
def counties(all_databases: Databases, people: world.People) -> dict[str, Project]:
    return all_databases.made("counties")


def wires(projects: dict[str, Project]) -> None:
    """A robot of each project's office, and a window that was held: administrators' and operators' affairs."""
    with recording(world.TESTER):
        for name, project in projects.items():
            ContactPoint.objects.create(office=project.office, channel="feishu", url=f"https://秘密{name}.example/{WIRE}", secret=WIRE)
        Brake.objects.create(window=LATE, message_count=HELD, limit=1)


def money(projects: dict[str, Project]) -> None:
    """Each project has a pot of its own and a part of a common one; of the common one a part was moved from county to county."""
    common = funding_rows.source("共同", issued="900")
    for name, project in projects.items():
        own = funding_rows.source(f"秘密{name}来源", issued="100")
        for pot in (own, common):
            funding_rows.move("grant", pot, "100", project)
        funding_rows.move("receive", own, "50", project, payee=f"秘密{name}")
        funding_rows.request(
            "grant", own, "1", allocation=Allocation.objects.get(source=own), state="requested", reason=f"秘密{name}",
            checks=[{"code": "project_cancelled", "level": "warn", "values": {"project": f"秘密{name}"}}],
        )  # fmt: skip
        with recording(world.TESTER):
            BalancePlan.objects.create(project=project, year=2026)
    moved = funding_rows.move("adjust_quota", common, "10", projects["highway"], to_project=projects["foreign"])
    both = [{"code": "project_cancelled", "level": "warn", "values": {"project": f"秘密{name}"}} for name in ("highway", "foreign")]
    with recording(world.TESTER):
        TransferRequest.objects.filter(pk=moved.request_id).update(checks=both, override_reason="秘密foreign")


MONEY = ("funding-sources", "allocations", "transfers", "transfer-requests", "balance-plans")


def reading_paths() -> list[str]:
    """Every address of the generated schema that can be read."""
    return sorted(path for path, methods in schema()["paths"].items() if "get" in methods)


def rows_of(name: str, resource: str, people: world.People, query: str = "") -> list[dict[str, Any]]:
    answer = people.client(name).get(f"{API}/{resource}/?page_size=500{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


# of those from whom nothing is hidden one is enough: for them it only proves that every address answers
@pytest.mark.parametrize("name", few([n for n in world.PEOPLE if n not in EVERYWHERE or n == "finance"], always=["editor"]))
def test_no_address_of_the_schema_shows_a_project_out_of_reach(people: world.People, counties: dict[str, Project], name: str) -> None:
    """Names, ids and notes of hidden projects are looked for in the bytes of every answer, filled with every visible and hidden id."""
    hidden = set(counties) - REACH[name]
    told = [word for secret in hidden for word in (f"秘密{secret}", str(counties[secret].pk))]
    told += [WIRE] if name != "admin" else []
    told += [str(HELD)] if name not in TELL_ALL else []
    ids = {
        "projects": [project.pk for project in counties.values()],
        "assignments": Assignment.objects.values_list("pk", flat=True),
        "reports": MonthlyReport.objects.values_list("pk", flat=True),
        "problems": Problem.objects.values_list("pk", flat=True),
        "permits": Permit.objects.values_list("pk", flat=True),
        "evidence": Evidence.objects.values_list("pk", flat=True),
        "plans": Plan.objects.values_list("pk", flat=True),
        "report-revisions": ReportRevision.objects.values_list("pk", flat=True),
        "milestones": Milestone.objects.values_list("pk", flat=True),
        "date-changes": DateChange.objects.values_list("pk", flat=True),
        "baselines": Baseline.objects.values_list("pk", flat=True),
        "funding-sources": FundingSource.objects.values_list("pk", flat=True),
        "allocations": Allocation.objects.values_list("pk", flat=True),
        "transfers": Transfer.objects.values_list("pk", flat=True),
        "transfer-requests": TransferRequest.objects.values_list("pk", flat=True),
        "balance-plans": BalancePlan.objects.values_list("pk", flat=True),
        "commitments": Commitment.objects.values_list("pk", flat=True),
        "reminders": Reminder.objects.values_list("pk", flat=True),
        "mutes": Mute.objects.values_list("pk", flat=True),
        "letters": OfficialLetter.objects.values_list("pk", flat=True),
        "deliveries": Delivery.objects.values_list("pk", flat=True),
        "rungs": Rung.objects.values_list("pk", flat=True)[:1],
        "contact-points": ContactPoint.objects.values_list("pk", flat=True),
        "brakes": Brake.objects.values_list("pk", flat=True),
    }
    client, tried = people.client(name), 0
    for path in reading_paths():
        resource = path.removeprefix(f"{API}/").split("/")[0]
        addresses = [re.sub(r"\{\w+\}", str(key), path) for key in ids.get(resource, [uuid.uuid4()])] if "{" in path else [path]
        if resource == "summary":
            addresses = [f"{path}?group_by={group}" for group in ("office", "sector,stage", "commitment")]
        elif resource == "projects":
            whole = [one for one in addresses if not one.endswith(("history/", "statement/", "schedule/"))]
            addresses += [f"{one}?expand=milestones,allocations" for one in whole]
        elif resource in MONEY and not path.endswith("statement/"):
            addresses += [f"{one}?as_of={clock.today()}" for one in addresses]
        for address in addresses:
            answer = client.get(address)
            text = b"".join(answer).decode(errors="replace")
            assert answer.status_code in (200, 404) or resource == "reminder-findings", (address, text)
            assert not [word for word in told if word in text and answer.status_code == 200], address
            tried += 1
    assert tried > 40


@pytest.mark.parametrize("name", few(world.PEOPLE, always=["finance", "reader", "outsider", "bureau"]))  # one of each reach
def test_lists_counts_facets_search_and_totals_hold_exactly_what_is_in_reach(
    people: world.People, counties: dict[str, Project], name: str
) -> None:
    client, reach = people.client(name), REACH[name]
    body = client.get(f"{API}/projects/?with_count=true&facets=office,stage,authority&as_of={clock.today()}").json()
    assert {row["name"] for row in body["results"]} == reach
    assert body["count"] == len(reach)
    for facet in body["facets"].values():
        assert sum(row["count"] for row in facet) == len(reach)
    for word in counties:
        assert {row["name"] for row in rows_of(name, "projects", people, f"&q={word}")} == {word} & reach
    total = client.get(f"{API}/summary/?group_by=office").json()
    assert (total["total"]["project_count"], total["total"]["overdue_count"]) == (len(reach), len(reach))
    assert {row["project"]["name"] for row in rows_of(name, "milestones", people)} == reach
    assert {row["project"]["name"] for row in rows_of(name, "assignments", people)} == reach
    for resource in ("allocations", "balance-plans"):
        assert {row["project"]["name"] for row in rows_of(name, resource, people)} == reach
    assert {row["project"]["name"] for row in rows_of(name, "date-changes", people)} == reach
    for resource in ("transfers", "transfer-requests"):
        sides = [row[side] for row in rows_of(name, resource, people) for side in ("project", "to_project")]
        assert {side["name"] for side in sides if side} == reach
    sources = {row["name"]: row["balance"]["allocated"]["amount"] for row in rows_of(name, "funding-sources", people)}
    assert sources.keys() == {"共同", *(f"秘密{one}来源" for one in reach)}
    assert sources["共同"] == f"{sum({'highway': 90, 'reservoir': 100, 'foreign': 110}[one] for one in reach)}.00"
    for resource in ("reports", "plans", "report-revisions", "evidence", "problems", "permits"):
        assert {row["project"]["name"] for row in rows_of(name, resource, people)} == reach
    assert {row["project"]["name"] for row in rows_of(name, "reminders", people)} == reach
    assert {row["name"].removeprefix("秘密") for row in rows_of(name, "commitments", people)} == reach
    for row in rows_of(name, "commitments", people):
        assert {project["name"] for project in row["projects"]} == {row["name"].removeprefix("秘密")}


@pytest.mark.parametrize("name", few(world.PEOPLE, always=["outsider"]))
def test_hidden_and_absent_have_the_same_answer_but_for_the_instance(people: world.People, counties: dict[str, Project], name: str) -> None:
    client = people.client(name)
    hidden = [project for key, project in counties.items() if key not in REACH[name]]
    rows = {
        "projects": [project.pk for project in hidden],
        "milestones": Milestone.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "date-changes": DateChange.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "baselines": Baseline.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "assignments": Assignment.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "reports": MonthlyReport.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "problems": Problem.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "permits": Permit.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "evidence": Evidence.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "plans": Plan.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "report-revisions": ReportRevision.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "funding-sources": FundingSource.objects.filter(name__in=[f"秘密{one.name}来源" for one in hidden]).values_list("pk", flat=True),
        "allocations": Allocation.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "transfers": Transfer.objects.filter(allocation__project__in=hidden, target=None).values_list("pk", flat=True),
        "transfer-requests": TransferRequest.objects.filter(project__in=hidden, to_project=None).values_list("pk", flat=True),
        "balance-plans": BalancePlan.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "reminders": Reminder.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "deliveries": Delivery.objects.exclude(recipient=people.users[name]).values_list("pk", flat=True) if name not in TELL_ALL else [],
        "mutes": Mute.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "letters": OfficialLetter.objects.filter(project__in=hidden).values_list("pk", flat=True),
        "contact-points": ContactPoint.objects.values_list("pk", flat=True) if name != "admin" else [],
        "brakes": Brake.objects.values_list("pk", flat=True) if name not in TELL_ALL else [],
        "commitments": Commitment.objects.filter(projects__in=hidden).values_list("pk", flat=True),
    }
    calls = {
        "date-changes": [("GET", ""), *(("POST", f"{call}/") for call in ("approve", "reject", "withdraw"))],
        "projects": [
            ("GET", ""),
            ("PATCH", ""),
            ("DELETE", ""),
            ("POST", "transitions/"),
            ("GET", "history/"),
            ("GET", "statement/"),
            ("GET", "schedule/"),
            ("POST", "apply-template/"),
        ],
        "baselines": [("GET", "")],
        "milestones": [
            ("GET", ""),
            ("GET", "trend/"),
            ("PATCH", ""),
            *(("POST", f"{call}/") for call in ("achieve", "reopen", "forecast", "first-date")),
        ],
        "assignments": [("GET", ""), ("PATCH", ""), ("DELETE", "")],
        "problems": [("GET", ""), ("PATCH", ""), ("POST", "close/"), ("POST", "reopen/")],
        "permits": [("GET", ""), ("PATCH", ""), ("POST", "complete/")],
        "reports": [
            ("GET", ""),
            ("PATCH", ""),
            *(("POST", f"{call}/") for call in ("submit", "no-change", "return", "approve", "revise")),
        ],
        "plans": [("GET", ""), ("PATCH", ""), *(("POST", f"{call}/") for call in ("submit", "return", "approve", "revise"))],
        "report-revisions": [("GET", ""), *(("POST", f"{call}/") for call in ("approve", "reject", "withdraw"))],
        "evidence": [("GET", ""), ("DELETE", ""), ("GET", "content/"), ("GET", "thumbnail/")],
        "funding-sources": [("GET", ""), ("PATCH", ""), ("GET", "statement/")],
        "allocations": [("GET", ""), ("GET", "statement/")],
        "transfers": [("GET", "")],
        "transfer-requests": [("GET", ""), *(("POST", f"{call}/") for call in ("approve", "reject", "withdraw"))],
        "balance-plans": [("GET", ""), ("PATCH", ""), ("DELETE", "")],
        "reminders": [("GET", ""), ("POST", "acknowledge/"), ("POST", "snooze/")],
        "deliveries": [("GET", ""), ("POST", "resend/")],
        "mutes": [("GET", ""), *(("POST", f"{call}/") for call in ("approve", "reject", "end"))],
        "letters": [("GET", "")],
        "contact-points": [("GET", ""), ("PATCH", ""), ("DELETE", "")],
        "brakes": [("GET", ""), ("POST", "release/")],
        "commitments": [("GET", "")],
    }
    for resource, keys in rows.items():
        for method, call in calls[resource]:
            answers = {}
            for key in (*keys, uuid.uuid4(), "keine-id"):
                answer = client.send(f"{API}/{resource}/{key}/{call}", {"bogus": 1}, match='"1.0000000000000000"', method=method)
                body = answer.json()
                body.pop("instance")
                answers[key] = (
                    answer.status_code,
                    json.dumps(body),
                    {h: v for h, v in answer.items() if h not in ("X-Request-ID", "Content-Length")},
                )
            assert len({repr(answer) for answer in answers.values()}) == 1
            assert next(iter(answers.values()))[0] == 404


WRITES = [  # method, address, body, the act it needs
    ("PATCH", "projects/{project}/", {"scale": "x"}, Act.EDIT),
    ("DELETE", "projects/{project}/", None, Act.EDIT),
    ("POST", "projects/{project}/transitions/", {"to": "suspended", "on": "2025-06-30", "reason": ""}, Act.EDIT),
    ("POST", "projects/{project}/apply-template/", {"template": "x"}, Act.EDIT),
    ("PATCH", "milestones/{milestone}/", {"note": "x"}, Act.EDIT),
    ("POST", "milestones/{milestone}/achieve/", {"on": "2025-06-30"}, Act.EDIT),
    ("POST", "milestones/{milestone}/reopen/", {"reason": "x"}, Act.EDIT),
    ("POST", "milestones/{milestone}/forecast/", {"forecast_on": "2026-01-01", "reason": "x"}, Act.EDIT),
    ("POST", "milestones/{milestone}/first-date/", {"due_on": "2026-01-01", "basis": "approved"}, Act.DECIDE),
    ("PATCH", "reports/{report}/", {"narrative": "x"}, Act.EDIT),
    ("POST", "reports/{report}/submit/", {}, Act.EDIT),
    ("POST", "reports/{report}/no-change/", {}, Act.EDIT),
    ("POST", "reports/{report}/revise/", {"reason": "x"}, Act.EDIT),
    ("POST", "reports/{report}/approve/", {}, Act.DECIDE),
    ("POST", "reports/{report}/return/", {"reason": "x"}, Act.DECIDE),
    ("PATCH", "plans/{plan}/", {"content": "x"}, Act.EDIT),
    ("POST", "plans/{plan}/submit/", {}, Act.EDIT),
    ("POST", "plans/{plan}/revise/", {}, Act.EDIT),
    ("POST", "plans/{plan}/approve/", {}, Act.DECIDE),
    ("POST", "plans/{plan}/return/", {"reason": "x"}, Act.DECIDE),
    ("POST", "report-revisions/{revision}/approve/", {}, Act.DECIDE),
    ("POST", "report-revisions/{revision}/reject/", {"note": "x"}, Act.DECIDE),
    ("PATCH", "assignments/{assignment}/", {"part": "lead"}, Act.EDIT),
    ("DELETE", "assignments/{assignment}/", None, Act.EDIT),
    ("PATCH", "projects/", "@bulk", Act.EDIT),
    ("PATCH", "milestones/", "@bulk", Act.EDIT),
    ("POST", "assignments/", "@assignment", Act.EDIT),
    ("POST", "milestones/", "@milestone", Act.EDIT),
]


def may(name: str, act: Act) -> bool:
    return name in (MAY_EDIT if act == Act.EDIT else MAY_DECIDE)


@pytest.mark.parametrize("name", few(world.PEOPLE, always=["reader", "outsider"]))
def test_write_without_the_act_is_denied_where_visible_and_absent_where_hidden(
    people: world.People, counties: dict[str, Project], name: str
) -> None:
    client = people.client(name)
    for key, project in counties.items():
        milestone, assignment = Milestone.objects.get(project=project, kind="completion"), Assignment.objects.get(project=project)
        rows = {"report": MonthlyReport, "plan": Plan, "revision": ReportRevision}
        filed = {word: model.objects.get(project=project).pk for word, model in rows.items()}
        for method, address, body, act in WRITES:
            url = f"{API}/{address.format(project=project.pk, milestone=milestone.pk, assignment=assignment.pk, **filed)}"
            match: str | None = '"99.0000000000000000"'  # stale: allowed writes end in 412 and change nothing
            if body == "@bulk":
                row = project if "projects" in address else milestone
                body, match = [{"id": str(row.pk), "version": 99}], None
            elif body == "@assignment":
                body, match = {"project": str(project.pk), "user": str(people.users[name].pk), "part": "kein"}, None
            elif body == "@milestone":
                body, match = {"project": str(project.pk), "name": "", "position": -1}, None
            status = client.send(url, body, match=match, method=method).status_code
            creates = method == "POST" and address in ("assignments/", "milestones/")
            if creates:  # judged by the body: 403 for those who may not at all, else 400 as for any unknown id
                expected = 400 if may(name, act) else 403
            elif isinstance(body, list) and not may(name, act):  # the list is nobody's in particular: judged by the act alone
                expected = 403
            elif key not in REACH[name]:
                expected = 404
            else:
                expected = 412 if may(name, act) else 403
            assert status == expected, (method, address, key)


def test_table_of_the_test_is_the_table_of_the_roles() -> None:
    for role, act, people in ((Act.EDIT, Act.EDIT, MAY_EDIT), (Act.DECIDE, Act.DECIDE, MAY_DECIDE)):
        assert {name for name, (held, _office) in world.PEOPLE.items() if act in POWERS[held].acts} == people, role
    assert {name for name, (held, _office) in world.PEOPLE.items() if POWERS[held].everywhere} == EVERYWHERE
    assert all(Act.READ in power.acts for power in POWERS.values())


def test_creating_below_a_foreign_or_hidden_project_is_refused(people: world.People, counties: dict[str, Project]) -> None:
    client = people.client("editor")
    hidden, absent = str(counties["foreign"].pk), str(uuid.uuid4())
    for key in (hidden, absent):
        answer = client.send(f"{API}/milestones/", {"project": key, "name": "桩基"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"], answer.json()["errors"][0]["code"]) == (
            400,
            "#/project",
            "does_not_exist",
        )
    assert not Milestone.objects.filter(name="桩基").exists()


def test_own_assignment_gives_reach_but_no_act_and_ends_with_its_last_day(
    people: world.People, counties: dict[str, Project], today: dt.date
) -> None:
    client, url = people.client("outsider"), f"{API}/projects/{counties['highway'].pk}/"
    with recording(world.TESTER):
        part = Assignment.objects.create(project=counties["highway"], user=people.users["outsider"], part="team", valid_until_on=today)
    assert client.get(url).status_code == 200
    assert {row["name"] for row in rows_of("outsider", "projects", people)} == {"highway", "foreign"}
    assert client.change(url, {"scale": "x"}, match='"1.0000000000000000"').status_code == 403
    for dates in (
        {"valid_until_on": today - dt.timedelta(days=1)},
        {"valid_from_on": today + dt.timedelta(days=1), "valid_until_on": None},
    ):
        with recording(world.TESTER):
            Assignment.objects.filter(pk=part.pk).update(**dates)
        assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("first", "last", "seen"),
    [
        (None, None, True),
        (0, 0, True),
        (-5, 5, True),
        (None, -1, False),
        (1, None, False),
        (-9, -1, False),
        (None, 0, True),
        (0, None, True),
    ],
)
def test_membership_gives_reach_between_its_days(
    people: world.People, counties: dict[str, Project], today: dt.date, first: int | None, last: int | None, seen: bool
) -> None:
    day = lambda offset: None if offset is None else today + dt.timedelta(days=offset)  # noqa: E731
    with recording(world.TESTER):
        Membership.objects.filter(user=people.users["editor"]).update(valid_from_on=day(first), valid_until_on=day(last))
    assert (people.client("editor").get(f"{API}/projects/{counties['highway'].pk}/").status_code == 200) == seen
    assert people.client("editor").get(f"{API}/me/").json()["can"] == (["read", "edit"] if seen else [])


def test_deputy_has_the_reach_and_acts_of_the_one_who_delegated(people: world.People, counties: dict[str, Project], today: dt.date) -> None:
    with recording(world.TESTER):
        Membership.objects.create(
            user=people.users["outsider"], office=people.offices["410782"], role="approver", delegated_by=people.users["approver"],
            valid_from_on=today, valid_until_on=today,
        )  # fmt: skip
    assert {row["name"] for row in rows_of("outsider", "projects", people)} == set(counties)
    url = f"{API}/projects/{counties['highway'].pk}/"
    assert people.client("outsider").change(url, {"scale": "代理"}, match=people.client("outsider").get(url)["ETag"]).status_code == 200


def test_membership_of_an_inactive_person_is_worth_nothing(people: world.People, counties: dict[str, Project]) -> None:
    with recording(world.TESTER):
        type(people.users["editor"]).objects.filter(pk=people.users["editor"].pk).update(is_active=False)
    assert people.client("editor").get(f"{API}/projects/").status_code == 401


def token(people: world.People, person: str | None, *, scopes: list[str], office: str = "410782", hours: int = 1) -> world.ApiClient:
    _key, secret = clients.issue(
        "试", office=people.offices[office], user=people.users[person] if person else None, scopes=scopes,
        expires_at=clock.now() + dt.timedelta(hours=hours), actor=world.TESTER,
    )  # fmt: skip
    return world.ApiClient(secret)


def test_token_is_cut_to_its_scopes(people: world.People, counties: dict[str, Project]) -> None:
    url = f"{API}/projects/{counties['highway'].pk}/"
    reading = token(people, "admin", scopes=["read"])
    assert reading.get(url).status_code == 200
    assert reading.get(f"{API}/me/").json()["can"] == ["read"]
    assert reading.change(url, {"scale": "x"}, match='"1.0000000000000000"').status_code == 403
    assert reading.send(f"{API}/projects/", {}).status_code == 403
    assert token(people, "reader", scopes=list(Act.values)).get(f"{API}/me/").json()["can"] == ["read"]  # scopes add nothing


def test_token_without_the_scope_to_read_sees_nothing_not_even_own_projects(people: world.People, counties: dict[str, Project]) -> None:
    blind = token(people, "admin", scopes=["edit"])  # admin is in the team of every project
    assert blind.get(f"{API}/projects/").json()["results"] == []
    assert blind.get(f"{API}/projects/{counties['highway'].pk}/").status_code == 404


def test_client_without_a_person_reaches_its_office_and_below(people: world.People, counties: dict[str, Project]) -> None:
    client = token(people, None, scopes=["read"])
    assert {row["name"] for row in client.get(f"{API}/projects/").json()["results"]} == {"highway", "reservoir"}
    me = client.get(f"{API}/me/").json()
    assert (me["kind"], me["name"], me["can"]) == ("client", "试", ["read"])
    assert client.get(f"{API}/deliveries/").json()["results"] == []


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer mpt_x.y", "Bearer x", "Basic YTpi"])
def test_wrong_token_is_401_with_a_challenge(db: None, header: str) -> None:
    from django.test import Client

    answer = Client(headers={"authorization": header} if header else {}).get(f"{API}/projects/")
    assert (answer.status_code, answer.json()["code"], answer["WWW-Authenticate"]) == (401, "not_authenticated", 'Bearer realm="api"')


def test_expired_token_and_one_with_another_secret_are_401(people: world.People) -> None:
    assert token(people, "editor", scopes=["read"], hours=-1).get(f"{API}/projects/").status_code == 401
    key = ApiClient.objects.get(name="editor")
    assert world.ApiClient(f"{key.key_prefix}.geraten").get(f"{API}/projects/").status_code == 401
    assert world.ApiClient(f"{key.key_prefix}.{key.key_digest}").get(f"{API}/projects/").status_code == 401


def test_every_address_needs_a_sign_in_except_schema_and_docs(db: None) -> None:
    from django.test import Client

    get_resolver()
    for path in reading_paths():
        if "/schema/" not in path and "/docs/" not in path:
            assert Client().get(re.sub(r"\{\w+\}", str(uuid.uuid4()), path)).status_code == 401, path
    assert Client().get(f"{API}/nirgends/").status_code == 401


@pytest.mark.parametrize("name", world.PEOPLE)
def test_deliveries_are_ones_own_or_all_for_those_who_may(people: world.People, counties: dict[str, Project], name: str) -> None:
    with recording(world.TESTER):
        Delivery.objects.create(recipient=people.users[name], message_id="<own@x>", state="sent")
    seen = {row["message_id"] for row in rows_of(name, "deliveries", people)}
    assert seen == {"<own@x>"} | ({f"<{key}@x>" for key in counties} if name in ("admin", "supervisor", "auditor") else set())


def test_reminder_is_answered_by_its_recipient_only(people: world.People, counties: dict[str, Project]) -> None:
    reminder = Reminder.objects.get(project=counties["highway"])
    assert people.client("editor").send(f"{API}/reminders/{reminder.pk}/acknowledge/").status_code == 403
    assert people.client("admin").send(f"{API}/reminders/{reminder.pk}/acknowledge/").status_code == 200


def test_people_one_may_assign_are_those_of_the_offices_in_reach(people: world.People) -> None:
    assert {row["name"] for row in rows_of("editor", "people", people)} == {"editor先生", "approver先生", "reader先生"}
    assert len(rows_of("admin", "people", people)) == len(world.PEOPLE)


def test_package_out_of_reach_is_not_named_by_its_member(people: world.People) -> None:
    package = world.project("秘密打包", is_package=True, office="410781", region="410781", sector="water")
    member = world.project("子项目", package=package)
    for url in (f"{API}/projects/", f"{API}/projects/{member.pk}/", f"{API}/projects/{member.pk}/history/"):
        assert "秘密" not in people.client("reader").get(url).content.decode()
