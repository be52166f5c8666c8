"""Lists of projects: every filter has a row it finds and one it does not, every ordering is walked there and back."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from accounts.models import User
from common import clock
from common.recording import recording
from funding.models import FundingSource
from milestones.models import Milestone
from portfolio.models import Commitment, CommitmentProject
from projects.api.filters import ProjectFilter
from projects.api.views.projects import ProjectViewSet
from projects.models import Assignment, Project, ProjectTag, Sector, StageMove, Tag
from tests import funding_rows, world
from tests.databases import MADE, Databases
from tests.sampling import few

URL = "/api/v1/projects/"
LATE = dt.date(2025, 1, 10)
CODE = "2412-410700-04-01-123456"


def walk(client: Any, url: str, **query: Any) -> tuple[list[Any], list[Any]]:
    """Follow `next` to the end, then `previous` back to the beginning."""
    page = client.get(f"{url}?{urlencode(query)}").json()
    there = [page["results"]]
    while page["next"]:
        page = client.get(page["next"]).json()
        there.append(page["results"])
    back = [page["results"]]
    while page["previous"]:
        page = client.get(page["previous"]).json()
        back.insert(0, page["results"])
    return there, back


def make_crowd() -> list[Project]:
    """Projects with ties and nulls in every column one may order by."""
    made = []
    for number in range(11):
        project = world.project(
            f"工程{number // 2}",
            at="construction" if number % 3 else "reserve",
            total_investment=None if number % 4 == 0 else 100 * (number % 3),
            code=None if number % 2 else f"2412-410700-04-01-{number:06}",
        )
        if number % 3 != 1:
            world.completion(project, LATE + dt.timedelta(days=number % 4 * 300))
        made.append(project)
    with recording(world.TESTER):
        Milestone.objects.filter(project__in=made[::2], kind="completion", due_on__isnull=False).update(forecast_on=dt.date(2026, 1, 1))
    return made


@pytest.mark.parametrize("size", [4, pytest.param(1, marks=pytest.mark.deep), pytest.param(2, marks=pytest.mark.deep)])
def test_walking_gives_every_row_once_and_the_same_back_in_every_ordering(api: Any, crowd: list[Project], size: int) -> None:
    client = api("editor")
    for name in [sign + name for name in ProjectViewSet.orderings for sign in ("", "-")]:
        there, back = walk(client, URL, ordering=name, page_size=size, fields="id,name")
        ids = [row["id"] for page in there for row in page]
        assert sorted(ids) == sorted(str(project.pk) for project in crowd), name
        assert back == there, name
        assert all(len(page) == size for page in there[:-1]), name


def value(row: dict[str, Any], name: str) -> Any:
    status = row["status"]
    return {
        "name": row["name"],
        "code": row["code"],
        "total_investment": row["total_investment"] and float(row["total_investment"]["amount"]),
        "completion_due": status["completion"]["due_on"],
        "next_due": status["next_due"] and status["next_due"]["due_on"],
        "slippage_days": status["slippage_days"],
        "overdue_days": status["overdue_days"] or None,
        "updated_at": row["updated_at"],
    }[name]


@pytest.mark.parametrize("name", ProjectViewSet.orderings)
@pytest.mark.parametrize("sign", ["", "-"])
def test_ordering_sorts_with_what_is_absent_last(api: Any, crowd: list[Project], name: str, sign: str) -> None:
    values = [value(row, name) for row in api("editor").get(f"{URL}?ordering={sign}{name}").json()["results"]]
    given = [one for one in values if one is not None]
    assert given == sorted(given, reverse=bool(sign))
    if name != "overdue_days" or sign:  # not overdue is 0 days to the reader; the order among those is by their next date
        assert values == given + [None] * (len(values) - len(given))


def test_two_orderings_are_applied_one_after_the_other(api: Any, crowd: list[Project]) -> None:
    rows = api("editor").get(f"{URL}?ordering=name,-total_investment").json()["results"]
    order = [(row["name"], -float((row["total_investment"] or {"amount": "-1"})["amount"])) for row in rows]
    assert order == sorted(order)


def test_cursor_of_another_question_is_refused(api: Any, crowd: list[Project]) -> None:
    client = api("editor")
    following = client.get(f"{URL}?page_size=2&ordering=name").json()["next"]
    assert client.get(following).status_code == 200
    for other in (following.replace("ordering=name", "ordering=-name"), following + "&stage=reserve", f"{URL}?cursor=quatsch"):
        assert (client.get(other).status_code, client.get(other).json()["errors"][0]["pointer"]) == (400, "#/query/cursor")


def test_row_inserted_while_walking_shifts_no_page(api: Any, crowd: list[Project]) -> None:
    client = api("editor")
    first = client.get(f"{URL}?page_size=5").json()
    world.project("A最前")
    rest = client.get(first["next"]).json()["results"]
    assert not {row["id"] for row in first["results"]} & {row["id"] for row in rest}
    assert len(rest) == 5


def make_pair() -> tuple[Project, Project]:
    """Two projects that differ in everything one may filter by."""
    package = world.project("高速打包", is_package=True)
    one = world.project(
        "华润50兆瓦风电", at="construction", sector="transport.expressway", code=CODE, package=package, nature="new", level="province",
        total_investment=500, is_public=True, aliases=["九峰山"], unit_name="豫新公司",
    )  # fmt: skip
    other = world.project("卫辉水库", office="410781", region="410781", sector="water", nature="relocation", authority=None)
    with recording(world.TESTER):
        Project.objects.filter(pk=other.pk).update(authority=None)
        world.completion(one, LATE)
        Milestone.objects.filter(project=one, kind="completion").update(forecast_on=dt.date(2025, 3, 10))
        world.completion(other, dt.date(2040, 1, 1))
        tag = Tag.objects.create(kind="batch", label="三个一批", batch="第13期")
        Tag.objects.create(kind="batch", label="无人")
        ProjectTag.objects.create(project=one, tag=tag)
        Assignment.objects.create(project=one, user=User.objects.get(username="reader"), part="patron")
        fields = {
            "year": 2025,
            "document": "报告",
            "section": "一",
            "quote": "……",
            "phrase": "完成",
            "sector": Sector.objects.first(),
            "scope": "project",
        }
        for number, (project, kind) in enumerate([(one, "complete_this_year"), (other, "start")]):
            commitment = Commitment.objects.create(name=kind, kind=kind, position=number, **fields)
            CommitmentProject.objects.create(commitment=commitment, project=project)
        CommitmentProject.objects.create(
            commitment=Commitment.objects.create(name="包", kind="plan", position=9, **fields), project=package
        )
    for name, kind, project in (("专项债券", "special_bond", one), ("贷款", "bank_loan", other)):
        funding_rows.move("grant", funding_rows.source(name, kind, issued="1.00"), "1.00", project)
    return one, other


MADE |= {"crowd": ("peopled", make_crowd), "pair": ("peopled", make_pair)}


@pytest.fixture
def crowd(all_databases: Databases, people: world.People) -> list[Project]:
    return all_databases.made("crowd")


@pytest.fixture
def pair(all_databases: Databases, people: world.People) -> tuple[Project, Project]:
    return all_databases.made("pair")


FILTERS = {  # filter → (value that finds `one` and not `other`, value that finds neither or only `other`)
    "q": ("风电", "水库"),
    "code": (CODE, "2412-410700-04-01-999999"),
    "package": ("@package", str(uuid.uuid4())),
    "is_package": ("false", "true"),
    "is_public": ("true", "false"),
    "is_overdue": ("true", "false"),
    "overdue_days__gte": ("10", "100000"),
    "slippage_days__gte": ("59", "60"),
    "completion_due__gte": ("2025-01-10", "2025-01-11"),
    "completion_due__lte": ("2025-01-10", "2025-01-09"),
    "completion_due__isnull": ("false", "true"),
    "next_due__lte": ("2025-01-10", "2025-01-09"),
    "total_investment__gte": ("500", "500.01"),
    "total_investment__lte": ("500", "499.99"),
    "updated_at__gt": ("2020-01-01T00:00:00+08:00", "2099-01-01T00:00:00+08:00"),
    "authority__isnull": ("false", "true"),
    "level__isnull": ("false", "true"),
    "patron": ("@reader", "@editor"),
    "tag": ("三个一批", "无人"),
    "tag__in": ("三个一批,无人", "无人"),
    "sector": ("transport", "water"),
    "sector__in": ("transport,transport.expressway", "water"),
    "sector__only": ("transport.expressway", "transport"),
    "region": ("410782", "410781"),
    "region__in": ("410782", "410781"),
    "region__only": ("410782", "410700"),
    "office": ("410782", "410781"),
    "office__in": ("410782,410782-JTJ", "410781"),
    "office__only": ("410782", "410700"),
    "authority": ("410700-JTJ", "410700-SLJ"),
    "authority__in": ("410700-JTJ,410700-SLJ", "410700-SLJ"),
    "authority__only": ("410700-JTJ", "410700"),
    "stage": ("construction", "reserve"),
    "stage__in": ("construction,operation", "reserve,operation"),
    "nature": ("new", "relocation"),
    "nature__in": ("new,purchase", "relocation"),
    "level": ("province", "city"),
    "level__in": ("province,city", "city"),
    "commitment": ("complete_this_year", "start"),
    "commitment__in": ("complete_this_year,accelerate", "start"),
    "commitment__isnull": ("false", "true"),
    "funding_kind": ("special_bond", "bank_loan"),
    "funding_kind__in": ("special_bond,reits", "bank_loan,reits"),
    "source": ("@bond", "@loan"),
}
BOTH = {  # `other` may be found as well
    "completion_due__gte", "is_package", "completion_due__isnull", "updated_at__gt", "commitment__isnull", "total_investment__lte",
}  # fmt: skip


def test_every_filter_that_is_offered_is_tried() -> None:
    assert set(FILTERS) == set(ProjectFilter.base_filters)


def asked_for(name: str, people: world.People, pair: tuple[Project, Project]) -> list[str]:
    """The two values of a filter, with the ids of this database."""
    known = {f"@{who}": str(people.users[who].pk) for who in ("reader", "editor")} | {"@package": str(pair[0].package_id)}
    known |= {f"@{word}": str(FundingSource.objects.get(name=source).pk) for word, source in (("bond", "专项债券"), ("loan", "贷款"))}
    return [known.get(value, value) for value in FILTERS[name]]


@pytest.mark.parametrize("name", FILTERS)
def test_filter_finds_the_row_it_means_and_no_other(api: Any, people: world.People, pair: Any, name: str) -> None:
    one, other = pair
    client = api("admin")
    yes, no = asked_for(name, people, pair)
    found = {row["id"] for row in client.get(f"{URL}?{urlencode({name: yes})}").json()["results"]}
    assert str(one.pk) in found
    assert name in BOTH or str(other.pk) not in found
    assert str(one.pk) not in {row["id"] for row in client.get(f"{URL}?{urlencode({name: no})}").json()["results"]}


@pytest.mark.parametrize(
    "name", few(FILTERS, always=["q", "package", "is_overdue", "patron", "sector__only", "commitment", "funding_kind"])
)
def test_summary_counts_what_the_list_lists(api: Any, people: world.People, pair: Any, name: str) -> None:
    client = api("admin")
    for asked in asked_for(name, people, pair):
        listed = client.get(f"{URL}?{urlencode({'is_package': 'false'} | {name: asked})}&with_count=true").json()
        total = client.get(f"/api/v1/summary/?{urlencode({'group_by': 'stage', name: asked})}").json()["total"]
        assert total["project_count"] == listed["count"]


WRONG = {
    "stage": ["gebaut"],
    "stage__in": ["reserve,gebaut"],
    "sector": ["nirgends", "\0"],
    "region": ["1"],
    "office": ["keins"],
    "tag": ["fremd", "a\0"],
    "is_overdue": ["1", "True"],
    "overdue_days__gte": ["-1", "zehn", "1.5"],
    "completion_due__lte": ["2025-13-01", "2025-1-1", "2025-W01-1", "20250101"],
    "updated_at__gt": ["2025-01-01", "2025-01-01T00:00:00"],
    "total_investment__gte": ["NaN", "1e999"],
    "package": ["keine-id"],
    "patron": ["me"],
    "source": ["专项债券"],
    "funding_kind": ["geld"],
    "q": ["路", "高速 路", "a\0b"],
    "code": ["\0"],
    "commitment": ["vielleicht"],
    "ordering": ["scale", "--name"],
    "page_size": ["0", "501", "५"],
    "with_count": ["yes"],
    "facets": ["unit"],
    "expand": ["money"],
    "fields": ["password", "status.secret"],
    "omit": ["nichts"],
    "cursor": ["\0", "a:b:c"],
    "as_of": ["2099-01-01", "gestern", "2025-W01-1", "0001-01-01"],
}


@pytest.mark.parametrize("name", WRONG)
def test_malformed_value_is_refused_with_its_place(api: Any, name: str) -> None:
    for wrong in WRONG[name]:
        answer = api("admin").get(f"{URL}?{urlencode({name: wrong})}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, f"#/query/{name}"), wrong


def test_unknown_or_hidden_id_in_a_filter_finds_nothing(api: Any, pair: Any) -> None:
    hidden = pair[1]
    for name, key in (("package", hidden.pk), ("patron", uuid.uuid4()), ("office", uuid.uuid4()), ("sector", uuid.uuid4())):
        answer = api("editor").get(f"{URL}?{name}={key}")
        assert (answer.status_code, answer.json()["results"]) == (200, [])


def test_filter_given_twice_is_refused(api: Any) -> None:
    assert api("admin").get(f"{URL}?stage=reserve&stage=construction").json()["errors"][0]["code"] == "repeated"


@pytest.mark.parametrize(
    "words", ["风电", "华润", "hr50zwfd", "HR50", "jfs", "九峰", "豫新", "123456", "50兆", "华润 风电", "hr 豫新", "５０兆瓦"]
)
def test_search_finds_by_name_alias_code_unit_and_initials(api: Any, pair: Any, words: str) -> None:
    rows = api("admin").get(f"{URL}?{urlencode({'q': words})}").json()["results"]
    assert [row["name"] for row in rows] == ["华润50兆瓦风电"]


@pytest.mark.parametrize("words", ["风华", "华风", "润瓦", "jfx", "风电 水库", "%%", "__", "\\\\"])
def test_search_finds_nothing_that_is_not_written(api: Any, pair: Any, words: str) -> None:
    assert api("admin").get(f"{URL}?{urlencode({'q': words})}").json()["results"] == []


def test_count_is_exact_and_says_whether_it_was_capped(api: Any, crowd: list[Project]) -> None:
    body = api("editor").get(f"{URL}?with_count=true&page_size=2&stage=reserve").json()
    assert (body["count"], body["count_is_capped"], len(body["results"])) == (4, False, 2)
    assert "count" not in api("editor").get(URL).json()


def test_facets_count_the_filtered_list(api: Any, crowd: list[Project]) -> None:
    names = "sector,region,office,authority,stage,nature,level"
    facets = api("editor").get(f"{URL}?facets={names}&is_overdue=false").json()["facets"]
    rows = api("editor").get(f"{URL}?is_overdue=false").json()["results"]
    assert list(facets) == names.split(",")
    assert {row["value"]: row["count"] for row in facets["stage"]} == {
        stage: n for stage in ("reserve", "construction") if (n := sum(row["stage"] == stage for row in rows))
    }
    assert facets["office"] == [{"value": "410782", "name": "辉县市人民政府", "count": len(rows)}]
    assert facets["level"] == [{"value": None, "name": None, "count": len(rows)}]


def test_fields_and_omit_cut_rows_also_one_level_down(api: Any, crowd: list[Project]) -> None:
    client = api("editor")
    row = client.get(f"{URL}?fields=id,office,status.is_overdue&page_size=1").json()["results"][0]
    assert (set(row), set(row["status"])) == ({"id", "office", "status"}, {"is_overdue"})
    whole = client.get(f"{URL}?page_size=1").json()["results"][0]
    row = client.get(f"{URL}?omit=scale,status.lamp&page_size=1").json()["results"][0]
    assert set(whole) - set(row) == {"scale"}
    assert set(whole["status"]) - set(row["status"]) == {"lamp"}
    detail = client.get(f"{URL}{crowd[0].pk}/?fields=name,next_stages").json()
    assert set(detail) == {"name", "next_stages"}


def test_expand_puts_the_milestones_into_lists_and_details(api: Any, crowd: list[Project]) -> None:
    client = api("editor")
    detail = client.get(f"{URL}{crowd[0].pk}/?expand=milestones").json()
    for row in [*client.get(f"{URL}?expand=milestones").json()["results"], detail]:
        assert [milestone["kind"] for milestone in row["milestones"]] == ["start", "completion"]
        assert {milestone["project"]["id"] for milestone in row["milestones"]} == {row["id"]}
    only = client.get(f"{URL}?expand=milestones&fields=name&page_size=1").json()["results"][0]
    assert set(only) == {"name", "milestones"}
    assert "milestones" not in client.get(URL).json()["results"][0]


@pytest.fixture
def grown(people: world.People) -> Project:
    """Due on 10 January, achieved on 1 March 2025; under construction since February."""
    project = world.project(at="construction")
    milestone = world.completion(project, LATE)
    with recording(world.TESTER):
        Milestone.objects.filter(pk=milestone.pk).update(achieved_on=dt.date(2025, 3, 1))
        StageMove.objects.create(project=project, from_stage="preparation", to_stage="construction", on=dt.date(2025, 2, 1))
        commitment = Commitment.objects.create(
            year=2025, position=1, document="报告", section="一", name="年内完成", quote="……", phrase="完成", kind="complete_this_year",
            scope="project", sector=Sector.objects.first(),
        )  # fmt: skip
        CommitmentProject.objects.create(commitment=commitment, project=project)
    return project


@pytest.mark.parametrize(
    ("day", "stage", "late", "achieved"),
    [
        ("2025-01-09", "preparation", 0, None),
        ("2025-01-15", "preparation", 5, None),
        ("2025-02-28", "construction", 49, None),
        ("2025-03-01", "construction", 0, "2025-03-01"),
    ],
)
def test_past_day_is_answered_alike_by_list_detail_summary_and_milestones(
    api: Any, grown: Project, day: str, stage: str, late: int, achieved: str | None
) -> None:
    client = api("editor")
    listed = client.get(f"{URL}?as_of={day}").json()["results"][0]
    detail = client.get(f"{URL}{grown.pk}/?as_of={day}&expand=milestones").json()
    for row in (listed, detail):
        assert (row["stage"], row["status"]["overdue_days"], row["status"]["completion"]["achieved_on"]) == (stage, late, achieved)
    milestone = client.get(f"/api/v1/milestones/?kind=completion&as_of={day}").json()["results"][0]
    one = client.get(f"/api/v1/milestones/{milestone['id']}/?as_of={day}").json()
    for row in (milestone, one, detail["milestones"][1]):
        assert (row["overdue_days"], row["achieved_on"]) == (late, achieved)
    total = client.get(f"/api/v1/summary/?group_by=stage&as_of={day}").json()
    assert (total["as_of"], total["total"]["overdue_count"], total["results"][0]["stage"]["code"]) == (day, int(late > 0), stage)
    for resource in ("projects", "milestones"):
        assert client.get(f"/api/v1/{resource}/?as_of={day}&is_overdue=true&with_count=true").json()["count"] == int(late > 0)
    commitment = client.get(f"/api/v1/commitments/?as_of={day}").json()["results"][0]
    assert (commitment["state"], commitment["progress"]["done"]) == (("kept_late", 1) if achieved else ("broken" if late else "open", 0))


def test_milestone_of_a_project_suspended_since_was_overdue_on_a_past_day(api: Any, people: world.People) -> None:
    project = world.project(at="construction")
    world.completion(project, LATE)
    with recording(world.TESTER):
        Project.objects.filter(pk=project.pk).update(stage="suspended", stage_before_suspension="construction")
        StageMove.objects.create(project=project, from_stage="construction", to_stage="suspended", on=dt.date(2025, 6, 1))
    client = api("editor")
    for day, late in (("2025-05-31", 141), ("2025-06-01", 0)):
        assert client.get(f"{URL}?as_of={day}").json()["results"][0]["status"]["overdue_days"] == late
        rows = client.get(f"/api/v1/milestones/?kind=completion&as_of={day}").json()["results"]
        assert rows[0]["overdue_days"] == late
        assert client.get(f"/api/v1/milestones/?is_overdue=true&as_of={day}&with_count=true").json()["count"] == int(late > 0)


GROUPS = ["stage", "sector", "region", "office", "authority", "level", "commitment", "region,stage", "commitment,office"]
ASKED = [{}, {"sector": "transport"}, {"q": "风电"}, {"is_overdue": "true"}, {"commitment": "complete_this_year"}, {"as_of": "2025-06-30"}]


@pytest.mark.parametrize("groups", few(GROUPS, always=["stage", "authority", "commitment,office"]))
def test_filter_of_a_summary_row_lists_exactly_its_projects(api: Any, pair: Any, groups: str) -> None:
    with recording(world.TESTER):  # a project that keeps promises of two kinds
        CommitmentProject.objects.create(commitment=Commitment.objects.get(kind="start"), project=pair[0])
    client = api("admin")
    for asked in ASKED:
        body = client.get(f"/api/v1/summary/?{urlencode({'group_by': groups} | asked)}").json()
        assert body["results"]
        for row in body["results"]:
            assert client.get(f"{URL}?{row['filter']}&with_count=true").json()["count"] == row["project_count"], (asked, row)
        if "commitment" not in groups:
            for figure in ("project_count", "overdue_count"):
                assert sum(row[figure] for row in body["results"]) == body["total"][figure]


def test_summary_never_counts_a_package_with_its_members(api: Any, pair: Any) -> None:
    body = api("admin").get("/api/v1/summary/?group_by=stage").json()
    assert (body["total"]["project_count"], body["total"]["total_investment"]) == (2, {"amount": "500.00", "currency": "CNY"})


@pytest.mark.parametrize("wrong", ["", "stage,stage", "stage,sector,region", "unit"])
def test_summary_takes_one_or_two_known_groups(api: Any, wrong: str) -> None:
    answer = api("admin").get(f"/api/v1/summary/?group_by={wrong}")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/query/group_by")


def test_lead_patron_and_tags_of_today_stand_in_the_row(api: Any, pair: Any, people: world.People) -> None:
    yesterday = clock.today() - dt.timedelta(days=1)
    with recording(world.TESTER):
        Assignment.objects.create(project=pair[0], user=people.users["editor"], part="lead", valid_until_on=yesterday)
    row = api("admin").get(f"{URL}{pair[0].pk}/").json()
    assert (row["lead"], row["patron"], row["tags"]) == (None, {"name": "reader先生"}, ["三个一批"])
