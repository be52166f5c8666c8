"""Acting on money by form: who may, what is understood, one effect a form, a second person, nothing half done."""

import re
import uuid
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.ids import uuid7
from funding.models import Allocation, FundingSource, Transfer, TransferRequest
from funding.selectors import findings as finding_selectors
from projects.models import Project
from tests import funding_rows
from tests.portal.conftest import City
from tests.world import TESTER

WAN = Decimal(10_000)


@pytest.fixture
def pot(city: City) -> FundingSource:
    """A bond of 10,000 万元, nothing of it allocated."""
    return funding_rows.source(issued="100000000.00")


@pytest.fixture
def projects(city: City) -> list[Project]:
    return list(Project.objects.filter(is_package=False).order_by("name_pinyin")[:40])


def sheet(rows: Iterable[Iterable[str]], columns: str = "project use amount item", **fields: str) -> dict[str, str]:
    """A pasted table as the form sends it."""
    names = columns.split()
    cells = {
        f"{name}-{number}": cell
        for number, row in enumerate(rows, 1)
        for name, cell in zip(names, [*row, *[""] * len(names)], strict=False)
    }
    return cells | {"idempotency_key": str(uuid7())} | fields


PAYMENT = "voucher project use kind amount payee purpose day"


def post(client: Client, name: str, key: Any, data: dict[str, str], query: str = "") -> Any:
    return client.post(reverse(name, args=[key]) + query, data)


def submitted(client: Client, pot: FundingSource, rows: Iterable[Iterable[str]], **fields: str) -> uuid.UUID:
    """Submit an allocation; the batch it became."""
    answer = post(client, "allocate", pot.pk, sheet(rows, **fields))
    assert answer.status_code == 302, answer.content.decode()
    return uuid.UUID(answer.url.rstrip("/").rpartition("/")[2])


def decide(client: Client, batch: uuid.UUID, act: str, **fields: str) -> Any:
    waiting = TransferRequest.objects.filter(batch=batch, state="requested").count()
    return post(client, "money-batch", batch, {"act": act, "expected_count": str(waiting)} | fields)


# who may


ACTING = ("allocate", "payments", "ask-money", "new-source", "source-state", "allocate-check", "payments-check", "ask-money-check")


@pytest.mark.parametrize("who", ["leader", "county", "nobody", "checker"])
@pytest.mark.parametrize("name", ACTING)
def test_only_a_clerk_of_finance_acts(city: City, pot: FundingSource, projects: list[Project], who: str, name: str) -> None:
    mine = Project.objects.filter(office__code="410782").first()
    funding_rows.move("grant", pot, "1.00", mine)
    path = reverse(name, args=[] if name == "new-source" else [pot.pk]) + "?kind=issue"
    client = city.signed_in(who)
    for answer in (client.get(path), client.post(path, {"state": "closed", "version": "1"})):
        assert answer.status_code in (403, 405)
    pot.refresh_from_db()
    assert pot.state == "open" and not TransferRequest.objects.filter(state="requested").exists()


@pytest.mark.parametrize("name", [name for name in ACTING if name != "new-source"])
def test_an_absent_pot_is_no_page(city: City, name: str) -> None:
    path = reverse(name, args=[uuid.uuid4()]) + "?kind=issue"
    client = city.signed_in("clerk")
    assert client.post(path, {"state": "closed"}).status_code == 404


@pytest.mark.parametrize(("who", "buttons"), [("clerk", {"withdraw"}), ("checker", {"approve", "reject"}), ("leader", set())])
def test_a_batch_shows_each_only_what_they_may_do(
    city: City, pot: FundingSource, projects: list[Project], who: str, buttons: set[str]
) -> None:
    batch = submitted(city.signed_in("clerk"), pot, [[projects[0].name, "建设", "10"]])
    page = city.signed_in(who).get(reverse("money-batch", args=[batch])).content.decode()
    assert set(re.findall(r'name="act" value="(\w+)"', page)) == buttons
    assert ("不能审批自己的申请" in page) == (who == "clerk")


def test_a_batch_out_of_reach_is_no_page(city: City, pot: FundingSource, projects: list[Project]) -> None:
    far = Project.objects.exclude(office__path__contains="410782").exclude(authority__path__contains="410782").first()
    assert far is not None
    batch = submitted(city.signed_in("clerk"), pot, [[far.name, "建设", "10"]])
    assert city.signed_in("county").get(reverse("money-batch", args=[batch])).status_code == 404
    assert decide(city.signed_in("county"), batch, "approve").status_code == 404
    assert far.name not in city.signed_in("county").get("/funding/requests/?state=all").content.decode()


@pytest.mark.parametrize(("who", "act", "status"), [("leader", "approve", 403), ("clerk", "approve", 403), ("checker", "withdraw", 403)])
def test_acts_are_refused_whatever_the_page_shows(
    city: City, pot: FundingSource, projects: list[Project], who: str, act: str, status: int
) -> None:
    batch = submitted(city.signed_in("clerk"), pot, [[projects[0].name, "建设", "10"]])
    assert decide(city.signed_in(who), batch, act).status_code == status
    assert TransferRequest.objects.get(batch=batch).state == "requested"
    assert not Allocation.objects.filter(source=pot).exists()


# 分配额度


def test_a_sheet_becomes_one_batch_in_its_order_and_moves_when_another_agrees(
    city: City, pot: FundingSource, projects: list[Project]
) -> None:
    rows = [[project.name, "建设", "100.5"] for project in projects[:30]]
    batch = submitted(city.signed_in("clerk"), pot, rows, document_no="新财债〔2025〕41号")
    made = TransferRequest.objects.filter(batch=batch).order_by("pk")
    assert [row.project.name for row in made.select_related("project")] == [row[0] for row in rows]
    assert {(row.amount, row.document_no, row.state) for row in made} == {(Decimal("1005000.00"), "新财债〔2025〕41号", "requested")}
    pot.refresh_from_db()
    assert pot.allocated == 0
    checker = city.signed_in("checker")
    page = checker.get(reverse("money-batch", args=[batch])).content.decode()
    assert "3,015.00" in page and "6,985.00" in page
    answer = decide(checker, batch, "approve")
    assert answer.status_code == 302
    pot.refresh_from_db()
    assert pot.allocated == Decimal("30150000.00")
    assert "已复核通过 30 笔，共 3,015.00 万元" in checker.get(answer.url).content.decode()


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [("3000", 3000 * WAN), ("3,000.50", Decimal("30005000")), ("３０００", 3000 * WAN), ("3000万", 3000 * WAN), ("0.3亿元", 3000 * WAN),
     ("30000000元", 3000 * WAN), ("0.000001", Decimal("0.01"))],
)  # fmt: skip
def test_amounts_are_understood_and_said(city: City, pot: FundingSource, projects: list[Project], typed: str, yuan: Decimal) -> None:
    answer = post(city.signed_in("clerk"), "allocate-check", pot.pk, sheet([[projects[0].name, "建设", typed]]))
    assert answer.context["sheet"].lines[0].amount == yuan
    assert f'value="{typed}"' in answer.content.decode()


@pytest.mark.parametrize("typed", ["", "abc", "-5", "0", "1.0000001", "3,00", "1e9", "NaN", "约300万", "9" * 30, "99999999999999"])
def test_what_is_no_amount_is_red(city: City, pot: FundingSource, projects: list[Project], typed: str) -> None:
    answer = post(city.signed_in("clerk"), "allocate", pot.pk, sheet([[projects[0].name, "建设", typed]]))
    assert answer.status_code == 422
    line = answer.context["sheet"].lines[0]
    assert line.is_red and line.wrong == {"amount"} and line.cells["amount"] == typed


def test_every_fault_stands_at_its_line_and_what_was_typed_stays(city: City, pot: FundingSource, projects: list[Project]) -> None:
    first = projects[0].name
    rows = [
        ["项目", "用途", "额度（万元）"],
        [first, "建设", "100"],
        ["没有这样的项目", "建设", "100"],
        [first, "别的", "100"],
        [first, "建设", "100", "负99"],
        [first, "资本金", "100", "负5"],
        [first, "建设", "200"],
        [projects[1].name, "建设", "99999"],
    ]
    answer = post(city.signed_in("clerk"), "allocate", pot.pk, sheet(rows, document_no="文号〈1〉"))
    assert answer.status_code == 422
    lines, page = answer.context["sheet"].lines, answer.content.decode()
    assert [line.color for line in lines[:8]] == ["", "amber", "red", "red", "red", "red", "amber", "red"]
    said = ["；".join(mark.text for mark in line.marks) for line in lines[:8]]
    assert "表头" in said[0] and "无此项目" in said[2] and "用途只填" in said[3] and "没有这一项" in said[4]
    assert "负面清单第 5 项" in said[5] and "与第 2 行重复" in said[6] and "余额不足，可用 9,600.00 万元" in said[7]
    assert "文号〈1〉" in page and 'value="没有这样的项目"' in page and "disabled" in page
    assert not TransferRequest.objects.filter(source=pot, state="requested").exists()


def test_a_use_on_the_negative_list_needs_a_reason(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client, rows = city.signed_in("clerk"), [[projects[0].name, "建设", "100", "负5"]]
    refused = post(client, "allocate", pot.pk, sheet(rows))
    assert refused.status_code == 422 and 'name="reason-1"' in refused.content.decode()
    batch = submitted(client, pot, rows, **{"reason-1": "省批复已列入试点"})
    made = TransferRequest.objects.get(batch=batch)
    assert made.override_reason == "省批复已列入试点" and made.eligibility_item is not None and made.eligibility_item.number == 5
    assert "省批复已列入试点" in city.signed_in("checker").get(reverse("money-batch", args=[batch])).content.decode()


def test_an_unknown_name_is_met_by_the_nearest_and_taken_by_a_press(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client, name = city.signed_in("clerk"), Project.objects.get(name__contains="九峰山").name
    for slip in (name[:-1] + "栈", "jfs", name.replace("九", "久")):
        answer = post(client, "allocate-check", pot.pk, sheet([[slip, "建设", "1"]]))
        assert answer.context["sheet"].lines[0].nearest == name, slip
    taken = post(client, "allocate-check", pot.pk, sheet([[name[:-1], "建设", "1"]], take=f"1:{name}"))
    assert taken.context["sheet"].lines[0].move is not None


def test_only_the_good_lines_are_submitted_when_that_is_asked(city: City, pot: FundingSource, projects: list[Project]) -> None:
    rows = [[projects[0].name, "建设", "100"], ["没有", "建设", "1"], [projects[1].name, "建设", "200"]]
    batch = submitted(city.signed_in("clerk"), pot, rows, only="good")
    assert sorted(TransferRequest.objects.filter(batch=batch).values_list("amount", flat=True)) == [100 * WAN, 200 * WAN]


def test_a_double_press_makes_one_batch_and_a_changed_form_another_only_by_a_second_press(
    city: City, pot: FundingSource, projects: list[Project]
) -> None:
    client, form = city.signed_in("clerk"), sheet([[projects[0].name, "建设", "100"]])
    first, second = (post(client, "allocate", pot.pk, form) for _ in range(2))
    assert first.status_code == second.status_code == 302 and first.url == second.url
    assert TransferRequest.objects.filter(source=pot, state="requested").count() == 1
    changed = post(client, "allocate", pot.pk, form | {"amount-1": "200"})
    assert changed.status_code == 409 and "已经提交过" in changed.content.decode()
    fresh = changed.context["key"]
    assert fresh != form["idempotency_key"]
    assert post(client, "allocate", pot.pk, form | {"amount-1": "200", "idempotency_key": fresh}).status_code == 302
    assert TransferRequest.objects.filter(source=pot, state="requested").count() == 2


def test_a_form_without_its_key_and_an_empty_one_do_nothing(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client = city.signed_in("clerk")
    assert post(client, "allocate", pot.pk, sheet([[projects[0].name, "建设", "100"]], idempotency_key="x")).status_code == 400
    assert post(client, "allocate", pot.pk, sheet([])).status_code == 422
    assert post(client, "allocate", pot.pk, sheet([["", "", ""]])).status_code == 422
    assert not TransferRequest.objects.filter(source=pot, state="requested").exists()


def test_more_lines_than_fit_one_batch_are_refused(city: City, pot: FundingSource, projects: list[Project]) -> None:
    answer = post(city.signed_in("clerk"), "allocate", pot.pk, sheet([[projects[0].name, "建设", "1"]] * 501))
    assert answer.status_code == 422 and "最多 500 行" in answer.content.decode()


def test_a_check_is_a_fragment_to_the_script_and_a_page_without(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client, form = city.signed_in("clerk"), sheet([[projects[0].name, "建设", "100"]])
    path = reverse("allocate-check", args=[pot.pk])
    part = client.post(path, form, headers={"hx-request": "true", "hx-request-type": "partial"})
    page = client.post(path, form)
    assert "<html" not in part.content.decode() and 'id="sheet"' in part.content.decode()
    assert "<html" in page.content.decode()
    assert "HX-Request" in part["Vary"] and "HX-Request" in page["Vary"]
    assert client.get(path).status_code == 405


def test_a_county_name_is_not_suggested_to_who_may_not_see_it(city: City) -> None:
    from accounts.selectors import person
    from funding.selectors.matching import match

    hidden = Project.objects.exclude(office__path__contains="410782").exclude(authority__path__contains="410782").first()
    assert hidden is not None
    found = match([hidden.name, hidden.name[:-1]], person(city.users["county"], today=clock.today()))
    assert all(one.project is None and one.nearest != hidden.name for one in found.values())


# 待复核


def test_rejecting_needs_a_reason_and_the_maker_may_take_back(city: City, pot: FundingSource, projects: list[Project]) -> None:
    clerk, checker = city.signed_in("clerk"), city.signed_in("checker")
    batch = submitted(clerk, pot, [[project.name, "建设", "10"] for project in projects[:3]])
    assert decide(checker, batch, "reject").status_code == 422
    assert decide(checker, batch, "reject", note="额度依据不足").status_code == 302
    assert {row.state for row in TransferRequest.objects.filter(batch=batch)} == {"rejected"}
    assert "额度依据不足" in clerk.get(reverse("money-batch", args=[batch])).content.decode()
    again = submitted(clerk, pot, [[projects[0].name, "建设", "10"]])
    assert decide(clerk, again, "withdraw").status_code == 302
    assert TransferRequest.objects.get(batch=again).state == "withdrawn"
    assert decide(checker, again, "approve").status_code == 409


def test_a_batch_that_is_not_as_it_was_seen_is_not_decided(city: City, pot: FundingSource, projects: list[Project]) -> None:
    checker = city.signed_in("checker")
    batch = submitted(city.signed_in("clerk"), pot, [[project.name, "建设", "10"] for project in projects[:3]])
    assert decide(checker, batch, "approve", expected_count="2").status_code == 409
    one = submitted(city.signed_in("clerk"), pot, [[projects[0].name, "建设", "10"]])
    assert decide(checker, one, "approve", version="7").status_code == 412
    assert not Transfer.objects.filter(source=pot, kind="grant").exists()


def test_where_the_balance_is_short_the_line_and_what_is_left_are_named_and_nothing_moves(
    city: City, pot: FundingSource, projects: list[Project]
) -> None:
    clerk, checker = city.signed_in("clerk"), city.signed_in("checker")
    large = submitted(clerk, pot, [[projects[0].name, "建设", "3000"], [projects[1].name, "建设", "4000"]])
    other = submitted(clerk, pot, [[projects[2].name, "建设", "5000"]])
    assert decide(checker, other, "approve").status_code == 302
    page = checker.get(reverse("money-batch", args=[large])).content.decode()
    assert "disabled" in page and "余额不足，可用 2,000.00 万元" in page
    answer = decide(checker, large, "approve")
    assert answer.status_code == 409
    assert f"第 2 行 {projects[1].name}：余额不足，还剩 2,000.00 万元。没有任何变动。" in answer.content.decode()
    pot.refresh_from_db()
    assert pot.allocated == 5000 * WAN


@pytest.mark.parametrize("query", ["", "?state=all", "?state=approved&kind=grant", "?mine=1", "?state=nonsense&kind=x&before=y"])
def test_the_list_of_batches_by_state_kind_and_person(city: City, pot: FundingSource, projects: list[Project], query: str) -> None:
    batch = submitted(city.signed_in("clerk"), pot, [[projects[0].name, "建设", "10"]])
    for who in ("clerk", "checker", "leader"):
        answer = city.signed_in(who).get(f"/funding/requests/{query}")
        found = {row.id for row, _kinds, _states in answer.context["batches"]}
        assert answer.status_code == 200
        assert (batch in found) == ("approved" not in query and ("mine" not in query or who == "clerk"))


# 登记支付


def given(pot: FundingSource, project: Project, wan: int) -> None:
    funding_rows.move("grant", pot, wan * WAN, project)
    funding_rows.move("receive", pot, wan * WAN, project)


def test_payments_are_entered_whole_and_once(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client = city.signed_in("clerk")
    given(pot, projects[0], 100)
    rows = [
        ["Z1", projects[0].name, "建设", "支付", "1,000.50", "甲公司", "进度款", "2025.9.3"],
        ["Z2", projects[0].name, "建设", "支付", "１万", "乙公司", "材料款", "2025年9月4日"],
    ]
    form = sheet(rows, PAYMENT)
    first, second = (post(client, "payments", pot.pk, form) for _ in range(2))
    assert first.status_code == second.status_code == 302
    receipt = [name, "建设", "到位", "1"]
    for row in (["记" * 3000, *receipt, "", "", "2025-03-05"], ["记-1", *receipt, "人" * 5000, "", "2025-03-05"]):
        assert post(clerk, "payments", pot.pk, sheet([row], PAYMENT)).status_code == 422, row[0][:3]
    bond = {"kind": "special_bond", "name": "新债", "code": "1", "interest_from_on": "2025-01-01", "matures_on": "2032-01-01", "tenor_years": "7",
            "rate_percent": "2.1", "repayment_method": "at_maturity", "interest_frequency": "yearly"}  # fmt: skip
    for wrong in ({"rate_percent": "99999"}, {"rate_percent": "2.123456"}, {"tenor_years": "9" * 30}, {"code": "券" * 1000}):
        answer = clerk.post(reverse("new-source"), bond | wrong | {"idempotency_key": str(uuid7())})
        assert answer.status_code == 422, wrong
    assert not Transfer.objects.filter(source=pot, kind="receive").exists()
    assert not FundingSource.objects.filter(name="新债").exists()
