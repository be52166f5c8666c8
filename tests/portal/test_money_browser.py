"""Money moved by people in the real browser: pasted, checked, submitted, agreed to by another; by keys alone; without scripts."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from funding.models import FundingSource, Transfer, TransferRequest
from projects.models import Project
from tests import funding_rows
from tests.portal.conftest import Served
from tests.portal.test_browser import DESK, PHONE, WATCH, context, examine

WAN = Decimal(10_000)


@dataclass
class Bureau:
    """The finance bureau at work: a bond of 10,000 万元, thirty projects, and a browser for each person."""

    browser: Browser
    served: Served
    pot: FundingSource
    projects: list[Project]
    complaints: list[str]

    def open(self, who: str, *, size: tuple[int, int] = DESK, scripts: bool = True) -> Page:
        opened: BrowserContext = context(self.browser, size, scripts=scripts)
        opened.grant_permissions(["clipboard-read", "clipboard-write"])
        opened.add_init_script(WATCH)
        opened.add_cookies([self.served.session(who)])
        page = opened.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url} error: {error}"))
        return page

    def path(self, part: str = "") -> str:
        return f"{self.served.url}/funding/sources/{self.pot.pk}/{part}"


@pytest.fixture
def bureau(served: Served, browser: Browser) -> Iterator[Bureau]:
    pot = funding_rows.source(issued="100000000.00")
    projects = list(Project.objects.filter(is_package=False).order_by("name_pinyin")[:30])
    made = Bureau(browser, served, pot, projects, [])
    yield made
    for opened in browser.contexts:
        opened.close()
    assert made.complaints == []


def paste(page: Page, selector: str, text: str) -> None:
    """What the keys do with a range that was copied from a spreadsheet."""
    page.evaluate("(text) => navigator.clipboard.writeText(text)", text)
    page.focus(selector)
    page.keyboard.press("Control+V")


def test_thirty_lines_are_pasted_checked_and_submitted_by_one_and_agreed_to_by_another(bureau: Bureau) -> None:
    clerk = bureau.open("clerk")
    clerk.goto(bureau.path("allocate/"))
    with clerk.expect_response("**/check/"):
        paste(clerk, "input[name=project-1]", "\r\n".join(f"{project.name}\t建设\t100.5" for project in bureau.projects) + "\r\n")
    expect(clerk.locator("#sheet [role=status]")).to_contain_text("30 行可分配")
    with clerk.expect_response("**/check/"):
        clerk.click("#sheet .sticky-bar >> text=检查")
    expect(clerk.locator("#sheet [role=status]")).to_contain_text("6,985.00")
    examine(clerk, bureau.complaints)
    clerk.click("text=提交复核")
    clerk.wait_for_url("**/funding/requests/*/")
    batch = clerk.url
    assert clerk.locator("button[name=act][value=approve]").count() == 0
    expect(clerk.locator("main")).to_contain_text("不能审批自己的申请")

    checker = bureau.open("checker")
    checker.goto(batch)
    examine(checker, bureau.complaints)
    checker.click("text=复核通过")
    expect(checker.locator("main")).to_contain_text("已复核通过 30 笔，共 3,015.00 万元")
    examine(checker, bureau.complaints)
    bureau.pot.refresh_from_db()
    assert bureau.pot.allocated == Decimal("30150000.00")


def test_a_press_more_sends_nothing_more_and_a_late_answer_overwrites_nothing(bureau: Bureau) -> None:
    page = bureau.open("clerk")
    page.goto(bureau.path("allocate/"))
    with page.expect_response("**/check/"):
        page.fill("input[name=project-1]", bureau.projects[0].name)
    waiting: list[Any] = []

    def hold_the_first(route: Any) -> None:
        if waiting:
            route.continue_()
        else:
            waiting.append(route)

    page.route("**/check/", hold_the_first)
    page.fill("input[name=amount-1]", "1")
    page.fill("input[name=use-1]", "资本金")
    page.wait_for_timeout(600)
    late = waiting[0].fetch()
    page.fill("input[name=use-1]", "建设")  # while the answer to the line as it was is on its way
    page.focus("#document")
    waiting[0].fulfill(response=late)
    expect(page.locator("#sheet [role=status]")).to_contain_text("1 行可分配")
    assert page.input_value("input[name=use-1]") == "建设"
    sent: list[str] = []
    page.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    page.evaluate(
        """() => { const button = document.querySelector('.sticky-bar .primary'); button.click(); setTimeout(() => button.click(), 20); }"""
    )
    page.wait_for_url("**/funding/requests/*/")
    assert len(sent) == 1
    assert TransferRequest.objects.filter(source=bureau.pot, state="requested").count() == 1


def test_a_suggested_name_is_taken_by_one_press(bureau: Bureau) -> None:
    page, name = bureau.open("clerk"), Project.objects.get(name__contains="九峰山").name
    page.goto(bureau.path("allocate/"))
    with page.expect_response("**/check/"):
        paste(page, "input[name=project-1]", f"jfs\t建设\t10\r\n{bureau.projects[0].name}\t建设\tabc")
    expect(page.locator(".sticky-bar .primary")).to_be_disabled()
    page.focus("#document")
    with page.expect_response("**/check/"):
        page.click(f"button[name=take] >> text={name}")
    expect(page.locator("input[name=project-1]")).to_have_value(name)
    expect(page.locator("#row-1")).not_to_have_class("bad")
    page.click("text=只提交可分配的 1 行")
    page.wait_for_url("**/funding/requests/*/")


@pytest.mark.deep
def test_five_hundred_payments_with_one_bad_line_change_nothing_until_it_is_mended(bureau: Bureau) -> None:
    project = bureau.projects[0]
    funding_rows.move("grant", bureau.pot, 1000 * WAN, project)
    funding_rows.move("receive", bureau.pot, 1000 * WAN, project)
    rows = [f"Z{n:04}\t{project.name}\t建设\t支付\t100.00\t甲公司\t进度款\t2025.9.3" for n in range(1, 501)]
    rows[311] = rows[311].replace("Z0312", "Z0001")
    page = bureau.open("clerk")
    page.goto(bureau.path("payments/"))
    with page.expect_response("**/check/"):
        paste(page, "input[name=voucher-1]", "\r\n".join(rows))
    status = page.locator("#sheet [role=status]")
    expect(status).to_contain_text("1 行不能登记", timeout=20_000)
    expect(status).to_contain_text("第 312 行")
    expect(page.locator("#row-312")).to_contain_text("凭证号 Z0001 与第 1 行相同")
    expect(page.locator(".sticky-bar .primary")).to_be_disabled()
    assert not Transfer.objects.filter(source=bureau.pot, kind="pay").exists()
    with page.expect_response("**/check/"):
        page.fill("input[name=voucher-312]", "Z0312")
    expect(status).to_contain_text("500 行可登记", timeout=20_000)
    page.click(".sticky-bar .primary")
    page.wait_for_url("**tab=transfers", timeout=30_000)
    expect(page.locator("main")).to_contain_text("已登记 500 笔")
    assert Transfer.objects.filter(source=bureau.pot, kind="pay").count() == 500


def test_an_allocation_by_keys_alone(bureau: Bureau) -> None:
    page, first, second = bureau.open("clerk"), bureau.projects[0].name, bureau.projects[1].name
    page.goto(bureau.path())
    page.focus("text=分配额度")
    page.keyboard.press("Enter")
    page.wait_for_url("**/allocate/")
    page.focus("input[name=project-1]")
    page.keyboard.insert_text(first)
    page.keyboard.press("Enter")
    page.keyboard.insert_text(second)
    page.keyboard.press("ArrowRight")
    page.keyboard.insert_text("建设")
    page.keyboard.press("ArrowUp")
    page.keyboard.insert_text("建设")
    page.keyboard.press("ArrowRight")
    page.keyboard.insert_text("10")
    page.keyboard.press("ArrowDown")
    page.keyboard.insert_text("20")
    expect(page.locator("#sheet [role=status]")).to_contain_text("2 行可分配")
    assert page.evaluate("document.activeElement.name") == "amount-2"
    page.focus(".sticky-bar .primary")
    page.keyboard.press("Enter")
    page.wait_for_url("**/funding/requests/*/")
    made = TransferRequest.objects.filter(source=bureau.pot, state="requested").order_by("pk")
    assert [(row.project.name, row.amount) for row in made.select_related("project")] == [(first, 10 * WAN), (second, 20 * WAN)]


def test_money_moves_with_scripts_off(bureau: Bureau) -> None:
    page = bureau.open("clerk", scripts=False)
    page.goto(bureau.path("allocate/"))
    page.fill("input[name=project-1]", bureau.projects[0].name)
    page.fill("input[name=use-1]", "建设")
    page.fill("input[name=amount-1]", "1亿")
    page.click(".sticky-bar >> text=检查")
    expect(page.locator("#row-1")).to_contain_text("= 10,000.00 万元")
    page.fill("input[name=amount-1]", "100")
    page.keyboard.press("Enter")  # checks, and never submits
    expect(page.locator("#sheet [role=status]")).to_contain_text("9,900.00")
    page.click("text=提交复核")
    page.wait_for_url("**/funding/requests/*/")
    batch = page.url
    checker = bureau.open("checker", scripts=False)
    checker.goto(batch)
    checker.click("text=复核通过")
    expect(checker.locator("main")).to_contain_text("已复核通过 1 笔")


@pytest.mark.deep
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_acting_pages_are_clean(bureau: Bureau, size: tuple[int, int]) -> None:
    funding_rows.move("grant", bureau.pot, 100 * WAN, bureau.projects[0])
    funding_rows.move("receive", bureau.pot, 100 * WAN, bureau.projects[0])
    paid = funding_rows.move("pay", bureau.pot, 10 * WAN, bureau.projects[0])
    page = bureau.open("clerk", size=size)
    kinds = [f"request/?kind={kind}" for kind in ("issue", "withdraw", "adjust_money", f"reverse&transfer={paid.pk}")]
    for part in ("allocate/", "payments/", *kinds):
        page.goto(bureau.path(part))
        examine(page, bureau.complaints)
    page.goto(bureau.path("allocate/"))
    page.fill("input[name=project-1]", "没有这个项目")
    page.fill("input[name=item-1]", "负5")
    page.click(".sticky-bar >> text=检查")
    expect(page.locator("#row-1")).to_contain_text("无此项目")
    examine(page, bureau.complaints)
    for path in (
        "/funding/sources/new/",
        "/funding/requests/",
        "/funding/requests/?state=all",
        "/funding/findings/",
        "/funding/findings/?rule=x",
    ):
        page.goto(bureau.served.url + path)
        examine(page, bureau.complaints)
    page.goto(f"{bureau.served.url}/funding/findings/")
    page.click(".act summary >> nth=0")
    examine(page, bureau.complaints)
