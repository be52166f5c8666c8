"""Letters bear numbers without gaps, from the moment the first message that carries them leaves."""

import pytest

from milestones.services import milestones as milestone_services
from reminders.models import OfficialLetter, Reminder
from reminders.selectors import letters
from tests import world
from tests.reminders.conftest import Sink
from tests.reminders.days import THURSDAY, WEDNESDAY, deliver_at, late_project, sweep_at

pytestmark = pytest.mark.django_db


def numbers() -> list[tuple[str, int]]:
    return list(OfficialLetter.objects.order_by("kind", "number").values_list("kind", "number"))


def test_one_letter_an_obligation_whoever_reads_it_and_the_superior_gets_a_copy(people: world.People, sink: Sink) -> None:
    late_project(days=12)
    late_project(days=1, name="另一项目")
    sweep_at(WEDNESDAY)
    assert numbers() == []
    deliver_at(WEDNESDAY)
    assert numbers() == [("reminder", 1), ("supervision", 1)]
    sweep_at(THURSDAY)
    deliver_at(THURSDAY)
    assert numbers() == [("reminder", 1), ("supervision", 1)]
    copy = Reminder.objects.get(recipient=people.users["bureau"], state="sent")
    assert letters.titled(copy.official_letter) == "督办函 新项督〔2026〕1号"
    assert (copy.official_letter.facts["addressee"], copy.official_letter.facts["copies"]) == ("辉县市人民政府", ["市交通运输局"])
    assert "【督办函 新项督〔2026〕1号】" in sink.to("bureau")[0].get_body(("plain",)).get_content()
    assert f"/letters/{copy.official_letter_id}/" in sink.text()


def test_a_letter_keeps_the_facts_of_its_day(people: world.People, sink: Sink) -> None:
    project = late_project(days=1)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    letter = OfficialLetter.objects.get()
    milestone_services.achieve(letter.subject_id, on=WEDNESDAY, actor=people.principal("approver"), today=WEDNESDAY)
    letter.refresh_from_db()
    assert (letter.project, letter.facts["overdue_days"], letter.facts["signed_by"]) == (project, 1, "市重点项目服务中心")


def test_what_is_let_go_takes_no_number(people: world.People, sink: Sink) -> None:
    project = late_project(days=1)
    sweep_at(WEDNESDAY)
    milestone = Reminder.objects.filter(project=project).values_list("subject_id", flat=True)[0]
    milestone_services.achieve(milestone, on=WEDNESDAY, actor=people.principal("approver"), today=WEDNESDAY)
    deliver_at(WEDNESDAY)
    late_project(days=1, name="另一项目")
    sweep_at(WEDNESDAY, 11)
    sink.refuse_message = "451 busy"
    deliver_at(WEDNESDAY, 11)
    sink.refuse_message = ""
    deliver_at(WEDNESDAY, 12)
    assert numbers() == [("reminder", 1)]


def test_a_letter_is_read_by_those_in_reach(people: world.People, sink: Sink) -> None:
    late_project(days=1)
    sweep_at(WEDNESDAY)
    deliver_at(WEDNESDAY)
    seen = {name for name in world.PEOPLE if letters.letters(people.principal(name)).exists()}
    assert seen == set(world.PEOPLE) - {"outsider"}
