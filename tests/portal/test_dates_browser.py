"""On a phone: from the link of the mail a milestone is reported done with a photo, another date is asked for; and by keys alone."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from common import clock
from milestones.models import DateChange, Milestone, MilestoneEvidence
from milestones.services import forecasts, milestones
from projects.models import Project
from reminders import notifications
from reminders.lifecycle import SubjectKind
from reminders.models import Delivery, Reminder, Rung
from tests import files
from tests.portal.conftest import Served
from tests.portal.test_browser import PHONE, WATCH, context, examine
from tests.world import TESTER


@pytest.fixture(scope="module")
def phone(served: Served, browser: Browser) -> Iterator[Page]:
    """The phone of a person of the county's office."""
    opened = context(browser, PHONE)
    opened.add_init_script(WATCH)
    opened.add_cookies([served.session("county")])
    yield opened.new_page()
    opened.close()


@pytest.fixture
def late(served: Served) -> Milestone:
    """A milestone of the county that is ten days late."""
    project = Project.objects.filter(office__code="410782", stage="construction").earliest("name_pinyin")
    fields = {"name": "路基完成", "due_on": served.city.today - dt.timedelta(days=10), "basis": "approved"}
    return milestones.create_milestone(project.pk, fields, actor=TESTER, today=clock.today())


def mailed_link(milestone: Milestone, served: Served) -> str:
    """The link beside the milestone in the digest that is sent of it."""
    county, late_by_a_day = served.city.users["county"], Rung.objects.filter(kind="after").earliest("days")
    reminder = Reminder(
        subject_kind=SubjectKind.MILESTONE, subject_id=milestone.pk, subject_name=milestone.name, project_id=milestone.project_id,
        due_on=milestone.due_on, rung=late_by_a_day, recipient=county,
    )  # fmt: skip
    message = notifications.digest(Delivery(recipient=county, created_at=clock.now()), [reminder], today=served.city.today)
    (link,) = re.findall(r"请办：.*\n\s*(\S+)", message.text)
    return str(link)


def test_from_the_mail_a_photo_and_one_press_report_it_done(phone: Page, served: Served, late: Milestone, settings: Any) -> None:
    settings.BASE_URL = served.url
    phone.goto(mailed_link(late, served))
    phone.set_input_files("input[type=file]", {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": files.photo()})
    phone.click("text=保存")
    expect(phone.locator(f"#milestone-{late.pk}")).to_contain_text("已报完成")
    assert Milestone.objects.get(pk=late.pk).achieved_on == served.city.today
    assert MilestoneEvidence.objects.get(milestone=late).evidence.name == "现场.jpg"


def test_three_acts_ask_for_the_date_that_is_expected(phone: Page, served: Served, late: Milestone) -> None:
    expected = served.city.today + dt.timedelta(days=60)
    forecasts.forecast(late.pk, forecast_on=expected, reason="汛期停工", actor=TESTER, today=served.city.today)
    complaints: list[str] = []
    phone.goto(f"{served.url}/milestones/{late.pk}/")
    examine(phone, complaints)
    phone.click("#act >> text=申请调整")
    expect(phone.locator("#effect")).to_contain_text("推迟 70 天")
    examine(phone, complaints)
    phone.fill("#reason", "汛期停工")
    phone.click("main button.primary")
    expect(phone.locator("main")).to_contain_text("不能审批自己的申请")
    examine(phone, complaints)
    made = DateChange.objects.get(milestone=late)
    assert (made.to_on, made.state, complaints) == (expected, "requested", [])


def test_keys_alone_report_it_done(phone: Page, served: Served, late: Milestone) -> None:
    phone.goto(f"{served.url}/milestones/{late.pk}/")
    for _ in range(60):
        phone.keyboard.press("Tab")
        if phone.evaluate("document.activeElement.id") == "note":
            break
    phone.keyboard.type("done")
    phone.keyboard.press("Enter")
    expect(phone.locator("main")).to_contain_text("已报完成：路基完成。")
    found = Milestone.objects.get(pk=late.pk)
    assert (found.achieved_on, found.note) == (served.city.today, "done")
