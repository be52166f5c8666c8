"""问题, 手续 and 文件 in the real browser: clean on the phone, and a photo that leaves smaller than it was taken, with time and place."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from common import clock
from projects.models import Evidence, Project
from projects.services import problems
from tests import files
from tests.portal.conftest import Served
from tests.portal.test_browser import PHONE, WATCH, context, examine
from tests.world import TESTER


def test_pages_are_clean_and_a_photo_is_sent_small_with_its_time_and_place(
    served: Served, browser: Browser, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    project: Any = Project.objects.filter(office__code="410782", stage="construction").order_by("id").first()
    today = clock.today()
    given = {"project": project, "text": "征地未完成", "kind": "land", "level_needed": "city", "raised_on": today}
    problem = problems.raise_problem(given, actor=TESTER, today=today)
    taken = tmp_path / "现场.jpg"
    taken.write_bytes(files.photo(size=(2400, 1200), taken="2025:06:01 08:30:00", place=(113.0, 35.0), orientation=6))

    complaints: list[str] = []
    opened = context(browser, PHONE)
    opened.add_init_script(WATCH)
    opened.add_cookies([served.session("county")])
    page = opened.new_page()
    page.on("pageerror", lambda error: complaints.append(f"{page.url} error: {error}"))
    base = f"{served.url}/projects/{project.pk}"
    for path in (f"/problems/?open={problem.pk}", "/permits/?open=energy", "/files/"):
        page.goto(base + path)
        examine(page, complaints)
    page.set_input_files("#file", taken)
    page.wait_for_selector(".dropped li")
    page.click("form.body .btn.primary")
    page.wait_for_selector("main [role=status]")
    examine(page, complaints)
    opened.close()
    assert complaints == []
    kept = Evidence.objects.get(project=project)
    assert (kept.width, kept.height) == (800, 1600)  # upright
    assert kept.taken_at == files.local("2025-06-01T08:30:00")
    assert (kept.lon, kept.lat) == (113, 35)
