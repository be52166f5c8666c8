"""待办 in the real browser, by the acts that people make: on a phone at a building site, by keys alone, a whole month of an office."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Membership, Office, User
from accounts.roles import Principal
from common import clock
from common.recording import recording
from milestones.models import Milestone
from milestones.services import milestones
from projects.models import MonthlyReport, Project, Sector
from projects.services import reports
from tests import filing, world
from tests.files import photo
from tests.portal.conftest import Served
from tests.portal.test_browser import DESK, PHONE, WATCH, context, examine
from tests.world import TESTER

OFFICE = "410781-ZB"


@dataclass
class Site:
    """An office of its own, one browser context a size, and the acts counted: a press, a choice, a value typed."""

    page: Page
    served: Served
    user: User
    complaints: list[str] = field(default_factory=list)
    acts: int = 0

    def go(self, query: str = "") -> None:
        self.page.goto(f"{self.served.url}/my/{query}")
        self.acts = 0

    def press(self, target: str) -> None:
        self.page.locator(target).first.click()
        self.acts += 1

    def type(self, target: str, value: str) -> None:
        self.page.fill(target, value)
        self.acts += 1

    def shows(self, row: str, sentence: str) -> None:
        expect(self.page.locator(f"[id='{row}']")).to_contain_text(sentence)


@pytest.fixture(scope="module")
def office(served: Served) -> User:
    county = Office.objects.get(code="410781")
    with recording(TESTER):
        own = Office.objects.create(code=OFFICE, name="卫辉重点项目专班", kind="bureau", parent=county, path=f"{county.path}{OFFICE}/")
        user = User.objects.create(username="site", name="李工", office=own)
        Membership.objects.create(user=user, office=own, role="editor")
    served.city.users["site"] = user
    return user


@pytest.fixture
def site(served: Served, office: User, browser: Browser) -> Iterator[Site]:
    yield from _site(served, office, browser, PHONE)


@pytest.fixture
def desk(served: Served, office: User, browser: Browser) -> Iterator[Site]:
    yield from _site(served, office, browser, DESK)


def _site(served: Served, office: User, browser: Browser, size: tuple[int, int]) -> Iterator[Site]:
    opened = context(browser, size)
    opened.add_init_script(WATCH)
    opened.add_cookies([served.session("site")])
    page = opened.new_page()
    made = Site(page, served, office)
    page.on("pageerror", lambda error: made.complaints.append(f"{page.url} error: {error}"))
    yield made
    opened.close()
    with recording(TESTER):
        Project.objects.filter(office__code=OFFICE).update(stage="reserve")  # the next test's list is its own
    assert made.complaints == []


def project(name: str) -> Project:
    return world.project(
        name, office=OFFICE, region="410781", sector=Sector.objects.exclude(parent=None).earliest("code").code, at="construction"
    )


def late(name: str, *, proved: bool = False) -> Milestone:
    due_on = clock.today() - dt.timedelta(days=9)
    made = milestones.create_milestone(
        project(f"{name}工程").pk, {"name": name, "due_on": due_on, "basis": "approved"}, actor=TESTER, today=clock.today()
    )
    return milestones.edit_milestone(made.pk, {"is_evidence_required": proved}, version=made.version, actor=TESTER)


def month(of: Project) -> MonthlyReport:
    first = clock.today().replace(day=1)
    filing.entered(of, (first - dt.timedelta(days=1)).replace(day=1), "100.00", "40.00")
    return filing.draft(of, first, due_on=clock.today() + dt.timedelta(days=4))


def test_a_milestone_is_achieved_with_a_photo_in_two_acts_from_the_link_in_the_mail(site: Site) -> None:
    milestone = late("大坝填筑到顶", proved=True)
    row = f"milestone-{milestone.pk}"
    site.go(f"?open={row}#{row}")
    assert site.page.locator(".btn.primary").count() == 1
    examine(site.page, site.complaints)
    site.page.set_input_files("input[type=file]", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    site.acts += 1
    site.press("text=保存")
    site.shows(row, f"已报完成：{clock.today()}")
    assert site.acts == 2
    assert site.page.locator("#owed-tab").is_hidden()
    milestone.refresh_from_db()
    assert milestone.achieved_on == clock.today()
    site.press("text=撤销")
    site.shows(row, "报完成")
    expect(site.page.locator("#owed-tab")).to_contain_text("1")
    examine(site.page, site.complaints)


def test_no_change_is_one_act_and_a_returned_month_is_corrected_in_two(site: Site, office: User) -> None:
    quiet, wrong = month(project("无变化的")), month(project("被退回的"))
    actor = Principal(kind="person", name=office.name, id=office.pk, user_id=office.pk)
    reports.submit(wrong.pk, filing.WHOLE | {"physical_percent": Decimal(45)}, actor=actor, today=clock.today(), now=clock.now())
    reports.send_back(wrong.pk, reason="累计不符", actor=TESTER, today=clock.today(), now=clock.now())
    site.go()
    site.press(f"[id='report-{quiet.pk}'] [data-deed=no-change]")
    site.shows(f"report-{quiet.pk}", "已报“本月无变化”")
    assert site.acts == 1
    site.go(f"?open=report-{wrong.pk}")
    site.shows(f"report-{wrong.pk}", "退回原因：累计不符")
    site.type("input[name=invested]", "0.02")
    site.press("text=提交")
    site.shows(f"report-{wrong.pk}", "已报送")
    assert site.acts == 2


def test_what_was_typed_is_there_after_the_form_was_closed_and_one_form_is_open_at_a_time(site: Site) -> None:
    first, second = late("一号墩"), late("二号墩")
    site.go(f"?open=milestone-{first.pk}")
    site.page.fill("input[name=note]", "验收 12 号")
    site.press(f"[id='milestone-{second.pk}'] [data-deed=achieve]")
    expect(site.page.locator(f"[id='milestone-{first.pk}'] form[data-draft]")).to_have_count(0)
    assert site.page.locator(".btn.primary").count() == 1
    site.press(f"[id='milestone-{first.pk}'] [data-deed=achieve]")
    expect(site.page.locator(f"[id='milestone-{first.pk}'] input[name=note]")).to_have_value("验收 12 号")
    heights = site.page.eval_on_selector_all(".duty .btn, .duty .input", "all => all.map((one) => one.offsetHeight)")
    assert min(heights) >= 44


def test_by_keys_alone(desk: Site) -> None:
    milestone = late("征迁完成")
    desk.go()
    for key in ("j", "e"):
        desk.page.keyboard.press(key)
    expect(desk.page.locator("input[name=on]")).to_be_focused()
    desk.page.focus("input[name=note]")
    desk.page.keyboard.type("je")  # keys are letters in a field
    desk.page.keyboard.press("Enter")
    desk.shows(f"milestone-{milestone.pk}", "已报完成")
    assert desk.page.evaluate("document.activeElement.closest('.duty')?.id") == f"milestone-{milestone.pk}"
    examine(desk.page, desk.complaints)


@pytest.mark.deep
def test_a_month_of_twenty_projects_is_filed_in_under_forty_acts(desk: Site) -> None:
    made = [month(project(f"项目{n:02}")) for n in range(20)]
    desk.go()
    for report in made[:6]:
        row = f"[id='report-{report.pk}']"
        desk.press(f"{row} [data-deed=submit]")
        desk.type(f"{row} input[name=invested]", "120.5")
        desk.type(f"{row} input[name=physical_percent]", "46.5")
        desk.type(f"{row} [name=narrative]", "桩基完成")
        desk.press(f"{row} .primary")
        desk.shows(f"report-{report.pk}", "已报送")
    desk.press("text=份月报都无变化")
    expect(desk.page.locator("input[name=report]:checked")).to_have_count(14)
    examine(desk.page, desk.complaints)
    desk.press(".primary")
    expect(desk.page.locator("main")).to_contain_text("没有欠办。")
    assert desk.acts < 40
    assert MonthlyReport.objects.filter(pk__in=[one.pk for one in made], state="submitted").count() == 20
