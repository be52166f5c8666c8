"""提醒, 静默, 级次, 委托 and a letter in the real browser: clean on desk and phone, within a thumb's reach, on one sheet of A4."""

import datetime as dt
import re

import pytest
from django.db.models import Value
from django.db.models.functions import Concat
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from accounts import selectors as accounts
from accounts.models import User
from accounts.services import deputies
from common import clock
from common.recording import recording
from milestones.services import milestones
from projects.models import Project
from reminders.lifecycle import MuteScope
from reminders.models import OfficialLetter, Reminder
from reminders.services import deliveries, mutes, sweep
from reminders.services.mutes import Scope
from tests.portal.conftest import Served
from tests.portal.test_browser import DESK, PHONE, WATCH, context, examine
from tests.world import TESTER

# What one presses, lower than a thumb: links inside a sentence or a cell are exempt (WCAG 2.5.8).
TOO_LOW = """[...document.querySelectorAll('main .btn, main .chip, main select, main input:not([type=hidden]), main summary')]
  .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def chase(served: Served) -> Served:
    """What is late was told, one project is silent, one mute waits for a second person, one person stands in."""
    today, users = clock.today(), served.city.users
    with recording(TESTER):
        User.objects.update(email=Concat("username", Value("@example.invalid")))
        neighbour = User.objects.create(username="neighbour", name="刘工", office=users["county"].office)
    one, two = Project.objects.filter(office__code="410782", stage="construction").order_by("pk")[:2]
    fields = {"name": "路基完成", "due_on": today - dt.timedelta(days=12), "basis": "approved"}
    milestones.create_milestone(one.pk, fields, actor=TESTER, today=clock.today())
    with override_settings(REMINDER_WINDOW="every 00:00-24:00", EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend"):
        sweep.sweep(now=clock.now())
        deliveries.deliver(clock=clock.now)
    leader = accounts.person(users["leader"], today=today)
    for project, days in ((one, 20), (two, 60)):
        scope = Scope(MuteScope.PROJECT, project.pk)
        mutes.create(scope, reason="汛期停工，九月底复工", until_on=today + dt.timedelta(days=days), actor=leader, today=today)
    county = accounts.person(users["county"], today=today)
    until = today + dt.timedelta(days=10)
    deputies.delegate(neighbour.pk, from_on=today, until_on=until, reason="出差", actor=county, today=today)
    return served


def paths() -> dict[str, list[str]]:
    told = Reminder.objects.filter(official_letter__isnull=False).earliest("id")
    letter = reverse("letter", args=[told.official_letter_id])
    ladder_of_one = f"/reminders/?subject={told.subject_id}&due_on={told.due_on}"
    return {"leader": ["/reminders/", ladder_of_one, "/mutes/", "/manage/ladder/", letter], "county": ["/reminders/", "/my/deputy/"]}


@pytest.mark.deep
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_pages_of_the_chase_are_clean(chase: Served, browser: Browser, size: tuple[int, int]) -> None:
    complaints: list[str] = []
    for name, places in paths().items():
        opened = context(browser, size)
        opened.add_init_script(WATCH)
        opened.add_cookies([chase.session(name)])
        page = opened.new_page()
        for path in places:
            page.goto(chase.url + path)
            examine(page, complaints)
            if size == PHONE:
                complaints += [f"{path} too low: {found}" for found in page.evaluate(TOO_LOW)]
        opened.close()
    assert complaints == []


def test_a_letter_is_one_sheet_of_a4(chase: Served, browser: Browser) -> None:
    letter = OfficialLetter.objects.earliest("id")
    opened = context(browser, DESK)
    opened.add_cookies([chase.session("leader")])
    page: Page = opened.new_page()
    page.goto(chase.url + reverse("letter", args=[letter.pk]))
    paper = page.pdf(format="A4", print_background=True)
    opened.close()
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
