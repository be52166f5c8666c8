"""问题, 手续 and 文件 by form: what is shown, what is kept, who may, and where one is led."""

import datetime as dt
import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from common.recording import recording
from milestones.models import Milestone, MilestoneEvidence
from projects.models import Evidence, Permit, Problem, Project
from projects.services import evidence, permits, problems
from tests import files
from tests.portal.conftest import City
from tests.world import TESTER

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def project(city: City) -> Project:
    """A project of an office in reach of `county`."""
    found = Project.objects.filter(office__code="410782", stage="construction").order_by("id").first()
    assert found is not None
    return found


def raised(project: Project, text: str = "征地未完成", *, days: int = 10, **fields: Any) -> Problem:
    today = clock.today()
    given = {"project": project, "text": text, "kind": "land", "level_needed": "city", "raised_on": today - days * DAY} | fields
    return problems.raise_problem(given, actor=TESTER, today=today)


def shot(project: Project, **said: Any) -> Evidence:
    return evidence.add_evidence(project.pk, files.upload(files.photo(**said)), actor=TESTER, now=clock.now())


def url(name: str, *keys: Any) -> str:
    return reverse(name, args=list(keys))


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def statements(caught: CaptureQueriesContext) -> int:
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE", 'UPDATE "django_session"')) for q in caught)


def closing(problem: Problem, **fields: Any) -> dict[str, Any]:
    return {"on": clock.today().isoformat(), "note": "已交地", "version": str(problem.version)} | fields


# --- all three ----------------------------------------------------------------------------------------------------


def test_each_page_has_the_tabs_with_their_counts_in_few_statements(city: City, project: Project) -> None:
    late = raised(project)
    permits.list_permit({"project": project, "kind": "energy"}, actor=TESTER)
    shot(project)
    client = city.signed_in("county")
    for name in ("project-problems", "project-permits", "project-files"):
        with CaptureQueriesContext(connection) as caught:
            page = text(client, f"{url(name, project.pk)}?open={late.pk}")
        assert statements(caught) <= 8
        for tab in ("project-problems", "project-permits", "project-files"):
            assert f'<a href="{url(tab, project.pk)}"' in page
        assert page.count('<span class="count">1</span>') == 3
        assert page.count("btn primary") <= 1
    assert page.count('aria-current="page">文件') == 1


def test_hidden_project_is_absent_with_all_its_acts(city: City, project: Project) -> None:
    problem, file = raised(project), shot(project)
    client = city.signed_in("nobody")
    for name in ("project-problems", "project-permits", "project-files"):
        assert client.get(url(name, project.pk)).status_code == 404
    acts = [url(f"problem-{act}", problem.pk) for act in ("close", "edit", "reopen")]
    acts += [url(f"permit-{act}", project.pk, "energy") for act in ("complete", "edit")]
    acts += [url("problem-new", project.pk), url("file-add", project.pk), url("file-remove", file.pk)]
    for act in acts:
        assert client.post(act, closing(problem)).status_code == 404


def test_who_only_reads_sees_no_form_and_cannot_send_one(city: City, project: Project) -> None:
    problem, file = raised(project), shot(project)
    client = city.signed_in("leader")
    for name in ("project-problems", "project-permits", "project-files"):
        page = text(client, f"{url(name, project.pk)}?open={problem.pk}")
        assert "<main" in page
        assert 'enctype="multipart/form-data"' not in page
        assert f'href="{url(name, project.pk)}?open=' not in page
    assert client.post(url("problem-close", problem.pk), closing(problem)).status_code == 403
    assert client.post(url("file-remove", file.pk)).status_code == 403
    assert client.post(url("permit-edit", project.pk, "energy"), {"state": "in_progress"}).status_code == 403
    assert Problem.objects.get(pk=problem.pk).closed_on is None
    assert Evidence.objects.filter(pk=file.pk).exists()


# --- 问题 ---------------------------------------------------------------------------------------------------------


def test_problem_is_raised_with_its_term_and_stands_on_the_page(city: City, project: Project) -> None:
    today = clock.today()
    given = {"text": "供电线路未迁改", "kind": "utilities", "level_needed": "county", "raised_on": today.isoformat()}
    client = city.signed_in("county")
    key = re.search(r'name="idempotency_key" value="([^"]+)"', text(client, f"{url('project-problems', project.pk)}?open=new"))
    assert key is not None
    never = client.post(url("problem-new", project.pk), given | {"raised_on": "9999-12-31", "idempotency_key": key[1]})
    assert never.status_code == 422 and 'id="raised_on-fault"' in never.content.decode()
    for _press in range(2):  # a double press registers it once
        answer = client.post(url("problem-new", project.pk), given | {"idempotency_key": key[1]})
        assert (answer.status_code, answer.url) == (302, url("project-problems", project.pk))
    made = Problem.objects.get(project=project)
    assert made.due_on == today + 7 * DAY
    assert f'id="{made.pk}"' in text(client, answer.url)


def test_link_of_a_reminder_opens_the_form_in_the_row(city: City, project: Project) -> None:
    late, other = raised(project), raised(project, "图纸未审")
    page = text(city.signed_in("county"), f"{url('project-problems', project.pk)}?open={late.pk}")
    assert f'action="{url("problem-close", late.pk)}"' in page
    assert url("problem-close", other.pk) not in page
    assert f'value="{clock.today()}"' in page
    assert "逾期 3 天" in page


def test_closing_without_a_word_and_without_a_file_is_refused_beside_the_field(city: City, project: Project) -> None:
    problem = raised(project)
    answer = city.signed_in("county").post(url("problem-close", problem.pk), closing(problem, note=""))
    assert answer.status_code == 422
    assert "销号须写明如何解决" in answer.content.decode()
    assert 'id="note-fault"' in answer.content.decode()


def test_closing_by_a_photo_keeps_it_as_proof_and_leads_back(city: City, project: Project) -> None:
    problem = raised(project)
    data = closing(problem, note="", file=files.upload(files.photo()), next="/board/")
    answer = city.signed_in("county").post(url("problem-close", problem.pk), data)
    assert (answer.status_code, answer.url) == (302, "/board/")
    closed = Problem.objects.get(pk=problem.pk)
    assert closed.closing_evidence == Evidence.objects.get(project=project)


def test_file_that_is_not_what_it_says_stands_beside_its_field_and_nothing_is_kept(city: City, project: Project) -> None:
    problem = raised(project)
    data = closing(problem, note="见照片", file=files.upload(b"<html></html>", "a.jpg"))
    answer = city.signed_in("county").post(url("problem-close", problem.pk), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="file-fault"' in page
    assert "文件内容是网页" in page
    assert "见照片" in page
    assert Problem.objects.get(pk=problem.pk).closed_on is None
    assert not Evidence.objects.exists()


def test_file_is_kept_where_the_form_is_refused_and_needs_not_be_chosen_again(city: City, project: Project) -> None:
    problem, client = raised(project), city.signed_in("county")
    data = closing(problem, on=(clock.today() + DAY).isoformat(), note="", file=files.upload(files.photo()))
    answer = client.post(url("problem-close", problem.pk), data)
    page, kept = answer.content.decode(), Evidence.objects.get()
    assert answer.status_code == 422
    assert 'id="on-fault"' in page and f"已上传：{kept.name}" in page
    assert client.post(url("problem-close", problem.pk), closing(problem, note="", evidence=str(kept.pk))).status_code == 302
    assert Problem.objects.get(pk=problem.pk).closing_evidence_id == kept.pk


def test_file_of_who_may_not_edit_is_not_kept(city: City, project: Project) -> None:
    data = {"on": clock.today().isoformat(), "file": files.upload(files.photo())}
    assert city.signed_in("leader").post(url("permit-complete", project.pk, "energy"), data).status_code == 403
    assert not Evidence.objects.exists()


def test_stale_form_is_shown_again_and_changes_nothing(city: City, project: Project) -> None:
    problem = raised(project)
    problems.edit_problem(problem.pk, {"measures": "已约谈"}, version=None, actor=TESTER, today=clock.today())
    answer = city.signed_in("county").post(url("problem-close", problem.pk), closing(problem))
    assert answer.status_code == 412
    assert "已被他人修改" in answer.content.decode()
    assert "已交地" in answer.content.decode()
    assert Problem.objects.get(pk=problem.pk).closed_on is None


def test_problem_on_hold_says_why_and_a_closed_one_comes_back_with_a_reason(city: City, project: Project) -> None:
    problem = raised(project)
    client = city.signed_in("county")
    held = {"state": "on_hold", "due_on": problem.due_on.isoformat(), "version": str(problem.version)}
    refused = client.post(url("problem-edit", problem.pk), held)
    assert refused.status_code == 422
    assert "挂起须写明原因" in refused.content.decode()
    assert client.post(url("problem-edit", problem.pk), held | {"hold_reason": "等省里批复"}).status_code == 302
    assert "等省里批复" in text(client, url("project-problems", project.pk))
    client.post(url("problem-close", problem.pk), closing(problem, version=""))
    assert client.post(url("problem-reopen", problem.pk), {"reason": ""}).status_code == 422
    assert client.post(url("problem-reopen", problem.pk), {"reason": "又停工"}).status_code == 302
    assert Problem.objects.get(pk=problem.pk).closed_on is None


# --- 手续 ---------------------------------------------------------------------------------------------------------


def test_all_sixteen_permits_stand_and_one_without_a_row_is_completed(city: City, project: Project) -> None:
    client = city.signed_in("county")
    page = text(client, f"{url('project-permits', project.pk)}?open=energy")
    assert page.count("data-row") == 16
    assert f'action="{url("permit-complete", project.pk, "energy")}"' in page
    data = {"on": clock.today().isoformat(), "number": "辉发改能评〔2026〕3号", "file": files.upload(files.PDF, "批文.pdf")}
    answer = client.post(url("permit-complete", project.pk, "energy"), data)
    done = Permit.objects.get(project=project)
    assert (answer.status_code, answer.url) == (302, f"{url('project-permits', project.pk)}#energy")
    assert (done.kind, done.state, done.number) == ("energy", "done", "辉发改能评〔2026〕3号")
    assert done.evidence is not None
    page = text(client, url("project-permits", project.pk))
    assert "已办结 1 / 16" in page
    assert f"/api/v1/evidence/{done.evidence_id}/content/" in page


def test_refused_completion_leaves_no_row(city: City, project: Project) -> None:
    ahead = (clock.today() + DAY).isoformat()
    answer = city.signed_in("county").post(url("permit-complete", project.pk, "energy"), {"on": ahead, "number": "1号"})
    assert answer.status_code == 422
    assert 'value="1号"' in answer.content.decode()
    assert not Permit.objects.exists()


def test_permit_is_set_not_applicable_and_late_ones_are_counted(city: City, project: Project) -> None:
    row = permits.list_permit({"project": project, "kind": "flood", "due_on": clock.today() - 5 * DAY}, actor=TESTER)
    client = city.signed_in("county")
    page = text(client, f"{url('project-permits', project.pk)}?open={row.pk}")
    assert "逾期 5 天" in page
    assert f'action="{url("permit-complete", project.pk, "flood")}"' in page
    data = {"state": "not_applicable", "version": str(row.version), "note": "不在行洪区"}
    assert client.post(url("permit-edit", project.pk, "flood"), data).status_code == 302
    page = text(client, url("project-permits", project.pk))
    assert "已办结 0 / 15" in page
    assert "逾期" not in page[page.index("<main") : page.index("</main>")]
    assert "不在行洪区" in page


def test_permit_that_does_not_exist_is_absent(city: City, project: Project) -> None:
    assert city.signed_in("county").post(url("permit-edit", project.pk, "magic"), {"state": "in_progress"}).status_code == 404


# --- 文件 ---------------------------------------------------------------------------------------------------------


def test_files_stand_under_what_they_prove_with_time_place_and_hash(city: City, project: Project) -> None:
    proof = shot(project, taken="2025:06:01 08:30:00", place=(113.5, 35.25))
    loose = shot(project, color="blue")
    milestone: Any = Milestone.objects.filter(project=project).order_by("position").first()
    with recording(TESTER):
        MilestoneEvidence.objects.create(project=project, milestone=milestone, evidence=proof)
    page = text(city.signed_in("county"), url("project-files", project.pk))
    assert (
        page.index(url("milestone", milestone.pk))
        < page.index(f'id="{proof.pk}"')
        < page.index("未关联事项")
        < page.index(f'id="{loose.pk}"')
    )
    assert "2025-06-01 08:30" in page
    assert "东经 113.5000，北纬 35.2500" in page
    assert proof.sha256 in page
    assert url("file-remove", loose.pk) in page
    assert url("file-remove", proof.pk) not in page


def test_several_files_are_added_at_once_or_none(city: City, project: Project) -> None:
    client = city.signed_in("county")
    good = [files.upload(files.photo(color=color)) for color in ("red", "green")]
    assert client.post(url("file-add", project.pk), {"file": good}).status_code == 302
    assert Evidence.objects.filter(project=project).count() == 2
    bad = [files.upload(files.photo(color="blue")), files.upload(b"PK\x03\x04", "b.jpg")]
    answer = client.post(url("file-add", project.pk), {"file": bad})
    assert answer.status_code == 422
    assert 'id="file-fault"' in answer.content.decode()
    assert client.post(url("file-add", project.pk)).status_code == 422
    assert Evidence.objects.filter(project=project).count() == 2


def test_file_that_proves_nothing_is_taken_back(city: City, project: Project) -> None:
    loose = shot(project)
    client = city.signed_in("county")
    assert client.post(url("file-remove", loose.pk), {"version": str(loose.version)}).status_code == 302
    assert not Evidence.objects.exists()


# --- too much -----------------------------------------------------------------------------------------------------


class Untouched(io.BytesIO):
    """A body that nobody may read."""

    def read(self, *_args: Any) -> bytes:
        raise AssertionError("the body was read")


def huge(client: Client, address: str, megabytes: int) -> Any:
    said = {"CONTENT_LENGTH": str(megabytes << 20), "wsgi.input": Untouched()}
    return client.generic("POST", address, b"x", content_type="multipart/form-data; boundary=x", **said)


def test_form_of_more_than_nine_photos_is_refused_before_it_is_read(city: City, project: Project) -> None:
    answer = huge(city.signed_in("county"), url("file-add", project.pk), 141)
    assert answer.status_code == 413
    assert "140 MB" in answer.content.decode()


def test_file_over_the_limit_is_refused_to_a_session_before_the_check_of_its_form_reads_it(city: City) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = city.signed_in("county").cookies
    answer = huge(client, "/api/v1/evidence/", 40)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert "30 MB" in answer.json()["detail"]


def test_photo_over_its_limit_stands_beside_the_field_and_what_was_typed_stays(city: City, project: Project) -> None:
    problem = raised(project)
    content = files.photo() + bytes(16 << 20)
    answer = city.signed_in("county").post(url("problem-close", problem.pk), closing(problem, file=files.upload(content)))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "JPEG 照片最大 15 MB，此文件 16.0 MB" in page[page.index('id="file-fault"') :]
    assert "已交地" in page
    assert not Evidence.objects.exists()


def test_more_files_than_a_form_may_hold_are_refused_in_words(city: City, project: Project) -> None:
    many = [files.upload(b"x", f"{n}.jpg") for n in range(13)]
    answer = city.signed_in("county").post(url("file-add", project.pk), {"file": many})
    assert answer.status_code == 413
    assert "最多 9 个文件" in answer.content.decode()
