"""The conventions of the contract, held against every address: order of judgement, problems, tags, shapes, money, bad bytes."""

import json
import re
import time
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.api.problems import PROBLEMS
from common.recording import recording
from config.api_v1 import RESOURCES
from funding.models import BalancePlan
from milestones.models import Milestone, Template
from milestones.services import baselines
from portfolio.models import Commitment, Target
from projects.models import Assignment, Evidence, MonthlyReport, Permit, Plan, Problem, Project, ReportRevision, Tag
from reminders.models import Delivery, Reminder, Rung
from tests import funding_rows, world
from tests.sampling import few

API = "/api/v1"
LISTS = [
    "projects", "assignments", "reports", "report-revisions", "plans", "problems", "permits", "evidence", "milestones",
    "milestone-templates", "baselines",
    "funding-sources", "allocations", "transfers", "transfer-requests",
    "eligibility-items", "balance-plans", "monitoring-rules", "commitments", "targets", "reminders", "deliveries", "rungs", "people",
    "offices", "regions", "sectors", "tags",
]  # fmt: skip
BODY = {"name": "九峰山", "sector": "water", "region": "410782", "office": "410782"}


@pytest.fixture
def city(people: world.People) -> Project:
    """One row of every resource."""
    from django.utils import timezone

    from projects.models import Sector

    project = world.project(at="construction")
    funding_rows.move("grant", funding_rows.source(issued="9"), "5", project)
    baselines.take(project.pk, name="初设批复", actor=world.TESTER)
    with recording(world.TESTER):
        BalancePlan.objects.create(project=project, year=2026)
        Tag.objects.create(kind="batch", label="三个一批")
        Template.objects.create(code="trial", name="试验段")
        Assignment.objects.create(project=project, user=people.users["admin"], part="team")
        report = MonthlyReport.objects.create(project=project, month="2025-06-01")
        asked = {"requested_by_id": people.users["editor"].pk, "requested_by_name": "editor先生", "decision_due_on": "2025-07-08"}
        said = {"from_invested": 0, "invested": 1, "reason": "漏报", "number": 1}
        ReportRevision.objects.create(report=report, project=project, **said, **asked)
        Plan.objects.create(project=project, year=2025, investment=12, monthly=[1] * 12)
        Permit.objects.create(project=project, kind="initiation")
        Problem.objects.create(
            project=project,
            kind="land",
            text="征地",
            raised_on="2025-06-01",
            level_needed="city",
            office=project.office,
            due_on="2025-06-08",
        )
        Evidence.objects.create(project=project, kind="photo", name="一.jpg", media_type="image/jpeg", size=1, sha256="0" * 64)
        words = {"year": 2025, "position": 1, "section": "一", "quote": "…"}
        Commitment.objects.create(
            document="报告", name="专项", phrase="完成", kind="start", scope="programme", sector=Sector.objects.first(), **words
        )
        Target.objects.create(key="gdp", title="目标", title_en="t", comparator=">=", value=6, unit="%", **words)
        delivery = Delivery.objects.create(recipient=people.users["admin"], message_id="<1@x>")
        Reminder.objects.create(
            subject_kind="milestone", subject_id=uuid.uuid4(), subject_name="竣工", project=project, due_on="2025-01-10",
            rung=Rung.objects.first(), recipient=people.users["admin"], due_at=timezone.now(), delivery=delivery,
        )  # fmt: skip
    return project


def judge(answer: Any, status: int, code: str) -> dict[str, Any]:
    body = answer.json()
    assert (answer.status_code, body["code"], body["status"]) == (status, code, status), body
    assert answer["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail", "instance", "code"} <= set(body)
    assert body["type"] == f"{API}/docs/problems/{code}/"
    assert body["instance"] == answer["X-Request-ID"]
    if status in (400, 422):
        assert body["errors"] and all({"pointer", "code", "detail"} == set(error) for error in body["errors"])
    return body


def test_call_that_breaks_every_rule_is_judged_in_the_order_of_the_contract(people: world.People, city: Project) -> None:
    """401, 405, 404, 403, 415, 428, 412, 400, 422: at each step the earliest fault is mended."""
    hidden = world.project("外", office="410781", region="410781", sector="water")
    reader, editor = people.client("reader"), people.client("editor")
    theirs, ours = f"{API}/projects/{hidden.pk}/", f"{API}/projects/{city.pk}/"

    def patch(client: Client, url: str, body: str, *, kind: str = "text/plain", method: str = "PATCH", **headers: str) -> Any:
        return client.generic(method, url, body, content_type=kind, headers=headers)

    judge(patch(Client(), theirs, "{", method="PUT"), 401, "not_authenticated")
    judge(patch(reader, theirs, "{", method="PUT"), 405, "method_not_allowed")
    judge(patch(reader, theirs, "{"), 404, "not_found")
    judge(patch(reader, ours, "{"), 403, "permission_denied")
    judge(patch(editor, ours, "{"), 415, "unsupported_media_type")
    judge(patch(editor, ours, "{", kind="application/json"), 428, "precondition_required")
    judge(patch(editor, ours, "{", kind="application/json", **{"if-match": "*"}), 412, "precondition_failed")
    tag = editor.get(ours)["ETag"]
    judge(patch(editor, ours, "{", kind="application/json", **{"if-match": tag}), 400, "validation")
    judge(patch(editor, ours, '{"bogus": 1, "stage": "x"}', kind="application/json", **{"if-match": tag}), 422, "read_only")
    judge(
        patch(editor, ours, '{"starts_year": 2026, "ends_year": 2025}', kind="application/json", **{"if-match": tag}), 422, "unprocessable"
    )
    ok = patch(editor, ours, '{"scale": "大"}', kind="application/merge-patch+json", **{"if-match": tag})
    assert ok.status_code == 200


@pytest.mark.parametrize("code", PROBLEMS)
def test_page_of_every_problem_exists(db: None, code: str) -> None:
    answer = Client().get(f"{API}/docs/problems/{code}/")
    assert answer.status_code == 200 and code in answer.content.decode()
    assert code in Client().get(f"{API}/docs/problems/").content.decode()


def test_codes_of_the_contract_are_all_there() -> None:
    statuses = {
        400: "validation unknown_parameter idempotency_key_required", 401: "not_authenticated", 403: "permission_denied same_person",
        404: "not_found", 405: "method_not_allowed",
        409: "illegal_transition blocked insufficient_balance already_achieved already_dated already_decided already_reversed "
             "predecessor_open duplicate in_use idempotency_in_flight",
        410: "feed_expired", 412: "precondition_failed", 413: "too_large", 415: "unsupported_media_type",
        422: "unprocessable future_date ineligible_use read_only idempotency_mismatch", 428: "precondition_required", 429: "throttled",
    }  # fmt: skip
    for status, codes in statuses.items():
        for code in codes.split():
            assert PROBLEMS[code].status == status


def test_index_lists_resources_that_answer(api: Any, city: Project) -> None:
    index = api("admin").get(f"{API}/").json()
    assert list(index) == RESOURCES
    for name, url in index.items():
        assert api("admin").get(url + ("?group_by=stage" if name == "summary" else "")).status_code == 200


@pytest.mark.parametrize("resource", LISTS)
def test_list_and_detail_have_exactly_the_documented_fields_and_a_tag(api: Any, city: Project, resource: str) -> None:
    client, url = api("admin"), f"{API}/{resource}/"
    found = client.get(url)
    rows = found.json()["results"]
    assert rows and {"next", "previous", "results"} == set(found.json())
    view = get_resolver().resolve(url).func.cls
    fields = set(view.serializer_class().fields)
    assert all(set(row) == fields for row in rows)
    assert {"id", "version", "created_at", "updated_at"} <= fields
    one = f"{url}{rows[0]['id']}/"
    detail = client.get(one)
    extra = {"projects": {"next_stages", "assignments", "commitments"}, "baselines": {"comparison"}}
    assert set(detail.json()) == fields | extra.get(resource, set())
    assert re.fullmatch(rf'"{detail.json()["version"]}\.[0-9a-f]{{16}}"', detail["ETag"])


@pytest.mark.parametrize("resource", few(LISTS, always=["projects", "milestones", "funding-sources"]))
def test_list_and_detail_know_their_tags_and_take_strict_parameters(api: Any, city: Project, resource: str) -> None:
    client, url = api("admin"), f"{API}/{resource}/"
    for address in (url, f"{url}{client.get(url).json()['results'][0]['id']}/"):
        answer = client.get(address)
        assert client.get(address, headers={"if-none-match": answer["ETag"]}).status_code == 304
        assert client.get(address, headers={"if-none-match": f'"x", {answer["ETag"]}'}).status_code == 304
        assert client.get(address, headers={"if-none-match": '"0.0000000000000000"'}).status_code == 200
        for query in ("bogus=1", "Page_size=1", "fields=bogus"):
            body = judge(client.get(f"{address}?{query}"), 400, "validation" if query.startswith("fields") else "unknown_parameter")
            assert body["errors"][0]["pointer"] == "#/query/" + query.split("=")[0]
        judge(client.get(address.removesuffix("/")), 404, "not_found")
        judge(client.put(address), 405, "method_not_allowed")


@pytest.mark.parametrize("path", ["me", "me/obligations", "summary"])
def test_unknown_parameter_of_other_reading_calls_is_refused(api: Any, path: str) -> None:
    judge(api("admin").get(f"{API}/{path}/?group_by=stage&bogus=1"), 400, "unknown_parameter")


def test_list_links_to_its_neighbours_by_absolute_addresses(api: Any, city: Project) -> None:
    answer = api("admin").get(f"{API}/offices/?page_size=2")
    following = answer.json()["next"]
    assert following.startswith("http://testserver/api/v1/offices/?") and answer["Link"] == f'<{following}>; rel="next"'


@pytest.mark.parametrize(
    "tag", ["*", '"x"', "1.0000000000000000", 'W/"1.0000000000000000"', '"9.0000000000000000"', "", f'"{"9" * 5000}.0000000000000000"']
)
def test_match_that_is_no_tag_of_ours_or_of_another_version_is_412(api: Any, city: Project, tag: str) -> None:
    body = judge(api("editor").change(f"{API}/projects/{city.pk}/", {"scale": "x"}, match=tag), 412, "precondition_failed")
    assert body["conflicting_fields"] == []


def test_stale_match_names_what_others_changed(api: Any, city: Project) -> None:
    url = f"{API}/projects/{city.pk}/"
    old = api("editor").get(url)["ETag"]
    api("approver").change(url, {"scale": "甲", "nature": "new"}, match=old)
    body = judge(api("editor").change(url, {"scale": "乙"}, match=old), 412, "precondition_failed")
    assert body["conflicting_fields"] == ["nature", "scale"]
    assert Project.objects.get(pk=city.pk).scale == "甲"


def test_match_on_an_action_is_honoured_but_not_required(api: Any, city: Project) -> None:
    milestone = Milestone.objects.get(project=city, kind="start")
    url = f"{API}/milestones/{milestone.pk}/achieve/"
    judge(api("editor").send(url, {"on": "2025-01-01"}, match='"9.0000000000000000"'), 412, "precondition_failed")
    assert api("editor").send(url, {"on": "2025-01-01"}).status_code == 200


def test_tag_of_a_write_is_the_tag_of_the_next_read(api: Any, city: Project) -> None:
    url, client = f"{API}/projects/{city.pk}/", api("editor")
    changed = client.change(url, {"scale": "大"}, match=client.get(url)["ETag"])
    assert changed["ETag"] == client.get(url)["ETag"]
    same = client.change(url, {"scale": "大"}, match=changed["ETag"])
    assert same["ETag"] == changed["ETag"]  # nothing changed, no new version


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fen=st.integers(0, 10**18 - 1), places=st.integers(0, 2))
def test_money_that_goes_in_comes_out(people: world.People, fen: int, places: int) -> None:
    fen -= fen % 10 ** (2 - places)
    text = f"{fen // 100}.{fen % 100:02}"
    sent = text[: len(text) - (2 - places)].removesuffix(".") if places < 2 else text
    made = people.client("editor").send(f"{API}/projects/", BODY | {"total_investment": {"amount": sent, "currency": "CNY"}})
    assert made.status_code == 201
    assert made.json()["total_investment"] == {"amount": text, "currency": "CNY"}


REFUSED = [
    "1.234", "-1", "1e3", "１２", "NaN", "Infinity", "", " 1", "1 ", "1\n", "1.", ".5", "+1", "1,000", "0x1", "1" * 17, "1_0", 1,
    1.5, None, True, [], {},
]  # fmt: skip


@pytest.mark.parametrize("amount", REFUSED, ids=repr)
def test_money_of_another_form_is_refused_at_its_amount(api: Any, amount: Any) -> None:
    body = judge(api("editor").send(f"{API}/projects/", BODY | {"capital": {"amount": amount, "currency": "CNY"}}), 400, "validation")
    assert [error["pointer"] for error in body["errors"]] == ["#/capital/amount"]


@pytest.mark.parametrize("money", ["5", 5, {"amount": "5", "currency": "USD"}, {"currency": "CNY"}, {"amount": "5", "unit": "万元"}, ["5"]])
def test_money_of_another_shape_is_refused(api: Any, money: Any) -> None:
    body = judge(api("editor").send(f"{API}/projects/", BODY | {"capital": money}), 400, "validation")
    assert body["errors"][0]["pointer"].startswith("#/capital")


WRITES = ["projects/", "milestones/", "assignments/", "projects/{project}/transitions/", "milestones/{milestone}/achieve/"]
DEEP = "[" * 100_000
HOSTILE = [
    "",
    "{",
    "null",
    "[]",
    "1",
    '"x"',
    "{'a': 1}",
    DEEP,
    '{"name":' * 900 + "1" + "}" * 900,
    '{"name": "a\\u0000b"}',
    '{"name": "\\ud800"}',
    '{"sector": "\\u0000"}',
    '{"sector": "a\\u0000", "region": "\\u0000", "office": "\\u0000", "project": "\\u0000"}',
    '{"name": NaN}',
    '{"a/b~c": 1}',
    '{"name": ["x"]}',
    '{"name": {"x": 1}}',
    '{"aliases": [[[["x"]]]]}',
    '{"location": {"lon": 1e999, "lat": 1}}',
    '{"location": {"lon": "NaN", "lat": 1}}',
    '{"starts_year": 99999999999999999999}',
    '{"on": "0000-00-00", "to": 5}',
    '{"weight": 1e400}',
    '{"on": "2025-02-30"}',
    "\ufeff{}",
]


@pytest.mark.parametrize("address", WRITES)
def test_hostile_body_is_refused_and_never_breaks_the_server(api: Any, city: Project, address: str) -> None:
    url = f"{API}/{address.format(project=city.pk, milestone=Milestone.objects.filter(project=city).first().pk)}"
    for body in HOSTILE:
        answer = api("admin").generic("POST", url, body, content_type="application/json")
        assert answer.status_code in (400, 422), (body[:60], answer.status_code)
        judge(answer, answer.status_code, answer.json()["code"])


def test_body_in_another_encoding_is_refused(api: Any) -> None:
    for body in ('{"name": "名"}'.encode("gbk"), b"\xff\xfe", '{"name": "名"}'.encode("utf-16")):
        judge(api("admin").generic("POST", f"{API}/projects/", body, content_type="application/json"), 400, "validation")


def test_pointer_escapes_what_json_pointers_reserve(api: Any) -> None:
    body = judge(api("admin").send(f"{API}/projects/", BODY | {"a/b~c": 1}), 400, "validation")
    assert body["errors"][0]["pointer"] == "#/a~1b~0c"


def test_body_that_is_too_large_is_413(api: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    judge(api("editor").send(f"{API}/projects/", BODY | {"scale": "x" * 2000}), 413, "too_large")


def test_other_address_and_missing_slash_are_404(api: Any) -> None:
    for path in ("/api/v1/nirgends/", "/api/v1/projects", "/api/v1", "/api/v2/projects/", "/api/v1/projects/keine-id/"):
        judge(api("admin").get(path), 404, "not_found")


@pytest.mark.parametrize("address", ["projects/", "me/", ""])
def test_rate_limit_is_told_on_every_call_and_ends_in_429(api: Any, settings: Any, address: str) -> None:
    settings.RATE_LIMIT = 3
    client = api("finance")
    if (second := time.time() % 60) > 56:  # counted by the minute: begin in a fresh one
        time.sleep(60 - second)
    answers = [client.get(f"{API}/{address}") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [re.search(r"r=(\d+)", answer["RateLimit"])[1] for answer in answers] == ["2", "1", "0", "0"]  # type: ignore[index]
    assert all(answer["RateLimit-Policy"] == '"default";q=3;w=60' for answer in answers)
    assert 1 <= int(answers[3]["Retry-After"]) <= 61
    judge(answers[3], 429, "throttled")


def test_no_rate_limit_no_headers(api: Any) -> None:
    assert "RateLimit" not in api("editor").get(f"{API}/projects/")


def test_schema_is_open_and_names_every_resource(db: None) -> None:
    text = Client().get(f"{API}/schema/?format=json").content.decode()
    paths = json.loads(text)["paths"]
    assert {f"{API}/{name}/" for name in RESOURCES} <= set(paths)


def test_options_and_head_break_nothing(api: Any, city: Project) -> None:
    for resource in LISTS:
        assert api("admin").head(f"{API}/{resource}/").status_code == 200
        assert api("admin").options(f"{API}/{resource}/").status_code in (200, 405)


def test_answer_of_another_type_than_json_is_not_acceptable(api: Any) -> None:
    judge(api("admin").get(f"{API}/projects/", headers={"accept": "text/csv"}), 406, "not_acceptable")
