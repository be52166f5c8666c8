"""The resources of money against the contract: shapes, filters, who sees and does what, past days, statements."""

import datetime as dt
import json
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from common.recording import recording
from funding.models import Allocation, BalancePlan, Bond, EligibilityItem, FundingSource, MonitoringRule, Transfer, TransferRequest
from projects.models import Project
from tests import funding_rows, world

API = "/api/v1"
Api = Callable[[str], world.ApiClient]
ROW = {"id", "version", "created_at", "updated_at"}
SHAPES = {
    "funding-sources": ROW
    | {"kind", "kind_display", "name", "document_no", "issued_on", "planned", "state", "state_display", "office"}
    | {"bond", "balance", "plans"},
    "allocations": ROW
    | {"source", "source_kind", "source_kind_display", "project", "use", "use_display", "granted", "received", "paid", "idle"}
    | {"first_received_on", "last_paid_on", "idle_days", "findings"},
    "transfers": ROW
    | {"sequence", "kind", "kind_display", "sign", "source", "allocation", "project", "use", "use_display", "to_allocation", "to_project"}
    | {"to_use", "to_use_display", "amount", "occurred_on", "recorded_at", "document_no", "voucher_no", "payee", "purpose", "reason"}
    | {"reverses", "reversed_by", "request", "actor"},
    "transfer-requests": ROW
    | {"batch", "kind", "kind_display", "state", "state_display", "source", "project", "use", "use_display", "to_project", "to_use"}
    | {"to_use_display", "amount", "occurred_on", "ground", "document_no", "reason", "reverses", "eligibility_item", "override_reason"}
    | {"checks", "transfers", "requested_by", "decided_by", "decided_at", "decision_note"},
    "eligibility-items": ROW
    | {"list", "list_display", "number", "name", "detail", "hints", "effective_from_on", "effective_until_on"},
    "balance-plans": ROW | {"project", "year", "income", "cost", "principal", "interest", "cover_ratio"},
    "monitoring-rules": ROW | {"code", "name", "level", "level_display", "threshold", "unit", "basis", "is_active"},
}  # fmt: skip
BOND = {
    "code": "2505169", "short_name": "25河南债69", "series": "六十九期", "series_year": 2025, "tendered_on": "2025-02-27",
    "interest_from_on": "2025-03-01", "matures_on": "2040-03-01", "tenor_years": 15, "rate_percent": "2.15",
    "repayment_method": "at_maturity", "interest_frequency": "half_yearly",
}  # fmt: skip


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def post(client: world.ApiClient, path: str, body: Any, key: str | None = None) -> Any:
    return client._json("POST", f"{API}/{path}", body, **{"idempotency-key": key or str(uuid.uuid4())})


def rows(client: Client, path: str) -> list[dict[str, Any]]:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def amounts(figures: dict[str, Any]) -> dict[str, str]:
    return {name: value["amount"] for name, value in figures.items() if isinstance(value, dict) and "amount" in value}


def problem(answer: Any, status: int, code: str, *pointers: str) -> dict[str, Any]:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    if pointers:
        assert [error["pointer"] for error in body["errors"]] == list(pointers), body
    return body


@pytest.fixture
def ours(people: world.People) -> Project:
    return world.project("辉县高速", at="construction")


@pytest.fixture
def theirs(people: world.People) -> Project:
    return world.project("卫辉水库", at="construction", office="410781", region="410781", sector="water")


@pytest.fixture
def pot(people: world.People) -> FundingSource:
    return funding_rows.source(issued="1000.00", planned="2000.00")


@pytest.fixture
def used(pot: FundingSource, ours: Project, theirs: Project) -> FundingSource:
    """Of 1000 issued in March 2025, 400 went to us (300 came in two parts, 100 were paid), 500 to the other county (all paid)."""
    on = dt.date
    funding_rows.move("grant", pot, "400", ours, on=on(2025, 3, 2))
    funding_rows.move("receive", pot, "200", ours, on=on(2025, 3, 10))
    funding_rows.move("receive", pot, "100", ours, on=on(2025, 4, 10))
    funding_rows.move("pay", pot, "100", ours, on=on(2025, 5, 1), payee="承包方", purpose="进度款")
    for kind in ("grant", "receive", "pay"):
        funding_rows.move(kind, pot, "500", theirs, on=on(2025, 3, 20))
    return FundingSource.objects.get(pk=pot.pk)


def plan(project: Project, year: int = 2026, **figures: str) -> BalancePlan:
    with recording(world.TESTER):
        return BalancePlan.objects.create(project=project, year=year, **{name: Decimal(text) for name, text in figures.items()})


# --- shapes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", SHAPES)
def test_shape_is_that_of_the_contract_in_lists_and_details(api: Api, used: FundingSource, ours: Project, resource: str) -> None:
    plan(ours)
    client = api("auditor")
    found = rows(client, f"{resource}/")
    assert found and all(set(row) == SHAPES[resource] for row in found)
    detail = client.get(f"{API}/{resource}/{found[0]['id']}/")
    assert (detail.status_code, detail.json()) == (200, found[0])
    assert detail["ETag"].startswith(f'"{found[0]["version"]}.')


def test_source_shows_its_bond_and_its_plans(api: Api) -> None:
    made = api("finance").send(
        f"{API}/funding-sources/",
        {"kind": "special_bond", "name": "六十九期", "issued_on": "2025-03-01", "planned": yuan("5"),
         "bond": BOND | {"amount": yuan("9.5")}, "plans": [{"year": 2026, "planned": yuan("3")}, {"year": 2025, "planned": yuan("2.00")}]},
    )  # fmt: skip
    assert (made.status_code, made["Location"]) == (201, f"http://testserver{API}/funding-sources/{made.json()['id']}/")
    row = made.json()
    assert row["plans"] == [{"year": 2025, "planned": yuan("2.00")}, {"year": 2026, "planned": yuan("3.00")}]
    assert {name: row["bond"][name] for name in BOND} == BOND | {"rate_percent": "2.1500"}
    assert row["bond"]["principal_frequency"] is None and row["bond"]["amount"] == yuan("9.50")  # paid once
    assert (row["office"]["code"], row["state"], set(amounts(row["balance"]).values())) == ("410700-CZJ", "open", {"0.00"})
    assert row["bond"]["repayment_method_display"] == "到期一次还本"
    by_parts = api("finance").change(
        f"{API}/funding-sources/{row['id']}/", {"bond": {"repayment_method": "instalments"}}, match=made["ETag"]
    ).json()  # fmt: skip
    assert by_parts["bond"]["principal_frequency"] == "half_yearly"  # as often as the interest, unless said


def test_balance_of_a_source_and_figures_of_an_allocation(api: Api, used: FundingSource, today: dt.date) -> None:
    [row] = rows(api("auditor"), "funding-sources/")
    assert amounts(row["balance"]) == {
        "issued": "1000.00", "allocated": "900.00", "unallocated": "100.00", "received": "800.00", "paid": "600.00", "idle": "200.00",
    }  # fmt: skip
    [mine] = rows(api("editor"), "allocations/")
    assert amounts(mine) == {"granted": "400.00", "received": "300.00", "paid": "100.00", "idle": "200.00"}
    assert (mine["first_received_on"], mine["last_paid_on"]) == ("2025-03-10", "2025-05-01")
    assert mine["idle_days"] == (today - dt.date(2025, 3, 10)).days  # of the first 200 only 100 are paid
    assert "idle_12_months" in mine["findings"]


def test_idle_money_is_counted_first_in_first_out_and_without_what_was_reversed(
    api: Api, pot: FundingSource, ours: Project, today: dt.date
) -> None:
    wrong = funding_rows.move("grant", pot, "500", ours) and funding_rows.move("receive", pot, "50", ours, on=dt.date(2025, 3, 5))
    funding_rows.reverse(wrong)
    for day, amount in ((10, "100"), (20, "100"), (30, "100")):
        funding_rows.move("receive", pot, amount, ours, on=dt.date(2025, 3, day))
    funding_rows.move("pay", pot, "60", ours, on=dt.date(2025, 4, 1))
    funding_rows.move("return", pot, "50", ours, on=dt.date(2025, 4, 2))
    client = api("editor")

    def idle_since(query: str = "") -> dt.date | None:
        [row] = rows(client, f"allocations/{query}")
        day = dt.date.fromisoformat(query[-10:]) if query else today
        return None if row["idle_days"] is None else day - dt.timedelta(days=row["idle_days"])

    assert idle_since() == dt.date(2025, 3, 20)  # 110 of 300 are gone
    assert idle_since("?as_of=2025-03-19") == dt.date(2025, 3, 10)
    assert rows(client, "allocations/")[0]["first_received_on"] == "2025-03-10"
    days = (today - dt.date(2025, 3, 20)).days
    assert len(rows(client, f"allocations/?idle_days__gte={days}")) == 1
    assert rows(client, f"allocations/?idle_days__gte={days + 1}") == []
    funding_rows.move("pay", pot, "190", ours, on=dt.date(2025, 4, 3))
    assert idle_since() is None and rows(client, "allocations/?idle_days__gte=0") == []


def test_cover_ratio_of_a_plan(api: Api, ours: Project) -> None:
    plan(ours, income="300", cost="46", principal="150", interest="50")
    plan(ours, year=2027, income="5")
    assert [row["cover_ratio"] for row in rows(api("editor"), "balance-plans/?ordering=year")] == ["1.27", None]


# --- filters --------------------------------------------------------------------------------------------------------


def test_filters_of_sources(api: Api, used: FundingSource) -> None:
    client = api("auditor")
    other = funding_rows.source("市级配套", kind="local_fiscal", on=dt.date(2024, 1, 1), document_no="财预7号", state="closed")
    with recording(world.TESTER):
        Bond.objects.create(
            source=used, principal_frequency="yearly", **{name: value for name, value in BOND.items() if name != "series_year"}
        )
    for query, found in {
        "kind=special_bond": [used], "kind__in=special_bond,local_fiscal": [used, other], "state=closed": [other],
        "issued_on__gte=2025-03-01": [used], "issued_on__lte=2025-02-28": [other], "matures_on__gte=2040-03-01": [used],
        "matures_on__lte=2040-02-28": [], "has_unallocated=true": [used], "has_unallocated=false": [other], "q=财预": [other],
        "q=25河南债": [used], "q=配套 市级": [other], "has_unallocated=true&as_of=2025-02-28": [], "ordering=issued_on": [other, used],
    }.items():  # fmt: skip
        assert [row["id"] for row in rows(client, f"funding-sources/?{query}")] == [str(one.pk) for one in found], query
    problem(client.get(f"{API}/funding-sources/?q=财"), 400, "validation", "#/query/q")
    problem(client.get(f"{API}/funding-sources/?kind=gold"), 400, "validation", "#/query/kind")


def test_filters_and_orderings_of_allocations(api: Api, used: FundingSource, ours: Project, theirs: Project) -> None:
    client = api("auditor")
    for query, found in {
        f"source={used.pk}": [ours, theirs], f"project={ours.pk}": [ours], "office=410782": [ours], "authority=410700-SLJ": [theirs],
        "region=410781": [theirs], "kind=special_bond": [ours, theirs], "kind=bank_loan": [], "use=capital": [],
        "idle_days__gte=30": [ours],
        "has_finding=true&project=" + str(ours.pk): [ours], "ordering=-granted": [theirs, ours], "ordering=received": [ours, theirs],
        "ordering=project": [ours, theirs], "ordering=paid&as_of=2025-03-15": [ours], f"source={uuid.uuid4()}": [],
    }.items():  # fmt: skip
        assert [row["project"]["id"] for row in rows(client, f"allocations/?{query}")] == [str(one.pk) for one in found], query
    marked = {row["id"] for row in rows(client, "allocations/") if row["findings"]}
    assert {row["id"] for row in rows(client, "allocations/?has_finding=true")} == marked
    assert {row["id"] for row in rows(client, "allocations/?has_finding=false")}.isdisjoint(marked)


def test_filters_and_orderings_of_transfers(api: Api, used: FundingSource, ours: Project) -> None:
    client = api("auditor")
    assert len(rows(client, f"transfers/?source={used.pk}")) == 8
    assert {row["kind"] for row in rows(client, f"transfers/?project={ours.pk}")} == {"grant", "receive", "pay"}
    mine = Allocation.objects.get(project=ours)
    assert len(rows(client, f"transfers/?allocation={mine.pk}&kind=receive")) == 2
    [paid] = rows(client, "transfers/?occurred_on__gte=2025-05-01&occurred_on__lte=2025-05-01")
    assert (paid["payee"], paid["purpose"], paid["sign"], paid["actor"]) == ("承包方", "进度款", 1, {"kind": "system", "name": "tests"})
    assert [row["id"] for row in rows(client, f"transfers/?voucher_no={paid['voucher_no']}")] == [paid["id"]]
    assert rows(client, "transfers/?document_no=x") == []
    sequences = [row["sequence"] for row in rows(client, "transfers/?ordering=sequence")]
    assert sequences == sorted(sequences)
    assert [row["sequence"] for row in rows(client, f"transfers/?ordering=sequence&sequence__gt={sequences[2]}")] == sequences[3:]
    assert rows(client, "transfers/?ordering=-amount")[0]["kind"] == "issue"
    days = [row["occurred_on"] for row in rows(client, "transfers/?ordering=occurred_on&as_of=2025-03-10")]
    assert days == ["2025-03-01", "2025-03-02", "2025-03-10"]


def test_filters_of_items_and_rules(api: Api, people: world.People) -> None:
    client = api("reader")
    assert {row["list"] for row in rows(client, "eligibility-items/?list=negative")} == {"negative"}
    assert rows(client, "eligibility-items/?list=negative&effective_on=2024-12-24") == []
    assert len(rows(client, "eligibility-items/?list=negative&effective_on=2024-12-25")) == 6
    found = {row["code"]: row["threshold"] for row in rows(client, "monitoring-rules/?page_size=500")}
    assert (found["cover_ratio_low"], found["ahead_of_progress"], found["negative_list_override"]) == ("1.1", "15", None)


def test_projects_are_found_by_source_and_kind_of_money_and_carry_their_allocations(
    api: Api, used: FundingSource, ours: Project, theirs: Project
) -> None:
    client = api("auditor")
    assert {row["name"] for row in rows(client, f"projects/?source={used.pk}")} == {"辉县高速", "卫辉水库"}
    assert [row["name"] for row in rows(client, f"projects/?source={used.pk}&as_of=2025-03-05")] == ["辉县高速"]
    assert {row["name"] for row in rows(client, "projects/?funding_kind=special_bond")} == {"辉县高速", "卫辉水库"}
    assert rows(client, "projects/?funding_kind=bank_loan") == []
    [row] = rows(api("editor"), "projects/?expand=allocations")
    assert [amounts(part)["granted"] for part in row["allocations"]] == ["400.00"] and set(row["allocations"][0]) == SHAPES["allocations"]
    [past] = rows(api("editor"), "projects/?expand=allocations&as_of=2025-03-15")
    assert [amounts(part)["received"] for part in past["allocations"]] == ["200.00"]


# --- who sees what --------------------------------------------------------------------------------------------------


def test_of_a_source_one_sees_what_it_gives_to_the_projects_in_reach(api: Api, used: FundingSource) -> None:
    with recording(world.TESTER):
        used.plans.create(year=2025, planned=Decimal(7))
    for name, figures in {
        "editor": {"issued": "400.00", "allocated": "400.00", "received": "300.00", "paid": "100.00", "idle": "200.00"},
        "outsider": {"issued": "500.00", "allocated": "500.00", "received": "500.00", "paid": "500.00", "idle": "0.00"},
    }.items():
        [row] = rows(api(name), "funding-sources/")
        assert amounts(row["balance"]) == figures | {"unallocated": "0.00"}
        assert (row["planned"], row["plans"]) == (None, [])
        assert rows(api(name), "funding-sources/?has_unallocated=true") == []
    [past] = rows(api("editor"), "funding-sources/?as_of=2025-03-15")
    assert amounts(past["balance"])["received"] == "200.00" and amounts(past["balance"])["issued"] == "400.00"
    assert len(rows(api("outsider"), "allocations/")) == 1
    assert {row["kind"] for row in rows(api("outsider"), "transfers/")} == {"grant", "receive", "pay"}


def test_version_and_instant_of_a_source_tell_nothing_of_others_movements(
    api: Api, used: FundingSource, ours: Project, theirs: Project
) -> None:
    url = f"{API}/funding-sources/{used.pk}/"

    def told(name: str) -> tuple[str, int, str]:
        answer = api(name).get(url)
        return answer["ETag"], answer.json()["version"], answer.json()["updated_at"]

    before, whole = told("editor"), told("auditor")
    funding_rows.move("grant", used, "10", theirs, on=dt.date(2025, 6, 1))
    assert told("editor") == before and told("auditor") != whole
    past = f"{url}?as_of=2025-03-15"
    assert api("editor").get(past).json()["version"] == before[1]
    funding_rows.move("pay", used, "10", ours, on=dt.date(2025, 6, 1))
    after = told("editor")
    assert after[1] > before[1] and after[2] >= before[2] and after[0] != before[0]
    mine = Allocation.objects.get(project=ours)
    with recording(world.TESTER):
        capital = Allocation.objects.create(source=used, project=ours, use="capital")
    assert told("editor")[1] == mine.version + capital.version
    assert told("auditor")[1] == FundingSource.objects.get(pk=used.pk).version


def test_source_that_gives_nothing_to_ones_projects_does_not_exist(api: Api, pot: FundingSource, ours: Project) -> None:
    assert rows(api("editor"), "funding-sources/") == []
    for path in ("", "statement/"):
        problem(api("editor").get(f"{API}/funding-sources/{pot.pk}/{path}"), 404, "not_found")
    assert api("auditor").get(f"{API}/funding-sources/{pot.pk}/").status_code == 200


def test_side_out_of_reach_of_an_adjustment_is_not_told(api: Api, used: FundingSource, ours: Project, theirs: Project) -> None:
    moved = funding_rows.move("adjust_quota", used, "50", ours, to_project=theirs, on=dt.date(2025, 6, 1))
    with recording(world.TESTER):
        TransferRequest.objects.filter(pk=moved.request_id).update(
            checks=[{"code": "project_cancelled", "level": "warn", "values": {"project": "秘密"}}], override_reason="秘密"
        )
    for resource in ("transfers", "transfer-requests"):
        for name, seen, hidden in (("editor", "project", "to_project"), ("outsider", "to_project", "project")):
            [row] = rows(api(name), f"{resource}/?kind=adjust_quota")
            assert row[seen]["name"] in ("辉县高速", "卫辉水库") and (row[hidden], row[hidden.replace("project", "use")]) == (None, None)
            assert "秘密" not in json.dumps(row, ensure_ascii=False)
        [whole] = rows(api("auditor"), f"{resource}/?kind=adjust_quota")
        assert (whole["project"]["name"], whole["to_project"]["name"]) == ("辉县高速", "卫辉水库")
        assert rows(api("editor"), f"{resource}/?project={theirs.pk}") == []  # else a hidden project would show by its filter
    assert rows(api("editor"), f"transfers/?allocation={Allocation.objects.get(project=theirs).pk}") == []
    assert rows(api("editor"), "funding-sources/")[0]["balance"]["issued"] == yuan("350.00")
    assert rows(api("outsider"), "funding-sources/?as_of=2025-06-01")[0]["balance"]["issued"] == yuan("550.00")


WRITES = [
    ("POST", "funding-sources/"), ("POST", "transfers/"), ("POST", "transfer-requests/"), ("POST", "transfer-requests/validate/"),
    ("POST", "transfer-requests/approve/"), ("POST", "transfer-requests/reject/"), ("POST", "balance-plans/"),
    ("POST", "eligibility-items/"),
    ("PATCH", "funding-sources/{source}/"), ("PATCH", "balance-plans/{plan}/"), ("DELETE", "balance-plans/{plan}/"),
    ("PATCH", "eligibility-items/{item}/"), ("PATCH", "monitoring-rules/{rule}/"), ("POST", "transfer-requests/{request}/approve/"),
    ("POST", "transfer-requests/{request}/reject/"), ("POST", "transfer-requests/{request}/withdraw/"),
]  # fmt: skip
MAY = {
    "finance": {"funding-sources", "transfers", "transfer-requests", "balance-plans"},
    "finance_approver": {"approve", "reject"},
    "admin": {"eligibility-items", "monitoring-rules"},
    "supervisor": {"monitoring-rules"},
}


@pytest.mark.parametrize("name", world.PEOPLE)
def test_who_may_not_is_denied_before_the_body_is_judged(
    api: Api, people: world.People, used: FundingSource, ours: Project, name: str
) -> None:
    request = funding_rows.request("grant", used, "1", allocation=Allocation.objects.get(project=ours), state="requested")
    with recording(world.TESTER):
        TransferRequest.objects.filter(pk=request.pk).update(requested_by_id=people.users["finance"].pk)
    ids = {
        "source": used.pk, "plan": plan(ours).pk, "item": EligibilityItem.objects.first().pk,
        "rule": MonitoringRule.objects.first().pk, "request": request.pk,
    }  # fmt: skip
    for method, path in WRITES:
        steps = path.strip("/").split("/")
        deciding = steps[-1] in ("approve", "reject")
        is_allowed = (steps[-1] if deciding else steps[0]) in MAY.get(name, set())
        body = {"bogus": 1}
        answer = api(name)._json(
            method, f"{API}/{path.format(**ids)}", body, **{"idempotency-key": "k", "if-match": '"99.0000000000000000"'}
        )
        hidden = name == "outsider" and "{" in path and steps[0] in ("transfer-requests", "balance-plans")
        allowed_codes = (400, 412)  # stale or malformed: judged after the act
        assert (answer.status_code in allowed_codes) if is_allowed else answer.status_code == (404 if hidden else 403), (method, path)


def test_address_of_a_transfer_takes_no_other_method(api: Api, used: FundingSource) -> None:
    one = Transfer.objects.first()
    assert one is not None
    for method in ("PUT", "PATCH", "DELETE", "POST"):
        problem(api("finance").send(f"{API}/transfers/{one.pk}/", {}, method=method), 405, "method_not_allowed")


# --- past days and statements -----------------------------------------------------------------------------------------


def test_balance_of_a_past_day_is_the_replay_up_to_it(api: Api, used: FundingSource) -> None:
    client = api("auditor")
    for day, figures in {
        "2025-02-28": ("0.00", "0.00", "0.00", "0.00"), "2025-03-01": ("1000.00", "0.00", "0.00", "0.00"),
        "2025-03-15": ("1000.00", "400.00", "200.00", "0.00"), "2025-03-20": ("1000.00", "900.00", "700.00", "500.00"),
        "2025-05-01": ("1000.00", "900.00", "800.00", "600.00"),
    }.items():  # fmt: skip
        balance = amounts(client.get(f"{API}/funding-sources/{used.pk}/?as_of={day}").json()["balance"])
        assert tuple(balance[name] for name in ("issued", "allocated", "received", "paid")) == figures, day
    assert rows(client, "allocations/?as_of=2025-03-01") == []
    tomorrow = dt.date.today() + dt.timedelta(days=2)
    for resource in SHAPES:
        if resource != "monitoring-rules":
            problem(client.get(f"{API}/{resource}/?as_of={tomorrow}"), 400, "validation", "#/query/as_of")


def test_request_of_a_past_day_had_not_been_decided(api: Api, people: world.People, pot: FundingSource, today: dt.date) -> None:
    yesterday = today - dt.timedelta(days=1)
    request = funding_rows.request("issue", pot, "5", state="rejected", decision_note="不同意")
    with recording(world.TESTER):
        TransferRequest.objects.filter(pk=request.pk).update(
            created_at=dt.datetime.combine(yesterday, dt.time(1), dt.UTC), decided_at=dt.datetime.combine(today, dt.time(1), dt.UTC)
        )
    client = api("auditor")
    [then] = rows(client, f"transfer-requests/?as_of={yesterday}&state=requested&kind=issue")
    assert (then["state"], then["decided_by"], then["decided_at"], then["decision_note"]) == ("requested", None, None, "")
    now = client.get(f"{API}/transfer-requests/{request.pk}/").json()
    assert (now["state"], now["decided_by"]["name"], now["decision_note"]) == ("rejected", "复核人", "不同意")
    assert rows(client, f"transfer-requests/?as_of={yesterday - dt.timedelta(days=1)}") == []


STATEMENT = {"as_of", "recorded_until", "balance", "years", "allocations", "transfers"}


def test_statement_of_a_source_adds_up(api: Api, used: FundingSource, ours: Project, today: dt.date) -> None:
    funding_rows.move("grant", used, "30", ours, "capital", on=dt.date(2026, 1, 5))
    with recording(world.TESTER):
        used.plans.create(year=2027, planned=Decimal(7))
    url = f"{API}/funding-sources/{used.pk}/statement/"
    body = api("auditor").get(url).json()
    assert set(body) == STATEMENT | {"source"} and body["source"] == {"id": str(used.pk), "name": used.name}
    assert (body["as_of"], body["recorded_until"]) == (today.isoformat(), None)
    assert amounts(body["balance"]) == amounts(api("auditor").get(f"{API}/funding-sources/{used.pk}/").json()["balance"])
    keys = [(line["occurred_on"], line["sequence"]) for line in body["transfers"]]
    assert keys == sorted(keys) and len(keys) == 9 and set(body["transfers"][0]) == SHAPES["transfers"]
    assert [(year["year"], *amounts(year).values()) for year in body["years"]] == [
        (2025, "1000.00", "900.00", "800.00", "600.00"), (2026, "0.00", "30.00", "0.00", "0.00"),
        (2027, "7.00", "0.00", "0.00", "0.00", "0.00"),
    ]  # fmt: skip
    stored = {str(row.pk): f"{row.granted:.2f}" for row in Allocation.objects.all()}
    assert {part["id"]: amounts(part)["granted"] for part in body["allocations"]} == stored
    past = api("auditor").get(f"{url}?as_of=2025-03-15").json()
    assert amounts(past["balance"])["received"] == "200.00" and len(past["transfers"]) == 3
    assert [year["year"] for year in past["years"]] == [2025, 2027]


def test_statement_in_reach_holds_nothing_of_others(api: Api, used: FundingSource, ours: Project, theirs: Project) -> None:
    funding_rows.move("adjust_quota", used, "50", ours, to_project=theirs, on=dt.date(2025, 6, 1))
    body = api("editor").get(f"{API}/funding-sources/{used.pk}/statement/").json()
    assert amounts(body["balance"]) == {
        "issued": "350.00", "allocated": "350.00", "unallocated": "0.00", "received": "300.00", "paid": "100.00", "idle": "200.00",
    }  # fmt: skip
    assert [part["project"]["name"] for part in body["allocations"]] == ["辉县高速"]
    assert str(theirs.pk) not in json.dumps(body) and [year["planned"] for year in body["years"]] == [None]
    mine = Allocation.objects.get(project=ours)
    for path, name in ((f"allocations/{mine.pk}", "allocation"), (f"projects/{ours.pk}", "project")):
        part = api("editor").get(f"{API}/{path}/statement/").json()
        assert set(part) == STATEMENT | {name}
        assert amounts(part["balance"]) == {"granted": "350.00", "received": "300.00", "paid": "100.00", "idle": "200.00"}
        assert len(part["transfers"]) == 5 and part["years"][0]["issued"] is None
    other = Allocation.objects.get(project=theirs)
    for path in (f"allocations/{other.pk}", f"projects/{theirs.pk}"):
        problem(api("editor").get(f"{API}/{path}/statement/?bogus=1"), 404, "not_found")
    whole = api("auditor").get(f"{API}/projects/{theirs.pk}/statement/").json()
    assert amounts(whole["balance"])["granted"] == "550.00" and len(whole["transfers"]) == 4


def test_statement_as_known_on_a_day_leaves_out_what_was_entered_later(
    api: Api, used: FundingSource, ours: Project, today: dt.date
) -> None:
    """A late entry: it occurred long ago, but nobody knew."""
    client, url = api("auditor"), f"{API}/funding-sources/{used.pk}/statement/"
    yesterday = today - dt.timedelta(days=1)
    assert client.get(f"{url}?recorded_until={yesterday}").json()["transfers"] == []
    assert len(client.get(f"{url}?recorded_until={today}&as_of=2025-03-15").json()["transfers"]) == 3
    funding_rows.move(
        "pay", used, "7", ours, on=dt.date(2025, 3, 12), recorded_at=dt.datetime.combine(yesterday, dt.time(15, 59, 59), dt.UTC)
    )  # 23:59:59 in Shanghai
    [line] = client.get(f"{url}?recorded_until={yesterday}").json()["transfers"]
    assert (line["kind"], line["occurred_on"]) == ("pay", "2025-03-12")
    assert len(client.get(f"{url}?recorded_until={yesterday - dt.timedelta(days=1)}").json()["transfers"]) == 0
    funding_rows.reverse(Transfer.objects.get(pk=line["id"]))
    [then] = client.get(f"{url}?recorded_until={yesterday}").json()["transfers"]
    assert (then["id"], then["reversed_by"]) == (line["id"], None)  # nobody knew of the reversal either
    now = {one["id"]: one for one in client.get(f"{url}?recorded_until={today}").json()["transfers"]}
    assert now[now[line["id"]]["reversed_by"]]["reverses"] == line["id"]
    for path, actor in ((f"allocations/{Allocation.objects.get(project=ours).pk}", "editor"), (f"projects/{ours.pk}", "editor")):
        [then] = api(actor).get(f"{API}/{path}/statement/?recorded_until={yesterday}").json()["transfers"]
        assert then["reversed_by"] is None
    for query in ("as_of=2999-01-01", "recorded_until=2999-01-01", "recorded_until=yesterday"):
        problem(client.get(f"{url}?{query}"), 400, "validation", f"#/query/{query.partition('=')[0]}")
    problem(client.get(f"{url}?fields=balance"), 400, "unknown_parameter")


def test_the_schema_says_that_references_are_written_as_ids_and_read_as_objects() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    assert schema["FactInputRequest"]["properties"]["source"] == {"type": "string", "format": "uuid"}
    assert schema["ProjectInputRequest"]["properties"]["sector"] == {"type": "string"}
    assert schema["Transfer"]["properties"]["source"]["type"] == "object"
