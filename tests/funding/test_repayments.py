"""The stored schedule of a bond: made when money is issued, paid row by row, told ahead."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from common.errors import AlreadyDecided, Conflict, FutureDate, Missing, RuleBroken, Stale
from common.recording import recording
from funding.models import Bond, FundingSource, Repayment
from funding.rules.repayments import Terms, schedule
from funding.selectors import repayments as selectors
from funding.services import repayments
from history.models import Change
from reminders.models import Reminder
from reminders.services import sweep
from tests import funding_rows, world

pytestmark = pytest.mark.django_db
Make = Callable[..., FundingSource]
TODAY = dt.date(2026, 6, 1)


@pytest.fixture
def bond(people: world.People) -> Make:
    """A bond over three years from 2025-03-01 at 2 %, interest and principal once a year."""

    def make(issued: str = "0.00", name: str = "2025年专项债券一期", code: str = "2305001", **terms: Any) -> FundingSource:
        pot = funding_rows.source(name, issued=issued)
        with recording(world.TESTER):
            Bond.objects.create(
                **{
                    "source": pot, "code": code, "interest_from_on": dt.date(2025, 3, 1), "matures_on": dt.date(2028, 3, 1),
                    "tenor_years": 3,
                    "rate_percent": Decimal("2.0000"), "repayment_method": "instalments", "interest_frequency": "yearly",
                    "principal_frequency": "yearly",
                } | terms
            )  # fmt: skip
        repayments.reschedule(pot.pk, actor=world.TESTER)
        return pot

    return make


def rows(source: FundingSource) -> list[tuple[Any, ...]]:
    columns = ("number", "due_on", "principal", "interest")
    return list(Repayment.objects.filter(bond__source=source).order_by("number").values_list(*columns))


def pay(source: FundingSource, number: int, on: dt.date = dt.date(2026, 2, 26), **options: Any) -> Repayment:
    row = Repayment.objects.get(bond__source=source, number=number)
    return repayments.pay(row.pk, on=on, document_no="归集1号", actor=world.TESTER, today=TODAY, **options)


def changes() -> int:
    return Change.objects.filter(table_name="funding_repayment").count()


def test_the_schedule_of_what_is_issued_is_stored(bond: Make) -> None:
    assert rows(bond("300.00")) == [
        (1, dt.date(2026, 3, 1), Decimal("100.00"), Decimal("6.00")),
        (2, dt.date(2027, 3, 1), Decimal("100.00"), Decimal("4.00")),
        (3, dt.date(2028, 3, 1), Decimal("100.00"), Decimal("2.00")),
    ]


def test_nothing_is_owed_before_the_issue_and_of_a_source_without_a_bond(bond: Make) -> None:
    assert rows(bond()) == []
    pot = funding_rows.source("中央预算内", kind="central_budget", issued="5.00")
    repayments.reschedule(pot.pk, actor=world.TESTER)
    assert not Repayment.objects.exists()


def test_all_terms_of_the_bond_count(bond: Make) -> None:
    pot = bond(
        "1000.00",
        matures_on=dt.date(2030, 3, 1), tenor_years=5, rate_percent=Decimal("2.4200"), interest_frequency="half_yearly", grace_years=2
    )  # fmt: skip
    terms = Terms(Decimal("1000.00"), Decimal("2.42"), dt.date(2025, 3, 1), dt.date(2030, 3, 1), True, 6, 12, 2)
    assert rows(pot) == [tuple(row) for row in schedule(terms)]
    assert len(rows(pot)) == 10


def test_a_second_issue_reschedules_and_what_is_paid_stays(bond: Make) -> None:
    pot = bond("300.00")
    pay(pot, 1)
    funding_rows.move("issue", pot, "100.00")
    repayments.reschedule(pot.pk, actor=world.TESTER)
    assert rows(pot) == [
        (1, dt.date(2026, 3, 1), Decimal("100.00"), Decimal("6.00")),
        (2, dt.date(2027, 3, 1), Decimal("150.00"), Decimal("6.00")),
        (3, dt.date(2028, 3, 1), Decimal("150.00"), Decimal("3.00")),
    ]
    assert Repayment.objects.get(bond__source=pot, number=1).document_no == "归集1号"


def test_what_does_not_differ_is_not_written(bond: Make) -> None:
    pot = bond("300.00")
    before = changes()
    repayments.reschedule(pot.pk, actor=world.TESTER)
    assert changes() == before == 3
    with recording(world.TESTER):
        Bond.objects.filter(source=pot).update(matures_on=dt.date(2028, 4, 1))  # the last period becomes a broken one, and one row more
    repayments.reschedule(pot.pk, actor=world.TESTER)
    assert [row[1] for row in rows(pot)] == [dt.date(2026, 3, 1), dt.date(2027, 3, 1), dt.date(2028, 3, 1), dt.date(2028, 4, 1)]


def test_a_shorter_life_takes_rows_away_with_their_reminders(bond: Make) -> None:
    pot = bond("300.00")
    last = Repayment.objects.get(bond__source=pot, number=3)
    sweep_on(last.due_on - dt.timedelta(days=9))
    assert Reminder.objects.filter(subject_id=last.pk, state="pending").exists()
    with recording(world.TESTER):
        Bond.objects.filter(source=pot).update(matures_on=dt.date(2027, 3, 1))
    repayments.reschedule(pot.pk, actor=world.TESTER)
    assert [row[2] for row in rows(pot)] == [Decimal("150.00"), Decimal("150.00")]
    assert not Reminder.objects.filter(subject_id=last.pk, state="pending").exists()
    assert "还本付息计划已变" in Reminder.objects.filter(subject_id=last.pk).values_list("state_reason", flat=True)


def test_the_whole_issue_cancelled_leaves_nothing_owed(bond: Make) -> None:
    pot = bond("300.00")
    funding_rows.move("cancel_issue", pot, "300.00")
    repayments.reschedule(pot.pk, actor=world.TESTER)
    assert rows(pot) == []


def test_less_than_was_repaid_cannot_be_left(bond: Make) -> None:
    pot = bond("300.00")
    pay(pot, 1)
    funding_rows.move("cancel_issue", pot, "250.00")
    with pytest.raises(RuleBroken, match="已归集的本金多于发行额"):
        repayments.reschedule(pot.pk, actor=world.TESTER)
    assert len(rows(pot)) == 3


def test_terms_without_a_day_that_was_paid_are_refused(bond: Make) -> None:
    pot = bond("300.00")
    pay(pot, 1)
    with recording(world.TESTER):
        Bond.objects.filter(source=pot).update(interest_from_on=dt.date(2025, 3, 2))
    with pytest.raises(RuleBroken, match="不在新的还本付息日中"):
        repayments.reschedule(pot.pk, actor=world.TESTER)


def test_more_issued_after_the_last_day_was_paid_has_no_day_left(bond: Make) -> None:
    pot = bond("300.00")
    for number in (1, 2, 3):
        pay(pot, number)
    funding_rows.move("issue", pot, "1.00")
    with pytest.raises(RuleBroken, match="没有还本日"):
        repayments.reschedule(pot.pk, actor=world.TESTER)


def test_terms_that_leave_the_calendar_are_named_as_the_reason(bond: Make) -> None:
    pot = bond()
    with recording(world.TESTER):
        Bond.objects.filter(source=pot).update(interest_from_on=dt.date(9999, 1, 1), matures_on=dt.date(9999, 12, 31))
    funding_rows.move("issue", pot, "300.00")
    with pytest.raises(RuleBroken, match="请先更正债券条款"):
        repayments.reschedule(pot.pk, actor=world.TESTER)


def test_unknown_source_is_missing(bond: Make) -> None:
    with pytest.raises(Missing):
        repayments.reschedule(world.TESTER.id or bond().pk.__class__(int=7), actor=world.TESTER)


def test_an_instalment_is_paid_once_and_not_in_the_future(bond: Make) -> None:
    pot = bond("300.00")
    with pytest.raises(FutureDate):
        pay(pot, 1, on=TODAY + dt.timedelta(days=1))
    assert pay(pot, 1, on=TODAY).paid_on == TODAY
    with pytest.raises(AlreadyDecided):
        pay(pot, 1)
    with pytest.raises(Stale):
        pay(pot, 2, version=9)
    assert pay(pot, 2, version=1).version == 2


def test_reopened_it_is_owed_again_as_the_terms_now_say(bond: Make) -> None:
    pot = bond("300.00")
    row = pay(pot, 1)
    funding_rows.move("issue", pot, "300.00")
    repayments.reschedule(pot.pk, actor=world.TESTER)
    with pytest.raises(Stale):
        repayments.reopen(row.pk, reason="记错", version=1, actor=world.TESTER)
    row = repayments.reopen(row.pk, reason="记错", version=2, actor=world.TESTER)
    assert (row.paid_on, row.document_no, row.reopen_reason, row.principal) == (None, "", "记错", Decimal("200.00"))
    with pytest.raises(Conflict):
        repayments.reopen(row.pk, reason="记错", actor=world.TESTER)
    assert Change.objects.filter(row_id=row.pk, before__paid_on="2026-02-26").exists()


# Told ahead


def sweep_on(day: dt.date, hour: int = 10) -> int:
    return sweep.sweep(now=dt.datetime(day.year, day.month, day.day, hour, tzinfo=dt.timezone(dt.timedelta(hours=8))))


def told(day: dt.date) -> set[tuple[str, int, str]]:
    sweep_on(day)
    found = Reminder.objects.filter(subject_kind="repayment").exclude(state="cancelled")
    return set(found.values_list("recipient__username", "rung__days", "rung__kind"))


def test_finance_is_told_60_30_and_10_days_ahead(bond: Make) -> None:
    pot = bond("300.00")
    due_on = dt.date(2026, 3, 1)
    assert told(due_on - dt.timedelta(days=61)) == set()
    people = {"finance", "finance_approver"}
    for number, days in enumerate((60, 30, 10), 1):
        found = told(due_on - dt.timedelta(days=days))
        assert found == {(person, step, "before") for person in people for step in (60, 30, 10)[:number]}
    reminder = Reminder.objects.filter(state="pending").first()
    assert reminder is not None
    assert (reminder.project_id, reminder.subject_name) == (None, "2025年专项债券一期 第1期还本付息 106.00 元")
    pay(pot, 1)
    assert not Reminder.objects.filter(state="pending").exists()
    assert "after" not in {kind for _who, _days, kind in told(due_on + dt.timedelta(days=2))}


def test_a_repayment_not_paid_is_told_after_its_day(bond: Make) -> None:
    bond("300.00")
    assert ("finance", 1, "after") in told(dt.date(2026, 3, 2))


def test_finance_owes_it_by_the_api(bond: Make, people: world.People, today: dt.date) -> None:
    bond("300.00", interest_from_on=today - dt.timedelta(days=350), matures_on=today + dt.timedelta(days=15), tenor_years=1)
    for name in ("finance", "finance_approver"):
        (row,) = people.client(name).get("/api/v1/me/obligations/").json()["results"]
        assert (row["kind"], row["project"], row["actions"]) == ("repayment", None, ["pay"])
    assert people.client("editor").get("/api/v1/me/obligations/").json()["results"] == []


# Reading


def listed(people: world.People, day: dt.date) -> list[dict[str, Any]]:
    query = selectors.repayments(people.principal("finance"), today=day).order_by("due_on", "number")
    return [selectors.shape(row) for row in query.values_list(*selectors.COLUMNS)]


def test_rows_are_judged_by_the_day(bond: Make, people: world.People) -> None:
    pot = bond("300.00")
    pay(pot, 1, on=dt.date(2026, 3, 4))
    first, second, _third = listed(people, dt.date(2026, 3, 3))
    assert (first["is_paid"], first["paid_on"], first["document_no"], first["is_overdue"], first["overdue_days"]) == (
        False,
        None,
        "",
        True,
        2,
    )
    assert (second["is_overdue"], second["overdue_days"], second["days_left"]) == (False, 0, 363)
    first = listed(people, dt.date(2026, 3, 4))[0]
    assert (first["is_paid"], first["is_overdue"], first["days_left"]) == (True, False, None)
    assert first["bond"] == {"id": pot.pk, "name": "2025年专项债券一期", "code": "2305001"}
    assert first["total"] == {"amount": "106.00", "currency": "CNY"}
    assert listed(people, dt.date(2026, 3, 1))[0]["days_left"] == 0


URL = "/api/v1/repayments/"


def test_the_api_lists_pays_and_reopens(bond: Make, people: world.People, today: dt.date) -> None:
    pot = bond("300.00")
    finance, approver = people.client("finance"), people.client("finance_approver")
    found = finance.get(f"{URL}?source={pot.pk}").json()["results"]
    assert set(found[0]) == {
        "id", "bond", "number", "due_on", "principal", "interest", "total", "is_paid", "paid_on", "document_no", "reopen_reason",
        "is_overdue", "overdue_days", "days_left", "version", "created_at", "updated_at",
    }  # fmt: skip
    assert [row["number"] for row in found] == [1, 2, 3]
    url = f"{URL}{found[0]['id']}/"
    assert finance.get(url).json() == found[0]
    assert approver.send(f"{url}pay/", {"on": "2026-02-26"}).status_code == 403
    assert finance.send(f"{url}pay/", {}).status_code == 400
    late = finance.send(f"{url}pay/", {"on": (today + dt.timedelta(days=1)).isoformat()})
    assert (late.status_code, late.json()["code"], late.json()["errors"][0]["pointer"]) == (422, "future_date", "#/on")
    done = finance.send(f"{url}pay/", {"on": "2026-02-26", "document_no": "归集1号"}, match=finance.get(url)["ETag"])
    assert (done.status_code, done.json()["paid_on"], done.json()["document_no"]) == (200, "2026-02-26", "归集1号")
    again = finance.send(f"{url}pay/", {"on": "2026-02-26", "document_no": None})
    assert (again.status_code, again.json()["code"], again.json()["paid_on"]) == (409, "already_decided", "2026-02-26")
    assert finance.send(f"{url}reopen/", {"reason": "记错"}).status_code == 403
    assert approver.send(f"{url}reopen/", {"reason": "记错"}, match='"1.0000000000000000"').status_code == 412
    assert approver.send(f"{url}reopen/", {"reason": "记错"}).json()["paid_on"] is None
    assert approver.send(f"{url}reopen/", {"reason": "记错"}).json()["code"] == "conflict"


def test_filters_and_past_days_of_the_api(bond: Make, people: world.People) -> None:
    pot = bond("300.00")
    bond("300.00", name="二期", code="2305002", repayment_method="at_maturity")
    pay(pot, 1)
    client = people.client("auditor")
    counts = {
        "": 6, "is_paid=true": 1, "is_paid=false": 5, f"source={pot.pk}": 3, "due_on__gte=2027-01-01": 4, "due_on__lte=2026-12-31": 2,
        "is_paid=true&as_of=2026-02-25": 0, "is_paid=true&as_of=2026-02-26": 1,
    }  # fmt: skip
    assert {query: len(client.get(f"{URL}?{query}").json()["results"]) for query in counts} == counts
    days = [row["due_on"] for row in client.get(f"{URL}?ordering=-due_on").json()["results"]]
    assert days == sorted(days, reverse=True)
    page = client.get(f"{URL}?page_size=4").json()
    assert len(page["results"] + client.get(page["next"]).json()["results"]) == 6


def test_repayments_exist_for_those_alone_who_see_everything(bond: Make, people: world.People) -> None:
    pot = bond("300.00")
    funding_rows.move("grant", pot, "300.00", world.project())
    key = Repayment.objects.filter(bond__source=pot).values_list("pk", flat=True)[0]
    seen = {name for name in world.PEOPLE if people.client(name).get(URL).json()["results"]}
    assert seen == {"admin", "supervisor", "auditor", "finance", "finance_approver"}
    assert {name for name in world.PEOPLE if people.client(name).get(f"{URL}{key}/").status_code == 200} == seen
    assert people.client("editor").send(f"{URL}{key}/pay/", {"on": "2026-02-26"}).status_code == 404
