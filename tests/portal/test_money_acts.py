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
from tests.sampling import few
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


@pytest.mark.parametrize("who", few(["leader", "county", "nobody", "checker"], always=["county", "checker"]))
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
    assert "负面清单第 5 项" in said[5] and "与第 2 行重复" in said[6] and "余额不足，可用 9,700.00 万元" in said[7]
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
    paid = Transfer.objects.filter(source=pot, kind="pay").order_by("voucher_no")
    assert [(row.voucher_no, row.amount, row.payee, row.occurred_on.isoformat()) for row in paid] == [
        ("Z1", Decimal("1000.50"), "甲公司", "2025-09-03"), ("Z2", Decimal("10000.00"), "乙公司", "2025-09-04")
    ]  # fmt: skip
    again = post(client, "payments", pot.pk, sheet([rows[0]], PAYMENT))
    assert again.status_code == 422
    assert "凭证号 Z1 已登记：2025-09-03，甲公司，1,000.50 元" in again.content.decode()


def test_one_bad_line_of_payments_is_named_and_none_is_entered(city: City, pot: FundingSource, projects: list[Project]) -> None:
    given(pot, projects[0], 100)
    good = ["Z1", projects[0].name, "建设", "支付", "100", "甲公司", "", "2025-09-03"]
    for column, wrong, sentence in [
        (0, "", "未填凭证号"), (0, "Z1", "与第 1 行相同"), (1, projects[1].name, "没有这一用途的额度"), (2, "资本金", "没有这一用途的额度"),
        (3, "转账", "类别只填"), (4, "1,000,001", "余额不足，可用 999,900.00 元"), (7, "2025-13-01", "没有这一天"), (7, "昨天", "不是日期"),
        (7, "2999-01-01", "发生日期晚于今天"),
    ]:  # fmt: skip
        bad = ["Z2", *good[1:]]
        bad[column] = wrong
        answer = post(city.signed_in("clerk"), "payments", pot.pk, sheet([good, bad], PAYMENT))
        assert answer.status_code == 422 and sentence in answer.content.decode(), (column, wrong)
        assert [line.number for line in answer.context["sheet"].red] == [2]
    assert not Transfer.objects.filter(source=pot, kind="pay").exists()


# single decisions


@pytest.mark.parametrize("kind", ["issue", "cancel_issue", "withdraw", "return", "adjust_quota", "adjust_money"])
def test_every_kind_is_asked_for_by_its_own_form(city: City, pot: FundingSource, projects: list[Project], kind: str) -> None:
    client = city.signed_in("clerk")
    given(pot, projects[0], 100)
    funding_rows.move("grant", pot, 100 * WAN, projects[0])
    part = Allocation.objects.get(source=pot, project=projects[0])
    fields = {"amount": "50", "document_no": "新财债〔2025〕9号", "idempotency_key": str(uuid7())}
    if kind not in ("issue", "cancel_issue"):
        fields["part"] = str(part.pk)
    if "adjust" in kind:
        fields |= {"to_project": projects[1].name, "to_use": "construction", "ground": "surplus"}
    page = client.get(reverse("ask-money", args=[pot.pk]) + f"?kind={kind}").content.decode()
    for name in fields:
        assert f'name="{name}"' in page, name
    checked = post(client, "ask-money-check", pot.pk, fields, f"?kind={kind}")
    assert checked.status_code == 200 and "可以提交" in checked.content.decode()
    answer = post(client, "ask-money", pot.pk, fields, f"?kind={kind}")
    assert answer.status_code == 302, answer.content.decode()
    assert post(client, "ask-money", pot.pk, fields, f"?kind={kind}").url == answer.url
    made = TransferRequest.objects.get(source=pot, kind=kind, state="requested")
    assert made.amount == 50 * WAN
    assert decide(city.signed_in("checker"), made.batch, "approve").status_code == 302
    assert Transfer.objects.filter(request=made).exists()


def test_an_adjustment_says_its_checks_and_keeps_what_was_typed(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client = city.signed_in("clerk")
    given(pot, projects[0], 100)
    part = Allocation.objects.get(source=pot, project=projects[0])
    fields = {"part": str(part.pk), "to_project": projects[0].name, "to_use": "construction", "amount": "9999999", "ground": "other"}
    answer = post(client, "ask-money", pot.pk, fields | {"idempotency_key": str(uuid7())}, "?kind=adjust_money")
    page = answer.content.decode()
    assert answer.status_code == 422 and "调出与调入相同" in page and "须写明情况" in page and 'value="9999999"' in page
    unknown = post(client, "ask-money-check", pot.pk, fields | {"to_project": projects[1].name + "x"}, "?kind=adjust_money")
    assert projects[1].name in unknown.content.decode() and "无此项目" in unknown.content.decode()
    ready = fields | {"to_project": projects[1].name, "ground": "surplus", "amount": "10", "eligibility_item": "负5"}
    refused = post(client, "ask-money-check", pot.pk, ready, "?kind=adjust_money").content.decode()
    assert "不能分配" in refused and "disabled" in refused
    passed = post(client, "ask-money-check", pot.pk, ready | {"override_reason": "已获批复"}, "?kind=adjust_money").content.decode()
    assert "已写明放行原因" in passed and "disabled" not in passed


def test_a_line_is_reversed_with_a_reason_once(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client = city.signed_in("clerk")
    given(pot, projects[0], 100)
    paid = funding_rows.move("pay", pot, "1000.00", projects[0], payee="甲公司")
    query = f"?kind=reverse&transfer={paid.pk}"
    page = client.get(reverse("ask-money", args=[pot.pk]) + query).content.decode()
    assert "甲公司" in page and "0.10" in page
    fields = {"idempotency_key": str(uuid7())}
    assert post(client, "ask-money", pot.pk, fields, query).status_code == 422
    answer = post(client, "ask-money", pot.pk, fields | {"reason": "重复支付"}, query)
    assert answer.status_code == 302, answer.content.decode()
    batch = TransferRequest.objects.get(kind="reverse", source=pot, state="requested").batch
    assert decide(city.signed_in("checker"), batch, "approve").status_code == 302
    assert Transfer.objects.get(reverses=paid).sign == -1
    twice = post(client, "ask-money", pot.pk, {"idempotency_key": str(uuid7()), "reason": "再冲"}, query)
    assert twice.status_code == 422 and "已冲正" in twice.content.decode()
    for wrong in ("", f"&transfer={uuid.uuid4()}", "&transfer=x"):
        assert client.get(reverse("ask-money", args=[pot.pk]) + f"?kind=reverse{wrong}").status_code == 404
    assert client.get(reverse("ask-money", args=[pot.pk]) + "?kind=pay").status_code == 404


# a new pot, open and closed


def test_a_bond_is_registered_with_its_terms_and_faults_stand_beside_the_fields(city: City) -> None:
    client = city.signed_in("clerk")
    fields = {
        "kind": "special_bond", "name": "2025年专项债券七十期", "planned": "94,000", "issued_on": "2025.2.21", "code": "2571070",
        "interest_from_on": "2025-02-21", "matures_on": "2040-02-21", "tenor_years": "15", "rate_percent": "2.15",
        "repayment_method": "instalments", "interest_frequency": "half_yearly", "idempotency_key": str(uuid7()),
    }  # fmt: skip
    path = reverse("new-source")
    short = client.post(path, fields | {"rate_percent": "高", "name": ""})
    assert short.status_code == 422 and 'id="rate_percent-fault"' in short.content.decode() and 'value="94,000"' in short.content.decode()
    missing = client.post(path, {name: value for name, value in fields.items() if name != "code"})
    assert missing.status_code == 422 and 'id="code-fault"' in missing.content.decode()
    assert client.post(path, fields | {"kind": "bank_loan"}).status_code == 422
    answer, repeated = client.post(path, fields), client.post(path, fields)
    assert answer.status_code == 302 and answer.url == repeated.url
    made = FundingSource.objects.select_related("bond", "office").get(name="2025年专项债券七十期")
    assert (made.planned, made.office.code, made.bond.rate_percent) == (94000 * WAN, "410700-CZJ", Decimal("2.1500"))


def test_a_pot_is_closed_and_opened_only_as_it_was_seen(city: City, pot: FundingSource, projects: list[Project]) -> None:
    client = city.signed_in("clerk")
    stale = post(client, "source-state", pot.pk, {"state": "closed", "version": "99"})
    assert stale.status_code == 412 and "已被他人修改" in stale.content.decode()
    assert post(client, "source-state", pot.pk, {"state": "gone", "version": str(pot.version)}).status_code == 404
    assert post(client, "source-state", pot.pk, {"state": "closed", "version": str(pot.version)}).status_code == 302
    refused = post(client, "allocate", pot.pk, sheet([[projects[0].name, "建设", "1"]]))
    assert refused.status_code == 422 and "资金来源已关闭" in refused.content.decode()
    pot.refresh_from_db()
    assert post(client, "source-state", pot.pk, {"state": "open", "version": str(pot.version)}).status_code == 302


# 疑点


def finding(city: City) -> Any:
    from accounts.selectors import person

    actor = person(city.users["clerk"], today=clock.today())
    return finding_selectors.findings(actor, today=clock.today()).filter(rule="idle_12_months").first()


def test_a_finding_is_explained_by_one_and_written_off_by_another(city: City, pot: FundingSource, projects: list[Project]) -> None:
    given(pot, projects[0], 100)
    found = finding(city)
    clerk, checker = city.signed_in("clerk"), city.signed_in("checker")
    page = clerk.get("/funding/findings/?rule=idle_12_months").content.decode()
    assert projects[0].name in page and "100.00 万元" in page and "阈值 12 个月" in page
    assert post(clerk, "finding-reply", found.pk, {"text": " ", "version": "0"}).status_code == 422
    assert post(checker, "finding-reply", found.pk, {"text": "x", "version": "0"}).status_code == 403
    assert post(checker, "finding-write-off", found.pk, {"text": "同意", "version": "0"}).status_code == 409
    answer = post(clerk, "finding-reply", found.pk, {"text": "征迁受阻，10月恢复", "version": "0", "rule": "idle_12_months"})
    assert answer.status_code == 302 and answer.url.endswith("?rule=idle_12_months")
    stale = post(clerk, "finding-reply", found.pk, {"text": "后来的话", "version": "0"})
    assert stale.status_code == 412 and "后来的话" in stale.content.decode() and "征迁受阻" in stale.content.decode()
    assert post(clerk, "finding-write-off", found.pk, {"text": "同意", "version": "1"}).status_code == 403
    assert "finding-write" not in clerk.get("/funding/findings/").content.decode()
    assert "/write-off/" in checker.get("/funding/findings/").content.decode()
    assert post(checker, "finding-write-off", found.pk, {"text": "同意", "version": "1"}).status_code == 302
    assert "征迁受阻" not in clerk.get("/funding/findings/?rule=idle_12_months").content.decode()
    assert "征迁受阻" in clerk.get("/funding/findings/?rule=idle_12_months&state=written_off").content.decode()


def test_who_explained_sees_no_button_to_write_off(city: City, pot: FundingSource, projects: list[Project]) -> None:
    """A person may hold both roles; never both parts of one finding."""
    from accounts.models import Membership
    from common.recording import recording

    given(pot, projects[0], 100)
    with recording(TESTER):
        Membership.objects.create(user=city.users["clerk"], office=city.users["clerk"].office, role="finance_approver")
    clerk, found = city.signed_in("clerk"), finding(city)
    post(clerk, "finding-reply", found.pk, {"text": "征迁受阻", "version": "0"})
    page = clerk.get("/funding/findings/?rule=idle_12_months").content.decode()
    assert "不能核销自己说明的疑点" in page and "/write-off/" not in page
    assert post(clerk, "finding-write-off", found.pk, {"text": "同意", "version": "1"}).status_code == 403


def test_findings_are_counted_by_rule_and_hidden_from_others(city: City, pot: FundingSource, projects: list[Project]) -> None:
    far = Project.objects.exclude(office__path__contains="410782").exclude(authority__path__contains="410782").first()
    assert far is not None
    given(pot, far, 100)
    answer = city.signed_in("clerk").get("/funding/findings/")
    for one in answer.context["rules"]:
        if one["count"]:
            assert len(city.signed_in("clerk").get(one["link"]).context["rows"]) == one["count"]
    assert far.name not in city.signed_in("county").get("/funding/findings/").content.decode()
    assert post(city.signed_in("leader"), "finding-reply", finding(city).pk, {"text": "x"}).status_code == 403


def test_no_finding_is_a_good_state(city: City) -> None:
    page = city.signed_in("clerk").get("/funding/findings/").content.decode()
    assert re.search(r"\d+ 条规则，今天无疑点", page)


# budgets


PAGES = ["/funding/requests/", "/funding/requests/?state=all", "/funding/findings/", "/funding/sources/new/", "allocate", "payments", "ask"]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_at_most_eight_statements(city: City, pot: FundingSource, projects: list[Project], page: str) -> None:
    for project in projects[:5]:
        given(pot, project, 100)
    client = city.signed_in("clerk")
    submitted(client, pot, [[project.name, "建设", "1"] for project in projects[:5]])
    named = {"allocate": reverse("allocate", args=[pot.pk]), "payments": reverse("payments", args=[pot.pk])}
    path = named.get(page) or (reverse("ask-money", args=[pot.pk]) + "?kind=adjust_quota" if page == "ask" else page)
    client.get(path)
    assert len(statements(client, path)) <= 8, "\n".join(statements(client, path))


def test_the_checks_of_a_batch_take_as_many_statements_for_thirty_lines_as_for_two(
    city: City, pot: FundingSource, projects: list[Project]
) -> None:
    client, counts = city.signed_in("clerk"), []
    for n in (2, 30):
        batch = submitted(client, pot, [[project.name, "建设", "1"] for project in projects[:n]])
        path = reverse("money-batch", args=[batch])
        client.get(path)
        counts.append(len(statements(client, path)))
    assert counts[0] == counts[1], counts


def statements(client: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]


@pytest.mark.parametrize(
    "address",
    [
        "/funding/?q=%00",
        "/funding/findings/?rule=%00",
        "/funding/repayments/?year=" + "9" * 5000,
        "/projects/?q=%00a",
        "/sign-in/?next=%00",
    ],
)
def test_a_link_with_an_impossible_word_still_opens(city: City, address: str) -> None:
    assert city.signed_in("clerk").get(address).status_code in (200, 302)


def test_what_no_column_holds_is_refused_beside_its_field(city: City, pot: FundingSource, projects: list[Project]) -> None:
    clerk, name = city.signed_in("clerk"), projects[0].name
    for row in ([name, "建设", "9" * 24], [name + "\0" * 3 + "字" * 400, "建设", "1"]):
        assert post(clerk, "allocate", pot.pk, sheet([row])).status_code == 422, row
    receipt = [name, "建设", "到位", "1"]
    for line in (["记" * 3000, *receipt, "", "", "2025-03-05"], ["记-1", *receipt, "人" * 5000, "", "2025-03-05"]):
        assert post(clerk, "payments", pot.pk, sheet([line], PAYMENT)).status_code == 422, line[0][:3]
    bond = {
        "kind": "special_bond", "name": "新债", "code": "1", "interest_from_on": "2025-01-01", "matures_on": "2032-01-01",
        "tenor_years": "7", "rate_percent": "2.1", "repayment_method": "at_maturity", "interest_frequency": "yearly",
    }  # fmt: skip
    for wrong in ({"rate_percent": "99999"}, {"rate_percent": "2.123456"}, {"tenor_years": "9" * 30}, {"code": "券" * 1000}):
        answer = clerk.post(reverse("new-source"), bond | wrong | {"idempotency_key": str(uuid7())})
        assert answer.status_code == 422, wrong
    assert not Transfer.objects.filter(source=pot, kind="receive").exists()
    assert not FundingSource.objects.filter(name="新债").exists()
