"""A milestone is dated, forecast, achieved and reopened; what ends it ends its reminders."""

import datetime as dt
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from common import clock
from common.recording import recording
from history.models import Change
from milestones.models import Milestone
from milestones.services import milestones as services
from reminders.models import Reminder, Rung
from tests import world

LONG_AGO = dt.date(2025, 1, 10)

EXPECTED = clock.today() + dt.timedelta(days=60)


@pytest.fixture
def late(people: world.People) -> Milestone:
    """A completion that was due long ago."""
    return world.completion(world.project(at="construction"), LONG_AGO)


def path(milestone: Milestone, call: str = "") -> str:
    return f"/api/v1/milestones/{milestone.pk}/{call}{'/' if call else ''}"


def remind(milestone: Milestone, people: world.People, **fields: Any) -> Reminder:
    with recording(world.TESTER):
        return Reminder.objects.create(
            subject_kind="milestone",
            subject_id=milestone.pk,
            subject_name=milestone.name,
            project=milestone.project,
            due_on=milestone.due_on,
            rung=Rung.objects.filter(kind="after").first(),
            recipient=people.users["editor"],
            due_at=timezone.now(),
            **fields,
        )


def test_project_is_born_with_an_undated_start_and_completion(people: world.People) -> None:
    project = world.project()
    rows = Milestone.objects.filter(project=project).order_by("position").values_list("kind", "due_on", "baseline_on", "basis", "is_key")
    assert list(rows) == [("start", None, None, None, True), ("completion", None, None, None, True)]


def test_first_date_is_baseline_and_due_date(api: Any, people: world.People) -> None:
    milestone = world.completion(world.project())
    answer = api("approver").send(
        path(milestone, "first-date"), {"due_on": "2027-05-01", "basis": "approved", "document_no": "新发改〔2025〕1号"}
    )
    body = answer.json()
    assert (answer.status_code, body["baseline_on"], body["due_on"], body["basis"]) == (200, "2027-05-01", "2027-05-01", "approved")


def test_first_date_is_refused_when_there_is_one(api: Any, late: Milestone) -> None:
    answer = api("approver").send(path(late, "first-date"), {"due_on": "2027-05-01", "basis": "approved"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_dated")
    assert Milestone.objects.get(pk=late.pk).due_on == LONG_AGO


def test_first_date_is_not_for_editors(api: Any, people: world.People) -> None:
    answer = api("editor").send(path(world.completion(world.project()), "first-date"), {"due_on": "2027-05-01", "basis": "approved"})
    assert answer.status_code == 403


def test_achieving_records_the_day_and_who_said_so(api: Any, late: Milestone) -> None:
    answer = api("editor").send(path(late, "achieve"), {"on": "2025-02-01", "note": "已验收"})
    body = answer.json()
    assert (answer.status_code, body["achieved_on"], body["note"], body["was_late"], body["is_overdue"]) == (
        200,
        "2025-02-01",
        "已验收",
        True,
        False,
    )
    change = Change.objects.filter(table_name="milestones_milestone", row_id=late.pk).latest("sequence")
    assert (change.actor_name, change.after["achieved_on"]) == ("editor先生", "2025-02-01")


def test_achieving_in_time_is_not_late(api: Any, late: Milestone) -> None:
    assert api("editor").send(path(late, "achieve"), {"on": LONG_AGO.isoformat()}).json()["was_late"] is False


def test_achieving_today_is_allowed_and_tomorrow_is_not(api: Any, late: Milestone, today: dt.date) -> None:
    refused = api("editor").send(path(late, "achieve"), {"on": (today + dt.timedelta(days=1)).isoformat()})
    assert (refused.status_code, refused.json()["code"], refused.json()["errors"][0]["pointer"]) == (422, "future_date", "#/on")
    assert Milestone.objects.get(pk=late.pk).achieved_on is None
    assert api("editor").send(path(late, "achieve"), {"on": today.isoformat()}).status_code == 200


def test_achieving_twice_is_refused_and_changes_nothing(api: Any, late: Milestone) -> None:
    api("editor").send(path(late, "achieve"), {"on": "2025-02-01"})
    again = api("editor").send(path(late, "achieve"), {"on": "2025-03-01"})
    assert (again.status_code, again.json()["code"]) == (409, "already_achieved")
    assert Milestone.objects.get(pk=late.pk).achieved_on == dt.date(2025, 2, 1)


def test_achieving_cancels_pending_reminders_in_its_transaction(late: Milestone, people: world.People, today: dt.date) -> None:
    reminder = remind(late, people)
    with transaction.atomic():
        services.achieve(late.pk, on=today, actor=world.TESTER, today=today)
        assert Reminder.objects.get(pk=reminder.pk).state == "cancelled"
        transaction.set_rollback(True)
    reminder.refresh_from_db()
    assert (reminder.state, Milestone.objects.get(pk=late.pk).achieved_on) == ("pending", None)


def test_achieving_leaves_reminders_that_were_sent(late: Milestone, people: world.People, today: dt.date) -> None:
    sent = remind(late, people, state="sent", sent_at=timezone.now())
    services.achieve(late.pk, on=today, actor=world.TESTER, today=today)
    assert Reminder.objects.get(pk=sent.pk).state == "sent"


def test_achieving_touches_no_reminder_of_another_milestone(late: Milestone, people: world.People, today: dt.date) -> None:
    other = remind(world.completion(world.project("另一个", at="construction"), LONG_AGO), people)
    services.achieve(late.pk, on=today, actor=world.TESTER, today=today)
    assert Reminder.objects.get(pk=other.pk).state == "pending"


def test_reopening_takes_the_achievement_back_but_history_keeps_it_and_late_stays_late(api: Any, late: Milestone) -> None:
    api("editor").send(path(late, "achieve"), {"on": "2025-02-01"})
    answer = api("editor").send(path(late, "reopen"), {"reason": "验收未通过"})
    body = answer.json()
    assert (answer.status_code, body["achieved_on"], body["was_late"], body["is_overdue"]) == (200, None, True, True)
    changes = (
        Change.objects.filter(table_name="milestones_milestone", row_id=late.pk)
        .order_by("sequence")
        .values_list("after__achieved_on", flat=True)
    )
    assert list(changes)[-2:] == ["2025-02-01", None]
    # achieved again on a day before it was due: it once stood late, and that stays
    assert api("editor").send(path(late, "achieve"), {"on": "2025-01-01"}).json()["was_late"] is True


def test_reopening_one_that_was_in_time_leaves_no_lateness_of_its_own(api: Any, late: Milestone) -> None:
    api("editor").send(path(late, "achieve"), {"on": "2025-01-02"})
    api("editor").send(path(late, "reopen"), {"reason": "误报"})
    assert Milestone.objects.get(pk=late.pk).missed_due_on is None


def test_reopening_an_open_milestone_is_refused(api: Any, late: Milestone) -> None:
    answer = api("editor").send(path(late, "reopen"), {"reason": "误报"})
    assert (answer.status_code, answer.json()["code"]) == (409, "not_achieved")


def test_reopening_needs_a_reason(api: Any, late: Milestone) -> None:
    api("editor").send(path(late, "achieve"), {"on": "2025-02-01"})
    answer = api("editor").send(path(late, "reopen"), {"reason": ""})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/reason")


def test_forecast_moves_slippage_and_never_the_due_date(api: Any, late: Milestone) -> None:
    answer = api("editor").send(path(late, "forecast"), {"forecast_on": EXPECTED.isoformat(), "reason": "雨季"})
    body = answer.json()
    assert (answer.status_code, body["ripple"]) == (200, [])
    row = body["milestone"]
    assert (row["forecast_on"], row["due_on"], row["forecast_reason"]) == (EXPECTED.isoformat(), "2025-01-10", "雨季")
    assert row["slippage_days"] == (EXPECTED - dt.date(2025, 1, 10)).days


def test_forecast_as_a_dry_run_changes_nothing(api: Any, late: Milestone) -> None:
    answer = api("editor").send(path(late, "forecast") + "?dry_run=true", {"forecast_on": EXPECTED.isoformat(), "reason": "雨季"})
    assert answer.json()["milestone"]["forecast_on"] == EXPECTED.isoformat()
    row = Milestone.objects.get(pk=late.pk)
    assert (row.forecast_on, row.version) == (None, late.version)
    assert not Change.objects.filter(row_id=late.pk, after__forecast_on=EXPECTED.isoformat()).exists()


def test_forecast_of_an_achieved_milestone_is_refused(api: Any, late: Milestone) -> None:
    api("editor").send(path(late, "achieve"), {"on": "2025-02-01"})
    answer = api("editor").send(path(late, "forecast"), {"forecast_on": EXPECTED.isoformat(), "reason": "雨季"})
    assert (answer.status_code, answer.json()["code"]) == (409, "already_achieved")


def test_forecast_of_a_day_that_has_passed_is_refused(api: Any, late: Milestone) -> None:
    answer = api("editor").send(path(late, "forecast"), {"forecast_on": "2025-01-20", "reason": "雨季"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/forecast_on")
    assert Milestone.objects.get(pk=late.pk).forecast_on is None


@pytest.mark.parametrize("name", ["baseline_on", "due_on", "forecast_on", "achieved_on", "kind"])
def test_dates_and_kind_are_read_only_in_a_patch(api: Any, late: Milestone, name: str) -> None:
    answer = api("editor").change(path(late), {name: "2027-01-01", "name": "改名"}, match=api("editor").get(path(late))["ETag"])
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"][0]["pointer"]) == (422, "read_only", f"#/{name}")
    assert Milestone.objects.get(pk=late.pk).name == "竣工"


def test_new_milestone_is_of_kind_other_and_undated_for_an_editor(api: Any, late: Milestone) -> None:
    body = {"project": str(late.project_id), "name": "桩基", "position": 10, "weight": "12.50"}
    made = api("editor").send("/api/v1/milestones/", body)
    row = made.json()
    assert (made.status_code, row["kind"], row["due_on"], row["weight"]) == (201, "other", None, "12.50")
    assert made["Location"].endswith(f"/api/v1/milestones/{row['id']}/")
    dated = body | {"name": "梁板", "due_on": "2026-01-01", "basis": "approved"}
    assert api("editor").send("/api/v1/milestones/", dated).status_code == 403
    row = api("approver").send("/api/v1/milestones/", dated).json()
    assert (row["due_on"], row["baseline_on"], row["basis"]) == ("2026-01-01", "2026-01-01", "approved")


def test_bulk_edit_of_milestones_is_whole_or_not_at_all(api: Any, late: Milestone) -> None:
    start = Milestone.objects.get(project=late.project, kind="start")
    items = [{"id": str(late.pk), "version": late.version, "note": "一"}, {"id": str(start.pk), "version": 99, "note": "二"}]
    answer = api("editor").change("/api/v1/milestones/", items)
    assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
    assert Milestone.objects.get(pk=late.pk).note == ""
    partial = api("editor").change("/api/v1/milestones/?partial=true", items)
    assert (partial.status_code, [row["status"] for row in partial.json()["results"]]) == (207, [200, 412])
    assert Milestone.objects.get(pk=late.pk).note == "一"
