"""What the pages of money say is what the ledger adds up to, on any day, for everybody only what they may see, in few statements."""

import gzip
import html
import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import selectors as account_selectors
from accounts.roles import Principal
from funding.models import FundingSource, Repayment
from funding.selectors import findings, sources, statements
from history.models import Change
from tests import funding_rows
from tests.portal.conftest import City
from tests.portal.purse import Purse, make_purse
from tests.sampling import few

LINKED = re.compile(r'href="([^"]+)" data-(sum|part|due)="(\w+)"(?: data-column="(\w+)")? data-yuan="([-\d.]+)"')
CELLS = re.compile(r'href="([^"]+)" data-yuan="([-\d.]+)"')
PAGES = ["funding", "source", "allocations", "transfers", "repayments", "adjustments", "changes", "calendar", "project"]


@pytest.fixture(scope="module")
def filled(loaded: City, django_db_blocker: Any) -> Purse:
    """The purse, made once: what a test changes of it is rolled back."""
    with django_db_blocker.unblock():
        return make_purse()


@pytest.fixture
def purse(city: City, filled: Purse) -> Purse:
    return filled


@pytest.fixture
def many(purse: Purse) -> list[FundingSource]:
    """More sources than a page holds."""
    return [funding_rows.source(f"第{number}笔", "local_fiscal", "1000.00") for number in range(48)]


def path_of(page: str, purse: Purse, query: str = "") -> str:
    tab = {"allocations", "transfers", "repayments", "adjustments", "changes"} & {page}
    path = {"funding": reverse("funding"), "calendar": reverse("repayments"), "project": reverse("project", args=[purse.own.pk])}.get(
        page, reverse("source", args=[purse.bond.pk])
    )
    return path + "?" + "&".join(filter(None, [f"tab={page}" if tab else "", query]))


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def principal(city: City, who: str) -> Principal:
    return account_selectors.person(city.users[who], today=city.today)


def linked(page: str, base: str) -> list[tuple[str, str, str, Decimal]]:
    """Every figure of a page with where it leads: (address, kind of figure, its name, yuan)."""
    found = []
    for link, kind, name, column, yuan in LINKED.findall(page):
        address = html.unescape(link).partition("#")[0]
        found.append((address if address.startswith("/") else base.partition("?")[0] + address, kind, column or name, Decimal(yuan)))
    return found


def whole(client: Client, path: str, name: str) -> tuple[Any, list[Any]]:
    """What the first page of a list says of the list, and its rows over all pages."""
    first = answer = client.get(path).context
    rows = list(first[name])
    while answer["next"]:
        answer = client.get(path.partition("?")[0] + answer["next"]).context
        rows += answer[name]
    return first, rows


@pytest.mark.parametrize("who", few(["leader", "county"], always=["leader"]))  # who sees more sources than a page holds
@pytest.mark.parametrize("query", few(["", "as_of"], always=[""]))
def test_every_figure_of_the_purse_is_the_sum_of_its_list(
    city: City, purse: Purse, many: list[FundingSource], who: str, query: str
) -> None:
    client = city.signed_in(who)
    path = path_of("funding", purse, f"as_of={purse.past}" if query else "")
    figures = linked(text(client, path), path)
    assert len(figures) > 8
    for link, _, name, yuan in figures:
        said, rows = whole(client, link, "rows")
        assert getattr(said["shown"], name) == yuan, link
        assert len({row["id"] for row in rows}) == len(rows) == said["shown"].count
        assert sum((getattr(row["sums"], name) for row in rows), Decimal()) == yuan, link


@pytest.mark.parametrize("who", few(["leader", "county"], always=["county"]))
@pytest.mark.parametrize("query", few(["", "as_of"], always=[""]))
def test_every_figure_of_a_source_is_the_sum_of_its_lines(city: City, purse: Purse, who: str, query: str) -> None:
    client = city.signed_in(who)
    lists: dict[str, tuple[Any, list[Any]]] = {}
    for page in ("source", "allocations"):
        path = path_of(page, purse, f"as_of={purse.past}" if query else "")
        figures = linked(text(client, path), path)
        assert len(figures) >= 9
        for link, _, name, yuan in figures:
            said, lines = lists[link] if link in lists else lists.setdefault(link, whole(client, link, "lines"))
            assert said["totals"]["sum"] == yuan, (link, name)
            assert sum((line["effect"] for line in lines), Decimal()) == yuan, (link, name)


@pytest.mark.parametrize("who", ["leader", "county"])
@pytest.mark.parametrize("days", few([0, 250, 395, 500], always=[0, 250]))
def test_figures_add_up_and_are_those_of_the_selectors_on_any_day(city: City, purse: Purse, who: str, days: int) -> None:
    actor, day = principal(city, who), city.today - (purse.past.resolution * days)
    past = day if days else None
    answer = city.signed_in(who).get(path_of("source", purse, f"as_of={day}"))
    sums, balance = answer.context["sums"], statements.of_source(purse.bond, actor, as_of=day, recorded_until=None)["balance"]
    assert sums.paid + sums.idle + sums.awaited + sums.unallocated == sums.issued
    said = {name: f"{getattr(sums, name):.2f}" for name in ("issued", "allocated", "unallocated", "received", "paid", "idle")}
    assert said == {name: balance[name]["amount"] for name in said}
    row = sources.sources(actor, as_of=past).filter(pk=purse.bond.pk).values_list(*sources.COLUMNS).get()
    assert sources.shape(row, is_whole=actor.sees_everything)["balance"] == balance


def test_the_figures_of_the_bond_are_these(city: City, purse: Purse) -> None:
    sums = city.signed_in("leader").get(path_of("source", purse)).context["sums"]
    assert (sums.issued, sums.paid) == (Decimal("940000000.00"), Decimal("222456789.01"))
    assert (sums.idle, sums.awaited, sums.unallocated) == (Decimal("477543210.99"), Decimal("140000000.00"), Decimal("100000000.00"))
    before = city.signed_in("leader").get(path_of("source", purse, f"as_of={purse.past}")).context["sums"]
    assert (before.paid, before.idle, before.awaited) == (Decimal("123456789.01"), Decimal("576543210.99"), Decimal("140000000.00"))


def test_a_reversal_stands_under_its_original(city: City, purse: Purse) -> None:
    _, lines = whole(city.signed_in("leader"), path_of("transfers", purse), "lines")
    at = [line["id"] for line in lines].index(purse.reversed.pk)
    assert (lines[at]["sign"], lines[at + 1]["sign"], lines[at + 1]["reverses"]) == (1, -1, purse.reversed.pk)
    assert lines[at]["reversed_by"] == lines[at + 1]["id"]
    days = [line["occurred_on"] for line in lines if line["sign"] > 0]
    assert days == sorted(days, reverse=True)


def test_lines_are_narrowed_by_kind_voucher_and_allocation(city: City, purse: Purse) -> None:
    client = city.signed_in("leader")
    found = client.get(path_of("transfers", purse, "kind=pay")).context
    assert {line["kind"] for line in found["lines"]} == {"pay"} and found["totals"]["count"] == 4
    assert client.get(path_of("transfers", purse, "q=PZ-0001")).context["totals"]["count"] == 1
    of_part = client.get(path_of("transfers", purse, f"allocation={purse.part.pk}")).context["lines"]
    assert of_part and all(purse.part.pk in (line["allocation"], line["to_allocation"]) for line in of_part)


def test_the_county_sees_its_part_alone(city: City, purse: Purse) -> None:
    client = city.signed_in("county")
    for page in ("funding", "source", "allocations", "transfers", "adjustments", "project"):
        shown = text(client, path_of(page, purse))
        for hidden in (purse.other.name, str(purse.other.pk), purse.grant.name, purse.loan.name, "94,000.00", "95,000.00", "9.4000"):
            assert hidden not in shown, (page, hidden)
    sums = client.get(path_of("source", purse)).context["sums"]
    assert (sums.issued, sums.paid, sums.planned) == (Decimal("580000000.00"), Decimal("123456789.01"), 0)
    assert "repayments" not in text(client, path_of("source", purse)) and "tab=changes" not in text(client, path_of("source", purse))


@pytest.mark.parametrize(("who", "name"), [("county", "grant"), ("county", "loan"), ("nobody", "bond"), ("leader", "absent")])
def test_hidden_and_absent_sources_are_one_page(city: City, purse: Purse, who: str, name: str) -> None:
    key = uuid.uuid4() if name == "absent" else getattr(purse, name).pk
    answer = city.signed_in(who).get(reverse("source", args=[key]))
    assert answer.status_code == 404
    assert answer.content == city.signed_in(who).get(reverse("source", args=[uuid.uuid4()])).content


def test_repayments_are_shown_to_those_who_see_whole_sources(city: City, purse: Purse) -> None:
    for who, status in (("leader", 200), ("clerk", 200), ("county", 404), ("nobody", 404)):
        assert city.signed_in(who).get(reverse("repayments")).status_code == status


@pytest.mark.parametrize("query", few(["", "as_of", "years=all"], always=[""]))
def test_every_figure_of_repayments_is_the_sum_of_its_rows(city: City, purse: Purse, query: str) -> None:
    client = city.signed_in("leader")
    path = path_of("calendar", purse, f"as_of={purse.past}" if query == "as_of" else query)
    page = text(client, path)
    for link, _, name, yuan in linked(page, path):
        said, rows = whole(client, link, "rows")
        column = name if name in ("principal", "interest") else "total"
        assert sum((getattr(row, column) for row in rows), Decimal()) == yuan == getattr(said["dues"]["shown"], column)
    cells = [(html.unescape(link).partition("#")[0], Decimal(yuan)) for link, yuan in CELLS.findall(page)]
    assert len(cells) > 15
    for link, yuan in cells:
        assert client.get(reverse("repayments") + link).context["dues"]["shown"].total == yuan, link
    wall = client.get(path).context["wall_rows"]
    assert sum((sums.principal for _, sums, _ in wall), Decimal()) == purse.bond.issued


def test_the_bond_names_its_next_repayment(city: City, purse: Purse) -> None:
    due = Repayment.objects.filter(bond__source=purse.bond).earliest("due_on")
    page = text(city.signed_in("leader"), path_of("source", purse))
    assert f"下一期 {due.due_on} 共 1,010.50 万元，逾期" in page and "未归集" in page


def test_what_must_be_looked_at_is_counted_as_its_lists_hold_it(city: City, purse: Purse) -> None:
    for who in ("leader", "county"):
        answer = city.signed_in(who).get(reverse("funding"))
        standing = findings.findings(principal(city, who), today=city.today).exclude(state="written_off")
        counted = {level: standing.filter(level=level).count() for level in ("error", "warn", "info")}
        assert dict(answer.context["level_counts"]) == {level: n for level, n in counted.items() if n}
        assert answer.context["notices"].waiting == 1
    assert answer.context["notices"].due_on is None


def test_the_share_of_bonds_used_as_capital_stands_beside_the_ceiling(city: City, purse: Purse) -> None:
    page = text(city.signed_in("leader"), reverse("funding"))
    assert "28.57%" in page and "全省上限 30.00%" in page and "仅供参考" in page


@pytest.mark.parametrize("who", ["leader", "county"])
@pytest.mark.parametrize("query", few(["", "as_of"], always=[""]))
def test_a_page_takes_at_most_eight_statements_and_twenty_kilobytes(
    city: City, purse: Purse, many: list[FundingSource], who: str, query: str
) -> None:
    client = city.signed_in(who)
    client.get(path_of("funding", purse))
    for page in PAGES:
        path = path_of(page, purse, f"as_of={purse.past}" if query else "")
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        statements_ = [q["sql"] for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]
        assert len(statements_) <= 8, "\n".join([page, *statements_])
        assert len(gzip.compress(answer.content)) < 20_000, page
        assert not re.search(r"\sstyle=|\son\w+=|<script>|<style", answer.content.decode()), page


def test_the_busiest_ledger_takes_at_most_eight_statements(city: City, purse: Purse) -> None:
    client = city.signed_in("county")
    path = path_of("transfers", purse, f"part=paid&allocation={purse.part.pk}&as_of={purse.past}")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    assert len([q for q in captured if not q["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))]) <= 8


@pytest.mark.parametrize("path", few(["funding", "source", "transfers", "calendar"], always=["funding", "transfers"]))
def test_a_bad_address_is_answered_by_a_page(city: City, purse: Purse, path: str) -> None:
    client = city.signed_in("leader")
    for query in (
        "as_of=soon", "as_of=2025-13-45", "as_of=2999-01-01", "cursor=nonsense", "kind=nothing", "part=all", "allocation=x", "tab=x",
        "year=x&month=99", "bond=x", "ordering=secret", "q=%25", "state=x",
    ):  # fmt: skip
        assert client.get(path_of(path, purse, query), follow=True).status_code == 200, query


def test_a_day_that_is_none_or_ahead_is_said_so(city: City, purse: Purse) -> None:
    client = city.signed_in("leader")
    assert "日期不能晚于今天" in text(client, path_of("funding", purse, "as_of=2999-01-01"))
    assert "日期应写作" in text(client, path_of("funding", purse, "as_of=soon"))
    assert f"按 <b>{purse.past}</b> 当天已发生的流水重算" in text(client, path_of("source", purse, f"as_of={purse.past}"))


def test_the_project_page_tells_its_money_with_links_to_the_lines(city: City, purse: Purse) -> None:
    client, path = city.signed_in("county"), path_of("project", purse)
    page = text(client, path)
    assert "58,000.00" in page and purse.bond.name in page and "资金流向" in page
    cells = [(html.unescape(link), Decimal(yuan)) for link, yuan in CELLS.findall(page)]
    assert len(cells) == 3
    for link, yuan in cells:
        assert client.get(link).context["totals"]["sum"] == yuan


def test_sources_are_searched_sorted_and_narrowed(city: City, purse: Purse) -> None:
    client = city.signed_in("leader")

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"{reverse('funding')}?{query}").context["rows"]]

    assert names("q=2505069") == names("q=〔2025〕41号") == names("kind=special_bond") == [purse.bond.name]
    assert names("state=closed") == [purse.loan.name]
    assert set(names("has_unallocated=true")) == {purse.bond.name, purse.loan.name}
    assert names("ordering=issued_on")[0] == purse.bond.name and names("")[0] == purse.loan.name
    assert names("ordering=-idle")[:2] == [purse.bond.name, purse.grant.name]


def test_changes_of_a_source_are_told_in_words(city: City, purse: Purse) -> None:
    page = text(city.signed_in("leader"), path_of("changes", purse))
    assert "新增" in page and "债券" in page
    assert not re.search(r"is_demonstration|version|\bissued\b", page.partition("最近变更")[2])
    assert Change.objects.filter(row_id=purse.bond.pk).exists()


def pay(client: Client, repayment: Repayment, **fields: str) -> Any:
    data = {
        "paid_on": "2025-01-01",
        "document_no": "新财债〔2025〕9号",
        "version": str(repayment.version),
        "back": "/funding/repayments/?state=overdue",
    }
    return client.post(reverse("pay", args=[repayment.pk]), data | fields)


def test_a_clerk_says_that_an_instalment_was_collected(city: City, purse: Purse) -> None:
    client = city.signed_in("clerk")
    due = Repayment.objects.filter(bond__source=purse.bond).earliest("due_on")
    assert reverse("pay", args=[due.pk]) in text(client, reverse("repayments"))
    answer = pay(client, due)
    assert answer.status_code == 302 and answer.url == "/funding/repayments/?state=overdue"
    due.refresh_from_db()
    assert (str(due.paid_on), due.document_no) == ("2025-01-01", "新财债〔2025〕9号")
    again = pay(client, due)
    assert again.status_code == 409 and "该期已归集" in again.content.decode()


def test_a_collection_is_taken_back_by_the_checker_with_a_reason(city: City, purse: Purse) -> None:
    due = Repayment.objects.filter(bond__source=purse.bond).earliest("due_on")
    pay(city.signed_in("clerk"), due)
    address, checker = reverse("reopen-repayment", args=[due.pk]), city.signed_in("checker")
    assert address in text(checker, f"{reverse('repayments')}?state=paid")
    assert city.signed_in("clerk").post(address, {"reason": "误登"}).status_code == 403
    checker.post(address, {"reason": ""})
    assert Repayment.objects.get(pk=due.pk).paid_on is not None
    assert checker.post(address, {"reason": "误登"}).status_code == 302
    assert Repayment.objects.get(pk=due.pk).paid_on is None


@pytest.mark.parametrize(
    ("paid_on", "sentence"), [("2999-01-01", "归集日期不能晚于今天"), ("", "请填写归集日"), ("2025-02-30", "请填写归集日")]
)
def test_a_refused_form_says_why_beside_the_field_and_keeps_what_was_typed(city: City, purse: Purse, paid_on: str, sentence: str) -> None:
    due = Repayment.objects.filter(bond__source=purse.bond).earliest("due_on")
    answer = pay(city.signed_in("clerk"), due, paid_on=paid_on, document_no="文号照旧")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page and 'value="文号照旧"' in page and 'aria-invalid="true"' in page
    due.refresh_from_db()
    assert due.paid_on is None


def test_who_may_not_collect_has_no_form_and_is_refused(city: City, purse: Purse) -> None:
    due = Repayment.objects.filter(bond__source=purse.bond).earliest("due_on")
    for who in ("leader", "checker", "county"):
        client = city.signed_in(who)
        assert pay(client, due).status_code == 403
        assert "登记归集</summary>" not in client.get(reverse("repayments")).content.decode()
    past = text(city.signed_in("clerk"), path_of("calendar", purse, f"as_of={purse.past}"))
    assert "登记归集</summary>" not in past


def test_a_stale_or_foreign_form_changes_nothing(city: City, purse: Purse) -> None:
    due = Repayment.objects.filter(bond__source=purse.bond).earliest("due_on")
    assert pay(city.signed_in("clerk"), due, version=str(due.version + 1)).status_code == 409
    assert pay(city.signed_in("clerk"), due, back="https://elsewhere.example/").url.startswith("/funding/repayments/")
