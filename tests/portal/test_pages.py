"""What the pages say is what the lists hold, for everybody only what they may see, in few statements."""

import gzip
import html
import re
import uuid
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.recording import recording
from projects.models import Project
from tests.portal.conftest import City
from tests.sampling import few
from tests.world import TESTER

COUNTED = re.compile(r'href="([^"]+)" data-count="(\d+)"')


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("who", few(["leader", "county", "nobody"], always=["county"]))
def test_every_number_of_the_board_is_the_count_of_its_list(city: City, who: str, count_of: Callable[[Client, str], int]) -> None:
    client = city.signed_in(who)
    links = set(COUNTED.findall(text(client, "/board/")))
    assert len(links) > 10
    for link, number in links:
        assert count_of(client, html.unescape(link)) == int(number), link


def test_the_board_tells_the_seventeen_promises_with_the_late_ones_first(city: City) -> None:
    page = text(city.signed_in("leader"), "/board/")
    signs = re.findall(r'data-promise="(\w+)"', page)
    assert len(signs) == 17
    assert signs == sorted(signs, key=["red", "amber", "grey", "green"].index)
    assert "2026-01-27 完成，晚 27 天" in page
    assert "2025-12-30 完成，早 1 天" in page


def test_overdue_milestones_of_board_and_list_agree(city: City) -> None:
    client = city.signed_in("leader")
    number = re.search(r'href="([^"]+)" data-milestones="(\d+)"', text(client, "/board/"))
    assert number is not None
    assert client.get(html.unescape(number[1])).context["totals"].overdue_milestones == int(number[2])


@pytest.mark.parametrize("who", ["leader", "county"])
@pytest.mark.parametrize("path", ["/board/", "/projects/", "/projects/?stage=construction&sector=water&ordering=name", "project"])
def test_a_page_takes_at_most_eight_statements_and_twenty_kilobytes(city: City, who: str, path: str) -> None:
    client = city.signed_in(who)
    project = Project.objects.get(name__contains="九峰山")
    path = reverse("project", args=[project.pk]) if path == "project" else path
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    statements = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
    assert len(statements) <= 8, "\n".join(statements)
    assert len(gzip.compress(answer.content)) < 20_000


def test_a_facet_counts_what_choosing_it_shows(city: City, count_of: Callable[[Client, str], int]) -> None:
    client = city.signed_in("leader")
    facets = client.get("/projects/?stage=construction").context["facets"]
    for facet, _word, choices, _used in facets:
        for choice, _on in choices:
            query = f"?{facet}={choice.value}" if facet == "stage" else f"?stage=construction&{facet}={choice.value}"
            assert count_of(client, f"/projects/{query}") == choice.count, query


def test_pages_of_a_list_hold_every_project_once(city: City) -> None:
    client = city.signed_in("leader")
    for ordering in ("", "?ordering=name", "?ordering=-total_investment", "?ordering=slippage_days"):
        seen, path = [], f"/projects/{ordering}"
        while path:
            answer = client.get(path)
            seen += [row.id for row in answer.context["rows"]]
            path = answer.context["next"] and f"/projects/{answer.context['next']}"
        assert len(seen) == len(set(seen)) == 99


def test_search_by_initials_finds_the_project(city: City) -> None:
    rows = city.signed_in("leader").get("/projects/?q=jfs").context["rows"]
    assert "九峰山" in rows[0].name


@pytest.mark.parametrize(
    "query", ["?cursor=nonsense", "?stage=nothing", "?q=九", "?ordering=secret", "?completion_due__gte=soon", "?unknown=1"]
)
def test_a_bad_address_is_answered_by_a_page(city: City, query: str) -> None:
    assert city.signed_in("leader").get(f"/projects/{query}", follow=True).status_code == 200


def test_hidden_and_absent_projects_are_one_page(city: City) -> None:
    client = city.signed_in("nobody")
    hidden = client.get(reverse("project", args=[Project.objects.get(name__contains="九峰山").pk]))
    absent = client.get(reverse("project", args=[uuid.uuid4()]))
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content


def test_pages_name_nothing_out_of_reach(city: City) -> None:
    client = city.signed_in("nobody")
    seen = {row.id for row in client.get("/projects/").context["rows"]}
    hidden = Project.objects.exclude(pk__in=seen).values_list("name", flat=True)
    pages = text(client, "/board/") + text(client, "/projects/")
    assert hidden
    assert not [name for name in hidden if name in pages]


def test_the_project_page_tells_who_was_told_what_it_promised_and_what_changed(city: City) -> None:
    project = Project.objects.get(name__contains="九峰山")
    with recording(TESTER):
        Project.objects.filter(pk=project.pk).update(total_investment="10584000000.00")
    page = text(city.signed_in("leader"), reverse("project", args=[project.pk]))
    assert "加快推进九峰山抽水蓄能电站" in page
    assert "提醒函" in page and "王工" in page
    assert '总投资 <del class="old">空</del>' in page and "105.84 亿元" in page
    assert not re.search(r"total_investment|_id\b|version", page)


@pytest.mark.parametrize("window", ["year", "two", "all", "nonsense"])
def test_time_windows_are_in_the_address(city: City, window: str) -> None:
    project = Project.objects.get(name__contains="九峰山")
    assert "时间轴" in text(city.signed_in("leader"), f"{reverse('project', args=[project.pk])}?window={window}")


def test_language_is_chinese_unless_chosen(city: City) -> None:
    client = city.signed_in("leader")
    assert "年内完成的承诺" in client.get("/board/", headers={"accept-language": "en"}).content.decode()
    assert "Promised for this year" in text(client, "/board/?lang=en")
    assert "Promised for this year" in text(client, "/board/")


def test_pages_keep_the_policy_in_their_markup(city: City) -> None:
    client = city.signed_in("leader")
    project = Project.objects.get(name__contains="九峰山")
    for path in ("/board/", "/projects/", reverse("project", args=[project.pk])):
        page = text(client, path)
        assert not re.search(r"\sstyle=|\son\w+=|<script>|<style", page)
