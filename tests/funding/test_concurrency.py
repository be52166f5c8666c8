"""Many at once through the API: no yuan twice, one answer for one key, and what was refused leaves nothing."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from funding.models import Allocation, FundingSource, Transfer, TransferRequest
from tests import world
from tests.sampling import few

API = "/api/v1"


@pytest.fixture
def city(transactional_db: None) -> world.People:
    people = world.people()
    world.ladder()
    return people


def at_once(count: int, call: Callable[[int], Any]) -> list[Any]:
    """What each of `count` threads was answered, all let go at the same instant."""
    answers: list[Any] = [None] * count
    start = threading.Barrier(count)

    def one(number: int) -> None:
        try:
            start.wait()
            answers[number] = call(number)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def send(people: world.People, who: str, path: str, body: Any, key: str | None = None) -> Any:
    client: Any = people.client(who)
    headers = {"idempotency-key": key or str(uuid.uuid4())}
    return client._json("POST", f"{API}/{path}", body, **headers)


def yuan(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def source(people: world.People, issued: str) -> FundingSource:
    """A source with its issue approved, through the API."""
    made = send(people, "finance", "funding-sources/", {"kind": "local_fiscal", "name": "市级资金", "issued_on": "2025-01-01"})
    assert made.status_code == 201, made.content
    asked = send(people, "finance", "transfer-requests/", {"kind": "issue", "source": made.json()["id"], "amount": yuan(issued)})
    assert asked.status_code == 201, asked.content
    done = people.client("finance_approver").send(f"{API}/transfer-requests/{asked.json()['id']}/approve/")
    assert done.status_code == 200, done.content
    return FundingSource.objects.get(pk=made.json()["id"])


@pytest.mark.parametrize("race", few([(12, "250.00", 8), (50, "1000.00", 33)], always=[(12, "250.00", 8)]))
def test_many_approve_thirty_each_and_no_more_win_than_the_source_pays_for(city: world.People, race: tuple[int, str, int]) -> None:
    many, issued, winners = race
    pot = source(city, issued)
    project = world.project(at="construction")
    body = {"kind": "grant", "source": str(pot.pk), "project": str(project.pk), "use": "construction", "amount": yuan("30.00")}
    ids = [send(city, "finance", "transfer-requests/", body).json()["id"] for _ in range(many)]
    answers = at_once(many, lambda n: city.client("finance_approver").send(f"{API}/transfer-requests/{ids[n]}/approve/"))
    assert Counter(answer.status_code for answer in answers) == {200: winners, 409: many - winners}
    for answer in answers:
        if answer.status_code == 409:
            problem = answer.json()
            assert (problem["code"], problem["available"]) == ("insufficient_balance", yuan("10.00"))
    pot.refresh_from_db()
    assert pot.allocated == Allocation.objects.get().granted == 30 * winners
    states = Counter(TransferRequest.objects.filter(kind="grant").values_list("state", flat=True))
    assert states == {"approved": winners, "requested": many - winners}


def test_twelve_identical_facts_with_one_key_are_one_row_and_one_body(city: world.People) -> None:
    pot = source(city, "1000.00")
    project = world.project(at="construction")
    grant = {"kind": "grant", "source": str(pot.pk), "project": str(project.pk), "use": "construction", "amount": yuan("500.00")}
    asked = send(city, "finance", "transfer-requests/", grant).json()["id"]
    city.client("finance_approver").send(f"{API}/transfer-requests/{asked}/approve/")
    fact = grant | {"kind": "receive", "amount": yuan("10.00"), "voucher_no": "记-001", "occurred_on": "2025-02-01"}
    key = str(uuid.uuid4())
    answers = at_once(12, lambda n: send(city, "finance", "transfers/", fact, key))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert Transfer.objects.filter(kind="receive").count() == 1
    other = send(city, "finance", "transfers/", fact | {"amount": yuan("11.00")}, key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")


def test_one_request_is_approved_once_however_many_try(city: world.People) -> None:
    pot = source(city, "1000.00")
    project = world.project(at="construction")
    body = {"kind": "grant", "source": str(pot.pk), "project": str(project.pk), "use": "construction", "amount": yuan("30.00")}
    asked = send(city, "finance", "transfer-requests/", body).json()["id"]
    answers = at_once(12, lambda n: city.client("finance_approver").send(f"{API}/transfer-requests/{asked}/approve/"))
    assert Counter((answer.status_code, answer.json().get("code")) for answer in answers) == {(200, None): 1, (409, "already_decided"): 11}
    assert Transfer.objects.filter(kind="grant").count() == 1


def test_one_transfer_is_reversed_once_however_many_requests_ask_for_it(city: world.People) -> None:
    pot = source(city, "1000.00")
    issue = Transfer.objects.get(source=pot)
    ids = [send(city, "finance", "transfer-requests/", {"kind": "reverse", "reverses": str(issue.pk)}).json()["id"] for _ in range(8)]
    answers = at_once(8, lambda n: city.client("finance_approver").send(f"{API}/transfer-requests/{ids[n]}/approve/"))
    assert Counter((answer.status_code, answer.json().get("code")) for answer in answers) == {(200, None): 1, (409, "already_reversed"): 7}
    pot.refresh_from_db()
    assert pot.issued == 0


def test_the_same_voucher_from_many_sides_is_entered_once(city: world.People) -> None:
    pot = source(city, "1000.00")
    project = world.project(at="construction")
    grant = {"kind": "grant", "source": str(pot.pk), "project": str(project.pk), "use": "construction", "amount": yuan("500.00")}
    asked = send(city, "finance", "transfer-requests/", grant).json()["id"]
    city.client("finance_approver").send(f"{API}/transfer-requests/{asked}/approve/")
    fact = grant | {"kind": "receive", "amount": yuan("10.00"), "voucher_no": "记-001", "occurred_on": "2025-02-01"}
    answers = at_once(16, lambda n: send(city, "finance", "transfers/", fact))
    assert Counter((answer.status_code, answer.json().get("code")) for answer in answers) == {(201, None): 1, (409, "duplicate"): 15}
    first = str(Transfer.objects.get(kind="receive").pk)
    assert {answer.json()["id"] for answer in answers} == {first}
