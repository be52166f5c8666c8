"""A date moves, comes back, is kept and is not: who hears what, when."""

import datetime as dt

from accounts.models import Membership
from common.recording import recording
from milestones.models import Milestone
from milestones.services import date_changes, milestones
from projects.models import Project
from reminders.models import Reminder
from tests import world
from tests.reminders.conftest import Sink
from tests.reminders.days import FRIDAY, THURSDAY, WEDNESDAY, deliver_at, late_project, moment, sweep_at, told

FAR = WEDNESDAY + dt.timedelta(days=200)
DUE = WEDNESDAY - dt.timedelta(days=1)


def move(milestone: Milestone, to_on: dt.date, people: world.People, *, on: dt.date) -> None:
    change = date_changes.ask(milestone.pk, to_on=to_on, reason="汛期", actor=people.principal("editor"), today=on)
    date_changes.approve(change.pk, actor=people.principal("approver"), today=on, now=moment(on))


def of(project: Project) -> Milestone:
    return Milestone.objects.get(project=project, kind="completion")


def letters(name: str, sink: Sink) -> int:
    return len(sink.to(name))


def test_date_moved_away_and_back_before_it_was_told_is_told_once(people: world.People, sink: Sink) -> None:
    milestone = of(late_project())
    sweep_at(WEDNESDAY)
    move(milestone, FAR, people, on=WEDNESDAY)
    sweep_at(WEDNESDAY, 11)
    assert deliver_at(WEDNESDAY, 12) == 0
    move(milestone, DUE, people, on=THURSDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert (letters("editor", sink), letters("approver", sink)) == (1, 1)


def test_date_moved_away_and_back_after_it_was_told_is_not_told_again(people: world.People, sink: Sink) -> None:
    milestone = of(late_project())
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    heard = letters("editor", sink)
    move(milestone, FAR, people, on=WEDNESDAY)
    move(milestone, DUE, people, on=WEDNESDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert (heard, letters("editor", sink)) == (1, 1)


def test_achieved_and_reopened_before_it_was_told_is_told(people: world.People, sink: Sink) -> None:
    milestone = of(late_project())
    sweep_at(WEDNESDAY)
    milestones.achieve(milestone.pk, on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    sweep_at(WEDNESDAY, 11)
    assert deliver_at(WEDNESDAY, 12) == 0
    milestones.reopen(milestone.pk, reason="误报", actor=world.TESTER, today=THURSDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert letters("editor", sink) == 1


def test_achieved_and_reopened_after_it_was_told_hears_only_the_next_rung(people: world.People, sink: Sink) -> None:
    milestone = of(late_project())
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    milestones.achieve(milestone.pk, on=WEDNESDAY, actor=world.TESTER, today=WEDNESDAY)
    milestones.reopen(milestone.pk, reason="误报", actor=world.TESTER, today=WEDNESDAY)
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert letters("editor", sink) == 1
    next_rung = DUE + dt.timedelta(days=9)  # seven working days later
    sweep_at(next_rung)
    deliver_at(next_rung)
    assert letters("editor", sink) == 2


def test_office_that_was_merged_hears_nothing_more_and_its_heir_everything(people: world.People) -> None:
    project = late_project()
    with recording(world.TESTER):
        Project.objects.filter(pk=project.pk).update(office=people.offices["410781"])
    sweep_at(WEDNESDAY)
    assert {name for name, audience, _days in told(state="pending") if audience == "office"} == {"outsider"}


def test_person_who_is_gone_hears_nothing_and_the_others_do(people: world.People) -> None:
    late_project()
    with recording(world.TESTER):
        people.users["approver"].is_active = False
        people.users["approver"].save(update_fields=["is_active"])
    sweep_at(WEDNESDAY)
    assert {name for name, audience, _days in told(state="pending") if audience == "office"} == {"editor"}


def test_person_whose_membership_ended_hears_until_its_last_day(people: world.People) -> None:
    late_project()
    with recording(world.TESTER):
        Membership.objects.filter(user=people.users["approver"]).update(valid_until_on=WEDNESDAY)
    sweep_at(WEDNESDAY)
    assert Reminder.objects.filter(recipient=people.users["approver"]).exists()
    late_project(today=FRIDAY, name="另一条路")
    sweep_at(FRIDAY)
    assert not Reminder.objects.filter(recipient=people.users["approver"], project__name="另一条路").exists()
