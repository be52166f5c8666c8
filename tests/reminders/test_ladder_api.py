"""Rungs, mutes, letters, deputies, findings and the calendar over HTTP."""

import datetime as dt
from typing import Any

import pytest

from accounts.models import Membership, User
from common import clock
from common.models import WorkDay
from common.recording import recording
from reminders.models import Mute, Reminder, Rung
from reminders.selectors import findings
from reminders.services import calendar
from tests import world
from tests.reminders.days import WEDNESDAY, late_project, moment, sweep_at

pytestmark = pytest.mark.django_db
API = "/api/v1"
STEP = {"kind": "after", "days": 3, "audience": "office", "letter": "reminder"}


def test_a_rung_is_added_changed_and_taken_out(people: world.People) -> None:
    client = people.client("supervisor")
    assert people.client("approver").send(f"{API}/rungs/", STEP).status_code == 403
    made = client.send(f"{API}/rungs/", STEP)
    assert (made.status_code, made.json()["in_working_days"], made.json()["subject_kind"]) == (201, True, None)
    path = made["Location"].removeprefix("http://testserver")
    assert client.change(path, {"days": 4}).status_code == 428
    changed = client.change(path, {"days": 4}, match=made["ETag"])
    assert (changed.status_code, changed.json()["days"]) == (200, 4)
    assert client.change(path, {"subject_kind": "problem"}, match=changed["ETag"]).status_code == 422
    assert client.send(path, match=made["ETag"], method="DELETE").status_code == 412
    assert client.send(path, match=changed["ETag"], method="DELETE").status_code == 204
    assert client.get(path).status_code == 404
    assert client.send(f"{API}/rungs/", STEP | {"days": 251}).status_code == 400


def test_the_preview_over_http(people: world.People) -> None:
    late_project(days=1, today=clock.today())
    client, before = people.client("supervisor"), Rung.objects.count()
    body = client.send(f"{API}/rungs/preview/", {}).json()
    assert set(body) == {"tonight", "tonight_proposed", "days"} and body["days"][0]["on"] == body["tonight"]["window_on"]
    steps = [
        {k: v for k, v in row.items() if k in (*STEP, "id", "subject_kind", "in_working_days")}
        for row in client.get(f"{API}/rungs/").json()["results"]
    ]
    again = client.send(f"{API}/rungs/preview/", {"rungs": steps}).json()
    assert all(day["now"] == day["proposed"] for day in again["days"])
    assert client.send(f"{API}/rungs/preview/", {"rungs": [STEP | {"audience": "patron"}]}).status_code == 422
    assert Rung.objects.count() == before
    assert people.client("editor").send(f"{API}/rungs/preview/", {}).status_code == 403


def test_a_mute_from_making_to_ending(people: world.People) -> None:
    project, client = late_project(days=12, today=clock.today()), people.client("supervisor")
    until = (clock.today() + dt.timedelta(days=40)).isoformat()
    body: dict[str, Any] = {"scope": {"kind": "project", "id": str(project.pk)}, "reason": "汛期", "until_on": until}
    made = client.send(f"{API}/mutes/", body).json()
    assert (made["state"], made["scope"]["name"]) == ("requested", project.name)
    assert client.send(f"{API}/mutes/{made['id']}/approve/").json()["code"] == "same_person"
    assert people.client("admin").send(f"{API}/mutes/{made['id']}/approve/").json()["state"] == "in_force"
    sweep_at(clock.today())
    rows = people.client("editor").get(f"{API}/reminders/?state=pending").json()["results"]
    assert {row["muted_until_on"] for row in rows} == {body["until_on"]}
    assert people.client("outsider").get(f"{API}/mutes/{made['id']}/").status_code == 404
    assert people.client("editor").send(f"{API}/mutes/{made['id']}/end/").status_code == 403
    assert client.send(f"{API}/mutes/{made['id']}/end/").json()["state"] == "ended"
    assert client.send(f"{API}/mutes/{made['id']}/end/").status_code == 409
    assert client.send(f"{API}/mutes/", body | {"until_on": "2020-01-01"}).status_code == 422


def test_a_deputy_over_http(people: world.People) -> None:
    client = people.client("approver")
    body = {"user": str(people.users["reader"].pk), "from_on": clock.today().isoformat(), "reason": "出差"}
    refused = client.send(f"{API}/me/deputies/", body)
    assert (refused.status_code, refused.json()["errors"][0]["detail"]) == (422, "请写明截止日。")
    (row,) = client.send(f"{API}/me/deputies/", body | {"until_on": clock.today().isoformat()}).json()["results"]
    assert (row["role"], row["user"]["name"]) == ("approver", "reader先生")
    path = f"{API}/me/deputies/{row['id']}/"
    assert people.client("reader").get(path).json()["delegated_by"]["name"] == "approver先生"
    assert people.client("editor").get(path).status_code == 404
    assert client.send(path, match=client.get(path)["ETag"], method="DELETE").status_code == 204
    assert not Membership.objects.filter(delegated_by__isnull=False).exists()


def test_a_published_day_is_counted_anew_and_what_was_told_stays_told(people: world.People, settings: Any) -> None:
    settings.REMINDER_WINDOW = "working 08:30-18:00"
    first = dt.date(2026, 3, 2)
    with recording(world.TESTER):
        nth = 0
        for number in range(60):
            day = first + dt.timedelta(days=number)
            nth += day.weekday() < 5
            WorkDay.objects.create(day=day, is_working=day.weekday() < 5, is_official=False, nth=nth)
    late_project(days=0)
    late_project(days=1, name="已逾期")
    sweep_at(WEDNESDAY, 19)  # belongs to Thursday's window
    assert set(Reminder.objects.values_list("due_at", flat=True)) == {moment(WEDNESDAY + dt.timedelta(days=1), 8, 30)}
    thursday = WorkDay.objects.get(day=WEDNESDAY + dt.timedelta(days=1))
    calendar.publish(thursday.pk, is_working=False, actor=people.principal("admin"), now=moment(WEDNESDAY, 20))
    pending = Reminder.objects.filter(state="pending")
    assert set(pending.values_list("due_at", flat=True)) == {moment(WEDNESDAY + dt.timedelta(days=2), 8, 30)}
    nths = dict(WorkDay.objects.values_list("day", "nth"))
    assert nths[thursday.day] == nths[WEDNESDAY] and nths[WEDNESDAY + dt.timedelta(days=2)] == nths[WEDNESDAY] + 1
    with recording(world.TESTER):
        Reminder.objects.update(state="sent", sent_at=moment(WEDNESDAY, 9), due_at=moment(WEDNESDAY, 8, 30))
    calendar.publish(thursday.pk, is_working=True, actor=people.principal("admin"), now=moment(WEDNESDAY, 20))
    assert set(Reminder.objects.values_list("due_at", flat=True)) == {moment(WEDNESDAY, 8, 30)}
    answer = people.client("editor").get(f"{API}/work-days/?day__gte=2026-03-18&day__lte=2026-03-18")
    (row,) = answer.json()["results"]
    path = f"{API}/work-days/{row['id']}/"
    assert people.client("editor").change(path, {"is_working": False}, match="*").status_code == 403
    assert people.client("admin").change(path, {"is_working": False}).status_code == 428


def codes(people: world.People, day: dt.date = WEDNESDAY) -> set[tuple[str, str]]:
    found = findings.findings(people.principal("supervisor"), today=day)
    return {(one.code, one.subject["name"]) for one in found}


def test_what_is_wrong_with_the_chase_is_found_and_goes_when_it_is_right(people: world.People) -> None:
    late_project(days=12, office="410782-JTJ")
    assert codes(people) == set()
    sweep_at(WEDNESDAY)
    assert codes(people) == {("audience_fell", "辉县市交通运输局")}
    with recording(world.TESTER):
        Membership.objects.create(user=people.users["reader"], office=people.offices["410782-JTJ"], role="editor")
    assert codes(people) == set()
    with recording(world.TESTER):
        User.objects.filter(username__in=["supervisor", "outsider"]).update(email="")
    assert codes(people) == {("nobody_at_all", "市重点项目服务中心"), ("no_channel", "outsider先生")}
    assert ("calendar_missing", "2027") in codes(people, dt.date(2026, 10, 1))
    assert ("calendar_missing", "2027") not in codes(people, dt.date(2026, 9, 30))
    with recording(world.TESTER):
        WorkDay.objects.create(day=dt.date(2027, 1, 1), is_working=False, is_official=True, nth=0)
    assert ("calendar_missing", "2027") not in codes(people, dt.date(2026, 10, 1))


def test_findings_are_for_who_supervises_or_reads_deliveries(people: world.People) -> None:
    statuses = {name: people.client(name).get(f"{API}/reminder-findings/").status_code for name in world.PEOPLE}
    assert {name for name, status in statuses.items() if status == 200} == {"admin", "supervisor", "auditor"}
    assert set(statuses.values()) == {200, 403}
    assert not Mute.objects.exists()
