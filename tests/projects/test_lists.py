"""Lists of projects: every filter has a row it finds and one it does not, every ordering is walked there and back."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

import pytest

from common.recording import recording
from milestones.models import Milestone
from portfolio.models import Commitment, CommitmentProject
from projects.api.views import ProjectViewSet
from projects.models import Assignment, Project, ProjectTag, Sector, Tag
from tests import world

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


@pytest.fixture
def crowd(people: world.People) -> list[Project]:
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


@pytest.mark.parametrize("size", [2, 4, 11])
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


@pytest.fixture
def pair(people: world.People) -> tuple[Project, Project]:
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
        world.completion(other, dt.date(2099, 1, 1))
        tag = Tag.objects.create(kind="batch", label="三个一批", batch="第13期")
        Tag.objects.create(kind="batch", label="无人")
        ProjectTag.objects.create(project=one, tag=tag)
        Assignment.objects.create(project=one, user=people.users["reader"], part="patron")
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
    return one, other


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
}
BOTH = {  # `other` may be found as well
    "completion_due__gte", "is_package", "completion_due__isnull", "updated_at__gt", "commitment__isnull", "total_investment__lte",
}  # fmt: skip
