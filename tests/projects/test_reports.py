"""Monthly reports: only approved ones count, from the last day of their month on; a year ends with 31 December."""

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common.recording import recording
from history.models import Change
from projects.models import MonthlyReport, Project, ReportState, Status
from projects.selectors import lists
from projects.services import reports
from tests import world

API = "/api/v1"
MONTHS = [dt.date(2024, 11, 1), dt.date(2024, 12, 1), dt.date(2025, 1, 1), dt.date(2025, 2, 1)]
FACTS = ("physical_percent", "last_reported_month", "invested_total", "invested_in_last_year")


def enter(project: Project, month: dt.date, invested: str = "0.00", percent: str | None = None, **fields: Any) -> None:
    row = {"project_id": project.pk, "month": month, "invested": Decimal(invested), "physical_percent": percent and Decimal(percent)}
    reports.enter_reports([row | fields], actor=world.TESTER)


def facts_in_python(project: Project, day: dt.date = dt.date.max) -> tuple[Any, ...]:
    """The status columns computed anew from the rows."""

    def last_day(month: dt.date) -> dt.date:
        return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)

    rows = [row for row in MonthlyReport.objects.filter(project=project, state="approved").order_by("month") if last_day(row.month) <= day]
    if not rows:
        return None, None, Decimal(0), Decimal(0)
    last = rows[-1]
    of_the_year = [row.invested for row in rows if row.month.year == last.month.year]
    return last.physical_percent, last.month, sum(row.invested for row in rows), sum(of_the_year)


def stored(project: Project) -> tuple[Any, ...]:
    return tuple(Status.objects.values_list(*FACTS).get(pk=project.pk))


writes = st.lists(
    st.tuples(
        st.sampled_from(["enter", "approve", "return", "amount", "percent", "month", "swap", "remove", "bulk"]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=10,
)


def write(kind: str, number: int, place: int, pair: list[Project]) -> None:
    project, month = pair[number % 2], MONTHS[place]
    rows = MonthlyReport.objects.filter(project=project, month=month)
    with recording(world.TESTER):
        match kind:
            case "enter":
                state = ReportState.values[number]
                MonthlyReport.objects.bulk_create(
                    [MonthlyReport(project=project, month=month, invested=place + 1, state=state)], ignore_conflicts=True
                )
            case "approve":
                rows.update(state="approved")
            case "return":
                rows.update(state="returned")
            case "amount":
                rows.update(invested=number * 100)
            case "percent":
                rows.update(physical_percent=number * 10 or None)
            case "month":
                if not MonthlyReport.objects.filter(project=project, month=dt.date(2023, 5, 1)).exists():
                    rows.update(month=dt.date(2023, 5, 1))
            case "swap":
                if not MonthlyReport.objects.filter(project=pair[1 - number % 2], month=month).exists():
                    rows.update(project=pair[1 - number % 2])
            case "remove":
                rows.delete()
            case "bulk":
                MonthlyReport.objects.filter(project__in=pair).update(state=ReportState.values[number])


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=writes)
def test_status_row_equals_the_reports_after_any_sequence_of_writes(people: world.People, sequence: Any) -> None:
    pair = [world.project("甲"), world.project("乙")]
    for kind, number, place in sequence:
        write(kind, number, place, pair)
    for project in pair:
        assert stored(project) == facts_in_python(project)


@pytest.mark.parametrize("state", [state for state in ReportState.values if state != "approved"])
def test_report_that_nobody_approved_touches_no_status(people: world.People, state: str) -> None:
    project = world.project()
    before = Status.objects.get(pk=project.pk).updated_at
    enter(project, MONTHS[0], "5.00", "10.00", state=state)
    with recording(world.TESTER):
        MonthlyReport.objects.update(narrative="改")
    assert stored(project) == (None, None, Decimal(0), Decimal(0))
    assert Status.objects.get(pk=project.pk).updated_at == before


@pytest.mark.django_db(transaction=True)
def test_raw_writes_that_lock_no_project_still_leave_the_right_sum(request: Any) -> None:
    world.people()
    project = world.project()
    begin = threading.Barrier(2)

    def report(month: dt.date) -> None:
        with recording(world.TESTER):
            begin.wait()
            MonthlyReport.objects.create(project=project, month=month, invested=1, state="approved")
        connection.close()

    for year in range(2020, 2025):
        threads = [threading.Thread(target=report, args=(dt.date(year, month, 1),)) for month in (1, 2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert stored(project)[2:] == (Decimal(2 * (year - 2019)), Decimal(2))


@pytest.mark.parametrize(
    "fields",
    [
        {"month": dt.date(2025, 1, 2)},
        {"invested": Decimal("-0.01")},
        {"physical_percent": Decimal("-0.01")},
        {"physical_percent": Decimal("100.01")},
        {"state": "approved", "return_count": -1},
    ],
)
def test_report_that_cannot_be_is_refused_by_the_database(people: world.People, fields: dict[str, Any]) -> None:
    project = world.project()
    whole = {"project_id": project.pk, "month": MONTHS[0]}
    with pytest.raises(IntegrityError), transaction.atomic():
        reports.enter_reports([{"project_id": project.pk, "month": MONTHS[3]}, whole | fields], actor=world.TESTER)
    assert not MonthlyReport.objects.exists()  # whole or not at all
    reports.enter_reports([whole | {"physical_percent": Decimal(100)}], actor=world.TESTER)
    with pytest.raises(IntegrityError), transaction.atomic():
        reports.enter_reports([whole], actor=world.TESTER)


def test_a_month_counts_from_its_last_day_on(api: Any, people: world.People) -> None:
    project = world.project(at="construction")
    for month, invested, percent in zip(MONTHS, ("1.00", "20.00", "300.00", "4000.00"), ("1.50", "20.00", None, "46.50"), strict=True):
        enter(project, month, invested, percent)
    client = api("editor")
    told = ("physical_percent", "last_reported_month", "invested_total", "invested_this_year")
    for day, *wanted in [
        ("2024-11-29", None, None, "0.00", "0.00"),
        ("2024-11-30", "1.50", "2024-11", "1.00", "1.00"),
        ("2024-12-30", "1.50", "2024-11", "1.00", "1.00"),
        ("2024-12-31", "20.00", "2024-12", "21.00", "21.00"),
        ("2025-01-01", "20.00", "2024-12", "21.00", "0.00"),  # a new year has begun
        ("2025-01-31", None, "2025-01", "321.00", "300.00"),  # the last report says no percent
        ("2025-02-27", None, "2025-01", "321.00", "300.00"),
        ("2025-02-28", "46.50", "2025-02", "4321.00", "4300.00"),
        ("2026-01-01", "46.50", "2025-02", "4321.00", "0.00"),
    ]:
        listed = client.get(f"{API}/projects/?as_of={day}").json()["results"][0]["status"]
        detail = client.get(f"{API}/projects/{project.pk}/?as_of={day}").json()["status"]
        for row in (listed, detail):
            figures = [row[name]["amount"] if isinstance(row[name], dict) else row[name] for name in told]
            assert figures == wanted, day
        total = client.get(f"{API}/summary/?group_by=stage&as_of={day}").json()
        for row in (total["total"], total["results"][0]):
            assert row["invested_this_year"] == {"amount": wanted[3], "currency": "CNY"}, day


@pytest.mark.parametrize(("today", "wanted"), [(dt.date(2024, 12, 31), 21), (dt.date(2025, 1, 1), 0)])
def test_this_years_investment_ends_with_the_year(people: world.People, today: dt.date, wanted: int) -> None:
    project = world.project()
    for month, invested in zip(MONTHS[:2], ("1.00", "20.00"), strict=True):
        enter(project, month, invested)
    row = lists.statuses(people.principal("editor"), today=today).get(pk=project.pk)
    assert (row.invested_this_year, row.invested_total) == (wanted, 21)


def test_project_of_today_shows_its_reports(api: Any, people: world.People) -> None:
    project = world.project(at="construction")
    enter(project, dt.date(2025, 12, 1), "1234567.80", "46.50")
    status = api("editor").get(f"{API}/projects/{project.pk}/").json()["status"]
    assert (status["physical_percent"], status["last_reported_month"]) == ("46.50", "2025-12")
    assert status["invested_total"] == {"amount": "1234567.80", "currency": "CNY"}


@pytest.fixture
def two(people: world.People) -> tuple[Project, Project]:
    """Two projects of two counties with a report each."""
    one, other = world.project(code="2412-410700-04-01-123456"), world.project("卫辉水库", office="410781", region="410781", sector="water")
    enter(one, dt.date(2025, 11, 1), "10.00", "46.50", narrative="桩基完成")
    enter(other, dt.date(2025, 12, 1), no_change=True, state="returned", return_count=2)
    return one, other


def test_report_has_the_shape_of_the_contract(api: Any, two: tuple[Project, Project]) -> None:
    row = api("editor").get(f"{API}/reports/").json()["results"][0]
    assert row == api("editor").get(f"{API}/reports/{row['id']}/").json()
    assert {name: row[name] for name in row if name not in ("id", "created_at", "updated_at")} == {
        "project": {"id": str(two[0].pk), "name": "辉县高速", "code": "2412-410700-04-01-123456"},
        "month": "2025-11",
        "invested": {"amount": "10.00", "currency": "CNY"},
        "physical_percent": "46.50",
        "narrative": "桩基完成",
        "no_change": False,
        "state": "approved",
        "state_display": "已通过",
        "return_count": 0,
        "due_on": None,
        "plan_reason": "",
        "correction_reason": "",
        "return_reason": "",
        "submitted_by": None,
        "submitted_at": None,
        "decision_due_on": None,
        "decided_by": None,
        "decided_at": None,
        "version": 1,
    }


FILTERS = {  # filter → (value that finds the first report alone, value that does not find it)
    "project": ("@one", "@other"),
    "office": ("410782", "410781"),
    "office__in": ("410782,410782-JTJ", "410781"),
    "state": ("approved", "returned"),
    "state__in": ("approved,draft", "returned,draft"),
    "month__gte": (None, "2025-12"),
    "month__lte": ("2025-11", "2025-10"),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filter_of_reports_finds_what_it_means(api: Any, two: tuple[Project, Project], name: str) -> None:
    known = {"@one": str(two[0].pk), "@other": str(two[1].pk)}
    yes, no = (known.get(value or "", value) for value in FILTERS[name])
    client = api("admin")
    if yes is not None:
        assert [row["month"] for row in client.get(f"{API}/reports/?{name}={yes}").json()["results"]] == ["2025-11"]
    assert "2025-11" not in {row["month"] for row in client.get(f"{API}/reports/?{name}={no}").json()["results"]}
    assert len(client.get(f"{API}/reports/?month__gte=2025-11&month__lte=2025-12").json()["results"]) == 2


@pytest.mark.parametrize("value", ["2025-13", "2025-1", "2025-11-01", "202511", "２０２５-11", "x"])
@pytest.mark.parametrize("name", ["month__gte", "month__lte"])
def test_month_of_another_form_is_refused_with_its_place(api: Any, name: str, value: str) -> None:
    answer = api("admin").get(f"{API}/reports/?{name}={value}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"#/query/{name}")


def test_reports_come_newest_first(api: Any, two: tuple[Project, Project]) -> None:
    client = api("admin")
    assert [row["month"] for row in client.get(f"{API}/reports/").json()["results"]] == ["2025-12", "2025-11"]
    assert [row["month"] for row in client.get(f"{API}/reports/?ordering=month").json()["results"]] == ["2025-11", "2025-12"]
    assert [row["project"]["name"] for row in api("outsider").get(f"{API}/reports/").json()["results"]] == ["卫辉水库"]


def test_history_of_a_project_tells_of_its_reports(api: Any, two: tuple[Project, Project]) -> None:
    rows = api("editor").get(f"{API}/projects/{two[0].pk}/history/").json()["results"]
    report = next(row for row in rows if row["resource"] == "report")
    fields = {field["name"]: field["after"] for field in report["fields"]}
    assert fields["month"] == "2025-11"
    assert fields["invested"] == {"amount": "10.00", "currency": "CNY"}
    assert (fields["physical_percent"], fields["narrative"], fields["state"]) == ("46.50", "桩基完成", "approved")
    assert Change.objects.filter(table_name="projects_monthlyreport", project_id=two[0].pk).count() == 1
