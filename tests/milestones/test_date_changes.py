"""A due date moves by a request that another person approves, and by nothing else."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Membership, User
from common import clock
from common.errors import Conflict, SamePerson
from common.recording import recording
from milestones.models import DateChange, Dependency, Milestone
from milestones.services import date_changes as services
from milestones.services import milestones
from portfolio.models import Commitment, CommitmentProject
from projects.models import Evidence, Sector
from reminders.models import Reminder
from tests import world
from tests.reminders.days import sweep_at, told

LONG_AGO = dt.date(2025, 1, 10)
LATER = dt.date(2027, 3, 1)
CALL = "/api/v1/date-changes/"


@pytest.fixture
def late(people: world.People) -> Milestone:
    """A completion that was due long ago."""
    return world.completion(world.project(at="construction"), LONG_AGO)


def asked(
    milestone: Milestone, people: world.People, to_on: dt.date = LATER, *, by: str = "editor", today: dt.date | None = None
) -> DateChange:
    return services.ask(milestone.pk, to_on=to_on, reason="汛期停工", actor=people.principal(by), today=today or clock.today())


def approve(change: DateChange, people: world.People, *, today: dt.date | None = None) -> DateChange:
    return services.approve(change.pk, actor=people.principal("approver"), today=today or clock.today(), now=clock.now())


def body(milestone: Milestone, **fields: Any) -> dict[str, Any]:
    return {"milestone": str(milestone.pk), "to_on": LATER.isoformat(), "reason": "汛期停工", "document_no": "新发改〔2026〕1号"} | fields


def call(change: DateChange, act: str = "") -> str:
    return f"{CALL}{change.pk}/{act}{'/' if act else ''}"


def dates(milestone: Milestone) -> tuple[dt.date | None, dt.date | None, dt.date | None]:
    row = Milestone.objects.get(pk=milestone.pk)
    return row.baseline_on, row.due_on, row.missed_due_on


def test_request_says_what_would_move_and_moves_nothing(api: Any, late: Milestone, today: dt.date) -> None:
    answer = api("editor").send(CALL, body(late, cause="weather"))
    row = answer.json()
    assert (answer.status_code, row["state"], row["from_on"], row["to_on"], row["cause"]) == (
        201, "requested", "2025-01-10", "2027-03-01", "weather",
    )  # fmt: skip
    assert (row["requested_by"]["name"], row["decided_by"], row["document_no"]) == ("editor先生", None, "新发改〔2026〕1号")
    assert row["earlier"] == {"count": 0, "days": 0}
    overdue = {
        "kind": "overdue",
        "subject": {"kind": "milestone", "id": str(late.pk), "name": "竣工"},
        "from": (today - LONG_AGO).days,
        "to": 0,
    }
    assert row["impact"] == [overdue]
    assert dates(late) == (LONG_AGO, LONG_AGO, None)


def test_approval_moves_the_due_date_and_keeps_baseline_and_lateness(api: Any, late: Milestone, people: world.People) -> None:
    answer = api("approver").send(call(asked(late, people), "approve"), {"note": "同意"})
    assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]["name"]) == (200, "approved", "approver先生")
    assert dates(late) == (LONG_AGO, LATER, LONG_AGO)
    row = api("editor").get(f"/api/v1/milestones/{late.pk}/").json()
    assert (row["was_late"], row["is_overdue"], row["due_on"]) == (True, False, "2027-03-01")


def test_date_moved_in_time_was_never_late(people: world.People, today: dt.date) -> None:
    ahead = today + dt.timedelta(days=20)
    milestone = world.completion(world.project(at="construction"), ahead)
    approve(asked(milestone, people), people)
    assert dates(milestone) == (ahead, LATER, None)


def test_the_earliest_missed_date_is_kept_through_many_moves(late: Milestone, people: world.People) -> None:
    second = dt.date(2025, 6, 1)
    approve(asked(late, people, second), people)
    approve(asked(late, people), people)
    assert dates(late) == (LONG_AGO, LATER, LONG_AGO)


def test_earlier_moves_are_counted_and_summed(api: Any, late: Milestone, people: world.People) -> None:
    approve(asked(late, people, dt.date(2025, 1, 31)), people)
    rejected = asked(late, people)
    services.reject(rejected.pk, note="不充分", actor=people.principal("approver"), now=clock.now())
    approve(asked(late, people, dt.date(2025, 5, 11)), people)
    third = asked(late, people)
    assert api("editor").get(call(third)).json()["earlier"] == {"count": 2, "days": 121}


def test_completion_moved_out_of_the_year_breaks_the_promise_of_the_report(people: world.People) -> None:
    milestone = world.completion(world.project(at="construction"), dt.date(2025, 12, 31))
    with recording(world.TESTER):
        promise = Commitment.objects.create(
            year=2025, position=1, document="报告", section="一", name="确保通车", quote="…", phrase="完成", kind="complete_this_year",
            scope="project", sector=Sector.objects.first(),
        )  # fmt: skip
        CommitmentProject.objects.create(commitment=promise, project=milestone.project)
    impact = {item["kind"]: item for item in asked(milestone, people, today=dt.date(2025, 12, 1)).impact}
    assert (impact["commitment"]["subject"]["name"], impact["commitment"]["from"], impact["commitment"]["to"]) == (
        "确保通车",
        "kept",
        "broken",
    )


def test_successors_that_would_come_later_stand_in_the_impact(people: world.People, today: dt.date) -> None:
    ahead = today + dt.timedelta(days=20)
    project = world.project(at="construction")
    end = world.completion(project, ahead)
    first = milestones.create_milestone(
        project.pk, {"name": "桩基", "due_on": ahead, "basis": "approved"}, actor=world.TESTER, today=clock.today()
    )
    with recording(world.TESTER):
        Dependency.objects.create(project=project, before=first, after=end, lag_days=5)
    impact = {item["kind"]: item for item in asked(first, people, ahead + dt.timedelta(days=10)).impact}
    assert impact["successor"] == {
        "kind": "successor", "subject": {"kind": "milestone", "id": str(end.pk), "name": "竣工"}, "from": ahead.isoformat(),
        "to": (ahead + dt.timedelta(days=15)).isoformat(),
    }  # fmt: skip


@pytest.mark.parametrize("to_on", [LONG_AGO, dt.date(2036, 1, 10), dt.date(1900, 1, 1)])
def test_no_move_and_an_absurd_one_are_refused_at_the_date(api: Any, late: Milestone, to_on: dt.date) -> None:
    answer = api("editor").send(CALL, body(late, to_on=to_on.isoformat()))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/to_on")


SLIPS = [(dt.date(2206, 12, 31), "2026-12-31"), (dt.date(9999, 12, 31), "2027-03-01"), (dt.date(1926, 12, 31), "2026-12-31")]


@pytest.mark.parametrize(("slip", "meant"), SLIPS)
def test_date_that_only_a_slip_explains_moves_back(api: Any, late: Milestone, people: world.People, slip: dt.date, meant: str) -> None:
    with recording(world.TESTER):
        Milestone.objects.filter(pk=late.pk).update(due_on=slip)
    made = api("editor").send(CALL, body(late, to_on=meant))
    assert made.status_code == 201, made.content
    assert api("approver").send(f"{CALL}{made.json()['id']}/approve/", {}).status_code == 200
    assert dates(late)[1] == dt.date.fromisoformat(meant)


def test_no_door_takes_a_day_twenty_years_away(api: Any, people: world.People, today: dt.date) -> None:
    project = world.project(at="construction")
    end, later = world.completion(project), world.completion(world.project(at="construction"), today)
    calls = {
        f"/api/v1/milestones/{end.pk}/first-date/": {"due_on": "2206-12-31", "basis": "approved"},
        f"/api/v1/milestones/{end.pk}/forecast/": {"forecast_on": "9999-12-31", "reason": "雨"},
        "/api/v1/milestones/": {"project": str(project.pk), "name": "绿化", "due_on": "1926-12-31", "basis": "approved"},
        CALL: body(later, to_on="2206-12-31"),
    }
    for path, given in calls.items():
        refused = api("approver").send(path, given)
        fault = refused.json()["errors"][0]
        assert (refused.status_code, fault["code"], fault["pointer"][2:] in given) == (422, "absurd", True), path
        assert "核对年份" in fault["detail"]
    assert not Milestone.objects.filter(project=project).exclude(due_on=None, forecast_on=None).exists()


def test_undated_milestone_needs_its_first_date(api: Any, people: world.People) -> None:
    answer = api("editor").send(CALL, body(world.completion(world.project())))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/milestone")
    assert "first-date" in answer.json()["detail"]


def test_achieved_milestone_has_nothing_to_move(api: Any, late: Milestone, today: dt.date) -> None:
    milestones.achieve(late.pk, on=today, actor=world.TESTER, today=today)
    answer = api("editor").send(CALL, body(late))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_achieved")


def test_second_request_is_told_who_asked_first_and_when(api: Any, late: Milestone, people: world.People) -> None:
    first = asked(late, people)
    answer = api("approver").send(CALL, body(late))
    assert (answer.status_code, answer.json()["code"], answer.json()["id"]) == (409, "duplicate", str(first.pk))
    assert "editor先生" in answer.json()["detail"]
    assert clock.today().isoformat() in answer.json()["detail"]


def test_document_is_a_file_of_the_same_project(api: Any, late: Milestone, people: world.People) -> None:
    def file(project: Any) -> Evidence:
        return Evidence.objects.create(
            project=project, kind="document", name="批文.pdf", media_type="application/pdf", size=1, sha256="0" * 64
        )

    with recording(world.TESTER):
        foreign, ours = file(world.project("别的项目")), file(late.project)
    refused = api("editor").send(CALL, body(late, document=str(foreign.pk)))
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/document")
    assert api("editor").send(CALL, body(late, document=str(ours.pk))).json()["document"] == {"id": str(ours.pk), "name": "批文.pdf"}


@pytest.mark.parametrize("missing", ["milestone", "to_on", "reason"])
def test_required_fields(api: Any, late: Milestone, missing: str) -> None:
    given = body(late)
    del given[missing]
    answer = api("editor").send(CALL, given)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"#/{missing}")


def test_who_may_not_edit_does_not_ask(api: Any, late: Milestone) -> None:
    assert api("reader").send(CALL, body(late)).status_code == 403
    assert api("outsider").send(CALL, body(late)).json()["errors"][0]["code"] == "does_not_exist"


def test_the_one_who_asks_never_decides(api: Any, late: Milestone, people: world.People) -> None:
    change = asked(late, people, by="approver")
    for act in ("approve", "reject"):
        answer = api("approver").send(call(change, act), {"note": "可"})
        assert (answer.status_code, answer.json()["code"]) == (403, "same_person")
    assert dates(late)[1] == LONG_AGO
    assert api("admin").send(call(change, "approve"), {}).status_code == 200


def test_who_asks_never_decides_by_whatever_door(late: Milestone, people: world.People) -> None:
    change, maker = asked(late, people, by="approver"), people.principal("approver")
    with pytest.raises(SamePerson):
        approve(change, people)
    with pytest.raises(SamePerson):
        services.reject(change.pk, note="可", actor=maker, now=clock.now())


def test_only_who_may_decide_decides(api: Any, late: Milestone, people: world.People) -> None:
    change = asked(late, people)
    for name in ("reader", "bureau"):
        assert api(name).send(call(change, "approve"), {}).status_code == 403
    assert api("outsider").send(call(change, "approve"), {}).status_code == 404


def test_what_was_decided_stays_decided(api: Any, late: Milestone, people: world.People) -> None:
    change = asked(late, people)
    approve(change, people)
    for name, act in (("approver", "approve"), ("approver", "reject"), ("editor", "withdraw")):
        answer = api(name).send(call(change, act), {"note": "再议"})
        assert (answer.status_code, answer.json()["code"]) == (409, "already_decided")


def test_rejection_needs_a_reason_and_moves_nothing(api: Any, late: Milestone, people: world.People) -> None:
    change = asked(late, people)
    refused = api("approver").send(call(change, "reject"), {})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/note")
    answer = api("approver").send(call(change, "reject"), {"note": "依据不足"})
    assert (answer.json()["state"], answer.json()["decision_note"]) == ("rejected", "依据不足")
    assert dates(late) == (LONG_AGO, LONG_AGO, None)


def test_only_the_one_who_asked_withdraws(api: Any, late: Milestone, people: world.People) -> None:
    change = asked(late, people)
    assert api("approver").send(call(change, "withdraw"), {}).status_code == 403
    assert api("editor").send(call(change, "withdraw"), {}).json()["state"] == "withdrawn"
    assert asked(late, people).state == "requested"


def test_approval_names_the_version_it_saw(api: Any, late: Milestone, people: world.People) -> None:
    change = asked(late, people)
    stale = api("editor").get(call(change))["ETag"]
    with recording(world.TESTER):
        DateChange.objects.filter(pk=change.pk).update(document_no="新发改〔2026〕2号")
    answer = api("approver").send(call(change, "approve"), {}, match=stale)
    assert (answer.status_code, answer.json()["conflicting_fields"]) == (412, ["document_no"])


def test_date_that_changed_otherwise_is_not_moved(late: Milestone, people: world.People) -> None:
    change = asked(late, people)
    with recording(world.TESTER):
        Milestone.objects.filter(pk=late.pk).update(due_on=dt.date(2025, 2, 1))
    with pytest.raises(Conflict):
        approve(change, people)


def test_achieving_withdraws_the_open_request_and_says_so(late: Milestone, people: world.People, today: dt.date) -> None:
    change = asked(late, people)
    milestones.achieve(late.pk, on=today, actor=people.principal("editor"), today=today)
    change.refresh_from_db()
    assert (change.state, change.decided_by_name, change.decision_note) == ("withdrawn", "editor先生", "节点已报完成，申请自动撤回。")


def test_list_is_filtered_by_state_project_milestone_and_office(api: Any, late: Milestone, people: world.People) -> None:
    other = world.completion(world.project("水库", office="410782-JTJ"), LONG_AGO)
    first, second = asked(late, people), asked(other, people)
    services.reject(second.pk, note="不充分", actor=people.principal("approver"), now=clock.now())

    def found(query: str) -> list[str]:
        return [row["id"] for row in api("approver").get(f"{CALL}?{query}").json()["results"]]

    assert found("") == [str(second.pk), str(first.pk)]
    assert found("ordering=created_at") == [str(first.pk), str(second.pk)]
    assert found("state=requested") == [str(first.pk)]
    assert found(f"project={other.project_id}") == [str(second.pk)]
    assert found(f"milestone={late.pk}") == [str(first.pk)]
    assert found("office=410782-JTJ") == [str(second.pk)]
    assert api("approver").get(f"{CALL}?state=open").status_code == 400
    assert api("approver").get(f"{CALL}?bogus=1").status_code == 400


WRITES = [
    ("PATCH", "", {"due_on": "2027-01-01"}, 422),
    ("PATCH", "", {"name": "通车"}, 200),
    ("POST", "first-date/", {"due_on": "2027-01-01", "basis": "approved"}, 409),
    ("POST", "forecast/", {"forecast_on": "2040-01-01", "reason": "雨"}, 200),
    ("POST", "achieve/", {"on": "2025-02-01"}, 200),
    ("POST", "reopen/", {"reason": "误报"}, 200),
]


def test_no_other_call_moves_a_due_date(api: Any, late: Milestone, people: world.People) -> None:
    client = api("approver")
    for method, act, given, status in WRITES:
        path = f"/api/v1/milestones/{late.pk}/{act}"
        answer = client.send(path, given, match=client.get(f"/api/v1/milestones/{late.pk}/")["ETag"], method=method)
        assert answer.status_code == status, answer.content
        assert dates(late)[:2] == (LONG_AGO, LONG_AGO)
    version = Milestone.objects.get(pk=late.pk).version
    bulk = client.change("/api/v1/milestones/", [{"id": str(late.pk), "version": version, "due_on": "2027-01-01"}])
    assert bulk.status_code == 422
    assert dates(late)[:2] == (LONG_AGO, LONG_AGO)


def test_approval_cancels_the_reminders_of_the_old_date_and_of_the_decision(late: Milestone, people: world.People, today: dt.date) -> None:
    sweep_at(today)
    change = asked(late, people, today=today - dt.timedelta(days=30))
    sweep_at(today, 12)
    kinds = {"milestone", "date_change"}
    assert {row.subject_kind for row in Reminder.objects.pending()} == kinds
    with transaction.atomic():
        approve(change, people)
        assert not Reminder.objects.pending().exists()
        transaction.set_rollback(True)
    services.withdraw(change.pk, actor=people.principal("editor"), now=clock.now())
    assert {row.subject_kind for row in Reminder.objects.pending()} == {"milestone"}


def test_decision_is_owed_two_working_days_later(people: world.People, late: Milestone) -> None:
    thursday = dt.date(2026, 3, 19)
    assert asked(late, people, today=thursday).decision_due_on == dt.date(2026, 3, 23)


def test_approvers_owe_the_decision_not_the_office_that_asked(people: world.People, late: Milestone) -> None:
    day = dt.date(2026, 3, 18)
    asked(late, people, today=day - dt.timedelta(days=7))
    sweep_at(day)
    assert {name for name, audience, _days in told(subject_kind="date_change", state="pending") if audience == "office"} == {"approver"}


def test_where_the_only_approver_asked_the_office_above_decides(people: world.People, late: Milestone) -> None:
    day = dt.date(2026, 3, 18)
    with recording(world.TESTER):
        above = User.objects.create(username="above", name="above", email="above@example.invalid", office=people.offices["410700"])
        Membership.objects.create(user=above, office=people.offices["410700"], role="approver")
    asked(late, people, by="approver", today=day - dt.timedelta(days=7))
    sweep_at(day)
    assert {name for name, audience, _days in told(subject_kind="date_change", state="pending") if audience == "office"} == {"above"}


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_stands(people: world.People) -> None:
    world.ladder()
    milestone = world.completion(world.project(at="construction"), LONG_AGO)
    change, outcomes = asked(milestone, people), []
    gate = threading.Barrier(2)

    def decide(name: str) -> None:
        try:
            actor = people.principal(name)
            gate.wait(5)
            services.approve(change.pk, actor=actor, today=clock.today(), now=clock.now())
            outcomes.append("done")
        except Conflict as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide, args=(name,)) for name in ("approver", "admin")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_decided", "done"]
    assert dates(milestone) == (LONG_AGO, LATER, LONG_AGO)
