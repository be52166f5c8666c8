"""A month from draft to approval: who may do what, in which state, and what it must say."""

import datetime as dt
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from common.decisions import RequestState
from common.errors import AlreadyDecided, Conflict, Denied, DomainError, InUse, RuleBroken, SamePerson, Stale
from projects.errors import MonthTaken, NotMovable
from projects.models import MonthlyReport, Project, Status
from projects.services import reports, revisions
from tests import filing, world
from tests.filing import NOW, TODAY, WHOLE, month

AT = {"today": TODAY, "now": NOW}


@pytest.fixture
def project(people: world.People) -> Project:
    return world.project(at="construction")


@pytest.fixture
def editor(people: world.People) -> Any:
    return people.principal("editor")


@pytest.fixture
def approver(people: world.People) -> Any:
    return people.principal("approver")


def faults(act: Callable[[], Any], error: type[DomainError] = RuleBroken) -> dict[str, str]:
    """The refused fields with their sentences."""
    with pytest.raises(error) as refused:
        act()
    return {str(fault.path[-1]): str(fault.detail) for fault in refused.value.faults}


def test_month_is_filed_by_one_and_approved_by_another_and_only_then_counts(people: world.People, project: Project, approver: Any) -> None:
    report = filing.submitted(people, filing.draft(project))
    assert (report.state, report.submitted_by_name, report.submitted_at) == ("submitted", "editor先生", NOW)
    assert report.decision_due_on == dt.date(2026, 1, 30)  # two working days
    assert Status.objects.get(pk=project.pk).invested_total == 0
    report = reports.approve(report.pk, actor=approver, now=NOW)
    assert (report.state, report.decided_by_name) == ("approved", "approver先生")
    assert Status.objects.get(pk=project.pk).invested_total == 100


def test_who_files_neither_approves_nor_returns(people: world.People, project: Project, approver: Any) -> None:
    report = filing.submitted(people, filing.draft(project), by="approver")
    with pytest.raises(SamePerson):
        reports.approve(report.pk, actor=approver, now=NOW)
    with pytest.raises(SamePerson):
        reports.send_back(report.pk, reason="x", actor=approver, **AT)


def test_returned_month_keeps_the_reason_counts_and_is_due_again(
    people: world.People, project: Project, editor: Any, approver: Any
) -> None:
    report = filing.submitted(people, filing.draft(project))
    assert "reason" in faults(lambda: reports.send_back(report.pk, reason=" ", actor=approver, **AT))
    report = reports.send_back(report.pk, reason="金额有误", actor=approver, **AT)
    assert (report.state, report.return_reason, report.return_count, report.due_on) == ("returned", "金额有误", 1, dt.date(2026, 1, 30))
    again = reports.submit(report.pk, {"invested": Decimal(90)}, actor=editor, **AT)
    assert (again.state, again.invested, again.narrative, again.return_reason) == ("submitted", 90, "桩基完成", "金额有误")
    assert again.decided_by_id is None
    with pytest.raises(NotMovable):  # a second press, or a second tab
        reports.submit(report.pk, {"invested": Decimal(80)}, actor=editor, **AT)
    assert reports.approve(report.pk, actor=approver, now=NOW).return_reason == ""


def test_who_returned_a_month_may_correct_it_but_then_another_approves(people: world.People, project: Project, approver: Any) -> None:
    report = reports.send_back(filing.submitted(people, filing.draft(project)).pk, reason="x", actor=approver, **AT)
    filing.submitted(people, report, by="approver")
    with pytest.raises(SamePerson):
        reports.approve(report.pk, actor=approver, now=NOW)
    reports.approve(report.pk, actor=people.principal("admin"), now=NOW)


@pytest.mark.parametrize(
    ("state", "act", "error"),
    [
        ("submitted", "save", NotMovable),
        ("approved", "save", NotMovable),
        ("approved", "submit", NotMovable),
        ("approved", "unchanged", NotMovable),
        ("draft", "approve", NotMovable),
        ("draft", "return", NotMovable),
        ("returned", "approve", AlreadyDecided),
        ("returned", "return", AlreadyDecided),
        ("approved", "approve", AlreadyDecided),
    ],
)
def test_what_does_not_fit_the_state_is_refused(
    people: world.People, project: Project, editor: Any, approver: Any, state: str, act: str, error: type[DomainError]
) -> None:
    report = filing.entered(project, month(1), "5.00", "10.00", state=state)
    acts: dict[str, Callable[[], Any]] = {
        "save": lambda: reports.save_draft(report.pk, {"narrative": "改"}, version=None, actor=editor),
        "submit": lambda: reports.submit(report.pk, WHOLE, actor=editor, **AT),
        "unchanged": lambda: reports.mark_unchanged(report.pk, actor=editor, **AT),
        "approve": lambda: reports.approve(report.pk, actor=approver, now=NOW),
        "return": lambda: reports.send_back(report.pk, reason="x", actor=approver, **AT),
    }
    with pytest.raises(error):
        acts[act]()
    assert MonthlyReport.objects.get(pk=report.pk).version == report.version


def test_approved_month_opens_again_until_its_closing_day_and_then_only_by_revision(
    people: world.People, project: Project, approver: Any, settings: Any
) -> None:
    report = reports.approve(filing.submitted(people, filing.draft(project)).pk, actor=approver, now=NOW)
    with pytest.raises(NotMovable, match="修订"):
        reports.send_back(report.pk, reason="x", actor=approver, today=dt.date(2026, 2, 6), now=NOW)
    settings.REPORT_CLOSING_DAY = 6
    report = reports.send_back(report.pk, reason="x", actor=approver, today=dt.date(2026, 2, 6), now=NOW)
    assert (report.state, Status.objects.get(pk=project.pk).invested_total) == ("returned", 0)


def test_draft_is_kept_without_being_judged_and_an_older_version_loses(people: world.People, project: Project, editor: Any) -> None:
    report = filing.draft(project)
    saved = reports.save_draft(report.pk, {"narrative": "写到一半"}, version=report.version, actor=editor)
    assert (saved.state, saved.narrative) == ("draft", "写到一半")
    with pytest.raises(Stale):
        reports.save_draft(report.pk, {"narrative": "旧"}, version=report.version, actor=editor)


def test_percent_and_words_are_needed(people: world.People, project: Project, editor: Any) -> None:
    report = filing.draft(project)
    assert faults(lambda: reports.submit(report.pk, {}, actor=editor, **AT)).keys() == {"physical_percent", "narrative"}
    assert MonthlyReport.objects.get(pk=report.pk).state == "draft"


def test_year_above_its_plan_needs_a_reason_that_names_both_sums(people: world.People, project: Project) -> None:
    filing.entered_plan(project)
    filing.entered(project, month(12, 2025), "9000.00")  # another year
    filing.entered(project, month(1), "700.00")
    filing.entered(project, month(2), "400.00", state="submitted")
    filing.entered(project, month(3), "9000.00", state="returned")  # counts nowhere
    report = filing.draft(project, month(4))
    told = faults(lambda: filing.submitted(people, report, invested=Decimal("100.01")))
    assert told.keys() == {"plan_reason"}
    assert "1,200.01 元" in told["plan_reason"]
    assert "1,200.00 元" in told["plan_reason"]
    assert filing.submitted(people, report, invested=Decimal("100.01"), plan_reason="提前开工").state == "submitted"


def test_year_of_exactly_the_plan_and_of_no_plan_needs_no_reason(people: world.People, project: Project) -> None:
    filing.entered_plan(project)
    assert filing.submitted(people, filing.draft(project), invested=Decimal(1200)).state == "submitted"
    other = world.project("无计划", at="construction")
    assert filing.submitted(people, filing.draft(other), invested=Decimal(10**9)).state == "submitted"


def test_newest_approved_plan_is_the_one_that_counts(people: world.People, project: Project) -> None:
    filing.entered_plan(project)
    filing.entered_plan(project, investment="2400.00", revision=2)
    filing.entered_plan(project, investment="12.00", revision=3, state="submitted")
    assert filing.submitted(people, filing.draft(project), invested=Decimal(2400)).state == "submitted"


def test_percent_never_falls_without_a_correction(people: world.People, project: Project) -> None:
    filing.entered(project, month(10, 2025), percent="60.00")
    filing.entered(project, month(11, 2025), percent="50.00", state="returned")
    filing.entered(project, month(12, 2025), percent=None)
    report = filing.draft(project)
    told = faults(lambda: filing.submitted(people, report, physical_percent=Decimal("59.99")))
    assert (told.keys(), "2025-10" in told["physical_percent"], "60.00%" in told["physical_percent"]) == ({"physical_percent"}, True, True)
    filing.submitted(people, report, physical_percent=Decimal("59.99"), correction_reason="上月误报")


@pytest.mark.parametrize("state", ["approved", "submitted"])
def test_percent_is_not_above_a_later_month_without_a_correction(people: world.People, project: Project, state: str) -> None:
    filing.entered(project, month(2), percent="39.00", state=state)
    report = filing.draft(project)
    assert "2026-02" in faults(lambda: filing.submitted(people, report))["physical_percent"]
    filing.submitted(people, report, correction_reason="二月偏低")


@pytest.mark.parametrize(("typed", "fits"), [("300.00", True), ("300.01", False), ("100.00", False)])
def test_typed_total_of_the_year_is_the_sum_of_its_months(people: world.People, project: Project, typed: str, fits: bool) -> None:
    filing.entered(project, month(12, 2025), "9000.00")
    filing.entered(project, month(1), "200.00")
    filing.entered(project, month(3), "9000.00")  # later than this one
    report = filing.draft(project, month(2))
    if fits:
        assert filing.submitted(people, report, year_total=Decimal(typed)).state == "submitted"
        return
    told = faults(lambda: filing.submitted(people, report, year_total=Decimal(typed)))
    assert (told.keys(), f"{typed} 元" in told["year_total"], "300.00 元" in told["year_total"]) == ({"year_total"}, True, True)


def test_no_change_is_one_act_with_the_last_percent(people: world.People, project: Project, editor: Any) -> None:
    filing.entered(project, month(12, 2025), "5.00", "46.50", state="submitted")
    report = reports.mark_unchanged(filing.draft(project).pk, actor=editor, **AT)
    assert (report.state, report.no_change, report.invested, report.physical_percent) == ("submitted", True, 0, Decimal("46.50"))


def test_no_change_needs_an_earlier_percent(people: world.People, project: Project, editor: Any) -> None:
    filing.entered(project, month(12, 2025), "5.00", "46.50", state="returned")
    report = filing.draft(project)
    assert "第一次" in faults(lambda: reports.mark_unchanged(report.pk, actor=editor, **AT))["physical_percent"]


def test_third_month_without_change_in_a_row_is_refused_and_names_the_two(people: world.People, project: Project, editor: Any) -> None:
    filing.entered(project, month(10, 2025), percent="46.50")
    made = [filing.draft(project, first) for first in (month(11, 2025), month(12, 2025), month(1))]
    for report in made[:2]:
        reports.mark_unchanged(report.pk, actor=editor, **AT)
    told = faults(lambda: reports.mark_unchanged(made[2].pk, actor=editor, **AT))
    assert "2025-11、2025-12" in told["no_change"]
    assert MonthlyReport.objects.get(pk=made[2].pk).state == "draft"


def test_a_gap_filled_later_makes_no_longer_row(people: world.People, project: Project, editor: Any) -> None:
    filing.entered(project, month(10, 2025), percent="46.50")
    filing.entered(project, month(11, 2025), percent="46.50", no_change=True)
    filing.entered(project, month(1), percent="46.50", no_change=True)
    report = filing.draft(project, month(12, 2025))
    assert "2025-11、2026-01" in faults(lambda: reports.mark_unchanged(report.pk, actor=editor, **AT))["no_change"]


def test_report_of_facts_ends_the_row(people: world.People, project: Project, editor: Any) -> None:
    filing.entered(project, month(10, 2025), percent="46.50", no_change=True)
    filing.entered(project, month(11, 2025), percent="46.50")
    filing.entered(project, month(12, 2025), percent="46.50", no_change=True)
    assert reports.mark_unchanged(filing.draft(project).pk, actor=editor, **AT).state == "submitted"


def test_many_without_change_are_filed_whole_or_not_at_all(people: world.People, editor: Any) -> None:
    made = []
    for name in ("甲", "乙", "丙"):
        project = world.project(name, at="construction")
        filing.entered(project, month(12, 2025), percent=None if name == "丙" else "46.50")
        made.append(filing.draft(project).pk)
    with pytest.raises(Conflict, match="2"):
        reports.mark_all_unchanged(made[:2], expected_count=3, actor=editor, **AT)
    with pytest.raises(RuleBroken) as refused:
        reports.mark_all_unchanged(made, expected_count=3, actor=editor, **AT)
    assert refused.value.faults[0].path == ("reports", 2)
    assert MonthlyReport.objects.filter(state="submitted").count() == 0
    assert len(reports.mark_all_unchanged(made[:2], expected_count=2, actor=editor, **AT)) == 2


def test_many_months_of_one_project_meet_the_rule_of_two(people: world.People, project: Project, editor: Any) -> None:
    filing.entered(project, month(10, 2025), percent="46.50")
    made = [filing.draft(project, first).pk for first in (month(11, 2025), month(12, 2025), month(1))]
    with pytest.raises(RuleBroken) as refused:
        reports.mark_all_unchanged(made[::-1], expected_count=3, actor=editor, **AT)
    assert refused.value.faults[0].path == ("reports", 0)  # January stands first in the list and is the third of the row


def test_month_made_by_hand_is_neither_ahead_nor_double_nor_ancient(people: world.People, project: Project, editor: Any) -> None:
    report = reports.create_report({"project": project, "month": month(1)}, actor=editor, today=TODAY)
    assert (report.state, report.due_on) == ("draft", dt.date(2026, 2, 5))
    with pytest.raises(MonthTaken) as taken:
        reports.create_report({"project": project, "month": month(1)}, actor=editor, today=TODAY)
    assert taken.value.extra == {"id": str(report.pk)}
    for wrong in (month(2), dt.date(1999, 12, 1)):
        assert "month" in faults(lambda wrong=wrong: reports.create_report({"project": project, "month": wrong}, actor=editor, today=TODAY))  # type: ignore[misc]
    package = world.project("打包", is_package=True)
    assert "project" in faults(lambda: reports.create_report({"project": package, "month": month(1)}, actor=editor, today=TODAY))


def revised(report: MonthlyReport, actor: Any, **changes: Any) -> Any:
    return revisions.revise(report.pk, changes or {"invested": Decimal(7)}, reason="漏报", actor=actor, today=TODAY)


def test_closed_month_moves_by_a_revision_that_another_decides(people: world.People, project: Project, editor: Any, approver: Any) -> None:
    report = filing.entered(project, month(6, 2025), "5.00", "30.00", narrative="原")
    asked = revised(report, editor)
    assert (asked.number, asked.from_invested, asked.invested, asked.narrative) == (1, 5, 7, "原")
    assert MonthlyReport.objects.get(pk=report.pk).invested == 5
    with pytest.raises(InUse):
        revised(report, editor, narrative="改")
    with pytest.raises(SamePerson):
        revisions.approve(asked.pk, actor=editor, now=NOW)
    assert revisions.approve(asked.pk, actor=approver, now=NOW).state == RequestState.APPROVED
    assert MonthlyReport.objects.get(pk=report.pk).invested == 7
    assert Status.objects.get(pk=project.pk).invested_total == 7
    for act in (revisions.approve, lambda key, **at: revisions.reject(key, note="x", **at)):
        with pytest.raises(AlreadyDecided):
            act(asked.pk, actor=approver, now=NOW)


def test_revision_never_overwrites_a_month_corrected_meanwhile(people: world.People, project: Project, editor: Any, approver: Any) -> None:
    report = reports.approve(filing.submitted(people, filing.draft(project)).pk, actor=approver, now=NOW)
    asked = revised(report, editor, invested=Decimal(120))
    reports.send_back(report.pk, reason="金额不对", actor=approver, **AT)
    with pytest.raises(Conflict, match="退回重报"):
        revisions.approve(asked.pk, actor=approver, now=NOW)
    reports.submit(report.pk, {"invested": Decimal(130), "narrative": "改正"}, actor=editor, **AT)
    reports.approve(report.pk, actor=approver, now=NOW)
    with pytest.raises(Conflict, match="已有更正"):
        revisions.approve(asked.pk, actor=approver, now=NOW)
    report.refresh_from_db()
    assert (report.invested, report.narrative) == (130, "改正")
    assert revisions.reject(asked.pk, note="已更正", actor=approver, now=NOW).state == RequestState.REJECTED


def test_revision_is_rejected_or_withdrawn_and_the_month_stands(people: world.People, project: Project, editor: Any, approver: Any) -> None:
    report = filing.entered(project, month(6, 2025), "5.00")
    first = revised(report, editor)
    with pytest.raises(SamePerson):
        revisions.reject(first.pk, note="x", actor=editor, now=NOW)
    assert revisions.reject(first.pk, note="无凭证", actor=approver, now=NOW).decision_note == "无凭证"
    second = revised(report, editor)
    with pytest.raises(Denied):
        revisions.withdraw(second.pk, actor=approver, now=NOW)
    assert revisions.withdraw(second.pk, actor=editor, now=NOW).state == RequestState.WITHDRAWN
    assert (second.number, MonthlyReport.objects.get(pk=report.pk).invested) == (2, 5)


def test_revision_needs_a_reason_a_change_and_an_approved_month(people: world.People, project: Project, editor: Any) -> None:
    report = filing.entered(project, month(6, 2025), "5.00")
    assert "reason" in faults(lambda: revisions.revise(report.pk, {"invested": Decimal(7)}, reason=" ", actor=editor, today=TODAY))
    assert "invested" in faults(lambda: revised(report, editor, invested=Decimal("5.00")))
    with pytest.raises(NotMovable):
        revised(filing.draft(project), editor)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_submit_at_once_one_wins(request: Any) -> None:
    people = world.people()
    report = filing.draft(world.project(at="construction"))
    begin, outcomes = threading.Barrier(2), []

    def press() -> None:
        begin.wait()
        try:
            outcomes.append(filing.submitted(people, report).state)
        except NotMovable:
            outcomes.append("refused")
        connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "submitted"]
