"""A month on the phone: what was returned is corrected in two acts."""

import datetime as dt
from typing import Any

from playwright.sync_api import Browser, expect

from accounts import selectors as accounts
from common import clock
from projects.models import MonthlyReport, Project
from projects.rules import first_of_month
from projects.services import reports
from tests import filing
from tests.portal.conftest import Served
from tests.portal.test_browser import PHONE, WATCH, context, examine
from tests.world import TESTER


def returned(served: Served) -> MonthlyReport:
    """A month of an office in reach of `county`, filed and sent back."""
    project: Any = Project.objects.filter(office__code="410782", stage="construction", is_package=False).first()
    month, today, now = first_of_month(clock.today()), clock.today(), clock.now()
    draft = filing.draft(project, month, due_on=today + dt.timedelta(days=5))
    filing.entered_plan(project, month.year, "120000000.00", content="完成主体结构封顶，启动机电安装。")
    actor = accounts.person(served.city.users["county"], today=today)
    reports.submit(draft.pk, filing.WHOLE, actor=actor, today=today, now=now)
    return reports.send_back(draft.pk, reason="完成投资与支付凭证不符，请核对后再报", actor=TESTER, today=today, now=now)


def test_returned_month_is_corrected_in_two_acts(served: Served, browser: Browser) -> None:
    report, complaints = returned(served), list[str]()
    opened = context(browser, PHONE)
    opened.add_init_script(WATCH)
    opened.add_cookies([served.session("county")])
    page = opened.new_page()
    page.goto(f"{served.url}/reports/{report.pk}/")  # where the letter leads
    expect(page.locator("main")).to_contain_text("完成投资与支付凭证不符")
    examine(page, complaints)
    page.fill("#invested", "1500")  # one
    page.click("text=提交")  # two
    expect(page.locator("main")).to_contain_text("已报送，等待审核")
    expect(page.locator("main")).to_contain_text("完成投资与支付凭证不符")  # what was asked for stays in sight
    examine(page, complaints)
    opened.close()
    assert complaints == []
    found = MonthlyReport.objects.get(pk=report.pk)
    assert (found.state, found.invested) == ("submitted", 15_000_000)
