"""Reminders over HTTP: read by those in reach, answered by their recipient alone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from common import clock
from projects.services import assignments
from reminders.models import Delivery, Reminder
from reminders.services import deliveries, sweep
from tests import world
from tests.reminders.days import late_project

pytestmark = pytest.mark.django_db
Api = Callable[..., world.ApiClient]


@pytest.fixture
def late(people: world.People, today: dt.date, sink: Any) -> Any:
    project = late_project(days=1, today=today - dt.timedelta(days=today.weekday() % 6 // 5))
    sweep.sweep(now=clock.now())
    return project


@pytest.fixture(autouse=True)
def _a_working_day(today: dt.date) -> None:
    """The row of tests must not fail on a Sunday: every day works."""
    from common.models import WorkDay
    from common.recording import recording

    with recording(world.TESTER):
        WorkDay.objects.bulk_create(
            WorkDay(day=today + dt.timedelta(days=n), is_working=True, is_official=True, nth=1000 + n) for n in range(-100, 100)
        )


def results(client: world.ApiClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def mine(name: str = "editor") -> Reminder:
    return Reminder.objects.get(recipient__username=name)


def test_a_reminder_says_of_what_to_whom_and_why(api: Api, late: Any) -> None:
    (row,) = [row for row in results(api("editor"), "/api/v1/reminders/") if row["id"] == str(mine().pk)]
    assert row["subject"]["name"] == "竣工"
    assert row["rung"] == {"kind": "after", "days": 1, "letter": "reminder", "audience": "office"}
    assert row["recipient"]["office"]["code"] == "410782"
    assert row["state"] == "pending"


def test_recipient_me_gives_ones_own(api: Api, late: Any) -> None:
    assert len(results(api("editor"), "/api/v1/reminders/")) == 2
    assert [row["id"] for row in results(api("editor"), "/api/v1/reminders/?recipient=me")] == [str(mine().pk)]
    assert results(api("supervisor"), "/api/v1/reminders/?recipient=me") == []
    assert api("editor").get("/api/v1/reminders/?recipient=you").status_code == 400


def test_reminders_out_of_reach_do_not_exist(api: Api, late: Any) -> None:
    assert results(api("outsider"), "/api/v1/reminders/") == []
    assert api("outsider").get(f"/api/v1/reminders/{mine().pk}/").status_code == 404
    assert api("outsider").send(f"/api/v1/reminders/{mine().pk}/acknowledge/").status_code == 404


def test_only_the_recipient_acknowledges(api: Api, late: Any) -> None:
    path = f"/api/v1/reminders/{mine().pk}/acknowledge/"
    for other in ("approver", "supervisor", "admin"):
        assert api(other).send(path).status_code == 403
    assert mine().state == "pending"
    answer = api("editor").send(path)
    assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    assert api("editor").send(path).status_code == 409


def test_only_the_recipient_snoozes_and_only_into_the_future(api: Api, late: Any, today: dt.date) -> None:
    path = f"/api/v1/reminders/{mine().pk}/snooze/"
    body = {"until_on": (today + dt.timedelta(days=3)).isoformat(), "reason": "出差"}
    assert api("approver").send(path, body).status_code == 403
    assert api("editor").send(path, {"until_on": today.isoformat()}).status_code == 422
    assert api("editor").send(path, {}).status_code in (400, 422)
    far = api("editor").send(path, {"until_on": (today + dt.timedelta(days=31)).isoformat()})
    assert (far.status_code, far.json()["errors"][0]["detail"]) == (422, "最多暂缓 30 天。")
    answer = api("editor").send(path, body)
    assert (answer.status_code, answer.json()["snoozed_until_on"]) == (200, body["until_on"])
    deliveries.deliver(clock=clock.now)
    assert mine().state == "pending"


def test_what_was_sent_can_be_acknowledged_but_not_snoozed(api: Api, late: Any, today: dt.date) -> None:
    deliveries.deliver(clock=clock.now)
    until = (today + dt.timedelta(days=3)).isoformat()
    assert api("editor").send(f"/api/v1/reminders/{mine().pk}/snooze/", {"until_on": until}).status_code == 409
    assert api("editor").send(f"/api/v1/reminders/{mine().pk}/acknowledge/").status_code == 200


def test_a_stale_answer_is_refused(api: Api, late: Any) -> None:
    assert api("editor").send(f"/api/v1/reminders/{mine().pk}/acknowledge/", match='"99.0"').status_code == 412
    assert mine().state == "pending"


def test_deliveries_are_seen_by_their_recipient_and_by_supervision(api: Api, late: Any) -> None:
    deliveries.deliver(clock=clock.now)
    of = {name: {row["recipient"]["name"] for row in results(api(name), "/api/v1/deliveries/")} for name in world.PEOPLE}
    everybody = {"editor先生", "approver先生"}
    assert {name for name, seen in of.items() if seen == everybody} == {"admin", "supervisor", "auditor"}
    assert (of["editor"], of["approver"]) == ({"editor先生"}, {"approver先生"})
    assert all(of[name] == set() for name in ("reader", "outsider", "bureau", "finance", "finance_approver"))
    other = Delivery.objects.get(recipient__username="approver")
    assert api("editor").get(f"/api/v1/deliveries/{other.pk}/").status_code == 404


def test_a_delivery_shows_what_it_carried_and_what_went_wrong(api: Api, late: Any, sink: Any) -> None:
    sink.refuse_message = "451 4.3.0 not now"
    deliveries.deliver(clock=clock.now)
    (row,) = results(api("editor"), "/api/v1/deliveries/?recipient=me")
    assert row["state"] == "failed"
    assert "not now" in row["last_error"]
    assert row["items"] == [str(mine().pk)]


def test_everybody_reads_the_ladder(api: Api, people: world.People) -> None:
    rows = results(api("reader"), "/api/v1/rungs/")
    assert len([row for row in rows if row["subject_kind"] is None and row["in_working_days"]]) == 10
    own = [(row["kind"], row["days"], row["audience"], row["letter"]) for row in rows if row["subject_kind"] == "repayment"]
    assert own == [
        ("before", 10, "office", "notice"),
        ("before", 30, "office", "notice"),
        ("before", 60, "office", "notice"),
        ("after", 1, "office", "reminder"),
        ("after", 7, "authority", "supervision"),
        ("after", 7, "office", "supervision"),
    ]
    assert not any(row["in_working_days"] for row in rows if row["subject_kind"] == "repayment")
    assert len(rows) == 16


def test_obligations_are_what_one_owes_the_most_overdue_first(api: Api, late: Any, today: dt.date) -> None:
    older = late_project(days=50, today=today, name="更早的")
    late_project(days=-29, today=today, name="快到的")
    late_project(days=-31, today=today, name="还远的")
    deliveries.deliver(clock=clock.now)
    rows = results(api("editor"), "/api/v1/me/obligations/")
    assert [row["project"]["name"] for row in rows] == ["更早的", "辉县高速", "快到的"]
    assert [row["overdue_days"] for row in rows][::2] == [50, 0]
    assert rows[0]["actions"] == ["achieve", "forecast"]
    assert rows[0]["last_reminder"] is None
    assert rows[1]["last_reminder"]["rung"]["days"] == 1
    assert results(api("editor"), "/api/v1/me/obligations/?kind=milestone") == rows
    assert results(api("editor"), "/api/v1/me/obligations/?kind=problem") == []
    assert api("editor").get("/api/v1/me/obligations/?kind=debt").status_code == 400
    assert results(api("reader"), "/api/v1/me/obligations/") == results(api("outsider"), "/api/v1/me/obligations/") == []
    assignments.assign({"project": older, "user": world.User.objects.get(username="reader"), "part": "lead"}, actor=world.TESTER)
    assert [row["project"]["name"] for row in results(api("reader"), "/api/v1/me/obligations/")] == ["更早的"]


def test_obligations_come_in_pages(api: Api, people: world.People, today: dt.date) -> None:
    for number in range(5):
        late_project(days=number + 1, today=today, name=f"工程{number}")
    client, path, names = api("editor"), "/api/v1/me/obligations/?page_size=2&kind=milestone", []
    while path:
        page = client.get(path).json()
        names += [row["project"]["name"] for row in page["results"]]
        path = page["next"]
    assert names == [f"工程{number}" for number in (4, 3, 2, 1, 0)]
