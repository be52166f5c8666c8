"""What is written of money through the API: facts, decisions by two persons, sources, plans, lists and rules."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Membership
from accounts.services import clients
from common import clock
from common.errors import RuleBroken
from common.recording import recording
from funding.models import Allocation, BalancePlan, Bond, FundingSource, MonitoringRule, Repayment, Transfer, TransferRequest
from funding.services import eligibility, facts, requests, sources
from funding.services.moves import Move
from projects.models import MonthlyReport, Project
from tests import funding_rows, world
from tests.api.test_contract import HOSTILE
from tests.funding.test_api import API, BOND, Api, post, problem, rows, yuan
from tests.sampling import few


@pytest.fixture
def ours(people: world.People) -> Project:
    return world.project("辉县高速", at="construction")


@pytest.fixture
def theirs(people: world.People) -> Project:
    return world.project("卫辉水库", at="construction", office="410781", region="410781", sector="water")


@pytest.fixture
def pot(people: world.People) -> FundingSource:
    return funding_rows.source(issued="1000.00")


@pytest.fixture
def granted(pot: FundingSource, ours: Project) -> FundingSource:
    funding_rows.move("grant", pot, "400", ours)
    return pot


@pytest.fixture
def used(granted: FundingSource, ours: Project) -> FundingSource:
    """A bond whose money came and was paid in part, to a project with a plan and works."""
    funding_rows.move("receive", granted, "300", ours)
    funding_rows.move("pay", granted, "100", ours)
    with recording(world.TESTER):
        Bond.objects.create(source=granted, principal_frequency="yearly", **BOND)
        BalancePlan.objects.create(project=ours, year=2026, income=300, cost=46, principal=150, interest=50)
        MonthlyReport.objects.create(project=ours, month=dt.date(2025, 5, 1), physical_percent=5, state="approved")
    return granted


def fact(source: FundingSource, project: Project, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "receive", "source": str(source.pk), "project": str(project.pk), "use": "construction", "amount": yuan("100.00"),
        "voucher_no": "凭-1", "occurred_on": "2025-03-10",
    } | fields  # fmt: skip


def grant(source: FundingSource, project: Project, amount: str = "100.00", **fields: Any) -> dict[str, Any]:
    return {
        "kind": "grant", "source": str(source.pk), "project": str(project.pk), "use": "construction", "amount": yuan(amount)
    } | fields  # fmt: skip


def both_roles(people: world.People, name: str) -> None:
    """Give a finance clerk the power to decide as well."""
    with recording(world.TESTER):
        Membership.objects.create(user=people.users[name], office=people.offices["410700-CZJ"], role="finance_approver")


def office_client(people: world.People, *scopes: str) -> world.ApiClient:
    """A client of 辉县 without a person."""
    _key, secret = clients.issue(
        "县财政", office=people.offices["410782"], user=None, scopes=list(scopes), expires_at=clock.now() + dt.timedelta(hours=1),
        actor=world.TESTER,
    )  # fmt: skip
    return world.ApiClient(secret)


# --- facts ------------------------------------------------------------------------------------------------------------


def test_fact_is_entered_once_and_answered_as_it_is_read(api: Api, granted: FundingSource, ours: Project) -> None:
    client, own = api("finance"), str(uuid.uuid4())
    made = post(client, "transfers/", fact(granted, ours, id=own, payee=None, reason=""), key="k")
    assert (made.status_code, made.json()["id"], made["Location"]) == (201, own, f"http://testserver{API}/transfers/{own}/")
    read = client.get(f"{API}/transfers/{own}/")
    assert (read.json(), read["ETag"]) == (made.json(), made["ETag"])
    assert made.json()["actor"] == {"kind": "person", "name": "finance先生"}
    again = post(client, "transfers/", fact(granted, ours, id=own, payee=None, reason=""), key="k")
    assert (again.content, again["Idempotent-Replayed"]) == (made.content, "true")
    assert Allocation.objects.get().received == 100
    body = problem(post(client, "transfers/", fact(granted, ours, id=own, voucher_no="凭-2")), 409, "duplicate", "#/id")
    assert body["id"] == own
    body = problem(post(client, "transfers/", fact(granted, ours)), 409, "duplicate", "#/voucher_no")
    assert body["id"] == own


def test_list_of_facts_lands_whole_in_its_order_or_not_at_all(api: Api, granted: FundingSource, ours: Project) -> None:
    client = api("finance")
    lines = [fact(granted, ours, voucher_no=f"凭-{number}") for number in range(3)]
    wrong = [*lines, fact(granted, ours, voucher_no="凭-1")]
    problem(post(client, "transfers/", wrong), 409, "duplicate", "#/3/voucher_no")
    problem(post(client, "transfers/", [*lines, lines[0] | {"amount": yuan("0")}, {"kind": "x"}]), 400, "validation")
    too_much = fact(granted, ours, kind="pay", voucher_no="凭-9", amount=yuan("300.01"))
    body = problem(post(client, "transfers/", [*lines, too_much]), 409, "insufficient_balance", "#/3/amount")
    assert body["available"] == yuan("300.00")
    assert not Transfer.objects.filter(kind="receive").exists()
    made = post(client, "transfers/", lines)
    assert made.status_code == 201
    assert [row["voucher_no"] for row in made.json()["results"]] == ["凭-0", "凭-1", "凭-2"]
    sequences = [row["sequence"] for row in made.json()["results"]]
    assert sequences == sorted(sequences) and Allocation.objects.get().received == 300


AMOUNTS = ["NaN", "１００", "1.005", "1" + "0" * 30, "-1", "0", "0.00", "1e2", "", " 1", 1, None]


@pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
@pytest.mark.parametrize(
    "resource", few(["transfers", "transfer-requests", "transfer-requests/validate"], always=["transfers", "transfer-requests"])
)
def test_amount_that_is_none_is_refused_at_its_place(api: Api, granted: FundingSource, ours: Project, resource: str, amount: Any) -> None:
    body = (fact if resource == "transfers" else grant)(granted, ours) | {"amount": {"amount": amount, "currency": "CNY"}}
    problem(post(api("finance"), f"{resource}/", body), 400, "validation", "#/amount/amount")
    problem(post(api("finance"), f"{resource}/", [body]), 400, "validation", "#/0/amount/amount")
    assert not TransferRequest.objects.filter(state="requested").exists()


def test_amount_larger_than_any_sum_of_money_is_against_a_rule(api: Api, granted: FundingSource, ours: Project) -> None:
    problem(post(api("finance"), "transfers/", fact(granted, ours, amount=yuan("9" * 16))), 422, "unprocessable", "#/amount")
    problem(post(api("finance"), "transfer-requests/", grant(granted, ours, "9" * 16)), 422, "unprocessable", "#/amount")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "grant"}, "#/kind"), ({"project": str(uuid.uuid4())}, "#/project"), ({"project": 5}, "#/project"),
        ({"source": "x"}, "#/source"), ({"use": "lunch"}, "#/use"), ({"voucher_no": ""}, "#/voucher_no"),
        ({"occurred_on": "2025-W10-1"}, "#/occurred_on"), ({"occurred_on": None}, "#/occurred_on"), ({"bogus": 1}, "#/bogus"),
        ({"id": "x"}, "#/id"), ({"voucher_no": "a\0"}, "#/voucher_no"), ({"payee": "x" * 201}, "#/payee"),
    ],
)  # fmt: skip
def test_malformed_fact_is_refused_at_its_field(
    api: Api, granted: FundingSource, ours: Project, change: dict[str, Any], pointer: str
) -> None:
    body = fact(granted, ours) | change
    problem(post(api("finance"), "transfers/", body), 400, "validation", pointer)
    problem(post(api("finance"), "transfers/", [fact(granted, ours), body]), 400, "validation", f"#/1{pointer[1:]}")


def test_fact_without_its_fields_and_lists_of_another_length_are_refused(api: Api, granted: FundingSource, ours: Project) -> None:
    body = problem(post(api("finance"), "transfers/", {}), 400, "validation")
    assert {error["pointer"] for error in body["errors"]} == {
        f"#/{name}" for name in ("kind", "source", "project", "use", "amount", "voucher_no", "occurred_on")
    }
    for lines in ([], [fact(granted, ours)] * 1001):
        problem(post(api("finance"), "transfers/", lines), 400, "validation", "#")
    problem(post(api("finance"), "transfers/", [fact(granted, ours, sequence=5)]), 422, "read_only", "#/0/sequence")
    problem(post(api("finance"), "transfers/?dry_run=true", fact(granted, ours)), 400, "unknown_parameter")
    assert not Transfer.objects.filter(kind="receive").exists()


@pytest.mark.parametrize("path", ["transfers", "transfer-requests"])
def test_money_needs_a_key_judged_after_act_and_media_type(api: Api, granted: FundingSource, ours: Project, path: str) -> None:
    url, body = f"{API}/{path}/", (fact if path == "transfers" else grant)(granted, ours)
    problem(api("editor").send(url, {}), 403, "permission_denied")
    problem(api("finance").generic("POST", url, "x", content_type="text/plain"), 415, "unsupported_media_type")
    problem(api("finance").send(url, {}), 400, "idempotency_key_required")
    assert post(api("finance"), f"{path}/", body).status_code == 201


def test_date_of_a_fact_is_neither_before_the_issue_nor_in_the_future(api: Api, granted: FundingSource, ours: Project) -> None:
    for day, status, code in (("2025-02-28", 422, "unprocessable"), ("2999-01-01", 422, "future_date")):
        problem(post(api("finance"), "transfers/", fact(granted, ours, occurred_on=day)), status, code, "#/occurred_on")


def test_client_of_an_office_moves_no_money_whatever_its_scopes(people: world.People, granted: FundingSource, ours: Project) -> None:
    """A pot is shared by projects near and far: its balance, its vouchers and its ids would tell of those out of reach."""
    client = office_client(people, "read", "request_money", "decide_money")
    assert client.get(f"{API}/me/").json()["can"] == ["read"]
    for path, body in (
        ("transfers/", fact(granted, ours)),
        ("transfer-requests/", grant(granted, ours)),
        ("transfer-requests/validate/", grant(granted, ours)),
        ("transfer-requests/approve/", {"batch": str(uuid.uuid4()), "expected_count": 1}),
        ("funding-sources/", {"kind": "other", "name": "自设"}),
    ):
        problem(post(client, path, body), 403, "permission_denied")
    assert FundingSource.objects.count() == 1


def test_a_decision_without_a_day_occurs_on_the_day_of_approval_and_not_before_the_issue(api: Api, ours: Project, today: dt.date) -> None:
    pot = funding_rows.source("未到的债券", on=today + dt.timedelta(days=30))
    asked = post(api("finance"), "transfer-requests/", {"kind": "issue", "source": str(pot.pk), "amount": yuan("1")}).json()
    refused = problem(
        api("finance_approver").send(f"{API}/transfer-requests/{asked['id']}/approve/"), 422, "unprocessable", "#/occurred_on"
    )
    assert refused["request"] == asked["id"]


def test_a_reversal_gives_nothing_to_a_cancelled_project_or_from_a_closed_source(
    api: Api, people: world.People, pot: FundingSource, ours: Project
) -> None:
    funding_rows.move("grant", pot, "4", ours)
    taken = funding_rows.move("withdraw", pot, "4", ours)
    body = {"kind": "reverse", "reverses": str(taken.pk)}
    with recording(world.TESTER):
        Project.objects.filter(pk=ours.pk).update(stage="cancelled")
    assert problem(post(api("finance"), "transfer-requests/", body), 409, "blocked")["blockers"][0]["code"] == "project_cancelled"
    with recording(world.TESTER):
        Project.objects.filter(pk=ours.pk).update(stage="construction")
        FundingSource.objects.filter(pk=pot.pk).update(state="closed")
    assert problem(post(api("finance"), "transfer-requests/", body), 409, "blocked")["blockers"][0]["code"] == "source_closed"


def test_every_bad_line_is_named_by_its_own_code_and_shapes_come_before_rules(api: Api, granted: FundingSource, ours: Project) -> None:
    lines = [fact(granted, ours, voucher_no=str(number)) for number in range(8)]
    lines[2] |= {"occurred_on": "2025-02-01"}
    lines[5] |= {"occurred_on": "2025-01-01"}
    answer = post(api("finance"), "transfers/", lines)
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("#/2/occurred_on", "before_issue"), ("#/5/occurred_on", "before_issue"), ("#/6/amount", "insufficient_balance"),
        ("#/7/amount", "insufficient_balance"),
    ]  # fmt: skip
    lines[4] |= {"amount": yuan("0")}
    lines[6] |= {"sequence": 3}
    answer = post(api("finance"), "transfers/", lines)
    assert (answer.status_code, [fault["pointer"] for fault in answer.json()["errors"]]) == (400, ["#/4/amount/amount"])


def test_warnings_count_the_whole_list_and_rules_that_are_off_are_silent(api: Api, granted: FundingSource, ours: Project) -> None:
    with recording(world.TESTER):
        MonthlyReport.objects.create(project=ours, month="2025-03-01", physical_percent=10, state="approved")
    funding_rows.move("receive", granted, "300", ours)
    moves = [Move(kind="pay", source=granted, project=ours, use="construction", amount=Decimal(40), voucher_no=str(n),
                  occurred_on=clock.today()) for n in range(3)]  # fmt: skip
    today = clock.today()
    assert {check.code for line in facts.check(moves, today=today) for check in line} == {"ahead_of_progress"}
    with recording(world.TESTER):
        MonitoringRule.objects.filter(code="ahead_of_progress").update(is_active=False)
    assert not [check for line in facts.check(moves, today=today) for check in line]


@pytest.mark.parametrize("path", ["transfers", "transfer-requests", "transfer-requests/validate", "funding-sources", "balance-plans"])
def test_hostile_body_is_refused_and_never_breaks_the_server(api: Api, people: world.People, path: str) -> None:
    for body in [*HOSTILE, "[null]", "[[]]", '[{"kind": {}}, 5]', '{"bond": [], "plans": {}}', '{"plans": [null], "bond": {"code": []}}']:
        headers = {"idempotency-key": str(uuid.uuid4())}
        answer = api("finance").generic("POST", f"{API}/{path}/", body, content_type="application/json", headers=headers)
        assert answer.status_code in (400, 422), (body[:60], answer.status_code)
        assert answer.json()["errors"]


# --- decisions ----------------------------------------------------------------------------------------------------------


def test_decision_is_asked_by_one_and_made_by_another(api: Api, people: world.People, pot: FundingSource, ours: Project) -> None:
    made = post(api("finance"), "transfer-requests/", grant(pot, ours, document_no="新财预1号"))
    asked = made.json()
    assert (made.status_code, asked["state"], asked["transfers"], asked["decided_by"]) == (201, "requested", [], None)
    assert asked["requested_by"] == {"id": str(people.users["finance"].pk), "name": "finance先生"}
    url = f"{API}/transfer-requests/{asked['id']}/"
    problem(api("finance").send(f"{url}approve/"), 403, "same_person")
    problem(api("auditor").send(f"{url}approve/"), 403, "permission_denied")
    both_roles(people, "finance")
    for call in ("approve", "reject"):
        problem(api("finance").generic("POST", f"{url}{call}/", "x", content_type="text/plain"), 403, "same_person")
    problem(api("finance_approver").send(f"{url}withdraw/"), 403, "permission_denied")
    problem(api("finance_approver").send(f"{url}approve/", match='"9.0000000000000000"'), 412, "precondition_failed")
    problem(api("finance_approver").send(f"{url}approve/", {"bogus": 1}), 400, "validation", "#/bogus")
    done = api("finance_approver").send(f"{url}approve/", match=made["ETag"])
    row = done.json()
    assert (done.status_code, row["state"], row["decided_by"]["name"]) == (200, "approved", "finance_approver先生")
    [moved] = rows(api("auditor"), f"transfers/?project={ours.pk}")
    assert (row["transfers"], moved["request"], moved["document_no"]) == ([moved["id"]], row["id"], "新财预1号")
    assert moved["occurred_on"] == clock.today().isoformat()
    for call, body in (("approve", {}), ("reject", {"note": "x"})):
        problem(api("finance_approver").send(f"{url}{call}/", body), 409, "already_decided")
    problem(api("finance").send(f"{url}withdraw/"), 409, "already_decided")


def test_request_is_sent_back_with_a_reason_or_withdrawn_by_its_maker(api: Api, pot: FundingSource, ours: Project) -> None:
    first, second = post(api("finance"), "transfer-requests/", [grant(pot, ours), grant(pot, ours, use="capital")]).json()["results"]
    assert first["batch"] == second["batch"]
    url = f"{API}/transfer-requests/"
    problem(api("finance_approver").send(f"{url}{first['id']}/reject/", {}), 400, "validation", "#/note")
    row = api("finance_approver").send(f"{url}{first['id']}/reject/", {"note": "依据不足"}).json()
    assert (row["state"], row["decision_note"], row["state_display"]) == ("rejected", "依据不足", "已退回")
    row = api("finance").send(f"{url}{second['id']}/withdraw/").json()
    assert (row["state"], row["transfers"]) == ("withdrawn", [])
    for query, count in (("state=requested", 0), (f"batch={first['batch']}", 2), ("state=rejected&kind=grant", 1), (f"source={pot.pk}", 3)):
        assert len(rows(api("auditor"), f"transfer-requests/?{query}")) == count, query


def test_batch_is_decided_whole_with_the_count_that_was_seen(
    api: Api, people: world.People, pot: FundingSource, ours: Project, theirs: Project
) -> None:
    own = [str(uuid.uuid4()) for _ in range(3)]
    lines = [grant(pot, ours, id=own[0]), grant(pot, theirs, "200", id=own[1]), grant(pot, ours, "300", use="capital", id=own[2])]
    made = post(api("finance"), "transfer-requests/", lines).json()["results"]
    assert [row["id"] for row in made] == own
    batch, client, url = made[0]["batch"], api("finance_approver"), f"{API}/transfer-requests/approve/"
    problem(client.send(url, {"batch": batch}), 400, "validation", "#/expected_count")
    problem(client.send(url, {"batch": str(uuid.uuid4()), "expected_count": 3}), 400, "validation", "#/batch")
    problem(client.send(url, {"batch": batch, "expected_count": 2}), 409, "conflict")
    both_roles(people, "finance")
    problem(api("finance").send(url, {"batch": batch, "expected_count": 3}), 403, "same_person")
    done = client.send(url, {"batch": batch, "expected_count": 3})
    assert done.status_code == 200 and {row["state"] for row in done.json()["results"]} == {"approved"}
    assert FundingSource.objects.get(pk=pot.pk).allocated == 600
    again = post(api("finance"), "transfer-requests/", [grant(pot, ours, "300"), grant(pot, theirs, "200")]).json()["results"]
    problem(client.send(url, {"batch": again[0]["batch"], "expected_count": 2}), 409, "insufficient_balance")
    assert FundingSource.objects.get(pk=pot.pk).allocated == 600
    back = client.send(f"{API}/transfer-requests/reject/", {"batch": again[0]["batch"], "expected_count": 2, "note": "超出"})
    assert {row["state"] for row in back.json()["results"]} == {"rejected"}


def test_validation_says_what_would_be_said_and_changes_nothing(api: Api, granted: FundingSource, ours: Project) -> None:
    client, before = api("finance"), TransferRequest.objects.count()
    one = client.send(f"{API}/transfer-requests/validate/", grant(granted, ours, "600.01"))
    [check] = [check for check in one.json()["checks"] if check["level"] == "error"]
    assert (one.status_code, check["code"], check["detail"]) == (200, "insufficient_balance", "余额不足，可用 600.00 元")
    many = client.send(f"{API}/transfer-requests/validate/", [grant(granted, ours, "500"), grant(granted, ours, "101", use="capital")])
    codes = [{check["code"] for check in line["checks"] if check["level"] == "error"} for line in many.json()["results"]]
    assert codes == [set(), {"insufficient_balance"}]  # the second is tried on what the first leaves
    late = client.send(f"{API}/transfer-requests/validate/", grant(granted, ours, occurred_on="2999-01-01"))
    assert "future_date" in {check["code"] for check in late.json()["checks"]}
    assert TransferRequest.objects.count() == before
    asked = post(client, "transfer-requests/", grant(granted, ours, "600.01"))  # a request reserves nothing
    assert asked.status_code == 201 and asked.json()["checks"] == one.json()["checks"]
    body = problem(api("finance_approver").send(f"{API}/transfer-requests/{asked.json()['id']}/approve/"), 409, "insufficient_balance")
    assert (body["available"], body["errors"][0]["pointer"]) == (yuan("600.00"), "#/amount")


def test_reversal_is_asked_by_what_it_reverses(api: Api, granted: FundingSource, ours: Project) -> None:
    wrong = funding_rows.move("receive", granted, "50", ours)
    client = api("finance")
    problem(post(client, "transfer-requests/", {"kind": "reverse"}), 400, "validation", "#/reverses")
    body = {"kind": "reverse", "reverses": str(wrong.pk), "reason": "金额登记有误"}
    problem(post(client, "transfer-requests/", body | {"amount": yuan("49")}), 422, "unprocessable", "#/amount")
    asked = post(client, "transfer-requests/", body | {"amount": yuan("50"), "project": str(ours.pk)}).json()
    assert (asked["amount"], asked["source"]["id"], asked["project"]["id"]) == (yuan("50.00"), str(granted.pk), str(ours.pk))
    done = api("finance_approver").send(f"{API}/transfer-requests/{asked['id']}/approve/").json()
    mirror = client.get(f"{API}/transfers/{done['transfers'][0]}/").json()
    assert (mirror["kind"], mirror["sign"], mirror["reverses"]) == ("receive", -1, str(wrong.pk))
    assert client.get(f"{API}/transfers/{wrong.pk}/").json()["reversed_by"] == mirror["id"]
    problem(post(client, "transfer-requests/", body), 409, "already_reversed", "#/reverses")


def test_request_names_what_its_kind_needs_and_nothing_else(api: Api, pot: FundingSource, ours: Project) -> None:
    client = api("finance")
    for change, pointers in (
        ({"kind": "issue"}, {"#/project", "#/use"}), ({"project": None}, {"#/project"}), ({"source": None}, {"#/source"}),
        ({"amount": None}, {"#/amount"}), ({"to_project": str(ours.pk)}, {"#/to_project"}), ({"kind": "pay"}, {"#/kind"}),
        ({"eligibility_item": str(uuid.uuid4())}, {"#/eligibility_item"}),
        ({"kind": "adjust_quota", "to_project": str(ours.pk), "to_use": "capital", "ground": "luck"}, {"#/ground"}),
    ):  # fmt: skip
        body = problem(post(client, "transfer-requests/", grant(pot, ours) | change), 400, "validation")
        assert {error["pointer"] for error in body["errors"]} == pointers, change
    problem(post(client, "transfer-requests/", grant(pot, ours, state="approved")), 422, "read_only", "#/state")


def test_id_of_the_clients_own_is_asked_for_once(api: Api, pot: FundingSource, ours: Project) -> None:
    own = str(uuid.uuid4())
    assert post(api("finance"), "transfer-requests/", grant(pot, ours, id=own)).json()["id"] == own
    problem(post(api("finance"), "transfer-requests/", grant(pot, ours, id=own)), 409, "duplicate", "#/id")
    other = str(uuid.uuid4())
    problem(post(api("finance"), "transfer-requests/", [grant(pot, ours, id=other)] * 2), 409, "duplicate", "#/1/id")


# --- sources ------------------------------------------------------------------------------------------------------------


def change_source(api: Api, source: FundingSource, body: dict[str, Any]) -> Any:
    client, url = api("finance"), f"{API}/funding-sources/{source.pk}/"
    return client.change(url, body, match=client.get(url)["ETag"])


def test_source_is_edited_and_its_version_speaks_of_bond_and_plans_too(api: Api, pot: FundingSource) -> None:
    first = change_source(api, pot, {"bond": BOND, "plans": [{"year": 2025, "planned": yuan("5")}], "name": "改名", "document_no": None})
    assert (first.status_code, first.json()["name"], first.json()["document_no"]) == (200, "改名", ""), first.content
    same = change_source(api, pot, {"bond": {"tenor_years": 15}, "plans": [{"year": 2025, "planned": yuan("5.00")}], "name": "改名"})
    assert same["ETag"] == first["ETag"]  # nothing changed, no new version
    for body, name, value in (
        ({"bond": {"rating": "AAA"}}, "bond", first.json()["bond"] | {"rating": "AAA"}),
        ({"plans": [{"year": 2026, "planned": yuan("7")}]}, "plans", [{"year": 2026, "planned": yuan("7.00")}]),
        ({"plans": []}, "plans", []),
        ({"state": "closed"}, "state", "closed"),
    ):
        version = FundingSource.objects.get(pk=pot.pk).version
        changed = change_source(api, pot, body).json()
        assert (changed[name], changed["version"]) == (value, version + 1)
    client, url = api("finance"), f"{API}/funding-sources/{pot.pk}/"
    problem(client.change(url, {"name": "x"}), 428, "precondition_required")
    body = problem(client.change(url, {"name": "x"}, match=first["ETag"]), 412, "precondition_failed")
    assert body["conflicting_fields"] == ["state"]


@pytest.mark.parametrize(
    "same",
    [{"rate_percent": "2.1500"}, {"rate_percent": "2.15"}, {"amount": yuan("9.50")}, {"matures_on": "2040-03-01"}, {"code": "2505169"}, {}],
)
def test_terms_repeated_in_another_spelling_change_nothing(api: Api, pot: FundingSource, same: dict[str, Any]) -> None:
    first = change_source(api, pot, {"bond": BOND | {"amount": yuan("9.5")}})
    again = change_source(api, pot, {"bond": same})
    assert (again.status_code, again["ETag"]) == (200, first["ETag"])


def test_a_tenor_no_bond_has_is_refused_at_every_door(api: Api, people: world.People) -> None:
    """The limit is the service's own: forms meet it too."""
    for tenor, last in ((51, 2076), (0, 2026)):
        terms = BOND | {"tenor_years": tenor, "interest_from_on": dt.date(2025, 3, 1), "matures_on": dt.date(last, 3, 1)}
        fields = {"kind": "special_bond", "name": "债", "office": people.offices["410700-CZJ"], "bond": terms}
        with pytest.raises(RuleBroken) as refused:
            sources.create_source(fields, actor=people.principal("finance"))
        assert ("bond", "tenor_years") in [fault.path for fault in refused.value.faults]
    assert not FundingSource.objects.exists()


def test_changed_terms_reschedule_what_is_owed(api: Api, pot: FundingSource) -> None:
    change_source(api, pot, {"bond": BOND})
    assert (Repayment.objects.count(), Repayment.objects.order_by("due_on").last().due_on) == (30, dt.date(2040, 3, 1))
    change_source(api, pot, {"bond": {"matures_on": "2035-03-01", "tenor_years": 10}})
    assert Repayment.objects.count() == 20
    change_source(api, pot, {"bond": None})
    assert (Bond.objects.count(), Repayment.objects.count()) == (0, 0)


def test_terms_by_which_was_repaid_are_not_removed(api: Api, pot: FundingSource) -> None:
    change_source(api, pot, {"bond": BOND})
    with recording(world.TESTER):
        Repayment.objects.filter(number=1).update(paid_on="2025-09-01")
    problem(change_source(api, pot, {"bond": None}), 409, "in_use", "#/bond")


@pytest.mark.parametrize(
    ("body", "status", "code", "pointer"),
    [
        ({"kind": "bank_loan"}, 409, "conflict", "#/kind"), ({"issued_on": "2025-03-02"}, 422, "unprocessable", "#/issued_on"),
        ({"balance": {}}, 422, "read_only", "#/balance"), ({"office": "410700"}, 422, "read_only", "#/office"),
        ({"bond": {"code": "1"}}, 400, "validation", "#/bond/interest_from_on"), ({"name": ""}, 400, "validation", "#/name"),
        ({"bond": BOND | {"matures_on": "2025-03-01"}}, 422, "unprocessable", "#/bond/matures_on"),
        ({"bond": BOND | {"matures_on": "9999-12-31"}}, 422, "unprocessable", "#/bond/matures_on"),
        ({"bond": BOND | {"matures_on": "2039-02-28"}}, 422, "unprocessable", "#/bond/matures_on"),
        ({"bond": BOND | {"interest_from_on": "9990-01-01", "matures_on": "9999-12-31"}}, 422, "unprocessable", "#/bond/matures_on"),
        ({"bond": BOND | {"tenor_years": 51, "matures_on": "2076-03-01"}}, 400, "validation", "#/bond/tenor_years"),
        ({"bond": BOND | {"grace_years": 15}}, 422, "unprocessable", "#/bond/grace_years"),
        ({"bond": BOND | {"rate_percent": "100"}}, 400, "validation", "#/bond/rate_percent"),
        ({"bond": BOND | {"rate_percent": "2.15001"}}, 400, "validation", "#/bond/rate_percent"),
        ({"bond": BOND | {"rate_percent": "１"}}, 400, "validation", "#/bond/rate_percent"),
        ({"bond": BOND | {"rate_percent": None}}, 400, "validation", "#/bond/rate_percent"),
        ({"bond": BOND | {"rate_percent": 2.15e9}}, 400, "validation", "#/bond/rate_percent"),
        ({"bond": BOND | {"code": "taken"}}, 409, "duplicate", "#/bond/code"),
        ({"bond": BOND | {"code": None}}, 400, "validation", "#/bond/code"),
        ({"bond": BOND | {"amount": yuan("1"), "amount_as_capital": yuan("2")}}, 422, "unprocessable", "#/bond/amount_as_capital"),
        ({"plans": [{"year": 2025}]}, 400, "validation", "#/plans/0/planned"),
        ({"plans": [{"year": 2025, "planned": yuan("1")}] * 2}, 422, "unprocessable", "#/plans/1/year"),
        ({"planned": {"amount": "-1", "currency": "CNY"}}, 400, "validation", "#/planned/amount"),
        ({"bond": BOND | {"rate_display": 1}}, 400, "validation", "#/bond/rate_display"),
    ],
)  # fmt: skip
def test_source_is_not_changed_against_the_rules(
    api: Api, pot: FundingSource, body: dict[str, Any], status: int, code: str, pointer: str
) -> None:
    if code == "duplicate":
        other = funding_rows.source("另一只")
        assert change_source(api, other, {"bond": BOND | {"code": "taken"}}).status_code == 200
    answer = change_source(api, pot, body)
    assert pointer in [error["pointer"] for error in problem(answer, status, code)["errors"]]
    assert FundingSource.objects.get(pk=pot.pk).version == pot.version and not Bond.objects.filter(source=pot).exists()


def test_new_source_needs_kind_and_name_and_may_name_its_office(api: Api, people: world.People) -> None:
    url, client = f"{API}/funding-sources/", api("finance")
    body = problem(client.send(url, {}), 400, "validation")
    assert {error["pointer"] for error in body["errors"]} == {"#/kind", "#/name"}
    assert client.send(url, {"kind": "tbd", "name": "待定", "office": "410700-SLJ"}).json()["office"]["name"] == "市水利局"
    problem(client.send(url, {"kind": "tbd", "name": "待定", "office": "nowhere"}), 400, "validation", "#/office")
    problem(client.send(url, {"kind": "tbd", "name": "待定", "bond": BOND}), 422, "unprocessable", "#/bond")
    problem(client.send(url, {"kind": "special_bond", "name": "债", "bond": {"code": "1"}}), 400, "validation")
    foreign = office_client(people, "read", "request_money")
    problem(foreign.send(url, {"kind": "tbd", "name": "x", "office": "410781"}), 403, "permission_denied")
    assert FundingSource.objects.count() == 1


def test_kind_is_free_until_money_moved_but_a_bond_stays_a_bond(api: Api, people: world.People) -> None:
    empty = funding_rows.source("未发行")
    assert change_source(api, empty, {"kind": "general_bond", "bond": BOND}).status_code == 200
    problem(change_source(api, empty, {"kind": "bank_loan"}), 422, "unprocessable", "#/kind")
    changed = change_source(api, empty, {"kind": "bank_loan", "bond": None}).json()
    assert (changed["kind"], changed["bond"]) == ("bank_loan", None)


# --- plans, lists, rules --------------------------------------------------------------------------------------------------


def test_balance_plan_is_made_changed_and_taken_away(api: Api, ours: Project) -> None:
    client, url = api("finance"), f"{API}/balance-plans/"
    made = client.send(url, {"project": str(ours.pk), "year": 2026, "income": yuan("300"), "cost": yuan("46"), "principal": yuan("200")})
    row = made.json()
    assert (made.status_code, row["cover_ratio"], row["interest"]) == (201, "1.27", yuan("0.00"))
    assert problem(client.send(url, {"project": str(ours.pk), "year": 2026}), 409, "duplicate", "#/year")["id"] == row["id"]
    problem(client.send(url, {"project": str(uuid.uuid4()), "year": 2026}), 400, "validation", "#/project")
    one = f"{url}{row['id']}/"
    problem(client.change(one, {"project": str(ours.pk)}, match=made["ETag"]), 422, "read_only", "#/project")
    changed = client.change(one, {"income": yuan("46")}, match=made["ETag"])
    assert changed.json()["cover_ratio"] == "0.00"
    problem(client.send(one, method="DELETE", match=made["ETag"]), 412, "precondition_failed")
    assert client.send(one, method="DELETE", match=changed["ETag"]).status_code == 204
    assert not BalancePlan.objects.exists()


def test_new_version_of_an_item_follows_the_last_day_of_the_old_one(api: Api, people: world.People) -> None:
    client, url = api("admin"), f"{API}/eligibility-items/"
    [old] = [row for row in rows(client, "eligibility-items/?list=negative") if row["number"] == 1]
    new = {"list": "negative", "number": 1, "name": "楼堂馆所", "hints": "办公楼", "effective_from_on": "2026-01-01"}
    problem(client.send(url, new), 422, "unprocessable", "#/effective_from_on")
    tag = client.get(f"{url}{old['id']}/")["ETag"]
    problem(client.change(f"{url}{old['id']}/", {"name": "x"}, match=tag), 422, "read_only", "#/name")
    problem(
        client.change(f"{url}{old['id']}/", {"effective_until_on": "2024-12-24"}, match=tag), 422, "unprocessable", "#/effective_until_on"
    )
    assert client.change(f"{url}{old['id']}/", {"effective_until_on": "2025-12-31"}, match=tag).status_code == 200
    assert client.send(url, new).status_code == 201
    names = [[row["name"] for row in rows(client, f"eligibility-items/?list=negative&effective_on={day}") if row["number"] == 1]
             for day in ("2025-12-31", "2026-01-01")]  # fmt: skip
    assert names == [[old["name"]], ["楼堂馆所"]]


def test_threshold_of_a_rule_is_moved_by_supervisors(api: Api, people: world.People) -> None:
    client = api("supervisor")
    rule = MonitoringRule.objects.get(code="cover_ratio_low")
    url = f"{API}/monitoring-rules/{rule.pk}/"
    changed = client.change(url, {"threshold": "1.25", "is_active": False}, match=client.get(url)["ETag"]).json()
    assert (changed["threshold"], changed["is_active"]) == ("1.25", False)
    for threshold, status, code in ((None, 422, "unprocessable"), ("NaN", 400, "validation"), ("-1", 400, "validation")):
        problem(client.change(url, {"threshold": threshold}, match=client.get(url)["ETag"]), status, code, "#/threshold")
    other = f"{API}/monitoring-rules/{MonitoringRule.objects.get(code='not_on_capital_list').pk}/"
    problem(client.change(other, {"threshold": "1"}, match=client.get(other)["ETag"]), 422, "unprocessable", "#/threshold")


LIMITS = [  # a rule of each unit, thresholds that are let, and that are not
    ("idle_6_months", ["1", "1200"], ["0", "1201", "6.5", "999999", "9999999999.9999"]),
    ("spending_goal", ["1", "1200"], ["0", "1200.5"]),
    ("capital_share", ["0", "100", "33.3333"], ["100.0001"]),
    ("paid_without_works", ["0", "100"], ["101"]),
    ("slow_spending", ["0", "12.5", "100"], ["100.5"]),
    ("cover_ratio_high", ["0", "1000"], ["1000.0001"]),
    ("adjustment_life", ["0", "100"], ["101", "0.5", "999999"]),
    ("plan_principal_differs", ["0", "0.01", "1000000000"], ["1000000000.01"]),
]


@pytest.mark.parametrize(("code", "let", "refused"), LIMITS)
def test_threshold_stays_within_the_limits_of_its_unit(
    api: Api, used: FundingSource, code: str, let: list[str], refused: list[str]
) -> None:
    """At its limits too every reading still answers."""
    client, rule = api("supervisor"), MonitoringRule.objects.get(code=code)
    url = f"{API}/monitoring-rules/{rule.pk}/"
    for threshold in refused:
        problem(client.change(url, {"threshold": threshold}, match=client.get(url)["ETag"]), 422, "unprocessable", "#/threshold")
        assert MonitoringRule.objects.get(pk=rule.pk).threshold == rule.threshold
    for threshold in let:
        assert client.change(url, {"threshold": threshold}, match=client.get(url)["ETag"]).json()["threshold"] == threshold
        assert client.get(f"{API}/findings/").status_code == 200
        assert client.get(f"{API}/findings/?as_of=2025-06-01").status_code == 200
    project, other = Allocation.objects.get().project, world.project("卫辉水库", at="construction")
    adjustment = grant(used, project, kind="adjust_money", to_project=str(other.pk), to_use="construction", ground="surplus")
    with recording(world.TESTER):
        BalancePlan.objects.create(project=other, year=2200, income=1)
    for move in (adjustment, grant(used, project)):
        assert api("finance").send(f"{API}/transfer-requests/validate/", move).status_code == 200


def test_every_rule_begins_within_the_limits_of_its_unit(people: world.People) -> None:
    for rule in MonitoringRule.objects.exclude(threshold=None):
        eligibility.edit_rule(rule.pk, {"threshold": rule.threshold}, version=None, actor=world.TESTER)


@pytest.mark.parametrize("many", [1, 40])
def test_a_list_of_requests_costs_as_many_statements_as_one(people: world.People, many: int, django_assert_max_num_queries: Any) -> None:
    """Rules read in sets: five hundred lines must not ask five hundred times."""
    pot = funding_rows.source(issued="100000.00")
    projects = [world.project(f"项目{number}", at="construction") for number in range(many)]
    moves = [Move(kind="grant", source=pot, project=project, use="construction", amount=Decimal(10)) for project in projects]
    maker, checker, today = people.principal("finance"), people.principal("finance_approver"), clock.today()
    with django_assert_max_num_queries(22):
        asked = requests.request_transfers(moves, actor=maker, today=today)
    with django_assert_max_num_queries(50):
        requests.approve([row.pk for row in asked], actor=checker, today=today, now=clock.now())
