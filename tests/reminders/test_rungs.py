"""The ladder is rows, judged whole, and tried before it stands."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from common.errors import Denied, RuleBroken
from reminders.errors import PreviewTooLong, RetiredRung, SameRung, SweepAtWork
from reminders.models import Delivery, Reminder, Rung, SweepState
from reminders.services import preview, rungs, sweep
from reminders.sources import sources
from tests import world
from tests.reminders.days import MONDAY, THURSDAY, WEDNESDAY, WORKING_HOURS, deliver_at, late_project, moment, sweep_at, told

pytestmark = pytest.mark.django_db


def rung(**of: object) -> Rung:
    return Rung.objects.get(subject_kind=None, **of)


def test_a_new_rung_is_climbed_by_what_is_late_already(people: world.People) -> None:
    late_project(days=5)
    sweep_at(WEDNESDAY)
    rungs.create({"kind": "after", "days": 3, "audience": "office", "letter": "reminder"}, actor=people.principal("supervisor"))
    sweep_at(WEDNESDAY, 10, 2)
    assert ("editor", "office", 3) in told(state="pending")


def test_a_rung_that_told_somebody_is_retired_and_comes_back_as_the_same(people: world.People, sink: object) -> None:
    late_project(days=12)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    used = rung(kind="after", days=7, audience="office")
    rungs.remove(used.pk, version=used.version, actor=people.principal("supervisor"))
    assert not Rung.objects.get(pk=used.pk).is_active
    late_project(days=12, name="另一项目")
    sweep_at(THURSDAY)
    assert told(rung=used, project__name="另一项目") == set()
    again = {"kind": "after", "days": 7, "audience": "office", "letter": "supervision"}
    assert rungs.create(again, actor=people.principal("admin")).pk == used.pk
    unused = rung(kind="before", days=15)
    rungs.remove(unused.pk, version=None, actor=people.principal("admin"))
    assert not Rung.objects.filter(pk=unused.pk).exists()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "after", "days": 1, "audience": "patron"}, "days"),  # not before the office has heard
        ({"kind": "before", "days": 3, "audience": "authority"}, "days"),
        ({"kind": "after", "days": 9, "audience": "office", "in_working_days": False}, "in_working_days"),
        ({"subject_kind": "problem", "kind": "before", "days": 3, "audience": "filer"}, "audience"),  # lateness would be told nobody
    ],
)
def test_a_ladder_that_would_not_hold_is_refused(people: world.People, fields: dict, field: str) -> None:
    before = list(Rung.objects.order_by("id").values())
    with pytest.raises(RuleBroken) as refusal:
        rungs.create(fields | {"letter": "notice"}, actor=people.principal("supervisor"))
    assert refusal.value.faults[0].path == (field,)
    assert list(Rung.objects.order_by("id").values()) == before


def test_the_first_step_of_the_office_stays_while_superiors_follow_it(people: world.People) -> None:
    first = rung(kind="after", days=1)
    with pytest.raises(RuleBroken):
        rungs.remove(first.pk, version=None, actor=people.principal("supervisor"))
    with pytest.raises(RuleBroken):
        rungs.edit(first.pk, {"days": 7, "audience": "filer"}, version=None, actor=people.principal("supervisor"))
    with pytest.raises(SameRung):
        rungs.edit(first.pk, {"days": 7}, version=None, actor=people.principal("supervisor"))
    with pytest.raises(Denied):
        rungs.edit(first.pk, {"days": 2}, version=None, actor=people.principal("approver"))
    assert rungs.edit(first.pk, {"days": 2}, version=first.version, actor=people.principal("supervisor")).days == 2


def test_a_change_of_the_ladder_sweeps_the_whole_range_next(people: world.People) -> None:
    sweep_at(WEDNESDAY)
    rungs.edit(rung(kind="before", days=15).pk, {"days": 20}, version=None, actor=people.principal("admin"))
    assert SweepState.objects.get().whole_on is None


def test_the_preview_counts_what_the_sweep_then_sends_and_changes_nothing(people: world.People, sink: object, settings: Any) -> None:
    settings.REMINDER_WINDOW = WORKING_HOURS
    late_project(days=1)
    late_project(days=0, name="今天到期")  # and its notice of the day before
    before = list(Rung.objects.order_by("id").values()), Reminder.objects.count(), Delivery.objects.count()
    found = preview.preview(None, now=moment(WEDNESDAY, 8), actor=people.principal("supervisor"))
    assert (list(Rung.objects.order_by("id").values()), Reminder.objects.count(), Delivery.objects.count()) == before
    assert (found.window_on, found.tonight) == (WEDNESDAY, preview.Load(2, 4))
    assert found.days[THURSDAY] == preview.Load(2, 2)  # the one that is due today, to both who file
    for day in (WEDNESDAY, THURSDAY):
        sweep_at(day)
        assert deliver_at(day) == found.days[day].messages
    assert all(day.weekday() < 5 for day in found.days)


def test_the_preview_of_another_ladder(people: world.People) -> None:
    late_project(days=1)
    office = Rung(kind="after", days=1, in_working_days=True, audience="office", letter="reminder")
    daily = [office, *(Rung(kind="after", days=n, in_working_days=True, audience="office", letter="reminder") for n in (2, 3))]
    own = list(Rung.objects.exclude(subject_kind=None))
    found = preview.preview([*daily, *own], now=moment(WEDNESDAY, 8), actor=people.principal("supervisor"))
    assert [found.days[day].reminders for day in (WEDNESDAY, THURSDAY, WEDNESDAY + dt.timedelta(days=2), MONDAY)] == [2, 2, 2, 0]
    with pytest.raises(RuleBroken):
        preview.preview(daily[1:1], now=moment(WEDNESDAY, 8), actor=people.principal("supervisor"))
    with pytest.raises(SameRung):
        twin = Rung(kind="after", days=2, audience="office", letter="notice")
        preview.preview([*daily, *own, twin], now=moment(WEDNESDAY, 8), actor=people.principal("supervisor"))


def test_no_step_becomes_one_that_was_retired(people: world.People) -> None:
    late_project(days=12)
    sweep_at(WEDNESDAY)
    supervisor, used = people.principal("supervisor"), rung(kind="after", days=7, audience="office")
    rungs.remove(used.pk, version=None, actor=supervisor)
    first = rung(kind="after", days=1, audience="office")
    with pytest.raises(RetiredRung):
        rungs.edit(first.pk, {"days": 7}, version=None, actor=supervisor)
    wanted = list(Rung.objects.filter(is_active=True).exclude(audience__in=["patron", "authority"]))
    for step in wanted:
        step.days = 7 if step.pk == first.pk else step.days
    with pytest.raises(RetiredRung):
        preview.preview(wanted, now=moment(WEDNESDAY, 8), actor=supervisor)


def test_the_preview_stands_back_for_a_sweep_and_gives_up_in_time(people: world.People, monkeypatch: pytest.MonkeyPatch) -> None:
    late_project(days=1)
    actor = people.principal("supervisor")
    with monkeypatch.context() as patched:
        patched.setattr(sweep, "try_lock", lambda: False)
        with pytest.raises(SweepAtWork):
            preview.preview(None, now=moment(WEDNESDAY, 8), actor=actor)
    with monkeypatch.context() as patched:  # between two statements
        patched.setattr(preview, "PATIENCE", -1.0)
        with pytest.raises(PreviewTooLong):
            preview.preview(None, now=moment(WEDNESDAY, 8), actor=actor)
    source = next(entry for entry in sources() if entry.kind == "milestone")
    slow = replace(source, obligations=f"SELECT o.* FROM ({source.obligations}) o, pg_sleep(5)")
    with monkeypatch.context() as patched:  # within one
        patched.setattr(preview, "PATIENCE", 0.3)
        patched.setattr(sweep, "sources", lambda: [slow])
        with pytest.raises(PreviewTooLong):
            preview.preview(None, now=moment(WEDNESDAY, 8), actor=actor)
    assert not Reminder.objects.exists()
    assert sweep_at(WEDNESDAY)  # the connection has no limits left
