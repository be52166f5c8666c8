"""Each page once in the real browser, on desk and phone: axe, the policy, no sideways scroll, the same numbers with scripts off."""

import pathlib
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page

from funding.models import FundingSource
from projects.models import Project
from tests.portal.conftest import PASSWORD, Served
from tests.portal.purse import ago, make_purse

AXE = pathlib.Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every rule is tried on everything; what passes is not described, which takes longer than trying it.
VIOLATIONS = "async (rules) => (await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })).violations"
DESK, PHONE = (1440, 900), (390, 844)
WATCH = "window.refused = []; addEventListener('securitypolicyviolation', (e) => refused.push(e.violatedDirective + ' ' + e.blockedURI));"


def context(browser: Browser, size: tuple[int, int], *, scripts: bool = True) -> BrowserContext:
    width, height = size
    return browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        java_script_enabled=scripts,
        is_mobile=size == PHONE,
        has_touch=size == PHONE,
    )


def sign_in(page: Page, base: str, name: str = "leader") -> None:
    page.goto(f"{base}/sign-in/")
    page.fill("#login", name)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url(f"{base}/board/")


@pytest.fixture(scope="module")
def base(served: Served) -> str:
    """The address of the city, which has a purse to look at."""
    make_purse()
    return served.url


def paths() -> list[str]:
    project = Project.objects.get(name__contains="九峰山")
    bond = reverse("source", args=[FundingSource.objects.get(bond__isnull=False).pk])
    return [
        "/board/",
        "/projects/",
        reverse("project", args=[project.pk]),
        "/funding/",
        bond,
        "/projects/?q=没有这样的项目",
        "/projects/00000000-0000-0000-0000-000000000000/",
        *(f"{bond}?tab={tab}" for tab in ("allocations", "transfers", "repayments", "adjustments", "changes")),
        f"{bond}?as_of={ago(250)}",
        f"{bond}?tab=transfers&part=idle",
        "/funding/?kind=bank_loan&state=open",
        "/funding/repayments/?years=all",
    ]


def examine(page: Page, complaints: list[str]) -> None:
    """Policy first: axe itself would add to it."""
    where = page.url
    complaints += [f"{where} policy: {found}" for found in page.evaluate("refused")]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        complaints.append(f"{where} scrolls sideways")
    page.evaluate(AXE.read_text())
    complaints += [f"{where} axe: {broken['id']} {broken['nodes'][0]['html'][:120]}" for broken in page.evaluate(VIOLATIONS, RULES)]


@pytest.mark.deep
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_are_clean(base: str, browser: Browser, size: tuple[int, int]) -> None:
    complaints: list[str] = []
    opened = context(browser, size)
    opened.add_init_script(WATCH)
    page = opened.new_page()
    page.on("pageerror", lambda error: complaints.append(f"{page.url} error: {error}"))
    page.goto(f"{base}/sign-in/")
    examine(page, complaints)
    sign_in(page, base)
    for path in paths():
        page.goto(base + path)
        examine(page, complaints)
    opened.close()
    assert complaints == []


@pytest.mark.deep
def test_numbers_are_the_same_with_scripts_off(base: str, served: Served, browser: Browser) -> None:
    said: list[list[list[str]]] = []
    for scripts in (True, False):
        opened = context(browser, DESK, scripts=scripts)
        if scripts:  # by the form they signed in for the pages above
            opened.add_cookies([served.session("leader")])
        page = opened.new_page()
        if not scripts:
            sign_in(page, base)
        said.append([re.findall(r"[\d,.]+", _main(page, base + path)) for path in paths()[:5]])
        opened.close()
    assert said[0] == said[1]


def test_keys_and_filters(base: str, served: Served, browser: Browser) -> None:
    opened = context(browser, DESK)
    opened.add_cookies([served.session("leader")])
    page = opened.new_page()
    page.goto(f"{base}/board/")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url(f"{base}/projects/")
    page.keyboard.press("/")
    page.keyboard.type("jfs")
    page.keyboard.press("Enter")
    page.wait_for_url("**/projects/?q=jfs")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/projects/[0-9a-f-]{36}/"))
    page.goto(f"{base}/projects/")
    page.check("input[name=commitment][value=complete_this_year]")
    page.wait_for_url("**commitment=complete_this_year")
    assert page.inner_text("#count") == "17"
    opened.close()


def _main(page: Page, url: str) -> str:
    page.goto(url)
    return page.text_content("main") or ""
