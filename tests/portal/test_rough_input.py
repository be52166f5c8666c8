"""What no page sends by itself: signs that cannot be stored, numbers without end, texts longer than their place. Never a server error."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from common.api.serializers import StrictSerializer
from common.ids import uuid7
from common.shapes import plain_number
from funding.api.serializers.findings import ReplyInput, WriteOffInput
from funding.api.serializers.repayments import PayInput
from funding.api.serializers.requests import BatchRejectInput, RequestInput
from funding.api.serializers.sources import BondInput, SourceInput
from funding.api.serializers.transfers import FactInput
from funding.models import Finding, FindingReply, FundingSource, Repayment, Transfer, TransferRequest
from tests import funding_rows
from tests.portal.conftest import PASSWORD, City
from tests.portal.purse import Purse, make_purse
from tests.portal.test_money_acts import PAYMENT, decide, finding, post, sheet, submitted
from tests.sampling import few

NUL, ENDLESS, NINES = "\0", "9" * 5000, "9" * 24  # Python reads no number of more than 4300 digits


@pytest.fixture(scope="module")
def filled(loaded: City, django_db_blocker: Any) -> Purse:
    with django_db_blocker.unblock():
        return make_purse()


@pytest.fixture
def purse(city: City, filled: Purse) -> Purse:
    return filled


@pytest.fixture
def clerk(city: City) -> Client:
    return city.signed_in("clerk")


# addresses


@pytest.mark.parametrize("value", few([f"九{NUL}峰", ENDLESS, "٣" * 30, "0001-01-01"], always=[f"九{NUL}峰", "٣" * 30]))
def test_a_link_never_fails_for_a_word_too_many(purse: Purse, clerk: Client, value: str) -> None:
    source = reverse("source", args=[purse.bond.pk])
    pages = {
        "/projects/": (
            "q", "tag", "overdue_days__gte", "slippage_days__gte", "total_investment__lte", "completion_due__gte", "stage",
        ),
        "/funding/": ("q", "kind", "state", "as_of", "ordering"),
        "/funding/findings/": ("rule", "project", "as_of"),
        "/funding/repayments/": ("year", "month", "bond", "as_of"),
        "/funding/requests/": ("before", "state", "kind"),
        source: ("q", "part", "allocation", "as_of"),
        "/funding/sources/new/": ("name",),
        "/sign-in/": ("next",),
        "/board/": ("lang",),
    }  # fmt: skip
    for path, names in pages.items():
        for query in (dict.fromkeys(names, value), {"cursor": value}):
            answer = clerk.get(path, query | {"tab": "transfers"}, follow=True)
            # who is signed in goes on from the door to `next`, where there may be nothing
            assert answer.status_code == 200 or (path == "/sign-in/" and answer.status_code == 404), (path, query)


def test_a_value_with_nul_is_left_aside_and_the_others_are_kept(purse: Purse, clerk: Client) -> None:
    answer = clerk.get("/funding/", {"q": f"债券{NUL}", "kind": "bank_loan", f"state{NUL}": "open"})
    assert [row["id"] for row in answer.context["rows"]] == [purse.loan.pk]
    assert clerk.get("/projects/?q=%00&q=jfs").context["q"] == "jfs"


def test_a_cookie_with_nul_is_nobody(city: City) -> None:
    client = Client(headers={"cookie": r'sessionid="abcdefgh\000ijkl"'})
    assert client.get("/board/").status_code == 302
    assert client.get("/api/v1/projects/").status_code == 401


def test_no_year_or_month_of_the_calendar_is_left_aside_from_the_heading_too(purse: Purse, clerk: Client) -> None:
    year = Repayment.objects.earliest("due_on").due_on.year
    assert clerk.get(f"/funding/repayments/?year={year}&month=99").context["month_word"] == str(year)
    assert clerk.get(f"/funding/repayments/?year={ENDLESS}").context["state_word"] == "60 天内及逾期"


# signing in


@pytest.mark.parametrize(("login", "status"), [(f"lea{NUL}der", 302), (f"{NUL}nobody-here", 422), ("x" * 5000, 422)])
def test_the_sign_in_form_takes_any_text(city: City, login: str, status: int) -> None:
    assert Client().post("/sign-in/", {"login": login, "password": PASSWORD}).status_code == status


# forms


def test_nul_is_taken_out_of_what_was_pasted(purse: Purse, clerk: Client, city: City) -> None:
    batch = submitted(clerk, purse.bond, [[f"{purse.own.name}{NUL}", f"建{NUL}设", "1"]], document_no=f"新财{NUL}债〔2025〕1号")
    assert TransferRequest.objects.get(batch=batch).document_no == "新财债〔2025〕1号"
    assert decide(city.signed_in("checker"), batch, "reject", note=f"额度{NUL}不足").status_code == 302
    assert TransferRequest.objects.get(batch=batch).decision_note == "额度不足"
    row = [f"Z{NUL}7", purse.own.name, "建设", "支付", "1", f"甲{NUL}公司", f"进度{NUL}款", "2026-01-05"]
    assert post(clerk, "payments", purse.bond.pk, sheet([row], PAYMENT)).status_code == 302
    paid = Transfer.objects.get(voucher_no="Z7")
    assert (paid.payee, paid.purpose) == ("甲公司", "进度款")
    issue = {"amount": "1", "reason": f"增{NUL}发", "idempotency_key": str(uuid7())}
    assert post(clerk, "ask-money", purse.bond.pk, issue, "?kind=issue").status_code == 302
    assert TransferRequest.objects.get(kind="issue", state="requested").reason == "增发"
    made = {"kind": "bank_loan", "name": f"贷{NUL}款", "idempotency_key": str(uuid7())}
    assert clerk.post(reverse("new-source"), made).status_code == 302
    assert FundingSource.objects.filter(name="贷款").exists()
    found = finding_of(city)
    assert post(clerk, "finding-reply", found.pk, {"text": f"征迁{NUL}受阻", "version": "0"}).status_code == 302
    assert FindingReply.objects.get(subject_id=found.subject_id).text == "征迁受阻"


def finding_of(city: City) -> Finding:
    found = finding(city)
    assert found is not None
    return found


@pytest.mark.parametrize("text", [NINES, f"{NINES[:-2]}亿", f"{NINES[:-1]}万", "1000000000.01", "0." + NINES[:22]])
def test_an_amount_beyond_all_money_is_a_fault_beside_its_field(purse: Purse, clerk: Client, text: str) -> None:
    allocated = post(clerk, "allocate", purse.bond.pk, sheet([[purse.own.name, "建设", text]]))
    assert allocated.status_code == 422 and allocated.context["sheet"].lines[0].wrong == {"amount"}
    asked = post(clerk, "ask-money", purse.bond.pk, {"amount": text, "idempotency_key": str(uuid7())}, "?kind=issue")
    assert asked.status_code == 422 and 'id="amount-fault"' in asked.content.decode()
    fields = {"kind": "bank_loan", "name": "贷款", "planned": text, "idempotency_key": str(uuid7())}
    made = clerk.post(reverse("new-source"), fields)
    assert made.status_code == 422 and 'id="planned-fault"' in made.content.decode()


def test_the_largest_amount_is_understood(purse: Purse, clerk: Client) -> None:
    answer = post(clerk, "ask-money-check", purse.bond.pk, {"amount": "1,000,000,000"}, "?kind=issue")
    assert not answer.context["asked"].form.faults and answer.context["asked"].move.amount == 10**13


def test_a_version_without_end_is_no_version(purse: Purse, clerk: Client, city: City) -> None:
    assert post(clerk, "source-state", purse.bond.pk, {"state": "closed", "version": ENDLESS}).status_code == 412
    due = Repayment.objects.earliest("due_on")
    assert post(clerk, "pay", due.pk, {"paid_on": "", "version": ENDLESS}).status_code == 422
    assert post(clerk, "finding-reply", finding_of(city).pk, {"text": "x", "version": ENDLESS}).status_code == 302
    batch = submitted(clerk, purse.bond, [[purse.own.name, "建设", "1"]])
    assert post(city.signed_in("checker"), "money-batch", batch, {"act": "approve", "expected_count": ENDLESS}).status_code < 500


# how much fits: what the API takes


BOND = {
    "kind": "special_bond", "name": "七十期", "issued_on": "2025-02-21", "code": "2571070", "interest_from_on": "2025-02-21",
    "matures_on": "2040-02-21", "tenor_years": "15", "rate_percent": "2.15", "repayment_method": "instalments",
    "interest_frequency": "half_yearly",
}  # fmt: skip


def longest(shape: type[StrictSerializer], name: str) -> int:
    return int(getattr(shape().fields[name], "max_length", 0))


@pytest.mark.parametrize(
    ("name", "text"),
    [("rate_percent", "99999"), ("rate_percent", "100"), ("rate_percent", "2.123456"), ("rate_percent", ENDLESS), ("tenor_years", "99999"),
     ("tenor_years", "0"), ("tenor_years", ENDLESS), ("grace_years", "99999"), ("grace_years", "15"), ("interest_from_on", "0001-01-01"),
     ("matures_on", "2025-02-21"), ("matures_on", "9999-12-31"), ("issued_on", "1066-01-01"), ("amount", NINES)],
)  # fmt: skip
def test_terms_of_a_bond_beyond_what_the_api_takes_are_faults_beside_their_fields(city: City, clerk: Client, name: str, text: str) -> None:
    answer = clerk.post(reverse("new-source"), BOND | {name: text, "idempotency_key": str(uuid7())})
    assert answer.status_code == 422, answer.content.decode()
    assert f'id="{name}-fault"' in answer.content.decode() and f'value="{text}"' in answer.content.decode()
    assert not FundingSource.objects.filter(name="七十期").exists()


@pytest.mark.parametrize(
    ("name", "text"), [("rate_percent", "2.1234"), ("rate_percent", "99.9999%"), ("tenor_years", "15年"), ("grace_years", "14")]
)
def test_terms_of_a_bond_at_their_limits_are_taken(city: City, clerk: Client, name: str, text: str) -> None:
    answer = clerk.post(reverse("new-source"), BOND | {name: text, "idempotency_key": str(uuid7())})
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.parametrize(
    ("shape", "name"),
    [(SourceInput, "name"), (SourceInput, "document_no"), (BondInput, "code"), (BondInput, "short_name"), (BondInput, "series")],
)
def test_texts_of_a_new_source_fit_at_both_doors_alike(city: City, clerk: Client, shape: type[StrictSerializer], name: str) -> None:
    most = longest(shape, name)
    for number, status in ((most + 1, 422), (most, 302)):
        answer = clerk.post(reverse("new-source"), BOND | {name: "文" * number, "idempotency_key": str(uuid7())})
        assert answer.status_code == status, answer.content.decode()
        assert (f'id="{name}-fault"' in answer.content.decode()) == (status == 422)


@pytest.mark.parametrize(("column", "name"), [(0, "voucher_no"), (5, "payee"), (6, "purpose")])
def test_texts_of_a_payment_fit_at_both_doors_alike(city: City, clerk: Client, purse: Purse, column: int, name: str) -> None:
    row, most = ["Z1", purse.own.name, "建设", "支付", "1", "", "", "2026-01-05"], longest(FactInput, name)
    for number, status in ((3000, 422), (most + 1, 422), (most, 302)):
        answer = post(clerk, "payments", purse.bond.pk, sheet([[*row[:column], "凭" * number, *row[column + 1 :]]], PAYMENT))
        assert answer.status_code == status, answer.content.decode()
        if status == 422:
            assert answer.context["sheet"].lines[0].wrong == {PAYMENT.split()[column]} and f"最多 {most} 个字" in answer.content.decode()


def test_texts_of_an_allocation_fit_at_both_doors_alike(city: City, clerk: Client, purse: Purse) -> None:
    row = [purse.own.name, "建设", "1", "负5"]
    for field, most in (("document_no", longest(RequestInput, "document_no")), ("reason-1", longest(RequestInput, "override_reason"))):
        long = "长" * (most + 1)
        answer = post(clerk, "allocate", purse.bond.pk, sheet([row], **{"reason-1": "已获批复", field: long}))
        page = answer.content.decode()
        assert answer.status_code == 422 and f"最多 {most} 个字" in page and f'value="{long}"' in page
        assert post(clerk, "allocate", purse.bond.pk, sheet([row], **{"reason-1": "已获批复", field: long[1:]})).status_code == 302
    assert TransferRequest.objects.filter(source=purse.bond, state="requested", override_reason__gt="").count() == 2


@pytest.mark.parametrize("name", ["document_no", "reason"])
def test_texts_of_a_request_fit_at_both_doors_alike(city: City, clerk: Client, purse: Purse, name: str) -> None:
    most = longest(RequestInput, name)
    for number, status in ((most + 1, 422), (most, 302)):
        fields = {"amount": "1", name: "长" * number, "idempotency_key": str(uuid7())}
        answer = post(clerk, "ask-money", purse.bond.pk, fields, "?kind=issue")
        assert answer.status_code == status and (f'id="{name}-fault"' in answer.content.decode()) == (status == 422)


def test_texts_of_those_who_decide_fit_at_both_doors_alike(city: City, clerk: Client, purse: Purse) -> None:
    checker, found, due = city.signed_in("checker"), finding_of(city), Repayment.objects.earliest("due_on")
    batch = submitted(clerk, purse.bond, [[purse.own.name, "建设", "1"]])
    doors: list[tuple[Client, str, uuid.UUID, str, dict[str, str], type[StrictSerializer], str]] = [
        (checker, "money-batch", batch, "note", {"act": "reject", "expected_count": "1"}, BatchRejectInput, "note"),
        (clerk, "finding-reply", found.pk, "text", {"version": "0"}, ReplyInput, "text"),
        (checker, "finding-write-off", found.pk, "text", {"version": "1"}, WriteOffInput, "note"),
        (clerk, "pay", due.pk, "document_no", {"paid_on": "2026-01-05", "version": str(due.version)}, PayInput, "document_no"),
    ]
    for client, path, key, field, fields, shape, name in doors:
        most = longest(shape, name)
        refused = post(client, path, key, fields | {field: "长" * (most + 1)})
        assert refused.status_code == 422 and f"最多 {most} 个字" in refused.content.decode(), path
        assert "长" * (most + 1) in refused.content.decode(), path
        assert post(client, path, key, fields | {field: "长" * most}).status_code == 302, path


def test_a_name_longer_than_any_is_no_project(city: City, clerk: Client, purse: Purse) -> None:
    answer = post(clerk, "allocate", purse.bond.pk, sheet([[purse.own.name * 100, "建设", "1"]]))
    line = answer.context["sheet"].lines[0]
    assert answer.status_code == 422 and line.wrong == {"project"} and line.nearest == ""


# by id


def test_requests_stand_as_their_ids_do_and_the_line_named_is_the_one_refused(city: City, purse: Purse) -> None:
    """A client may name its own ids: the page, and the services that count lines, follow them."""
    pot, batch = funding_rows.source("小额", issued="30000.00"), uuid7()
    part, other = (funding_rows.allocation(pot, project) for project in (purse.own, purse.other))
    for key, allocation, amount in ((uuid.UUID(int=2**120), part, "20000.00"), (uuid.UUID(int=2**119), other, "20000.00")):
        funding_rows.request("grant", pot, amount, allocation=allocation, state="requested", batch=batch, id=key)
    checker = city.signed_in("checker")
    page = checker.get(reverse("money-batch", args=[batch]))
    assert [row.request.project for row in page.context["rows"]] == [purse.other, purse.own]
    refused = decide(checker, batch, "approve")
    assert refused.status_code == 409 and f"第 2 行 {purse.own.name}：余额不足" in refused.content.decode()


@pytest.mark.parametrize(
    ("number", "text"), [("30.0000", "30"), ("100", "100"), ("1.2000", "1.2"), ("0.0", "0"), ("1E+3", "1000"), ("-0.50", "-0.5")]
)
def test_a_plain_number_has_no_needless_zeros(number: str, text: str) -> None:
    assert plain_number(Decimal(number)) == text
