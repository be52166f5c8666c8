"""Obligations that belong to no project: told by a ladder of their own, in calendar days, to the roles of their source."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import Membership, Office, User
from common import clock
from common.recording import recording
from portfolio.selectors import audit
from reminders import sources
from reminders.models import Reminder, Rung
from reminders.selectors import reminders as selectors
from reminders.services import deliveries, sweep
from reminders.sources import FILERS, Source
from tests import world
from tests.reminders.days import FRIDAY, MONDAY, SATURDAY, THURSDAY, WEDNESDAY, deliver_at, late_project, moment, sweep_at, told

pytestmark = pytest.mark.django_db
NAME = "2024年河南专项债二十三期 还本付息"
Owe = Callable[..., None]
Api = Callable[[str], world.ApiClient]


def ahead(days: int, *, of: dt.date = WEDNESDAY) -> dt.date:
    return of + dt.timedelta(days=days)


@pytest.fixture
def owe(people: world.People, monkeypatch: pytest.MonkeyPatch) -> Owe:
    """`owe(*days)`: these are the repayments, all of them, until the next call. Nobody's touch is ever reported."""

    def owe(*due: dt.date, office: str = "410700-CZJ", roles: tuple[str, ...] = ("finance",)) -> None:
        days = ",".join(day.isoformat() for day in due)
        obligations = f"""
            SELECT md5(day::text)::uuid AS subject_id, '{NAME}' AS subject_name, NULL::uuid AS project_id, f.id AS office_id,
                   NULL::uuid AS authority_id, day AS due_on
              FROM unnest('{{{days}}}'::date[]) day JOIN accounts_office f ON f.code = '{office}'"""
        touched = "SELECT id FROM accounts_office WHERE updated_at < '-infinity' AND updated_at >= %(since)s"
        source = Source("repayment", obligations, touched, "请在还款日前缴足资金。", ("pay",), page="/funding/repayments/", roles=roles)
        monkeypatch.setitem(sources._sources, "repayment", source)

    return owe


def who(**filters: Any) -> set[str]:
    return {name for name, _audience, _days in told(**filters)}


@pytest.mark.parametrize("days", [60, 30, 10])
def test_finance_is_told_so_many_days_ahead_and_nobody_else(owe: Owe, days: int) -> None:
    owe(ahead(days))
    sweep_at(ahead(-1))
    assert days not in {rung for _who, _audience, rung in told()}
    assert sweep_at(WEDNESDAY) == 1
    assert told(state="pending") == {("finance", "office", days)}
    assert who() == {"finance"}


@pytest.mark.deep
def test_each_step_is_told_once_from_long_before_to_long_after(owe: Owe, sink: Any) -> None:
    due_on, left = ahead(62), {}
    owe(due_on)
    for number in range(75):
        today = ahead(number)
        for hour in (10, 11):
            sweep_at(today, hour)
            deliver_at(today, hour)
        for message in sink.messages:
            left.setdefault(message["To"].split("@")[0], []).append((due_on - today).days)
        sink.messages.clear()
    assert left == {"finance": [60, 30, 10, -1, -7], "supervisor": [-7]}
    assert set(Reminder.objects.values_list("state", flat=True)) == {"sent"}


def test_days_are_counted_over_a_weekend(owe: Owe) -> None:
    owe(ahead(10, of=SATURDAY))
    assert sweep_at(FRIDAY) == 2
    assert told(state="pending") == {("finance", "office", 30)}
    assert sweep_at(SATURDAY) == 1
    assert told(state="pending") == {("finance", "office", 10)}


def test_after_the_day_a_free_day_counts_too(owe: Owe) -> None:
    owe(FRIDAY)
    sweep_at(FRIDAY)
    assert told(rung__kind="after") == set()
    assert sweep_at(SATURDAY) == 1
    assert told(rung__kind="after") == {("finance", "office", 1)}


def test_a_notice_of_a_free_day_leaves_on_the_next_working_day(owe: Owe, sink: Any, settings: Any) -> None:
    settings.REMINDER_WINDOW = "working 08:30-18:00"
    owe(ahead(60, of=SATURDAY))
    assert sweep_at(SATURDAY) == 1
    assert deliver_at(SATURDAY) == 0
    assert deliver_at(MONDAY) == 1


def test_an_incremental_sweep_looks_at_one_calendar_day(owe: Owe) -> None:
    sweep_at(WEDNESDAY)
    owe(ahead(59), ahead(60), ahead(61))
    assert sweep_at(WEDNESDAY, 10, 5) == 1
    assert set(Reminder.objects.values_list("due_on", flat=True)) == {ahead(60)}


def test_milestones_and_repayments_climb_each_their_own_ladder(owe: Owe) -> None:
    for days in (60, 30, 10, 2, -1, -60):
        late_project(days=-days, name=f"相距{days}天")
    owe(*(ahead(days) for days in (60, 30, 15, 10, 7, 1, -1, -15, -60)))
    sweep_at(WEDNESDAY)
    ladders = set(Reminder.objects.values_list("subject_kind", "rung__subject_kind"))
    assert ladders == {("milestone", None), ("repayment", "repayment")}
    assert who(subject_kind="repayment", rung__audience="office") == {"finance"}
    assert not who(subject_kind="milestone") & {"finance", "finance_approver"}


def test_a_kind_without_rungs_of_its_own_climbs_the_common_ladder(owe: Owe) -> None:
    with recording(world.TESTER):
        Rung.objects.filter(subject_kind="repayment").delete()
    owe(ahead(-1))
    sweep_at(WEDNESDAY)
    assert told() == {("finance", "office", 1)}


def test_a_ladder_has_one_rung_a_day_and_audience(people: world.People) -> None:
    with pytest.raises(IntegrityError, match="one_rung_a_ladder_day_and_audience"), recording(world.TESTER):
        Rung.objects.create(kind="after", days=1, audience="office", letter="notice")


def test_without_anybody_of_these_roles_the_supervisors_are_told(owe: Owe) -> None:
    owe(ahead(60), office="410700-JTJ")  # has an editor, whom repayments do not concern
    sweep_at(WEDNESDAY)
    assert told() == {("supervisor", "office", 60)}


def test_what_is_paid_is_not_told(owe: Owe, sink: Any) -> None:
    owe(ahead(60))
    sweep_at(WEDNESDAY)
    owe()
    assert deliver_at(WEDNESDAY) == 0
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}


def test_what_is_paid_before_the_claim_is_settled(owe: Owe) -> None:
    owe(ahead(60))
    sweep_at(WEDNESDAY)
    owe()
    sweep_at(WEDNESDAY, 10, 5)
    assert set(Reminder.objects.values_list("state", flat=True)) == {"cancelled"}


def leave(name: str) -> None:
    Membership.objects.filter(user__username=name).delete()


def move(name: str) -> None:
    Membership.objects.filter(user__username=name).update(office=Office.objects.get(code="410781"))


def retire(name: str) -> None:
    User.objects.filter(username=name).update(is_active=False)


def read_only(name: str) -> None:
    Membership.objects.filter(user__username=name).update(role="reader")


@pytest.mark.parametrize("change", [leave, move, retire, read_only])
def test_who_no_longer_holds_the_role_in_that_office_is_let_go_at_the_claim(owe: Owe, sink: Any, change: Callable[[str], None]) -> None:
    owe(ahead(60), office="410782", roles=FILERS)
    sweep_at(WEDNESDAY)
    with recording(world.TESTER):
        change("editor")
    assert deliver_at(WEDNESDAY) == 1
    assert set(Reminder.objects.values_list("recipient__username", "state")) == {("editor", "cancelled"), ("approver", "sent")}


@pytest.mark.parametrize(("role", "left"), [("supervisor", 1), ("reader", 0)])
def test_who_lost_the_role_is_told_only_if_they_see_everything(owe: Owe, sink: Any, role: str, left: int) -> None:
    owe(ahead(60))
    sweep_at(WEDNESDAY)
    with recording(world.TESTER):
        Membership.objects.filter(user__username="finance").update(role=role, office=Office.objects.get(code="410700-ZDB"))
    assert deliver_at(WEDNESDAY) == len(sink.messages) == left


def test_the_digest_says_what_and_whose_without_a_project(owe: Owe, sink: Any) -> None:
    owe(ahead(60))
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    (message,) = sink.messages
    assert (message["To"], message["Subject"].strip()) == ("finance@example.invalid", "重大项目提醒：1 项将到期")
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    lines = [line.strip() for line in text.splitlines()]
    start = lines.index(f"1. 【通知】{NAME}")
    assert lines[start + 1 : start + 4] == ["责任单位：市财政局", "应完成：2026-05-17，剩 60 天", "请办：请在还款日前缴足资金。"]
    assert f">{NAME}</a></div>" in html
    assert "通知 · 责任单位：市财政局" in html
    assert "None" not in text + html


def test_a_superior_reads_whose_repayment_it_is(owe: Owe, sink: Any) -> None:
    owe(ahead(1))
    for number in (2, 9):
        sweep_at(ahead(number))
        deliver_at(ahead(number))
    (message,) = sink.to("supervisor")
    text = message.get_body(("plain",)).get_content()
    assert f"1. 【督办函 新项督〔2026〕1号】{NAME}" in text
    assert "责任单位：市财政局" in text


def rows(client: world.ApiClient, path: str = "/api/v1/reminders/") -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_those_who_see_everything_read_it_and_nobody_else(owe: Owe, api: Api, today: dt.date) -> None:
    owe(ahead(60, of=today))
    sweep.sweep(now=clock.now())
    reminder = Reminder.objects.get()
    readers = {name for name in world.PEOPLE if rows(api(name))}
    assert readers == {"admin", "supervisor", "auditor", "finance", "finance_approver"}
    assert {name for name in world.PEOPLE if api(name).get(f"/api/v1/reminders/{reminder.pk}/").status_code == 200} == readers
    (row,) = rows(api("finance"), "/api/v1/reminders/?recipient=me&subject_kind=repayment")
    assert (row["project"], row["subject"]["name"], row["rung"]["days"]) == (None, NAME, 60)
    assert api("editor").send(f"/api/v1/reminders/{reminder.pk}/acknowledge/").status_code == 404
    assert api("supervisor").send(f"/api/v1/reminders/{reminder.pk}/acknowledge/").status_code == 403
    assert api("finance").send(f"/api/v1/reminders/{reminder.pk}/acknowledge/").json()["state"] == "acknowledged"


def test_a_recipient_who_sees_less_reads_their_own(owe: Owe, api: Api, today: dt.date) -> None:
    owe(ahead(60, of=today), office="410782", roles=FILERS)
    sweep.sweep(now=clock.now())
    seen = {name: {row["recipient"]["name"] for row in rows(api(name))} for name in world.PEOPLE}
    assert (seen["editor"], seen["approver"]) == ({"editor先生"}, {"approver先生"})
    assert seen["reader"] == seen["outsider"] == seen["bureau"] == set()
    assert {row["recipient"]["name"] for row in rows(api("finance"))} == {"editor先生", "approver先生"}


def test_finance_owes_it_and_an_editor_does_not(owe: Owe, api: Api, sink: Any, today: dt.date) -> None:
    owe(ahead(10, of=today), ahead(31, of=today))
    project = late_project(days=-20, today=today)
    sweep.sweep(now=clock.now())
    deliveries.deliver(clock=clock.now)
    path = "/api/v1/me/obligations/"
    (row,) = rows(api("finance"), path)
    assert (row["kind"], row["project"], row["subject"]["name"], row["actions"]) == ("repayment", None, NAME, ["pay"])
    assert row["last_reminder"]["rung"] == {"kind": "before", "days": 10, "letter": "notice"}
    assert [row["project"]["id"] for row in rows(api("editor"), path)] == [str(project.pk)]
    assert all(rows(api(name), path) == [] for name in ("finance_approver", "supervisor", "outsider", "reader"))


def test_obligations_of_all_kinds_are_one_list_in_pages(owe: Owe, people: world.People) -> None:
    owe(THURSDAY, MONDAY)
    late_project(days=-2, office="410700-CZJ")
    with recording(world.TESTER):
        Membership.objects.create(user=people.users["finance"], office=people.offices["410700-CZJ"], role="editor")
    actor, found, after = people.principal("finance"), [], None
    while page := selectors.obligations(actor, today=WEDNESDAY, after=after, limit=1):
        found += [(row["kind"], row["due_on"]) for row in page]
        after = page[-1]["due_on"].isoformat(), str(page[-1]["subject"]["id"])
    assert found == [("repayment", THURSDAY), ("milestone", FRIDAY), ("repayment", MONDAY)]


def test_the_audit_finds_a_repayment_that_nobody_is_told_of(owe: Owe) -> None:
    def untold() -> int:
        found = {finding.name: finding.count for finding in audit.findings(now=moment(WEDNESDAY, 23), today=WEDNESDAY)}
        return found["应催未催（repayment）"]

    owe(ahead(-10))
    assert untold() == 1
    sweep_at(WEDNESDAY)
    assert untold() == 0
