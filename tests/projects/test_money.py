"""The money of projects: in lists, on past days, in sums, in history, and in the way of a deletion."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from common.recording import recording
from funding.models import Allocation, BalancePlan
from projects.models import Project
from tests import funding_rows as rows
from tests import world

API = "/api/v1"


@pytest.fixture
def built(people: world.People) -> Project:
    """80 of a bond granted in March, 30 arrived in April, 10 paid in May; 5 of a loan granted in June; yuan."""
    project = world.project(at="construction")
    bond, loan = rows.source(issued="1000.00"), rows.source("银团贷款", "bank_loan", issued="50.00")
    rows.move("grant", bond, "80.00", project, on=dt.date(2025, 3, 1))
    rows.move("receive", bond, "30.00", project, on=dt.date(2025, 4, 1))
    rows.move("pay", bond, "10.00", project, on=dt.date(2025, 5, 1))
    rows.move("grant", loan, "5.00", project, "capital", on=dt.date(2025, 6, 1))
    return project


DAYS = [  # day, allocated, received, paid, kinds
    ("2025-02-28", "0.00", "0.00", "0.00", []),
    ("2025-03-01", "80.00", "0.00", "0.00", ["special_bond"]),
    ("2025-04-01", "80.00", "30.00", "0.00", ["special_bond"]),
    ("2025-05-31", "80.00", "30.00", "10.00", ["special_bond"]),
    ("2025-06-01", "85.00", "30.00", "10.00", ["bank_loan", "special_bond"]),
    (None, "85.00", "30.00", "10.00", ["bank_loan", "special_bond"]),
]


@pytest.mark.parametrize(("day", "allocated", "received", "paid", "kinds"), DAYS)
def test_money_of_a_day_is_the_same_in_list_detail_and_summary(
    api: Any, built: Project, day: str | None, allocated: str, received: str, paid: str, kinds: list[str]
) -> None:
    client, asked = api("editor"), f"&as_of={day}" if day else ""
    wanted = {"allocated": allocated, "received": received, "paid": paid}
    listed = client.get(f"{API}/projects/?page_size=9{asked}").json()["results"][0]["status"]
    detail = client.get(f"{API}/projects/{built.pk}/?{asked.removeprefix('&')}").json()["status"]
    for status in (listed, detail):
        assert {name: status[name]["amount"] for name in wanted} == wanted
        assert status["funding_kinds"] == kinds
    body = client.get(f"{API}/summary/?group_by=stage{asked}").json()
    for row in (body["total"], body["results"][0]):
        assert {name: row[name] for name in wanted} == {name: {"amount": amount, "currency": "CNY"} for name, amount in wanted.items()}


def test_sums_hold_the_money_of_the_group_and_of_the_reach_alone(api: Any, built: Project) -> None:
    other = world.project("卫辉水库", office="410781", region="410781", sector="water")
    rows.move("grant", rows.source("中央预算内投资", "central_budget", issued="0.03"), "0.03", other)
    body = api("finance").get(f"{API}/summary/?group_by=region").json()
    assert {row["region"]["code"]: row["allocated"]["amount"] for row in body["results"]} == {"410782": "85.00", "410781": "0.03"}
    assert body["total"]["allocated"]["amount"] == "85.03"
    assert api("outsider").get(f"{API}/summary/?group_by=region").json()["total"]["allocated"]["amount"] == "0.03"


def test_project_with_an_allocation_cannot_be_deleted(api: Any, people: world.People) -> None:
    project, free = world.project(), world.project("没有资金")
    rows.move("grant", rows.source(issued="1.00"), "1.00", project)
    client = api("editor")
    for one, status in ((project, 409), (free, 204)):
        url = f"{API}/projects/{one.pk}/"
        answer = client.send(url, match=client.get(url)["ETag"], method="DELETE")
        assert answer.status_code == status
        assert Project.objects.filter(pk=one.pk).exists() == (status == 409)
        if status == 409:
            assert (answer.json()["code"], "没有资金" in answer.json()["detail"]) == ("in_use", True)
    assert Allocation.objects.get().granted == 1


def test_history_tells_of_money_but_never_where_an_adjustment_takes_it(api: Any, built: Project) -> None:
    hidden = world.project("秘密工程", office="410781", region="410781", sector="water")
    pot = Allocation.objects.get(project=built, use="construction").source
    rows.move("adjust_money", pot, "4.00", built, to_project=hidden)
    with recording(world.TESTER):
        BalancePlan.objects.create(project=built, year=2027, income=Decimal("12.30"))
    answer = api("editor").get(f"{API}/projects/{built.pk}/history/?page_size=100")
    assert str(hidden.pk) not in answer.content.decode()
    told: dict[str, list[dict[str, Any]]] = {}
    for row in answer.json()["results"]:
        told.setdefault(row["resource"], []).append({field["name"]: field["after"] for field in row["fields"]})
    assert told["allocation"][0] == {"granted": rows_money("76.00"), "received": rows_money("26.00")}
    assert told["transfer_request"][0]["amount"] == rows_money("4.00")
    assert told["transfer_request"][0]["kind"] == "adjust_money"
    assert told["balance_plan"][0]["income"] == rows_money("12.30")


def rows_money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}
